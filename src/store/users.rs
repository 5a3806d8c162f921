//! Users.

use super::{Store, StoreError};
use crate::model::id::{TenantId, UserId};
use crate::model::journal::NewEntry;
use crate::model::page::{Page, Source, UserQuery, UserRow};
use crate::scim::document::Resource;
use crate::scim::filter::Filter;

/// A user about to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user; its `version` is 1.
    pub resource: Resource,
    /// Who makes it.
    pub source: Source,
}

impl Store {
    /// Stores a new user and the entry that tells of it; `Duplicate` when the userName is taken.
    pub async fn insert_user(
        &self,
        tenant: TenantId,
        user: &NewUser,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {user:?} {entry:?}")
    }

    /// One user, with groups.
    pub async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource>, StoreError> {
        todo!("{tenant} {id}")
    }

    /// Who made the user.
    pub async fn user_source(
        &self,
        tenant: TenantId,
        id: UserId,
    ) -> Result<Option<Source>, StoreError> {
        todo!("{tenant} {id}")
    }

    /// Puts `user` (with its new version) in place of the stored one if that still has `expected_version`; `false`
    /// when it has not, or is gone. `Duplicate` when the userName is taken.
    pub async fn replace_user(
        &self,
        tenant: TenantId,
        user: &Resource,
        expected_version: u64,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {user:?} {expected_version} {entry:?}")
    }

    /// Deletes the user, and it leaves all groups; `false` when it is gone, or has another version than expected.
    pub async fn delete_user(
        &self,
        tenant: TenantId,
        id: UserId,
        expected_version: Option<u64>,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {id} {expected_version:?} {entry:?}")
    }

    /// The users that match, from `offset` (0-based) in their stable order, and how many match in all.
    pub async fn users(
        &self,
        tenant: TenantId,
        filter: Option<&Filter>,
        offset: u64,
        limit: u64,
    ) -> Result<(u64, Vec<Resource>), StoreError> {
        todo!("{tenant} {filter:?} {offset} {limit}")
    }

    /// A page of Manage Users.
    pub async fn user_rows(
        &self,
        tenant: TenantId,
        query: &UserQuery,
    ) -> Result<Page<UserRow>, StoreError> {
        todo!("{tenant} {query:?}")
    }
}
