//! Manage Groups, and the groups that a group is in.

use super::database::{FromRow, Row};
use super::documents::{self, written};
use super::keyset::{self, Cursor, Key, List, Order};
use super::sql::{Sql, prefix};
use super::{Store, StoreError};
use crate::model::id::{GroupId, TenantId};
use crate::model::page::{GroupColumn, GroupQuery, GroupRow, Page};
use crate::scim::compare::fold;
use crate::scim::document::{Membership, MembershipKind};

const COUNT: &str = "select coalesce(sum(groups), 0) from group_counts where tenant_id = ?1";
const MEMBERS: &str = "select members from groups where tenant_id = ?1 and id = ?2";
/// A circle ends where it comes back to a group already found.
pub(super) const ABOVE: &str = "with recursive above (id, direct) as ( \
    select group_id, 1 from group_members where tenant_id = ?1 and member_id = ?2 \
    union select m.group_id, 0 from above a join group_members m on m.tenant_id = ?1 and m.member_id = a.id) \
    select g.id, g.document ->> 'displayName', a.direct from (select id, max(direct) as direct from above group by id) a \
    join groups g on g.tenant_id = ?1 and g.id = a.id where a.id <> ?2 order by g.display_name_key";
const LIST: List = List { table: "groups", columns: "seq, id, members, created, last_modified, document, " };

impl Store {
    /// A page of Manage Groups.
    pub async fn group_rows(&self, tenant: TenantId, query: &GroupQuery) -> Result<Page<GroupRow>, StoreError> {
        let found = matching(tenant, query);
        let total: Option<u64> = if is_searched(query) {
            let mut counting = Sql::new("select count(*) from groups where ");
            counting.append(&found);
            counting.ask_one(&self.database).await?
        } else {
            self.database.ask_one(COUNT, (tenant,)).await?
        };
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, key(query.order.column)));
        let sql = page(tenant, query, &found, cursor.as_ref());
        let (rows, limit) = (sql.ask(&self.database).await?, keyset::size(query.limit));
        Ok(keyset::assemble(rows, cursor.as_ref(), limit, total.unwrap_or_default()))
    }

    /// How many members a group has; none where there is no such group.
    pub async fn member_count(&self, tenant: TenantId, group: GroupId) -> Result<u64, StoreError> {
        Ok(self.database.ask_one(MEMBERS, (tenant, group)).await?.unwrap_or_default())
    }

    /// The groups that a group is in, by name or through others, in the order of their names. Never itself, though
    /// groups may be in each other.
    pub async fn groups_of_group(&self, tenant: TenantId, group: GroupId) -> Result<Vec<Membership>, StoreError> {
        let found: Vec<(String, String, bool)> = self.database.ask(ABOVE, (tenant, group)).await?;
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
    sql.bind(tenant);
    if is_searched(query) {
        sql.append(&searched(tenant, query.search.trim()));
    }
    sql
}

/// Only groups whose displayName or externalId begins with `search`. An externalId means its letter case.
pub(super) fn searched(tenant: TenantId, search: &str) -> Sql {
    let mut sql = Sql::new(" and seq in (select seq from groups where tenant_id = ");
    sql.bind(tenant).push(" and ").append(&prefix("display_name_key", &fold(search)));
    sql.push(" union all select seq from groups where tenant_id = ").bind(tenant);
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

impl FromRow for GroupRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        let (id, members): (GroupId, _) = FromRow::from_row(row)?;
        let (created, last_modified, document): (_, _, String) = FromRow::from_row(row)?;
        let document = documents::read("groups", id, &document)?;
        Ok(Self { id, display_name: written(&document, "displayName"), members, created, last_modified })
    }
}
