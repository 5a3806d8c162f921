//! Manage Users: pages by keyset, in any order, at any size of the tenant.
//!
//! A page is found in one of two ways. Without search, and where state and source leave many, the index of the order is
//! walked until the page is full. Otherwise what is left is gathered by the index of search, state or source, and then
//! ordered. `+` before a column keeps the engine from using that column's index.

use std::fmt::Write as _;

use sqlx::FromRow;

use super::keys::preferred;
use super::sql::{Bind, Sql, prefix};
use super::{Store, StoreError};
use crate::model::id::TenantId;
use crate::model::page::{Page, Source, UserColumn, UserOrder, UserQuery, UserRow, UserState};
use crate::scim::compare::{fold, user_name_key};
use crate::scim::document::Document;
use crate::scim::time::DateTime;

const COUNTS: &str = "select source, active, users from user_counts where tenant_id = $1";
const SELECT_TEXT: &str = "select u.seq, u.id, u.active, u.source, u.created, u.last_modified, u.document, ";

/// The page's place in the order.
pub(super) struct Cursor {
    backward: bool,
    key: Bind,
    seq: i64,
}

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
        let limit = if query.limit == 0 { 50 } else { query.limit.min(200) };
        let counts: Vec<(String, bool, i64)> = sqlx::query_as(COUNTS).bind(tenant.0).fetch_all(&self.readers).await?;
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
            let mut counting = Sql::new("select count(*) from users u where ");
            counting.append(&found);
            (total,) = counting.query_as().fetch_one(&self.readers).await?;
        }
        let cursor = query.cursor.as_deref().and_then(|text| Cursor::read(text, query.order.column));
        let sql = page(tenant, &found, query.order, cursor.as_ref(), limit, gather);
        let rows: Vec<Row> = sql.query_as().fetch_all(&self.readers).await?;
        assemble(rows, cursor.as_ref(), limit, total)
    }
}

/// The condition without search. Gathering, state and source have their indexes; walking, they must not.
pub(super) fn matching(tenant: TenantId, query: &UserQuery, gather: bool) -> Sql {
    let by_state = gather && query.search.trim().is_empty();
    let mut sql = Sql::new("u.tenant_id = ");
    sql.bind(tenant.0);
    if let Some(state) = query.state {
        sql.push(if by_state { " and u.active" } else { " and +u.active" });
        sql.push(if state == UserState::Active { " > 0" } else { " = 0" });
    }
    if let Some(source) = query.source {
        sql.push(if by_state { " and u.source = " } else { " and +u.source = " });
        sql.bind(source.as_str());
    }
    sql
}

/// Only users of whom a name, the userName or an address begins with `search`, each by the key it is kept under.
pub(super) fn searched(tenant: TenantId, search: &str) -> Sql {
    let (text, user_name) = (fold(search), user_name_key(search));
    let mut sql = Sql::new(" and u.seq in (");
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

/// One row more than the page holds. Rows are picked by their keys; only those on the page are read whole.
pub(super) fn page(
    tenant: TenantId,
    found: &Sql,
    order: UserOrder,
    cursor: Option<&Cursor>,
    limit: u32,
    gather: bool,
) -> Sql {
    let backward = cursor.is_some_and(|cursor| cursor.backward);
    let (walked, gathered, as_text) = names(order.column);
    let column = if gather { gathered } else { walked };
    let descending = order.descending != backward;
    let mut sql = Sql::new(SELECT_TEXT);
    sql.push(as_text).push(" as key from users u where +u.tenant_id = ").bind(tenant.0);
    sql.push(" and u.seq in (select u.seq from users u where ").append(found);
    if let Some(cursor) = cursor {
        sql.push(" and (").push(column).push(if descending { ", u.seq) < (" } else { ", u.seq) > (" });
        sql.bind(cursor.key.clone()).push(", ").bind(cursor.seq).push(")");
    }
    push_order(&mut sql, column, descending).push(" limit ").bind(i64::from(limit) + 1).push(")");
    push_order(&mut sql, gathered, descending);
    sql
}

fn push_order<'a>(sql: &'a mut Sql, column: &'static str, descending: bool) -> &'a mut Sql {
    sql.push(" order by ").push(column);
    sql.push(if descending { " desc, u.seq desc" } else { ", u.seq" })
}

/// A column to walk by its index, the same not to, and as text for the cursor.
const fn names(column: UserColumn) -> (&'static str, &'static str, &'static str) {
    match column {
        UserColumn::UserName => ("u.user_name_key", "+u.user_name_key", "u.user_name_key"),
        UserColumn::DisplayName => ("u.display_name_key", "+u.display_name_key", "u.display_name_key"),
        UserColumn::Email => ("u.email_key", "+u.email_key", "u.email_key"),
        UserColumn::Created => ("u.created", "+u.created", "cast(u.created as text)"),
        UserColumn::LastModified => ("u.last_modified", "+u.last_modified", "cast(u.last_modified as text)"),
    }
}

fn assemble(mut rows: Vec<Row>, cursor: Option<&Cursor>, limit: u32, total: i64) -> Result<Page<UserRow>, StoreError> {
    let backward = cursor.is_some_and(|cursor| cursor.backward);
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    if backward {
        rows.reverse();
    }
    let (before, after) = if backward { (more, true) } else { (cursor.is_some(), more) };
    let previous = rows.first().filter(|_| before).map(|row| Cursor::write(true, row));
    let next = rows.last().filter(|_| after).map(|row| Cursor::write(false, row));
    let items = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok(Page { items, total: total.cast_unsigned(), more: false, next, previous })
}

impl Cursor {
    /// `n` or `p`, the row's number, a dot, its key in hexadecimal: nothing that an address has to escape.
    fn write(backward: bool, row: &Row) -> String {
        let mut text = format!("{}{}.", if backward { 'p' } else { 'n' }, row.seq);
        for byte in row.key.bytes() {
            write!(text, "{byte:02x}").expect("a String takes all that is written to it");
        }
        text
    }

    pub(super) fn read(text: &str, column: UserColumn) -> Option<Self> {
        let backward = match text.as_bytes().first()? {
            b'n' => false,
            b'p' => true,
            _ => return None,
        };
        let (seq, key) = text.get(1..)?.split_once('.')?;
        let bytes = key.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        let key = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
        let key = match column {
            UserColumn::UserName | UserColumn::DisplayName | UserColumn::Email => Bind::Text(key),
            UserColumn::Created | UserColumn::LastModified => Bind::Integer(key.parse().ok()?),
        };
        Some(Self { backward, key, seq: seq.parse().ok()? })
    }
}

impl Row {
    fn read(self) -> Result<UserRow, StoreError> {
        let corrupt = |why: String| StoreError::corrupt("users", &self.id, why);
        let document: Document = serde_json::from_str(&self.document).map_err(|why| corrupt(why.to_string()))?;
        let text = |name| document.get(&[name]).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Ok(UserRow {
            id: self.id.parse().map_err(|why| corrupt(format!("{why}")))?,
            user_name: text("userName"),
            display_name: text("displayName"),
            email: document.get(&["emails"]).map(preferred).unwrap_or_default(),
            active: self.active,
            source: self.source.parse::<Source>().map_err(|why| corrupt(why.to_string()))?,
            created: DateTime::from_millis(self.created),
            last_modified: DateTime::from_millis(self.last_modified),
        })
    }
}
