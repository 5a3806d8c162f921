//! The journal: rows are added, read and, when old, purged; never changed.

use rusqlite::Connection;
use serde_json::Value;
use sqlx::FromRow;

use super::journal_filter::{COUNTED, JournalFilter};
use super::sql::Sql;
use super::writer::execute;
use super::{Store, StoreError};
use crate::model::id::{AccountId, EntryId, TenantId};
use crate::model::journal::{Actor, Entry, EntryDetail, JournalQuery, NewEntry, ResourceRef};
use crate::model::page::Page;
use crate::scim::compare::fold;
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

/// Rows deleted in one transaction, so that purging keeps no one waiting.
const PURGED: i64 = 1_000;

impl Store {
    /// Adds an entry that goes with no change: a refusal, a lookup.
    pub async fn append(&self, tenant: TenantId, entry: &NewEntry) -> Result<EntryId, StoreError> {
        let insertion = insertion(tenant, entry)?;
        self.write(move |db| {
            insertion.execute(db)?;
            Ok(EntryId(db.last_insert_rowid()))
        })
        .await
    }

    /// A page of Provisioning Logs, newest first, all that was noted before included; `next` is the id to hand in as
    /// `before`. Counting stops at 1,000.
    pub async fn entries(&self, tenant: TenantId, query: &JournalQuery) -> Result<Page<Entry>, StoreError> {
        self.flush().await;
        let filter = JournalFilter::of_query(tenant, query);
        let (count,): (i64,) = filter.count().query_as().fetch_one(&mut *self.reader().await?).await?;
        let limit = if query.limit == 0 { 50 } else { query.limit.min(1_000) };
        let rows: Vec<Row> = self.page(tenant, COLUMNS, &filter, query.before, limit).await?;
        let page = page(rows, limit, Row::read)?;
        Ok(Page { total: u64::try_from(count.min(COUNTED)).unwrap_or(0), more: count > COUNTED, ..page })
    }

    /// One entry with the whole exchange.
    pub async fn entry(&self, tenant: TenantId, id: EntryId) -> Result<Option<EntryDetail>, StoreError> {
        let mut find = Sql::new(DETAILS);
        find.push("where tenant_id = ").bind(tenant.0).push(" and id = ").bind(id.0);
        let row: Option<DetailRow> = find.query_as().fetch_optional(&mut *self.reader().await?).await?;
        row.map(DetailRow::read).transpose()
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
        let rows: Vec<DetailRow> = self.page(tenant, DETAILS, &filter, before, limit).await?;
        page(rows, limit, DetailRow::read)
    }

    /// Deletes the entries from before `older_than`, of all tenants, a few at a time; says how many.
    pub async fn purge_journal(&self, older_than: DateTime) -> Result<u64, StoreError> {
        let mut purged = 0;
        for tenant in self.tenants().await? {
            loop {
                let old = (tenant.id.0, older_than.as_millis(), PURGED);
                let deleted = self.write(move |db| execute(db, PURGE, old)).await?;
                purged += deleted as u64;
                if deleted == 0 {
                    break;
                }
            }
        }
        Ok(purged)
    }

