//! The members of a group, a page at a time: first its groups, then its users, each in the order of their ids, which is
//! the order in which they were created. A page reads its own rows, however many members there are.

use std::collections::HashMap;

use serde_json::json;

use super::database::{FromRow, Row};
use super::dialect::UNINDEXED;
use super::documents::{self, written};
use super::keyset::{self, Cursor, Key, Listed};
use super::sql::Sql;
use super::value::Value;
use super::{Store, StoreError, group_rows, user_rows};
use crate::model::id::{GroupId, TenantId};
use crate::model::journal::ResourceKind;
use crate::model::page::{MemberQuery, MemberRow, Page};

const NAMES: &str = "select u.id, coalesce(u.document ->> 'displayName', u.document ->> 'userName') \
    from json_each(?2) j join users u on u.tenant_id = ?1 and u.id = j.value \
    union all select g.id, g.document ->> 'displayName' \
    from json_each(?2) j join groups g on g.tenant_id = ?1 and g.id = j.value";

/// Members of one kind.
pub(super) struct Part {
    kind: ResourceKind,
    /// Its position among the parts.
    seq: i64,
    /// The rows of members, in the order of their ids.
    members: &'static str,
    /// The column of the member's id.
    id: &'static str,
    /// The table of the members themselves.
    table: &'static str,
    /// What is read of them, as `r`; the key comes last.
    columns: &'static str,
}

pub(super) const GROUPS: Part = Part {
    kind: ResourceKind::Group,
    seq: 0,
    members: "group_members",
    id: "member_id",
    table: "groups",
    columns: "'Group', r.id, true, r.document, r.id",
};
pub(super) const USERS: Part = Part {
    kind: ResourceKind::User,
    seq: 1,
    members: "user_members",
    id: "user_id",
    table: "users",
    columns: "'User', r.id, r.active > 0, r.document, r.id",
};

/// Whose members are listed.
pub(super) struct MemberSearch<'a> {
    pub(super) tenant: TenantId,
    pub(super) group: GroupId,
    /// Trimmed; empty finds all.
    pub(super) search: &'a str,
}

impl Store {
    /// A page of a group's members.
    pub async fn member_rows(
        &self,
        tenant: TenantId,
        group: GroupId,
        query: &MemberQuery,
    ) -> Result<Page<MemberRow>, StoreError> {
        let limit = keyset::size(query.limit);
        let request = MemberSearch { tenant, group, search: query.search.trim() };
        let total = self.members_found(&request).await?;
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, Key::Text("id")));
        let backward = cursor.as_ref().is_some_and(|cursor| cursor.backward);
        let mut rows: Vec<Listed<MemberRow>> = Vec::new();
        for part in if backward { [USERS, GROUPS] } else { [GROUPS, USERS] } {
            let wanted = i64::from(limit) + 1 - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if wanted > 0
                && let Some(from) = part.from(cursor.as_ref())
            {
                rows.extend(part.page(&request, from, backward, wanted).ask(&self.database).await?);
            }
        }
        Ok(keyset::assemble(rows, cursor.as_ref(), limit, total))
    }

    /// The names of users and groups by id: displayName, else userName. Unknown ids are left out.
    pub async fn display_names(&self, tenant: TenantId, ids: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let names: Vec<(String, String)> = self.database.ask(NAMES, (tenant, json!(ids).to_string())).await?;
        Ok(names.into_iter().collect())
    }

    async fn members_found(&self, request: &MemberSearch<'_>) -> Result<u64, StoreError> {
        if request.search.is_empty() {
            return self.member_count(request.tenant, request.group).await;
        }
        let mut total = 0;
        for part in [GROUPS, USERS] {
            let mut counting = Sql::new("select count(*) from ");
            counting.push(part.members).push(" where ").append(&part.matching(request));
            total += counting.ask_one::<u64>(&self.database).await?.unwrap_or_default();
        }
        Ok(total)
    }
}

impl Part {
    /// The id after which this part continues at the cursor: none when the cursor is past it, empty when it is before it.
    fn from<'a>(&self, cursor: Option<&'a Cursor>) -> Option<&'a str> {
        let Some(cursor) = cursor else { return Some("") };
        let id = match &cursor.key {
            Value::Text(id) => id,
            _ => "",
        };
        match (cursor.seq.cmp(&self.seq), cursor.backward) {
            (std::cmp::Ordering::Equal, _) => Some(id),
            (std::cmp::Ordering::Less, false) | (std::cmp::Ordering::Greater, true) => Some(""),
            _ => None,
        }
    }

    /// The group's members of this kind, or those of them that are searched for.
    fn matching(&self, request: &MemberSearch<'_>) -> Sql {
        let (tenant, search) = (request.tenant, request.search);
        let mut sql = Sql::new("tenant_id = ");
        sql.bind(tenant).push(" and group_id = ").bind(request.group);
        if !search.is_empty() {
            sql.push(" and ").push(self.id).push(" in (select id from ").push(self.table);
            sql.push(" where +tenant_id = ").bind(tenant);
            sql.append(&match self.kind {
                ResourceKind::User => user_rows::searched(tenant, search),
                ResourceKind::Group => group_rows::searched(tenant, search),
            });
            sql.push(")");
        }
        sql
    }

    /// At most `wanted` rows beyond an id. Rows are picked by their keys; only those on the page are read whole. With a
    /// search, those found are looked for among the members, else the members are walked.
    pub(super) fn page(&self, request: &MemberSearch<'_>, from: &str, backward: bool, wanted: i64) -> Sql {
        let mut sql = Sql::new("select cast(");
        sql.bind(self.seq).push(" as bigint), ").push(self.columns).push(" from (select ");
        sql.push(self.id).push(" as id from ").push(self.members).push(" where ").append(&self.matching(request));
        if !from.is_empty() {
            sql.push(" and ")
                .push(if request.search.is_empty() { "" } else { UNINDEXED })
                .push(self.id)
                .push(if backward { " < " } else { " > " })
                .bind(from);
        }
        let descending = if backward { " desc" } else { "" };
        sql.push(" order by ").push(self.id).push(descending).push(" limit ").bind(wanted);
        sql.push(") m join ").push(self.table).push(" r on r.tenant_id = ").bind(request.tenant);
        sql.push(" and r.id = m.id order by m.id").push(descending);
        sql
    }
}

impl FromRow for MemberRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        let (kind, id, active, document): (_, String, _, String) = FromRow::from_row(row)?;
        let document = documents::read("members", &id, &document)?;
        Ok(Self {
            kind,
            user_name: written(&document, "userName"),
            display_name: written(&document, "displayName"),
            active,
            id,
        })
    }
}
