//! Manage Users.

use sqlx::FromRow;

use super::keys::{preferred, written};
use super::keyset::{self, Cursor, Key, KeysetRow, List, Order};
use super::sql::{Sql, prefix};
use super::{Store, StoreError};
use crate::model::id::TenantId;
use crate::model::page::{Page, Source, UserColumn, UserQuery, UserRow, UserState};
use crate::scim::compare::{fold, user_name_key};
use crate::scim::document::Document;
use crate::scim::time::DateTime;

const COUNTS: &str = "select source, active, users from user_counts where tenant_id = ?1";
const LIST: List = List { table: "users", columns: "seq, id, active, source, created, last_modified, document, " };

#[derive(FromRow)]
struct Row {
    seq: i64,
    id: String,
    active: bool,
    source: String,
    created: i64,
    last_modified: i64,
    document: String,
    key: String,
}

impl Store {
    /// A page of Manage Users.
    pub async fn user_rows(&self, tenant: TenantId, query: &UserQuery) -> Result<Page<UserRow>, StoreError> {
        let limit = keyset::size(query.limit);
        let counts: Vec<(String, bool, i64)> =
            sqlx::query_as(COUNTS).bind(tenant.0).fetch_all(&mut *self.reader().await?).await?;
        let all: i64 = counts.iter().map(|(_, _, users)| users).sum();
        let wanted = |source: &str, active: bool| {
            query.source.is_none_or(|wanted| wanted.as_str() == source)
                && query.state.is_none_or(|wanted| (wanted == UserState::Active) == active)
        };
        let mut total: i64 =
            counts.iter().filter(|(source, active, _)| wanted(source, *active)).map(|(_, _, users)| users).sum();
        let search = query.search.trim();
        // Walking passes over `all / total` users for each row of the page, gathering reads `total` of them.
        let gather = !search.is_empty() || total.saturating_mul(total) < all.saturating_mul(i64::from(limit));
        let mut found = matching(tenant, query, gather);
        if !search.is_empty() {
            found.append(&searched(tenant, search));
            let mut counting = Sql::new("select count(*) from users where ");
            counting.append(&found);
            (total,) = counting.query_as().fetch_one(&mut *self.reader().await?).await?;
        }
        let key = key(query.order.column);
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, key));
        let sql = page(tenant, query, &found, gather, cursor.as_ref());
        let rows: Vec<Row> = sql.query_as().fetch_all(&mut *self.reader().await?).await?;
        keyset::assemble(rows, cursor.as_ref(), limit, total, Row::read)
    }
}

/// The condition without search. Gathering, state and source have their indexes; walking, they must not.
pub(super) fn matching(tenant: TenantId, query: &UserQuery, gather: bool) -> Sql {
    let by_state = gather && query.search.trim().is_empty();
    let mut sql = Sql::new("tenant_id = ");
    sql.bind(tenant.0);
    if let Some(state) = query.state {
        sql.push(if by_state { " and active" } else { " and +active" });
        sql.push(if state == UserState::Active { " > 0" } else { " = 0" });
    }
    if let Some(source) = query.source {
        sql.push(if by_state { " and source = " } else { " and +source = " });
        sql.bind(source.as_str());
    }
    sql
}

/// Only users of whom a name, the userName or an address begins with `search`, each by the key it is kept under.
pub(super) fn searched(tenant: TenantId, search: &str) -> Sql {
    let (text, user_name) = (fold(search), user_name_key(search));
    let mut sql = Sql::new(" and seq in (");
    for (column, beginning) in [
        ("user_name_key", &user_name),
        ("display_name_key", &text),
        ("given_name_key", &text),
        ("family_name_key", &text),
    ] {
        sql.push("select seq from users where tenant_id = ").bind(tenant.0).push(" and ");
        sql.append(&prefix(column, beginning)).push(" union all ");
    }
    sql.push("select user_seq from user_values where tenant_id = ").bind(tenant.0);
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

impl KeysetRow for Row {
    fn place(&self) -> (i64, &str) {
        (self.seq, &self.key)
    }
}

impl Row {
    fn read(self) -> Result<UserRow, StoreError> {
        let corrupt = |why: String| StoreError::corrupt("users", &self.id, why);
        let document: Document = serde_json::from_str(&self.document).map_err(|why| corrupt(why.to_string()))?;
        Ok(UserRow {
            id: self.id.parse().map_err(|why| corrupt(format!("{why}")))?,
            user_name: written(&document, "userName"),
            display_name: written(&document, "displayName"),
            email: document.get(&["emails"]).map(preferred).unwrap_or_default(),
            active: self.active,
            source: self.source.parse::<Source>().map_err(|why| corrupt(why.to_string()))?,
            created: DateTime::from_millis(self.created),
            last_modified: DateTime::from_millis(self.last_modified),
        })
    }
}
