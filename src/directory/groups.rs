//! Groups: create, read, list, replace, patch, delete.

use super::{Directory, DirectoryError};
use crate::model::id::GroupId;
use crate::scim::document::{Incoming, Resource};
use crate::scim::list::ListQuery;
use crate::scim::patch::PatchRequest;
use crate::store::Members;

impl Directory {
    /// Makes a group (RFC 7644 §3.3).
    pub async fn create_group(&self, incoming: Incoming) -> Result<Resource, DirectoryError> {
        todo!("{incoming:?}")
    }

    /// One group, else 404.
    pub async fn group(&self, id: GroupId, members: Members) -> Result<Resource, DirectoryError> {
        todo!("{id} {members:?}")
    }

    /// The groups that match, and how many there are in all.
    pub async fn groups(
        &self,
        query: &ListQuery,
        members: Members,
    ) -> Result<(u64, Vec<Resource>), DirectoryError> {
        todo!("{query:?} {members:?}")
    }

    /// Replaces a group (§3.5.1); `if_match` is the version it must still have.
    pub async fn replace_group(
        &self,
        id: GroupId,
        if_match: Option<u64>,
        incoming: Incoming,
    ) -> Result<Resource, DirectoryError> {
        todo!("{id} {if_match:?} {incoming:?}")
    }

    /// Changes a group (§3.5.2), all or nothing.
    pub async fn patch_group(
        &self,
        id: GroupId,
        if_match: Option<u64>,
        request: PatchRequest,
    ) -> Result<Resource, DirectoryError> {
        todo!("{id} {if_match:?} {request:?}")
    }

    /// Deletes a group (§3.6), else 404; its members stay.
    pub async fn delete_group(
        &self,
        id: GroupId,
        if_match: Option<u64>,
    ) -> Result<(), DirectoryError> {
        todo!("{id} {if_match:?}")
    }
}
