//! The journal: rows are added, read and, when old, purged; never changed.

use super::{Store, StoreError};
use crate::model::id::{EntryId, TenantId};
use crate::model::journal::{Entry, EntryDetail, JournalQuery, NewEntry, ResourceRef};
use crate::model::page::Page;
use crate::scim::time::DateTime;

impl Store {
    /// Adds an entry that goes with no change: a refusal, a lookup.
    pub async fn append(&self, tenant: TenantId, entry: &NewEntry) -> Result<EntryId, StoreError> {
        todo!("{tenant} {entry:?}")
    }

    /// A page of Provisioning Logs, newest first; `next` is the id to hand in as `before`.
    pub async fn entries(
        &self,
        tenant: TenantId,
        query: &JournalQuery,
    ) -> Result<Page<Entry>, StoreError> {
        todo!("{tenant} {query:?}")
    }

    /// One entry with the whole exchange.
    pub async fn entry(
        &self,
        tenant: TenantId,
        id: EntryId,
    ) -> Result<Option<EntryDetail>, StoreError> {
        todo!("{tenant} {id}")
    }

    /// What was done to one resource, newest first.
    pub async fn timeline(
        &self,
        tenant: TenantId,
        resource: &ResourceRef,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<Page<EntryDetail>, StoreError> {
        todo!("{tenant} {resource:?} {before:?} {limit}")
    }

    /// Deletes the entries from before `older_than`, of all tenants, a few at a time; says how many.
    pub async fn purge_journal(&self, older_than: DateTime) -> Result<u64, StoreError> {
        todo!("{older_than}")
    }
}
