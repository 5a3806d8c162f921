//! Users: create, read, list, replace, patch, delete.

use super::{Directory, DirectoryError};
use crate::model::id::UserId;
use crate::scim::document::{Incoming, Resource};
use crate::scim::list::ListQuery;
use crate::scim::patch::PatchRequest;

impl Directory {
    /// Makes a user (RFC 7644 §3.3).
    pub async fn create_user(&self, incoming: Incoming) -> Result<Resource, DirectoryError> {
        todo!("{incoming:?}")
    }

    /// One user, else 404.
    pub async fn user(&self, id: UserId) -> Result<Resource, DirectoryError> {
        todo!("{id}")
    }

    /// The users that match, and how many there are in all.
    pub async fn users(&self, query: &ListQuery) -> Result<(u64, Vec<Resource>), DirectoryError> {
        todo!("{query:?}")
    }

    /// Replaces a user (§3.5.1); `if_match` is the version it must still have.
    pub async fn replace_user(
        &self,
        id: UserId,
        if_match: Option<u64>,
        incoming: Incoming,
    ) -> Result<Resource, DirectoryError> {
        todo!("{id} {if_match:?} {incoming:?}")
    }

    /// Changes a user (§3.5.2), all or nothing.
    pub async fn patch_user(
        &self,
        id: UserId,
        if_match: Option<u64>,
        request: PatchRequest,
    ) -> Result<Resource, DirectoryError> {
        todo!("{id} {if_match:?} {request:?}")
    }

    /// Deletes a user (§3.6), else 404.
    pub async fn delete_user(
        &self,
        id: UserId,
        if_match: Option<u64>,
    ) -> Result<(), DirectoryError> {
        todo!("{id} {if_match:?}")
    }
}
