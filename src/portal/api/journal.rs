//! Reading the journal, which the portal calls Provisioning Logs.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use std::collections::HashMap;

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::EntryId,
        journal::{Advice, Entry, EntryDetail, JournalQuery, ResourceKind},
        page::Page,
    },
    portal::error::PortalError,
    scim::document::Change,
};

const MEMBERS: &str = "members";

/// One entry with advice for the administrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedEntry {
    /// The entry without its changes.
    pub detail: EntryDetail,
    /// What changed.
    #[serde(rename = "told")]
    pub changes: DisplayedChanges,
    /// What went wrong and what to do.
    pub advice: Advice,
    /// Whether the user or group that it is about still exists.
    pub resource_exists: bool,
}

/// A page of Provisioning Logs, and how many entries are missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    /// The entries.
    pub page: Page<Entry>,
    /// How many refusals and connection tests could not be written since the server was started.
    pub dropped: u64,
}

/// A page of Provisioning Logs.
#[server(prefix = "/api", endpoint = "entries", input = Json)]
pub async fn read_entries(query: JournalQuery) -> Result<EntryList, PortalError> {
    let admin = super::caller::admin().await?;
    let page = admin.store().entries(admin.tenant, &query).await?;
    Ok(EntryList { page, dropped: admin.store().dropped_entries(admin.tenant) })
}

/// One entry with request and response.
#[server(prefix = "/api", endpoint = "entry")]
pub async fn read_entry(id: EntryId) -> Result<ExplainedEntry, PortalError> {
    use crate::model::journal::advice;

    let admin = super::caller::admin().await?;
    let found = admin.store().entry(admin.tenant, id).await?;
    let mut detail = found.ok_or_else(|| PortalError::not_found("entry"))?;
    let resource_exists = match &detail.entry.resource {
        Some(resource) => admin.resource_exists(resource).await?,
        None => false,
    };
    let advice = advice(&detail);
    let mut changes = DisplayedChanges::new(std::mem::take(&mut detail.changes));
    changes.name_members(&admin.member_names(std::iter::once(&changes)).await?);
    Ok(ExplainedEntry { detail, changes, advice, resource_exists })
}

/// The history of a user or group, newest first. It also exists for deleted ones.
#[server(prefix = "/api", endpoint = "timeline")]
pub async fn read_timeline(
    kind: ResourceKind,
    id: String,
    before: Option<EntryId>,
) -> Result<Page<TimelineStep>, PortalError> {
    use crate::model::journal::ResourceRef;

    let admin = super::caller::admin().await?;
    let page = admin.store().timeline(admin.tenant, &ResourceRef { kind, id }, before, 20).await?;
    let step =
        |detail: EntryDetail| TimelineStep { entry: detail.entry, changes: DisplayedChanges::new(detail.changes) };
    let mut items: Vec<TimelineStep> = page.items.into_iter().map(step).collect();
    let names = admin.member_names(items.iter().map(|step| &step.changes)).await?;
    for step in &mut items {
        step.changes.name_members(&names);
    }
    Ok(Page { items, total: page.total, more: page.more, next: page.next, previous: page.previous })
}

/// Further changes are only counted: thousands of members can join a group in one request.
const MAX_DISPLAYED_CHANGES: usize = 100;

/// One step of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStep {
    /// The entry.
    pub entry: Entry,
    /// What changed.
    #[serde(rename = "told")]
    pub changes: DisplayedChanges,
}

/// The changes of an entry that are shown. Members are shown by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayedChanges {
    /// The changes that are shown.
    pub changes: Vec<Change>,
    /// How many further changes there were.
    pub more: u64,
}

impl DisplayedChanges {
    /// The first of these changes, with the ids of members.
    #[must_use]
    pub fn new(mut changes: Vec<Change>) -> Self {
        let more = changes.len().saturating_sub(MAX_DISPLAYED_CHANGES) as u64;
        changes.truncate(MAX_DISPLAYED_CHANGES);
        Self { changes, more }
    }

    /// The ids of members that were added or removed.
    pub fn member_ids(&self) -> impl Iterator<Item = &str> {
        let changes = self.changes.iter().filter(|change| change.attribute == MEMBERS);
        changes.flat_map(|change| change.old.iter().chain(&change.new)).map(String::as_str)
    }

    /// Replaces the ids of members by their names, where known.
    pub fn name_members(&mut self, names: &HashMap<String, String>) {
        let changes = self.changes.iter_mut().filter(|change| change.attribute == MEMBERS);
        for id in changes.flat_map(|change| change.old.iter_mut().chain(&mut change.new)) {
            if let Some(name) = names.get(id) {
                id.clone_from(name);
            }
        }
    }
}
