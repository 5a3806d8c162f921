//! Groups: create, read, list, replace, patch, delete.

use super::{
    ATTEMPTS, CompletedChange, Directory, DirectoryError, check_version, cost_of_json, rules, text_lengths,
    too_much_traffic,
};
use crate::model::id::GroupId;
use crate::model::journal::{Action, Status};
use crate::scim::document::{Document, Incoming, Resource, Text, differences};
use crate::scim::error::ScimError;
use crate::scim::patch::{self, PatchRequest, lenient};
use crate::scim::schema::ResourceKind;
use crate::scim::version::Versions;
use crate::store::{MemberSelection, StoreError, parse_document};

impl Directory {
    /// Creates a group (RFC 7644 §3.3). `shown` selects the members of the result.
    pub async fn create_group(
        &self,
        incoming: Incoming,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, DirectoryError> {
        self.create_group_as(GroupId(self.clock.new_id()), incoming, shown).await
    }

    /// Creates a group with this id, which must be new.
    pub async fn create_group_as(
        &self,
        id: GroupId,
        incoming: Incoming,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, DirectoryError> {
        let document = rules::group(incoming.document, None)?;
        text_lengths::check(self.types.group(), &document, None)?;
        let now = self.clock.now();
        let group = Resource {
            id: id.to_string(),
            kind: ResourceKind::Group,
            created: now,
            last_modified: now,
            version: 1,
            document,
            groups: Vec::new(),
        };
        let entry = self.entry(CompletedChange {
            resource: &group,
            at: now,
            action: Action::Create,
            status: Status::Success,
            http_status: 201,
            changes: differences(&Document::default(), &group.document),
        });
        let stored = self.store.insert_group(self.tenant, &group, &entry).await;
        stored.map_err(|error| refusal(error, &group.document))?;
        self.shown(id, group, shown).await
    }

    /// One group, else 404.
    pub async fn group(&self, id: GroupId, members: MemberSelection<'_>) -> Result<Resource, DirectoryError> {
        let group = self.store.group(self.tenant, id, members).await?;
        group.ok_or_else(|| ScimError::not_found("Group", id).into())
    }

    /// One group as stored text, else 404.
    pub async fn group_text(
        &self,
        id: GroupId,
        members: MemberSelection<'_>,
    ) -> Result<Resource<Text>, DirectoryError> {
        let group = self.store.group_text(self.tenant, id, members).await?;
        group.ok_or_else(|| ScimError::not_found("Group", id).into())
    }

    /// Replaces a group (§3.5.1), if it has one of the versions `if_match`.
    pub async fn replace_group(
        &self,
        id: GroupId,
        if_match: Option<&Versions>,
        incoming: Incoming,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, DirectoryError> {
        let change = |_: &Resource| Ok(incoming.document.clone());
        let after = self.change_group(id, if_match, 200, MemberSelection::All, |_| 0, change).await?;
        self.shown(id, after, shown).await
    }

    /// Patches a group (§3.5.2), all or nothing. Only the members that the request names are read.
    pub async fn patch_group(
        &self,
        id: GroupId,
        if_match: Option<&Versions>,
        request: PatchRequest,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, DirectoryError> {
        let request = lenient::normalize(request, self.types.group());
        let named = patch::members_named(&request, self.types.group());
        let read = named.as_deref().map_or(MemberSelection::All, MemberSelection::Only);
        let options = self.patch_options();
        let cost = |before: &Resource| patch::cost(self.types.group(), &before.document, &request);
        let change = |before: &Resource| {
            let patched = patch::apply(self.types.group(), &before.id, &before.document, &request, options)?;
            Ok(patched.document)
        };
        let after = self.change_group(id, if_match, 204, read, cost, change).await?;
        self.shown(id, after, shown).await
    }

    /// Deletes a group (§3.6), else 404; its members stay.
    pub async fn delete_group(&self, id: GroupId, if_match: Option<&Versions>) -> Result<(), DirectoryError> {
        let before = self.group(id, MemberSelection::None).await?;
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
        if self.store.delete_group(self.tenant, id, expected, &entry).await? {
            return Ok(());
        }
        // It has been deleted meanwhile, which the next line reports, or changed.
        self.group(id, MemberSelection::None).await?;
        Err(ScimError::precondition_failed().into())
    }

    /// Reads, changes and stores; starts over after a conflicting change. `cost` is that of the change, in comparisons.
    async fn change_group(
        &self,
        id: GroupId,
        if_match: Option<&Versions>,
        http_status: u16,
        members: MemberSelection<'_>,
        cost: impl Fn(&Resource) -> u64,
        change: impl Fn(&Resource) -> Result<Document, ScimError>,
    ) -> Result<Resource, DirectoryError> {
        for _ in 0..ATTEMPTS {
            let stored = self.group_text(id, members).await?;
            let size = cost_of_json(stored.document.0.len());
            let before = self.work.perform(size, async { parse_document(stored) }).await??;
            check_version(&before, if_match)?;
            let attempt = self.try_change_group(&before, http_status, &change);
            if let Some(after) = self.work.perform(size + cost(&before), attempt).await?? {
                return Ok(after);
            }
        }
        Err(too_much_traffic().into())
    }

    /// Changes and stores; none after a conflicting change. A change without effect keeps version and `lastModified` (§3.5.2) and
    /// is journaled as skipped.
    async fn try_change_group(
        &self,
        before: &Resource,
        http_status: u16,
        change: impl Fn(&Resource) -> Result<Document, ScimError>,
    ) -> Result<Option<Resource>, DirectoryError> {
        let document = rules::group(change(before)?, Some(&before.document))?;
        text_lengths::check(self.types.group(), &document, Some(&before.document))?;
        let unchanged = document == before.document;
        let after = self.next_version(before, document);
        let entry = self.entry(CompletedChange {
            resource: &after,
            at: after.last_modified,
            action: Action::Update,
            status: if unchanged { Status::Skipped } else { Status::Success },
            http_status,
            changes: differences(&before.document, &after.document),
        });
        if unchanged {
            self.store.append(self.tenant, &entry).await?;
            return Ok(Some(before.clone()));
        }
        let stored = self.store.replace_group(self.tenant, before, &after, &entry).await;
        let stored = stored.map_err(|error| refusal(error, &after.document))?;
        Ok(stored.then_some(after))
    }

    /// A changed group with the selected members. They are read again, since the client may not have sent their types.
    async fn shown(
        &self,
        id: GroupId,
        mut group: Resource,
        shown: MemberSelection<'_>,
    ) -> Result<Resource, DirectoryError> {
        if shown == MemberSelection::None {
            group.document.as_map_mut().shift_remove("members");
            return Ok(group);
        }
        self.group(id, shown).await
    }
}

/// A group has one unique attribute that a client sets.
fn refusal(error: StoreError, document: &Document) -> DirectoryError {
    match error {
        StoreError::Duplicate => ScimError::uniqueness("displayName", rules::text(document, "displayName")).into(),
        StoreError::UnknownMember(id) => {
            ScimError::invalid_value("members", format!("there is no user or group with the id `{id}`")).into()
        }
        other => other.into(),
    }
}
