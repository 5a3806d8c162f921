//! The journal: Provisioning Logs. It is only read here.

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

/// One entry with what an administrator can make of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedEntry {
    /// The entry, but for its changes.
    pub detail: EntryDetail,
    /// What changed.
    #[serde(rename = "told")]
    pub changes: DisplayedChanges,
    /// What went wrong and what to do.
    pub advice: Advice,
    /// Whether the user or group it is about is still there to be looked at.
    pub resource_exists: bool,
}

/// A page of Provisioning Logs, and what is missing in them.
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

/// One entry with the whole exchange.
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

/// What was done to a user or group, newest first; also to one that is gone.
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

/// More changes than these are counted, not told: a group may get thousands of members at once.
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

/// What changed, as far as it is told; members are told by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayedChanges {
    /// The changes that are told.
    pub changes: Vec<Change>,
    /// How many changes more there were.
    pub more: u64,
}

impl DisplayedChanges {
    /// What is told of these changes; members still by their ids.
    #[must_use]
    pub fn new(mut changes: Vec<Change>) -> Self {
        let more = changes.len().saturating_sub(MAX_DISPLAYED_CHANGES) as u64;
        changes.truncate(MAX_DISPLAYED_CHANGES);
        Self { changes, more }
    }

    /// The ids of members that came or went.
    pub fn member_ids(&self) -> impl Iterator<Item = &str> {
        let changes = self.changes.iter().filter(|change| change.attribute == MEMBERS);
        changes.flat_map(|change| change.old.iter().chain(&change.new)).map(String::as_str)
    }

    /// Puts names in place of members' ids, where they are known.
    pub fn name_members(&mut self, names: &HashMap<String, String>) {
        let changes = self.changes.iter_mut().filter(|change| change.attribute == MEMBERS);
        for id in changes.flat_map(|change| change.old.iter_mut().chain(&mut change.new)) {
            if let Some(name) = names.get(id) {
                id.clone_from(name);
            }
        }
    }
}
