//! Values to and from SQLite.

use std::fmt::Display;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde::de::DeserializeOwned;

use crate::store::StoreError;
use crate::store::value::{FromValue, Value};

/// A row of an answer, of which the columns are read in order.
pub(in crate::store) struct Row<'r> {
    row: &'r rusqlite::Row<'r>,
    column: usize,
}

impl<'r> Row<'r> {
    pub(super) const fn new(row: &'r rusqlite::Row<'r>) -> Self {
        Self { row, column: 0 }
    }

    /// Reads the next column.
    pub(in crate::store) fn read<T: FromValue>(&mut self) -> Result<T, StoreError> {
        let column = self.column;
        let read = match self.next()? {
            ValueRef::Integer(number) => T::from_value(Value::Integer(number)),
            ValueRef::Real(number) => T::from_value(Value::Real(number)),
            ValueRef::Text(text) => match str::from_utf8(text) {
                Ok(text) => T::from_value(Value::Text(text.into())),
                Err(why) => Err(why.to_string()),
            },
            ValueRef::Null => T::from_value(Value::Null),
            ValueRef::Blob(bytes) => T::from_value(Value::Bytes(bytes.into())),
        };
        read.map_err(|why| self.corrupt(column, why))
    }

    /// Reads the next column, which is JSON, without copying its text.
    pub(in crate::store) fn read_json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let column = self.column;
        let text = self.next()?.as_bytes().map_err(|why| self.corrupt(column, why))?;
        serde_json::from_slice(text).map_err(|why| self.corrupt(column, why))
    }

    fn corrupt(&self, column: usize, why: impl Display) -> StoreError {
        let name = self.row.as_ref().column_name(column).unwrap_or_default();
        StoreError::corrupt("column", name, why)
    }

    fn next(&mut self) -> Result<ValueRef<'r>, StoreError> {
        self.column += 1;
        Ok(self.row.get_ref(self.column - 1)?)
    }
}

/// Reads a row with a single column.
pub(super) fn single<T: FromValue>(row: &mut Row<'_>) -> Result<T, StoreError> {
    row.read()
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Null => ValueRef::Null,
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
