//! Connections, each set up for its purpose.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::functions;

/// How long a connection waits for another process, such as a backup or a shell, before it reports the database as busy.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements that a connection keeps prepared.
const PREPARED: usize = 128;
/// Pages of the database that a reading connection keeps, in KiB, negated as `SQLite` wants it: of a million users the
/// upper parts of the indexes used most. More is not faster: it would also be further from the processor.
const CACHE: i64 = -4_096;
/// The write-ahead log grows while somebody reads for long (a backup); afterwards it is cut to this many bytes.
const WAL_SIZE_LIMIT: i64 = 16 << 20;
/// Pages of the log after which a commit checkpoints what the checkpointer has left, so that the log ends even under
/// writes without a pause.
const AUTOCHECKPOINT_PAGES: i64 = 4_000;

/// A connection that only reads.
pub(super) fn open_to_read(database: &Path) -> rusqlite::Result<Connection> {
    let db = open(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.pragma_update(None, "cache_size", CACHE)?;
    Ok(db)
}

/// A connection that writes, durably.
pub(super) fn open_to_write(database: &Path) -> rusqlite::Result<Connection> {
    let db = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "journal_size_limit", WAL_SIZE_LIMIT)?;
    db.pragma_update(None, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES)?;
    Ok(db)
}

fn open(database: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(database, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(PREPARED);
    db.pragma_update(None, "temp_store", "memory")?;
    // Otherwise a statement with a bound `limit` is planned again each time its value is bound, which takes longer than it runs.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    functions::register(&db)?;
    Ok(db)
}
