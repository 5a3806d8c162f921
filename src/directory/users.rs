//! Users: create, read, list, replace, patch, delete.

use super::{
    ATTEMPTS, CompletedChange, Directory, DirectoryError, check_version, cost_of_json, rules, text_lengths,
    too_much_traffic,
};
use crate::model::id::UserId;
use crate::model::journal::{Action, Status};
use crate::scim::document::{Document, Incoming, Resource, Text, differences};
use crate::scim::error::ScimError;
use crate::scim::patch::{self, PatchRequest, lenient};
use crate::scim::schema::ResourceKind;
use crate::scim::version::Versions;
use crate::store::{NewUser, StoreError, parse_document};

impl Directory {
    /// Creates a user (RFC 7644 §3.3).
    pub async fn create_user(&self, incoming: Incoming) -> Result<Resource, DirectoryError> {
        self.create_user_as(UserId(self.clock.new_id()), incoming).await
    }

    /// Creates a user with this id, which must be new.
    pub async fn create_user_as(&self, id: UserId, incoming: Incoming) -> Result<Resource, DirectoryError> {
        let document = rules::user(incoming.document, None, self.settings)?;
        text_lengths::check(self.types.user(), &document, None)?;
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
        let entry = self.entry(CompletedChange {
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

    /// One user as stored text, else 404.
    pub async fn user_text(&self, id: UserId) -> Result<Resource<Text>, DirectoryError> {
        let user = self.store.user_text(self.tenant, id).await?;
        user.ok_or_else(|| ScimError::not_found("User", id).into())
    }

    /// Replaces a user (§3.5.1), if it has one of the versions `if_match`.
    pub async fn replace_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        incoming: Incoming,
    ) -> Result<Resource, DirectoryError> {
        let change = |before: &Resource| incoming.document.clone().replacing(&before.document, self.types.user());
        self.change_user(id, if_match, |_| 0, change).await
    }

    /// Patches a user (§3.5.2), all or nothing.
    pub async fn patch_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        request: PatchRequest,
    ) -> Result<Resource, DirectoryError> {
        let request = lenient::normalize(request, self.types.user());
        let options = self.patch_options();
        let cost = |before: &Resource| patch::cost(self.types.user(), &before.document, &request);
        let change = |before: &Resource| {
            let patched = patch::apply(self.types.user(), &before.id, &before.document, &request, options)?;
            Ok(patched.document)
        };
        self.change_user(id, if_match, cost, change).await
    }

    /// Deletes a user (§3.6), else 404.
    pub async fn delete_user(&self, id: UserId, if_match: Option<&Versions>) -> Result<(), DirectoryError> {
        let before = self.user(id).await?;
        check_version(&before, if_match)?;
        let entry = self.entry(CompletedChange {
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
        // It has been deleted meanwhile, which the next line reports, or changed.
        self.user(id).await?;
        Err(ScimError::precondition_failed().into())
    }

    /// Reads, changes and stores; starts over after a conflicting change. `cost` is that of the change, in comparisons.
    async fn change_user(
        &self,
        id: UserId,
        if_match: Option<&Versions>,
        cost: impl Fn(&Resource) -> u64,
        change: impl Fn(&Resource) -> Result<Document, ScimError>,
    ) -> Result<Resource, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let stored = self.user_text(id).await?;
            let size = cost_of_json(stored.document.0.len());
            let before = self.work.perform(size, async { parse_document(stored) }).await??;
            check_version(&before, if_match)?;
            let attempt = self.try_change_user(&before, &change);
            if let Some(after) = self.work.perform(size + cost(&before), attempt).await?? {
                return Ok(after);
            }
        }
        Err(too_much_traffic().into())
    }

    /// Changes and stores; none after a conflicting change. A change without effect keeps version and `lastModified` (§3.5.2) and
    /// is journaled as skipped.
    async fn try_change_user(
        &self,
        before: &Resource,
        change: impl Fn(&Resource) -> Result<Document, ScimError>,
    ) -> Result<Option<Resource>, DirectoryError> {
        let document = rules::user(change(before)?, Some(&before.document), self.settings)?;
        text_lengths::check(self.types.user(), &document, Some(&before.document))?;
        let unchanged = document == before.document;
        let after = self.next_version(before, document);
        let entry = self.entry(CompletedChange {
            resource: &after,
            at: after.last_modified,
            action: rules::action(&before.document, &after.document),
            status: if unchanged { Status::Skipped } else { Status::Success },
            http_status: 200,
            changes: differences(&before.document, &after.document),
        });
        if unchanged {
            self.store.append(self.tenant, &entry).await?;
            return Ok(Some(before.clone()));
        }
        let stored = self.store.replace_user(self.tenant, &self.types, before, &after, &entry).await;
        let stored = stored.map_err(|error| refusal(error, &after.document))?;
        Ok(stored.then_some(after))
    }
}

/// A user has one unique attribute that a client sets, besides those of the tenant's custom schemas.
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
