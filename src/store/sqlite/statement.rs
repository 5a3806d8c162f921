//! Statements, prepared once for each connection.

use rusqlite::{Connection, params_from_iter};

use super::row::Row;
use crate::store::StoreError;
use crate::store::value::Value;

/// Executes a statement; returns how many rows it changed.
pub(in crate::store) fn execute(db: &Connection, statement: &str, values: &[Value<'_>]) -> Result<usize, StoreError> {
    Ok(db.prepare_cached(statement)?.execute(params_from_iter(values))?)
}

/// The first row that a statement finds or returns.
pub(in crate::store) fn find<T>(
    db: &Connection,
    statement: &str,
    values: &[Value<'_>],
    read: impl Fn(&mut Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params_from_iter(values))?;
    rows.next()?.map(|row| read(&mut Row::new(row))).transpose()
}

/// All of them.
pub(super) fn query<T>(
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
