//! Statements put together at run time. Text comes from constants alone, values are always bound: what a client sent
//! cannot become SQL, because there is no way to push it.

use std::fmt;

use serde::{Deserialize, Serialize};
use sqlx::query::QueryAs;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Sqlite};

/// A value for a placeholder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Bind {
    Integer(i64),
    Real(f64),
    Text(String),
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Bind {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

/// A statement, or a part of one, with the values of its placeholders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sql {
    text: String,
    binds: Vec<Bind>,
}

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new() }
    }

    /// A condition that is always true.
    pub(super) fn always() -> Self {
        Self::new("1")
    }

    /// A condition that is never true.
    pub(super) fn never() -> Self {
        Self::new("0")
    }

    /// Goes on with constant text.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with a placeholder and its value.
    pub(super) fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.text.push('?');
        self.binds.push(value.into());
        self
    }

    /// Goes on with another part.
    pub(super) fn append(&mut self, part: &Self) -> &mut Self {
        self.text.push_str(&part.text);
        self.binds.extend_from_slice(&part.binds);
        self
    }

    /// Ready to be run.
    pub(super) fn query_as<T>(&self) -> QueryAs<'_, Sqlite, T, SqliteArguments<'_>>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        self.binds.iter().fold(sqlx::query_as(&self.text), |query, bind| match bind {
            Bind::Text(text) => query.bind(text.as_str()),
            Bind::Integer(number) => query.bind(*number),
            Bind::Real(number) => query.bind(*number),
        })
    }
}

/// The text, then the values, for snapshots.
impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.binds.iter().try_for_each(|bind| match bind {
            Bind::Text(text) => write!(f, "\n  {text:?}"),
            Bind::Integer(number) => write!(f, "\n  {number}"),
            Bind::Real(number) => write!(f, "\n  {number:?}"),
        })
    }
}

/// That a column begins with `prefix`, as a range that an index can answer. UTF-8 bytes sort like code points, so the
/// first text that no longer begins so is the prefix with its last character made one greater.
pub(super) fn prefix(column: &'static str, prefix: &str) -> Sql {
    let mut sql = Sql::new(column);
    sql.push(" >= ").bind(prefix);
    if let Some(end) = after_prefix(prefix) {
        sql.push(" and ").push(column).push(" < ").bind(end);
    }
    sql
}

/// The first text after all that begin with `prefix`; none when every later text does.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        // The range skips the surrogates, which are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            kept.push(next);
            return Some(kept);
        }
    }
    None
}
