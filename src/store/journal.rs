//! The journal: rows are added, read and, when old, purged; never changed.

use super::database::{FromRow, Row, Transaction, from_row};
use super::journal_filter::{COUNTED, JournalFilter};
use super::sql::Sql;
use super::{Store, StoreError};
use crate::model::id::{EntryId, TenantId};
use crate::model::journal::{Actor, Entry, EntryDetail, JournalQuery, NewEntry, ResourceRef};
use crate::model::page::Page;
use crate::scim::compare::fold;
use crate::scim::document::Change;
use crate::scim::time::DateTime;

const INSERT: &str = "insert into journal (tenant_id, at, action, status, identity, identity_key, actor, actor_id, \
    actor_name, method, path, http_status, scim_type, request_id, resource_kind, resource_id, probe, dialect, detail, \
    changes, request, response) values (";
pub(super) const COLUMNS: &str = "select id, at, action, status, identity, actor, actor_id, actor_name, method, path, \
    http_status, scim_type, request_id, resource_kind, resource_id from journal ";
const DETAILS: &str = "select id, at, action, status, identity, actor, actor_id, actor_name, method, path, \
    http_status, scim_type, request_id, resource_kind, resource_id, probe, dialect, detail, changes, request, \
    response from journal ";
const AT: &str = "select at from journal where tenant_id = ?1 and id = ?2";
const PURGE: &str = "delete from journal where tenant_id = ?1 and id in \
    (select id from journal where tenant_id = ?1 and at < ?2 order by at limit ?3)";

/// Rows deleted in one unit, so that purging keeps no one waiting.
const PURGED: i64 = 1_000;

impl Store {
    /// Appends an entry that belongs to no change: a refusal, a lookup.
    pub async fn append(&self, tenant: TenantId, entry: &NewEntry) -> Result<EntryId, StoreError> {
        let mut insertion = insertion(tenant, entry)?;
        insertion.push(" returning id");
        self.write(move |db| insertion.find_one(db)).await
    }

    /// A page of Provisioning Logs, newest first, with all entries that were appended before; `next` is the id to pass as
    /// `before`. Counting stops at 1,000.
    pub async fn entries(&self, tenant: TenantId, query: &JournalQuery) -> Result<Page<Entry>, StoreError> {
        self.flush().await;
        let filter = JournalFilter::of_query(tenant, query);
        let count: i64 = filter.count().ask_one(&self.database).await?.unwrap_or_default();
        let limit = if query.limit == 0 { 50 } else { query.limit.min(1_000) };
        let page =
            page(self.newest(tenant, COLUMNS, &filter, query.before, limit).await?, limit, |entry: &Entry| entry.id);
        Ok(Page { total: u64::try_from(count.min(COUNTED)).unwrap_or(0), more: count > COUNTED, ..page })
    }

    /// One entry with the whole exchange.
    pub async fn entry(&self, tenant: TenantId, id: EntryId) -> Result<Option<EntryDetail>, StoreError> {
        let mut find = Sql::new(DETAILS);
        find.push("where tenant_id = ").bind(tenant).push(" and id = ").bind(id);
        find.ask_one(&self.database).await
    }

