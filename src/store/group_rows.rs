//! Manage Groups, and the groups that a group is in.

use sqlx::FromRow;

use super::keys::written;
use super::keyset::{self, Cursor, Key, KeysetRow, List, Order};
use super::sql::{Sql, prefix};
use super::{Store, StoreError};
use crate::model::id::{GroupId, TenantId};
use crate::model::page::{GroupColumn, GroupQuery, GroupRow, Page};
use crate::scim::compare::fold;
use crate::scim::document::{Document, Membership, MembershipKind};
use crate::scim::time::DateTime;

const COUNT: &str = "select coalesce(sum(groups), 0) from group_counts where tenant_id = ?1";
const MEMBERS: &str = "select members from groups where tenant_id = ?1 and id = ?2";
/// A circle ends where it comes back to a group already found.
pub(super) const ABOVE: &str = "with recursive above (id, direct) as ( \
    select group_id, 1 from group_members where tenant_id = ?1 and member_id = ?2 \
    union select m.group_id, 0 from above a join group_members m on m.tenant_id = ?1 and m.member_id = a.id) \
    select g.id, g.document ->> '$.displayName', max(a.direct) from above a \
    join groups g on g.tenant_id = ?1 and g.id = a.id where a.id <> ?2 group by g.id order by g.display_name_key";
const LIST: List = List { table: "groups", columns: "seq, id, members, created, last_modified, document, " };

#[derive(FromRow)]
struct Row {
    seq: i64,
    id: String,
    members: i64,
    created: i64,
    last_modified: i64,
    document: String,
    key: String,
}

impl Store {
    /// A page of Manage Groups.
    pub async fn group_rows(&self, tenant: TenantId, query: &GroupQuery) -> Result<Page<GroupRow>, StoreError> {
        let found = matching(tenant, query);
        let (total,): (i64,) = if is_searched(query) {
            let mut counting = Sql::new("select count(*) from groups where ");
            counting.append(&found);
            counting.query_as().fetch_one(&mut *self.reader().await?).await?
        } else {
            sqlx::query_as(COUNT).bind(tenant.0).fetch_one(&mut *self.reader().await?).await?
        };
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, key(query.order.column)));
        let sql = page(tenant, query, &found, cursor.as_ref());
        let rows: Vec<Row> = sql.query_as().fetch_all(&mut *self.reader().await?).await?;
        keyset::assemble(rows, cursor.as_ref(), keyset::size(query.limit), total, Row::read)
    }

    /// How many members a group has; none where there is no such group.
    pub async fn member_count(&self, tenant: TenantId, group: GroupId) -> Result<u64, StoreError> {
        let query = sqlx::query_as(MEMBERS).bind(tenant.0).bind(group.to_string());
        let members: Option<(i64,)> = query.fetch_optional(&mut *self.reader().await?).await?;
        Ok(members.map_or(0, |(members,)| members.cast_unsigned()))
    }

    /// The groups that a group is in, by name or through others, in the order of their names. Never itself, though
    /// groups may be in each other.
    pub async fn groups_of_group(&self, tenant: TenantId, group: GroupId) -> Result<Vec<Membership>, StoreError> {
        let query = sqlx::query_as(ABOVE).bind(tenant.0).bind(group.to_string());
        let found: Vec<(String, String, bool)> = query.fetch_all(&mut *self.reader().await?).await?;
        let kind = |direct| if direct { MembershipKind::Direct } else { MembershipKind::Indirect };
        Ok(found
            .into_iter()
            .map(|(value, display, direct)| Membership { value, display, kind: kind(direct) })
            .collect())
    }
}

fn is_searched(query: &GroupQuery) -> bool {
    !query.search.trim().is_empty()
}

/// The tenant's groups, or those that are searched for.
pub(super) fn matching(tenant: TenantId, query: &GroupQuery) -> Sql {
    let mut sql = Sql::new("tenant_id = ");
    sql.bind(tenant.0);
    if is_searched(query) {
        sql.append(&searched(tenant, query.search.trim()));
    }
    sql
}

/// Only groups whose displayName or externalId begins with `search`. An externalId means its letter case.
pub(super) fn searched(tenant: TenantId, search: &str) -> Sql {
    let mut sql = Sql::new(" and seq in (select seq from groups where tenant_id = ");
    sql.bind(tenant.0).push(" and ").append(&prefix("display_name_key", &fold(search)));
    sql.push(" union all select seq from groups where tenant_id = ").bind(tenant.0);
    sql.push(" and ").append(&prefix("external_id", search)).push(")");
    sql
}

/// The rows of a page, and one more.
pub(super) fn page(tenant: TenantId, query: &GroupQuery, found: &Sql, cursor: Option<&Cursor>) -> Sql {
    let gather = is_searched(query);
    let order = Order { key: key(query.order.column), descending: query.order.descending, gather };
    LIST.page(tenant, found, order, cursor, keyset::size(query.limit))
}

pub(super) const fn key(column: GroupColumn) -> Key {
    match column {
        GroupColumn::DisplayName => Key::Text("display_name_key"),
        GroupColumn::Members => Key::Integer("members"),
        GroupColumn::Created => Key::Integer("created"),
        GroupColumn::LastModified => Key::Integer("last_modified"),
    }
}

impl KeysetRow for Row {
    fn place(&self) -> (i64, &str) {
        (self.seq, &self.key)
    }
}

impl Row {
    fn read(self) -> Result<GroupRow, StoreError> {
        let corrupt = |why: String| StoreError::corrupt("groups", &self.id, why);
        let document: Document = serde_json::from_str(&self.document).map_err(|why| corrupt(why.to_string()))?;
        Ok(GroupRow {
            id: self.id.parse().map_err(|why| corrupt(format!("{why}")))?,
            display_name: written(&document, "displayName"),
            members: self.members.cast_unsigned(),
            created: DateTime::from_millis(self.created),
            last_modified: DateTime::from_millis(self.last_modified),
        })
    }
}
