//! Pages of the portal's lists by keyset: in any order, at any size, forwards and backwards. A table and a condition say
//! what a list holds; a row's key and number are its position.
//!
//! A page is found in one of two ways. Either the index of the order is walked until the page is full, or what matches the
//! condition is gathered by the condition's own index and then sorted.

use std::fmt::Write as _;

use super::dialect::UNINDEXED;
use super::sql::Sql;
use super::value::Value;
use crate::model::id::TenantId;
use crate::model::page::Page;

/// A table with `tenant_id` and `seq`, and the columns that are read.
pub(super) struct List {
    pub(super) table: &'static str,
    /// With a comma after each.
    pub(super) columns: &'static str,
}

/// A column to order by.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Text(&'static str),
    Integer(&'static str),
}

/// The order of a list, and how its pages are found.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) descending: bool,
    /// By gathering what matches, not by walking the order.
    pub(super) gather: bool,
}

/// A position in a list: before or after a row.
pub(super) struct Cursor {
    pub(super) backward: bool,
    pub(super) key: Value<'static>,
    pub(super) seq: i64,
}

/// A row of a list: its number, what the page shows of it, and its key as text.
pub(super) type Listed<T> = (i64, T, String);

impl List {
    /// One row more than the page holds. Rows are picked by their keys; only those on the page are read whole.
    pub(super) fn page(&self, tenant: TenantId, found: &Sql, order: Order, cursor: Option<&Cursor>, limit: u32) -> Sql {
        let backward = cursor.is_some_and(|cursor| cursor.backward);
        let descending = order.descending != backward;
        let limit = i64::from(limit) + 1;
        let mut sql = Sql::new("select ");
        sql.push(self.columns);
        order.key.push_text(&mut sql);
        sql.push(" as key from ").push(self.table).push(" where +tenant_id = ").bind(tenant).push(" and seq in (");
        match cursor {
            None => {
                sql.append(&self.pick(found, None, order, descending, limit));
            }
            // Rows with the key of the cursor's row, then the others: together the engine would look at all that have the
            // key, and thousands of groups may have no member.
            Some(cursor) if !order.gather => {
                sql.push("select seq from (");
                sql.append(&self.pick(found, Some((cursor, Part::SameKey)), order, descending, limit));
                sql.push(") as same union all select seq from (");
                sql.append(&self.pick(found, Some((cursor, Part::Beyond)), order, descending, limit))
                    .push(") as beyond");
            }
            Some(cursor) => {
                sql.append(&self.pick(found, Some((cursor, Part::Both)), order, descending, limit));
            }
        }
        push_order(sql.push(")"), order.key, true, descending);
        sql.push(" limit ").bind(limit);
        sql
    }

    /// The numbers of rows from the cursor on, in order.
    fn pick(&self, found: &Sql, from: Option<(&Cursor, Part)>, order: Order, descending: bool, limit: i64) -> Sql {
        let comparison = if descending { " < " } else { " > " };
        let mut sql = Sql::new("select seq from ");
        sql.push(self.table).push(" where ").append(found);
        match from {
            None => {}
            Some((cursor, Part::SameKey)) => {
                order.key.push(sql.push(" and "), order.gather);
                sql.push(" = ").bind(&cursor.key).push(" and seq").push(comparison).bind(cursor.seq);
            }
            Some((cursor, Part::Beyond)) => {
                order.key.push(sql.push(" and "), order.gather);
                sql.push(comparison).bind(&cursor.key);
            }
            Some((cursor, Part::Both)) => {
                order.key.push(sql.push(" and ("), order.gather);
                sql.push(", seq)").push(comparison).push("(").bind(&cursor.key).push(", ").bind(cursor.seq).push(")");
            }
        }
        push_order(&mut sql, order.key, order.gather, descending);
        sql.push(" limit ").bind(limit);
        sql
    }
}

/// Which rows from a cursor on.
#[derive(Clone, Copy)]
enum Part {
    /// Those with the key of its row.
    SameKey,
    /// Those with a key beyond it.
    Beyond,
    /// All.
    Both,
}

fn push_order(sql: &mut Sql, key: Key, gather: bool, descending: bool) {
    key.push(sql.push(" order by "), gather);
    sql.push(if descending { " desc, seq desc" } else { ", seq" });
}

impl Key {
    const fn column(self) -> &'static str {
        match self {
            Self::Text(column) | Self::Integer(column) => column,
        }
    }

    fn push(self, sql: &mut Sql, gather: bool) {
        sql.push(if gather { UNINDEXED } else { "" }).push(self.column());
    }

    fn push_text(self, sql: &mut Sql) {
        match self {
            Self::Text(column) => sql.push(column),
            Self::Integer(column) => sql.push("cast(").push(column).push(" as text)"),
        };
    }
}

impl Cursor {
    /// `n` or `p`, the row's number, a dot, its key in hexadecimal: nothing that an address has to escape.
    fn write(backward: bool, seq: i64, key: &str) -> String {
        let mut text = format!("{}{seq}.", if backward { 'p' } else { 'n' });
        for byte in key.bytes() {
            write!(text, "{byte:02x}").expect("a String takes all that is written to it");
        }
        text
    }

    /// None where the text is not a position in a list of this order.
    pub(super) fn read(text: &str, key: Key) -> Option<Self> {
        let backward = match text.as_bytes().first()? {
            b'n' => false,
            b'p' => true,
            _ => return None,
        };
        let (seq, hexadecimal) = text.get(1..)?.split_once('.')?;
        let bytes = hexadecimal.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        let value = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
        let key = match key {
            Key::Text(_) => value.into(),
            Key::Integer(_) => Value::Integer(value.parse().ok()?),
        };
        Some(Self { backward, key, seq: seq.parse().ok()? })
    }
}

/// How many rows a page of this limit has: 0 means 50, and 200 is the most.
pub(super) const fn size(limit: u32) -> u32 {
    match limit {
        0 => 50,
        1..=200 => limit,
        _ => 200,
    }
}

/// The page of rows that were found in the cursor's direction, of which the last may be beyond its end.
pub(super) fn assemble<T>(mut rows: Vec<Listed<T>>, cursor: Option<&Cursor>, limit: u32, total: u64) -> Page<T> {
    let backward = cursor.is_some_and(|cursor| cursor.backward);
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    if backward {
        rows.reverse();
    }
    let (before, after) = if backward { (more, true) } else { (cursor.is_some(), more) };
    let previous = rows.first().filter(|_| before).map(|(seq, _, key)| Cursor::write(true, *seq, key));
    let next = rows.last().filter(|_| after).map(|(seq, _, key)| Cursor::write(false, *seq, key));
    Page { items: rows.into_iter().map(|(_, row, _)| row).collect(), total, more: false, next, previous }
}
