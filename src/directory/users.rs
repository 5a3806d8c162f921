//! Users: create, read, list, replace, patch, delete.

use super::{ATTEMPTS, Directory, DirectoryError, Done, check_version, rules, too_much_traffic};
use crate::model::id::UserId;
use crate::model::journal::{Action, Status};
use crate::scim::document::{Document, Incoming, Resource, Text, differences};
use crate::scim::error::ScimError;
use crate::scim::patch::{self, PatchRequest, lenient};
use crate::scim::schema::ResourceKind;
use crate::scim::version::Versions;
use crate::store::{NewUser, StoreError};

impl Directory {
    /// Makes a user (RFC 7644 §3.3).
    pub async fn create_user(&self, incoming: Incoming) -> Result<Resource, DirectoryError> {
        self.create_user_as(UserId(self.clock.new_id()), incoming).await
    }

    /// Makes a user with this id, which must be new.
    pub async fn create_user_as(&self, id: UserId, incoming: Incoming) -> Result<Resource, DirectoryError> {
        let document = rules::user(incoming.document, None, self.settings)?;
        let now = self.clock.now();
        let resource = Resource {
            id: id.to_string(),
            kind: ResourceKind::User,
            created: now,
            last_modified: now,
            version: 1,
            document,
            groups: Vec::new(),
        };
        let entry = self.entry(Done {
            resource: &resource,
            at: now,
            action: Action::Create,
            status: Status::Success,
            http_status: 201,
            changes: differences(&Document::default(), &resource.document),
        });
        let user = NewUser { resource, source: self.origin.source };
        let stored = self.store.insert_user(self.tenant, &self.types, &user, &entry).await;
        stored.map_err(|error| refusal(error, &user.resource.document))?;
        Ok(user.resource)
    }

    /// One user, else 404.
    pub async fn user(&self, id: UserId) -> Result<Resource, DirectoryError> {
        let user = self.store.user(self.tenant, id).await?;
        user.ok_or_else(|| ScimError::not_found("User", id).into())
    }

    /// One user, to be shown, else 404.
    pub async fn user_text(&self, id: UserId) -> Result<Resource<Text>, DirectoryError> {
        let user = self.store.user_text(self.tenant, id).await?;
        user.ok_or_else(|| ScimError::not_found("User", id).into())
    }

    /// Replaces a user (§3.5.1); `if_match` are the versions it may be in.
    pub async fn replace_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        incoming: Incoming,
    ) -> Result<Resource, DirectoryError> {
        self.change_user(id, if_match, |before| {
            let document = rules::replacement(incoming.document.clone(), &before.document);
            document.replacing(&before.document, self.types.user())
        })
        .await
    }

    /// Changes a user (§3.5.2), all or nothing.
    pub async fn patch_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        request: PatchRequest,
    ) -> Result<Resource, DirectoryError> {
        let request = lenient::normalize(request, self.types.user());
        let options = self.patch_options();
        self.change_user(id, if_match, |before| {
            let patched = patch::apply(self.types.user(), &before.id, &before.document, &request, options)?;
            Ok(patched.document)
        })
        .await
    }

    /// Deletes a user (§3.6), else 404.
    pub async fn delete_user(&self, id: UserId, if_match: Option<&Versions>) -> Result<(), DirectoryError> {
        let before = self.user(id).await?;
        check_version(&before, if_match)?;
        let entry = self.entry(Done {
            resource: &before,
            at: self.clock.now(),
            action: Action::Delete,
            status: Status::Success,
            http_status: 204,
            changes: differences(&before.document, &Document::default()),
        });
        let expected = if_match.map(|_| before.version);
        if self.store.delete_user(self.tenant, id, expected, &entry).await? {
            return Ok(());
        }
        // Meanwhile it was deleted, which the next line says, or changed.
        self.user(id).await?;
        Err(ScimError::precondition_failed().into())
    }

    /// Reads, changes and stores, again when another change came in between. What changes nothing leaves version and
    /// `lastModified` alone (§3.5.2) and is journaled as skipped.
    async fn change_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        change: impl Fn(&Resource) -> Result<Document, ScimError>,
    ) -> Result<Resource, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let before = self.user(id).await?;
            check_version(&before, if_match)?;
            let document = rules::user(change(&before)?, Some(&before.document), self.settings)?;
            let unchanged = document == before.document;
            let after = self.next_version(&before, document);
            let entry = self.entry(Done {
                resource: &after,
                at: after.last_modified,
                action: rules::action(&before.document, &after.document),
                status: if unchanged { Status::Skipped } else { Status::Success },
                http_status: 200,
                changes: differences(&before.document, &after.document),
            });
            if unchanged {
                self.store.append(self.tenant, &entry).await?;
                return Ok(before);
            }
            let stored = self.store.replace_user(self.tenant, &self.types, &before, &after, &entry).await;
            if stored.map_err(|error| refusal(error, &after.document))? {
                return Ok(after);
            }
        }
        Err(too_much_traffic().into())
    }
}

/// A user has one unique attribute that a client can hit, beside those of the tenant's own schemas.
fn refusal(error: StoreError, document: &Document) -> DirectoryError {
    match error {
        StoreError::Duplicate => ScimError::uniqueness("userName", rules::text(document, "userName")).into(),
        StoreError::NotUnique { attribute, value } => ScimError::uniqueness(attribute, value).into(),
        StoreError::SchemasChanged => {
            ScimError::unavailable("the schemas have just been changed; send the request again").into()
        }
        other => other.into(),
    }
}
