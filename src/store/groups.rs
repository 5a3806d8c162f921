//! Groups and their members.

use super::{Store, StoreError};
use crate::model::id::{GroupId, TenantId};
use crate::model::journal::NewEntry;
use crate::scim::document::Resource;
use crate::scim::filter::Filter;

/// Whether a group is read with its members. Entra always asks without; a big group costs nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// The document holds `members`.
    With,
    /// The document holds no `members`.
    Without,
}

impl Store {
    /// Stores a new group with the members in its document; `Duplicate` when the displayName is taken,
    /// `UnknownMember` when a member names nobody.
    pub async fn insert_group(
        &self,
        tenant: TenantId,
        group: &Resource,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {group:?} {entry:?}")
    }

    /// One group.
    pub async fn group(
        &self,
        tenant: TenantId,
        id: GroupId,
        members: Members,
    ) -> Result<Option<Resource>, StoreError> {
        todo!("{tenant} {id} {members:?}")
    }

    /// Puts `group` in place of the stored one if that still has `expected_version`; only the membership rows that
    /// differ are touched. `false` when it has another version, or is gone.
    pub async fn replace_group(
        &self,
        tenant: TenantId,
        group: &Resource,
        expected_version: u64,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {group:?} {expected_version} {entry:?}")
    }

    /// Deletes the group; its members stay.
    pub async fn delete_group(
        &self,
        tenant: TenantId,
        id: GroupId,
        expected_version: Option<u64>,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {id} {expected_version:?} {entry:?}")
    }

    /// The groups that match, from `offset` (0-based) in their stable order, and how many match in all.
    pub async fn groups(
        &self,
        tenant: TenantId,
        filter: Option<&Filter>,
        offset: u64,
        limit: u64,
        members: Members,
    ) -> Result<(u64, Vec<Resource>), StoreError> {
        todo!("{tenant} {filter:?} {offset} {limit} {members:?}")
    }
}
