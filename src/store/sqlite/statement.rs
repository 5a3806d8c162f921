//! Statements, prepared once for each connection.

use rusqlite::{Connection, params_from_iter};

use super::row::Row;
use crate::store::StoreError;
use crate::store::value::Value;

/// Executes a statement; returns how many rows it changed.
pub(in crate::store) fn execute(db: &Connection, statement: &str, values: &[Value<'_>]) -> Result<usize, StoreError> {
    Ok(db.prepare_cached(statement)?.execute(params_from_iter(values))?)
}

/// All rows that a statement finds, or returns of those it has changed.
pub(in crate::store) fn query<T>(
    db: &Connection,
    statement: &str,
    values: &[Value<'_>],
    read: impl Fn(&mut Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push(read(&mut Row::new(row))?);
    }
    Ok(answer)
}