    /// One row more than `limit` of what was found, from `before` on.
    async fn page<R>(
        &self,
        tenant: TenantId,
        columns: &'static str,
        filter: &JournalFilter,
        before: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
    {
        let before = match before {
            None => None,
            Some(before) => {
                let at: Option<(i64,)> =
                    sqlx::query_as(AT).bind(tenant.0).bind(before.0).fetch_optional(&mut *self.reader().await?).await?;
                // The oldest are purged first: where this one stood, nothing older is left.
                let Some((at,)) = at else { return Ok(Vec::new()) };
                Some((at, before))
            }
        };
        let sql = filter.page(tenant, columns, before, limit);
        Ok(sql.query_as().fetch_all(&mut *self.reader().await?).await?)
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
    sql.bind_all([
        tenant.0.into(),
        entry.at.as_millis().into(),
        entry.action.as_str().into(),
        entry.status.as_str().into(),
        entry.identity.as_str().into(),
        fold(&entry.identity).into(),
        actor.into(),
        actor_id.into(),
        actor_name.into(),
        entry.method.as_str().into(),
        entry.path.as_str().into(),
        i64::from(entry.http_status).into(),
        entry.scim_type.as_deref().into(),
        entry.request_id.as_str().into(),
        entry.resource.as_ref().map(|resource| resource.kind.as_str()).into(),
        entry.resource.as_ref().map(|resource| resource.id.as_str()).into(),
        i64::from(entry.probe).into(),
        entry.dialect.as_deref().into(),
        entry.detail.as_deref().into(),
        changes.into(),
        entry.request.as_ref().map(Value::to_string).into(),
        entry.response.as_ref().map(Value::to_string).into(),
    ]);
    sql.push(")");
    Ok(sql)
}

/// A unit: one entry.
pub(super) fn insert(db: &Connection, tenant: TenantId, entry: &NewEntry) -> Result<(), StoreError> {
    insertion(tenant, entry)?.execute(db).map(drop)
}

fn page<R, T>(mut rows: Vec<R>, limit: u32, read: fn(R) -> Result<T, StoreError>) -> Result<Page<T>, StoreError>
where
    T: HasId,
{
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let items = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let next = items.last().filter(|_| more).map(|last| last.id().to_string());
    Ok(Page { total: items.len() as u64, more, items, next, previous: None })
}

trait HasId {
    fn id(&self) -> EntryId;
}

impl HasId for Entry {
    fn id(&self) -> EntryId {
        self.id
    }
}

impl HasId for EntryDetail {
    fn id(&self) -> EntryId {
        self.entry.id
    }
}

#[derive(FromRow)]
struct Row {
    id: i64,
    at: i64,
    action: String,
    status: String,
    identity: String,
    actor: String,
    actor_id: String,
    actor_name: String,
    method: String,
    path: String,
    http_status: u16,
    scim_type: Option<String>,
    request_id: String,
    resource_kind: Option<String>,
    resource_id: Option<String>,
}

#[derive(FromRow)]
struct DetailRow {
    #[sqlx(flatten)]
    row: Row,
    probe: bool,
    dialect: Option<String>,
    detail: Option<String>,
    changes: String,
    request: Option<String>,
    response: Option<String>,
}

impl Row {
    fn read(self) -> Result<Entry, StoreError> {
        let corrupt = |why: String| StoreError::corrupt("journal", self.id, why);
        let resource = match (self.resource_kind, self.resource_id) {
            (Some(kind), Some(id)) => {
                Some(ResourceRef { kind: kind.parse().map_err(|why| corrupt(format!("{why}")))?, id })
            }
            _ => None,
        };
        let actor = match self.actor.as_str() {
            "token" => Actor::Token {
                id: self.actor_id.parse().map_err(|why| corrupt(format!("{why}")))?,
                name: self.actor_name,
            },
            "account" => Actor::Account {
                id: AccountId(self.actor_id.parse().map_err(|why| corrupt(format!("{why}")))?),
                email: self.actor_name,
            },
            "anonymous" => Actor::Anonymous,
            "command" => Actor::Command,
            other => return Err(corrupt(format!("`{other}` is no actor"))),
        };
        Ok(Entry {
            id: EntryId(self.id),
            at: DateTime::from_millis(self.at),
            identity: self.identity,
            action: self.action.parse().map_err(|why| corrupt(format!("{why}")))?,
            status: self.status.parse().map_err(|why| corrupt(format!("{why}")))?,
            actor,
            method: self.method,
            path: self.path,
            http_status: self.http_status,
            scim_type: self.scim_type,
            request_id: self.request_id,
            resource,
        })
    }
}

impl DetailRow {
    fn read(self) -> Result<EntryDetail, StoreError> {
        let id = self.row.id;
        let corrupt = |why| StoreError::corrupt("journal", id, why);
        let body = |text: Option<String>| -> Result<Option<Value>, StoreError> {
            text.map(|text| serde_json::from_str(&text).map_err(corrupt)).transpose()
        };
        Ok(EntryDetail {
            entry: self.row.read()?,
            detail: self.detail,
            request: body(self.request)?,
            response: body(self.response)?,
            changes: serde_json::from_str(&self.changes).map_err(corrupt)?,
            dialect: self.dialect,
            probe: self.probe,
        })
    }
}
