//! The narrow interface between the store's methods and the database engine. Values go in, rows come out:
//!
//! - [`Database::ask`] asks a question;
//! - [`Database::write`] runs a unit of writing, a plain function of a [`Transaction`], in which [`Transaction::execute`] and
//!   [`Transaction::find`] run statements.
//!
//! The types are concrete, as there is one engine. A second one makes enums of `Database`, `Transaction` and `Row`; what
//! differs in the text of statements is in `dialect`.

use super::sql::Sql;
pub(super) use super::sqlite::Row;
pub(super) use super::sqlite::Sqlite as Database;
use super::sqlite::{self, Connection};
use super::value::{FromValue, ToValues};
use super::{Store, StoreError};

impl Database {
    /// All rows that answer a question, on the caller's thread unless it takes long.
    pub(super) async fn ask<T: FromRow>(&self, statement: &str, values: impl ToValues) -> Result<Vec<T>, StoreError> {
        self.queries.ask(statement, values.to_values().as_ref(), T::from_row).await
    }

    /// The first row that answers a question.
    pub(super) async fn ask_one<T: FromRow>(
        &self,
        statement: &str,
        values: impl ToValues,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.ask(statement, values).await?.into_iter().next())
    }

    /// Runs a unit of writing: all of it is committed, durably, or nothing. What it returns arrives after the commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(move |connection| unit(&Transaction(connection))).await
    }
}

impl Store {
    /// Runs a unit of writing.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.database.write(unit).await
    }
}

/// What a unit of writing runs its statements in.
pub(super) struct Transaction<'c>(&'c Connection);

#[expect(clippy::needless_pass_by_value, reason = "the values are a tuple, made for the call")]
impl Transaction<'_> {
    /// Executes a statement; returns how many rows it changed.
    pub(super) fn execute(&self, statement: &str, values: impl ToValues) -> Result<usize, StoreError> {
        sqlite::execute(self.0, statement, values.to_values().as_ref())
    }

    /// The first row that a statement finds, or returns of those it has changed.
    pub(super) fn find<T: FromRow>(&self, statement: &str, values: impl ToValues) -> Result<Option<T>, StoreError> {
        Ok(sqlite::query(self.0, statement, values.to_values().as_ref(), T::from_row)?.into_iter().next())
    }

    /// The same of a statement that always has a row.
    pub(super) fn find_one<T: FromRow>(&self, statement: &str, values: impl ToValues) -> Result<T, StoreError> {
        self.find(statement, values)?.ok_or_else(|| StoreError::corrupt("answer", statement, "it has no row"))
    }
}

/// The same for composed statements.
impl Sql {
    pub(super) async fn ask<T: FromRow>(&self, database: &Database) -> Result<Vec<T>, StoreError> {
        database.ask(self.text(), self.values()).await
    }

    pub(super) async fn ask_one<T: FromRow>(&self, database: &Database) -> Result<Option<T>, StoreError> {
        database.ask_one(self.text(), self.values()).await
    }

    pub(super) fn execute(&self, db: &Transaction<'_>) -> Result<usize, StoreError> {
        db.execute(self.text(), self.values())
    }

    pub(super) fn find<T: FromRow>(&self, db: &Transaction<'_>) -> Result<Option<T>, StoreError> {
        db.find(self.text(), self.values())
    }

    pub(super) fn find_one<T: FromRow>(&self, db: &Transaction<'_>) -> Result<T, StoreError> {
        db.find_one(self.text(), self.values())
    }
}

/// A type that can be read from a row, column by column: a value, a struct, or a tuple of these.
pub(super) trait FromRow: Sized + Send + 'static {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError>;
}

impl<T: FromValue + Send + 'static> FromRow for T {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        row.read()
    }
}

/// Reads a struct from a row: its fields in the order of the columns.
macro_rules! from_row {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::store::database::FromRow for $type {
            fn from_row(row: &mut $crate::store::database::Row<'_>) -> Result<Self, $crate::store::StoreError> {
                Ok(Self { $($field: $crate::store::database::FromRow::from_row(row)?),+ })
            }
        }
    };
}
pub(super) use from_row;

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: FromRow),+> FromRow for ($($name,)+) {
            fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
                Ok(($($name::from_row(row)?,)+))
            }
        }
    )+};
}

tuples! {
    A B;
    A B C;
    A B C D;
}
