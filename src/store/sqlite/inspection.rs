//! Inspecting a database file as it is: which migrations it has seen, which key it belongs to, and whether it is intact.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tokio::task::spawn_blocking;

use super::connection::BUSY_TIMEOUT;
use super::migrations::SCHEMA;
use super::row::single;
use super::statement::query;
use crate::scim::time::DateTime;
use crate::store::StoreError;
use crate::store::value::{FromValue, ToValue as _};

const KEY_MARK: &str = "select key_mark from installation";
const ANY_VALID_TOKEN: &str =
    "select exists (select 1 from tokens where revoked is null and (expires is null or expires > ?1))";
const HAS_MARKS: &str = "select exists (select 1 from sqlite_schema where name = 'installation')";
const NEWEST_ENTRY: &str = "select at from journal order by id desc limit 1";
const QUICK: &str = "pragma quick_check(10)";
const WHOLE: &str = "pragma integrity_check(10)";
const DANGLING: &str = "select \"table\" || ' refers to a row of ' || parent || ' that is gone' \
    from pragma_foreign_key_check limit 10";

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page, but not whether indexes and rows agree.
    Quick,
    /// Everything that `SQLite` can check.
    Full,
}

/// The state of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Its last migration.
    pub schema: i64,
    /// What is wrong with it; empty when it is intact.
    pub faults: Vec<String>,
    /// The mark of the installation's key; `None` in databases older than the mark.
    pub key_mark: Option<[u8; 32]>,
    /// Whether any token in it is valid.
    pub any_valid_token: bool,
    /// When the journal's newest entry was made.
    pub newest_entry: Option<DateTime>,
}

/// Inspects a database: changes nothing, and applies no migration. A server may be running on it.
pub async fn inspect(path: &Path, depth: Depth, now: DateTime) -> Result<Inspection, StoreError> {
    let path = path.to_owned();
    spawn_blocking(move || look(&path, depth, now)).await.map_err(|_| StoreError::Panicked)?
}

fn look(path: &Path, depth: Depth, now: DateTime) -> Result<Inspection, StoreError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.pragma_update(None, "query_only", true)?;
    let check = if depth == Depth::Full { WHOLE } else { QUICK };
    let mut faults: Vec<String> = query(&db, check, &[], single)?;
    faults.retain(|fault| fault != "ok");
    if depth == Depth::Full {
        faults.extend(query(&db, DANGLING, &[], single::<String>)?);
    }
    Ok(Inspection {
        schema: first::<Option<i64>>(&db, SCHEMA)?.flatten().unwrap_or_default(),
        faults,
        key_mark: if first(&db, HAS_MARKS)?.unwrap_or(false) { first(&db, KEY_MARK)? } else { None },
        any_valid_token: query(&db, ANY_VALID_TOKEN, &[now.to_value()], single::<bool>)? == [true],
        newest_entry: first(&db, NEWEST_ENTRY)?,
    })
}

fn first<T: FromValue>(db: &Connection, statement: &str) -> Result<Option<T>, StoreError> {
    Ok(query(db, statement, &[], single)?.into_iter().next())
}
