//! Manage Users.

use super::database::{FromRow, Row};
use super::dialect::UNINDEXED;
use super::documents::{self, preferred, written};
use super::keyset::{self, Cursor, Key, List, Order};
use super::sql::{Sql, prefix};
use super::{Store, StoreError};
use crate::model::id::{TenantId, UserId};
use crate::model::page::{Page, Source, UserColumn, UserQuery, UserRow, UserState};
use crate::scim::compare::{fold, user_name_key};

const COUNTS: &str = "select source, active, users from user_counts where tenant_id = ?1";
const LIST: List = List { table: "users", columns: "seq, id, active, source, created, last_modified, document, " };

impl Store {
    /// A page of Manage Users.
    pub async fn user_rows(&self, tenant: TenantId, query: &UserQuery) -> Result<Page<UserRow>, StoreError> {
        let limit = keyset::size(query.limit);
        let counts: Vec<(Source, bool, u64)> = self.database.ask(COUNTS, (tenant,)).await?;
        let all: u64 = counts.iter().map(|(_, _, users)| users).sum();
        let wanted = |(source, active, _): &&(Source, bool, u64)| {
            query.source.is_none_or(|wanted| wanted == *source)
                && query.state.is_none_or(|wanted| (wanted == UserState::Active) == *active)
        };
        let mut total: u64 = counts.iter().filter(wanted).map(|(_, _, users)| users).sum();
        let search = query.search.trim();
        // Walking passes over `all / total` users for each row of the page, gathering reads `total` of them.
        let gather = !search.is_empty() || total.saturating_mul(total) < all.saturating_mul(limit.into());
        let mut found = matching(tenant, query, gather);
        if !search.is_empty() {
            found.append(&searched(tenant, search));
            let mut counting = Sql::new("select count(*) from users where ");
            counting.append(&found);
            total = counting.ask_one(&self.database).await?.unwrap_or_default();
        }
        let key = key(query.order.column);
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, key));
        let sql = page(tenant, query, &found, gather, cursor.as_ref());
        Ok(keyset::assemble(sql.ask(&self.database).await?, cursor.as_ref(), limit, total))
    }
}

/// The condition without search. Gathering, state and source have their indexes; walking, they must not.
pub(super) fn matching(tenant: TenantId, query: &UserQuery, gather: bool) -> Sql {
    let by_state = gather && query.search.trim().is_empty();
    let mut sql = Sql::new("tenant_id = ");
    sql.bind(tenant);
    if let Some(state) = query.state {
        sql.push(" and ").push(if by_state { "" } else { UNINDEXED });
        sql.push(if state == UserState::Active { "active > 0" } else { "active = 0" });
    }
    if let Some(source) = query.source {
        sql.push(" and ").push(if by_state { "" } else { UNINDEXED }).push("source = ").bind(source);
    }
    sql
}

/// Only users of whom a name, the userName or an address begins with `search`, each by its key.
pub(super) fn searched(tenant: TenantId, search: &str) -> Sql {
    let (text, user_name) = (fold(search), user_name_key(search));
    let mut sql = Sql::new(" and seq in (");
    for (column, beginning) in [
        ("user_name_key", &user_name),
        ("display_name_key", &text),
        ("given_name_key", &text),
        ("family_name_key", &text),
    ] {
        sql.push("select seq from users where tenant_id = ").bind(tenant).push(" and ");
        sql.append(&prefix(column, beginning)).push(" union all ");
    }
    sql.push("select user_seq from user_values where tenant_id = ").bind(tenant);
    sql.push(" and attribute = 'emails' and ").append(&prefix("value_key", &text)).push(")");
    sql
}

/// The rows of a page, and one more.
pub(super) fn page(tenant: TenantId, query: &UserQuery, found: &Sql, gather: bool, cursor: Option<&Cursor>) -> Sql {
    let order = Order { key: key(query.order.column), descending: query.order.descending, gather };
    LIST.page(tenant, found, order, cursor, keyset::size(query.limit))
}

pub(super) const fn key(column: UserColumn) -> Key {
    match column {
        UserColumn::UserName => Key::Text("user_name_key"),
        UserColumn::DisplayName => Key::Text("display_name_key"),
        UserColumn::Email => Key::Text("email_key"),
        UserColumn::Created => Key::Integer("created"),
        UserColumn::LastModified => Key::Integer("last_modified"),
    }
}

impl FromRow for UserRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        let (id, active, source): (UserId, _, _) = FromRow::from_row(row)?;
        let (created, last_modified, document): (_, _, String) = FromRow::from_row(row)?;
        let document = documents::read("users", id, &document)?;
        Ok(Self {
            id,
            user_name: written(&document, "userName"),
            display_name: written(&document, "displayName"),
            email: document.get(&["emails"]).map(preferred).unwrap_or_default(),
            active,
            source,
            created,
            last_modified,
        })
    }
}