    /// What was done to one resource, newest first. Does not count: `total` is what the page holds.
    pub async fn timeline(
        &self,
        tenant: TenantId,
        resource: &ResourceRef,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<Page<EntryDetail>, StoreError> {
        self.flush().await;
        let filter = JournalFilter::of_resource(tenant, resource);
        let limit = limit.clamp(1, 200);
        let entries = self.newest(tenant, DETAILS, &filter, before, limit).await?;
        Ok(page(entries, limit, |detail: &EntryDetail| detail.entry.id))
    }

    /// Deletes the entries from before `older_than`, of all tenants, a few at a time; returns how many.
    pub async fn purge_journal(&self, older_than: DateTime) -> Result<u64, StoreError> {
        let mut purged = 0;
        for tenant in self.tenants().await? {
            loop {
                let deleted = self.write(move |db| db.execute(PURGE, (tenant.id, older_than, PURGED))).await?;
                purged += deleted as u64;
                if deleted == 0 {
                    break;
                }
            }
        }
        Ok(purged)
    }

    /// One entry more than `limit` of those that match, from `before` on.
    async fn newest<T: FromRow>(
        &self,
        tenant: TenantId,
        columns: &'static str,
        filter: &JournalFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<T>, StoreError> {
        let before = match before {
            None => None,
            Some(before) => {
                // The oldest are purged first: if this one is gone, nothing older is left.
                let Some(at) = self.database.ask_one(AT, (tenant, before)).await? else { return Ok(Vec::new()) };
                Some((at, before))
            }
        };
        filter.page(tenant, columns, before, limit).ask(&self.database).await
    }
}

/// A statement that adds an entry.
pub(super) fn insertion(tenant: TenantId, entry: &NewEntry) -> Result<Sql, StoreError> {
    let (actor, actor_id, actor_name) = match &entry.actor {
        Actor::Token { id, name } => ("token", id.to_string(), name.as_str()),
        Actor::Account { id, email } => ("account", id.to_string(), email.as_str()),
        Actor::Anonymous => ("anonymous", String::new(), ""),
        Actor::Command => ("command", String::new(), ""),
    };
    let changes = serde_json::to_string(&entry.changes).map_err(|why| StoreError::corrupt("journal", "new", why))?;
    let mut sql = Sql::new(INSERT);
    sql.bind_all(&[
        &tenant,
        &entry.at,
        &entry.action,
        &entry.status,
        &entry.identity,
        &fold(&entry.identity),
        &actor,
        &actor_id,
        &actor_name,
        &entry.method,
        &entry.path,
        &entry.http_status,
        &entry.scim_type,
        &entry.request_id,
        &entry.resource.as_ref().map(|resource| resource.kind),
        &entry.resource.as_ref().map(|resource| &resource.id),
        &entry.probe,
        &entry.dialect,
        &entry.detail,
        &changes,
        &entry.request,
        &entry.response,
    ]);
    sql.push(")");
    Ok(sql)
}

/// A unit: one entry.
pub(super) fn insert(db: &Transaction<'_>, tenant: TenantId, entry: &NewEntry) -> Result<(), StoreError> {
    insertion(tenant, entry)?.execute(db).map(drop)
}

fn page<T>(mut items: Vec<T>, limit: u32, id: impl Fn(&T) -> EntryId) -> Page<T> {
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|last| id(last).to_string());
    Page { total: items.len() as u64, more, items, next, previous: None }
}

from_row!(Entry {
    id,
    at,
    action,
    status,
    identity,
    actor,
    method,
    path,
    http_status,
    scim_type,
    request_id,
    resource
});

impl FromRow for Option<ResourceRef> {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        let (kind, id): (Option<_>, Option<_>) = FromRow::from_row(row)?;
        Ok(kind.zip(id).map(|(kind, id)| ResourceRef { kind, id }))
    }
}

impl FromRow for Actor {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        let (actor, id, name): (String, String, String) = FromRow::from_row(row)?;
        let corrupt = |why: String| StoreError::corrupt("actor", &id, why);
        match actor.as_str() {
            "token" => Ok(Self::Token { id: id.parse().map_err(|why| corrupt(format!("{why}")))?, name }),
            "account" => Ok(Self::Account { id: id.parse().map_err(|why| corrupt(format!("{why}")))?, email: name }),
            "anonymous" => Ok(Self::Anonymous),
            "command" => Ok(Self::Command),
            other => Err(corrupt(format!("`{other}` is not an actor"))),
        }
    }
}

from_row!(EntryDetail { entry, probe, dialect, detail, changes, request, response });

impl FromRow for Vec<Change> {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        row.read_json()
    }
}
