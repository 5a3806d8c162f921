//! Statements put together at run time. Text comes from constants alone, values are always bound: what a client sent
//! cannot become SQL, because there is no way to push it.

use std::fmt;

use rusqlite::Connection;
use rusqlite::types::FromSql;
use serde::{Deserialize, Serialize};
use sqlx::query::QueryAs;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Sqlite};

use super::{StoreError, writer};

/// A value for a placeholder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Bind {
    Integer(i64),
    Real(f64),
    Text(String),
    Null,
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

impl<T: Into<Self>> From<Option<T>> for Bind {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
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

    /// Goes on with placeholders and their values, commas between them.
    pub(super) fn bind_all<const N: usize>(&mut self, values: [Bind; N]) -> &mut Self {
        self.text.push('?');
        self.text.extend(std::iter::repeat_n(", ?", N.saturating_sub(1)));
        self.binds.extend(values);
        self
    }

    /// Goes on with another part.
    pub(super) fn append(&mut self, part: &Self) -> &mut Self {
        self.text.push_str(&part.text);
        self.binds.extend_from_slice(&part.binds);
        self
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        let long = |bind: &Bind| match bind {
            Bind::Text(text) => text.len(),
            Bind::Integer(_) | Bind::Real(_) | Bind::Null => 0,
        };
        size_of::<Self>() + self.text.len() + size_of_val(&*self.binds) + self.binds.iter().map(long).sum::<usize>()
    }

    /// The statement, with its placeholders.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The values of its placeholders, in order.
    pub(super) fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// The one value that it finds.
    pub(super) fn find_one<T: FromSql>(&self, db: &Connection) -> Result<T, StoreError> {
        writer::find_one(db, &self.text, rusqlite::params_from_iter(&self.binds))
    }

    /// Executes it as a statement of a unit; returns how many rows it changed.
    pub(super) fn execute(&self, db: &Connection) -> Result<usize, StoreError> {
        writer::execute(db, &self.text, rusqlite::params_from_iter(&self.binds))
    }

    /// Ready to be run, for what it finds.
    pub(super) fn query_as<T>(&self) -> QueryAs<'_, Sqlite, T, SqliteArguments>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        self.binds.iter().fold(sqlx::query_as(AssertSqlSafe(self.text.as_str())), |query, bind| match bind {
            Bind::Text(text) => query.bind(text.as_str()),
            Bind::Integer(number) => query.bind(*number),
            Bind::Real(number) => query.bind(*number),
            Bind::Null => query.bind(None::<i64>),
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
            Bind::Null => write!(f, "\n  null"),
        })
    }
}

/// `SQLite`'s path to a value in a document: `$."name"."givenName"`. The names are the schemas' own, without quotes in them.
pub(super) fn path(steps: &[&str]) -> String {
    steps.iter().fold("$".to_owned(), |path, step| format!("{path}.\"{step}\""))
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
