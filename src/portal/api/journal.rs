//! The journal: Provisioning Logs. It is only read here.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::EntryId,
        journal::{Advice, Entry, EntryDetail, JournalQuery},
        page::Page,
    },
    portal::error::PortalError,
};

/// One entry with what an administrator can make of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedEntry {
    /// The entry.
    pub detail: EntryDetail,
    /// What went wrong and what to do.
    pub advice: Advice,
    /// Whether the user it is about is still there to be looked at.
    pub resource_exists: bool,
}

/// A page of Provisioning Logs.
#[server(prefix = "/api", endpoint = "entries", input = Json)]
pub async fn read_entries(query: JournalQuery) -> Result<Page<Entry>, PortalError> {
    let admin = super::caller::admin().await?;
    Ok(admin.store().entries(admin.tenant, &query).await?)
}

/// One entry with the whole exchange.
#[server(prefix = "/api", endpoint = "entry")]
pub async fn read_entry(id: EntryId) -> Result<ExplainedEntry, PortalError> {
    use crate::model::journal::{ResourceKind, advice};

    let admin = super::caller::admin().await?;
    let found = admin.store().entry(admin.tenant, id).await?;
    let detail = found.ok_or_else(|| PortalError::not_found("entry"))?;
    let user = detail.entry.resource.as_ref().filter(|resource| resource.kind == ResourceKind::User);
    let resource_exists = match user.and_then(|resource| resource.id.parse().ok()) {
        Some(user) => admin.store().user(admin.tenant, user).await?.is_some(),
        None => false,
    };
    Ok(ExplainedEntry { advice: advice(&detail), detail, resource_exists })
}
