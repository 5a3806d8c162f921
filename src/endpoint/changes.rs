//! Changes of users and groups, the same for single requests and for operations of a bulk request.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    directory::Directory,
    endpoint::{exact_id, refusals::Refusal},
    model::{
        id::{GroupId, UserId},
        journal::ResourceKind,
    },
    scim::{
        document::{Resource, Text},
        error::ScimError,
        patch::PatchRequest,
        version::Versions,
    },
    store::MemberSelection,
};

/// One resource.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    kind: ResourceKind,
    id: Uuid,
}

impl Target {
    /// The resource with this id as the client wrote it, else 404.
    pub fn read(kind: ResourceKind, id: &str) -> Result<Self, ScimError> {
        let exact = exact_id(id).map(|id| Self { kind, id });
        exact.ok_or_else(|| ScimError::not_found(kind.as_str(), id))
    }

    /// Its location, whether it exists or not.
    pub fn location(self, base_url: &str) -> String {
        format!("{base_url}{}/{}", self.kind.endpoint(), self.id)
    }

    /// Reads it.
    pub async fn get(self, directory: &Directory, shown: MemberSelection<'_>) -> Result<Resource<Text>, Refusal> {
        Ok(match self.kind {
            ResourceKind::User => directory.user_text(UserId(self.id)).await?,
            ResourceKind::Group => directory.group_text(GroupId(self.id), shown).await?,
        })
    }

    /// Replaces it (RFC 7644 §3.5.1).
    pub async fn replace(
        self,
        directory: &Directory,
        if_match: Option<&Versions>,
        sent: &Value,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, Refusal> {
        let incoming = directory.read(self.kind, sent)?;
        Ok(match self.kind {
            ResourceKind::User => directory.replace_user(UserId(self.id), if_match, incoming).await?,
            ResourceKind::Group => directory.replace_group(GroupId(self.id), if_match, incoming, shown).await?,
        })
    }

    /// Changes it (§3.5.2).
    pub async fn patch(
        self,
        directory: &Directory,
        if_match: Option<&Versions>,
        request: PatchRequest,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, Refusal> {
        Ok(match self.kind {
            ResourceKind::User => directory.patch_user(UserId(self.id), if_match, request).await?,
            ResourceKind::Group => directory.patch_group(GroupId(self.id), if_match, request, shown).await?,
        })
    }

    /// Deletes it (§3.6).
    pub async fn delete(self, directory: &Directory, if_match: Option<&Versions>) -> Result<(), Refusal> {
        match self.kind {
            ResourceKind::User => directory.delete_user(UserId(self.id), if_match).await?,
            ResourceKind::Group => directory.delete_group(GroupId(self.id), if_match).await?,
        }
        Ok(())
    }
}

/// Creates a resource (§3.3) with a new id.
pub async fn create(
    directory: &Directory,
    kind: ResourceKind,
    id: Uuid,
    sent: &Value,
    shown: MemberSelection<'_>,
) -> Result<Resource, Refusal> {
    let incoming = directory.read(kind, sent)?;
    Ok(match kind {
        ResourceKind::User => directory.create_user_as(UserId(id), incoming).await?,
        ResourceKind::Group => directory.create_group_as(GroupId(id), incoming, shown).await?,
    })
}
