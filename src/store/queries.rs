//! Queries that are asked on the request's own thread. A connection of sqlx's lives on a thread of its own, and the way
//! there and back costs several times what it takes SQLite to find a user by index; so what the endpoint reads all day is
//! asked of SQLite here, by rusqlite, and nothing is written. A question that proves long moves to a thread where it keeps
//! no other request waiting.

use std::ffi::c_int;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Row};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::sql::{Bind, Sql};
use super::{BUSY_TIMEOUT, StoreError, comparable};

/// A question is looked after each time SQLite has taken so many steps.
const STEPS: c_int = 1_000;
/// After so many times it is long. A page of 200 users takes some 10; all together they take a millisecond or two.
const SHORT: u32 = 50;
/// Long queries that run at a time.
const LONG: usize = 4;
/// Statements that a connection keeps prepared.
const PREPARED: usize = 64;
/// Pages of the database that it keeps, in KiB, negated as SQLite wants it: of a million users the upper parts of those indexes
/// that are asked most. More does not make it faster: it would also be further from the processor.
const CACHE: i64 = -4_096;

/// What a row says.
pub(super) trait Read: Sized + Send + 'static {
    /// Reads it.
    fn read(row: &Row<'_>) -> Result<Self, StoreError>;
}

/// Where queries are asked. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Queries(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Box<Path>,
    /// Connections that nobody uses; never more than threads have asked at once.
    free: Mutex<Vec<Connection>>,
    long: Semaphore,
}

/// Says that nobody waits for the answer any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Queries {
    /// The database must be there already.
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        let shared = Shared { database: database.into(), free: Mutex::default(), long: Semaphore::new(LONG) };
        shared.put_back(shared.take()?);
        Ok(Self(Arc::new(shared)))
    }

    /// All rows that answer the question.
    pub(super) async fn ask<T: Read>(&self, question: &Sql) -> Result<Vec<T>, StoreError> {
        let mut times = 0;
        let short = move || {
            times += 1;
            times > SHORT
        };
        if let Some(answer) = self.0.ask(question, short)? {
            return Ok(answer);
        }
        let _turn = self.0.long.acquire().await.map_err(|_| StoreError::Closed)?;
        let gone = CancelOnDrop(Arc::default());
        let (shared, question, is_gone) = (Arc::clone(&self.0), question.clone(), Arc::clone(&gone.0));
        let asking = spawn_blocking(move || shared.ask(&question, move || is_gone.load(Ordering::Relaxed)));
        asking.await.map_err(|_| StoreError::Panicked)??.ok_or(StoreError::Closed)
    }

    /// The first row that answers the question.
    pub(super) async fn ask_one<T: Read>(&self, question: &Sql) -> Result<Option<T>, StoreError> {
        Ok(self.ask(question).await?.into_iter().next())
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        self.0.long.close();
        self.0.free().clear();
    }
}

impl Shared {
    /// The answer; none if it was given up because `should_stop` said so.
    fn ask<T: Read>(
        &self,
        question: &Sql,
        should_stop: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let db = self.take()?;
        db.progress_handler(STEPS, Some(should_stop))?;
        let answer = match answer(&db, question) {
            Ok(rows) => Some(rows),
            Err(StoreError::Interrupted) => None,
            // A connection that met a fault is not used again.
            Err(fault) => return Err(fault),
        };
        self.put_back(db);
        Ok(answer)
    }

    fn take(&self) -> Result<Connection, StoreError> {
        if let Some(db) = self.free().pop() {
            return Ok(db);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.database, flags)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.set_prepared_statement_cache_capacity(PREPARED);
        db.pragma_update(None, "temp_store", "memory")?;
        db.pragma_update(None, "cache_size", CACHE)?;
        comparable::register(&db)?;
        Ok(db)
    }

    fn put_back(&self, db: Connection) {
        self.free().push(db);
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer<T: Read>(db: &Connection, question: &Sql) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(question.text())?;
    let mut rows = statement.query(rusqlite::params_from_iter(question.binds()))?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push(T::read(row)?);
    }
    Ok(answer)
}

impl ToSql for Bind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Null => ValueRef::Null,
        }))
    }
}

/// A number that was counted.
impl Read for i64 {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(row.get(0)?)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LONG_ONE: &str =
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000000) select count(*) from n";
    const ENDLESS: &str = "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n";

    fn queries() -> (tempfile::TempDir, Queries) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.db");
        Connection::open(&file).unwrap().execute_batch("create table t (v); insert into t values ('text')").unwrap();
        let queries = Queries::open(&file).unwrap();
        (folder, queries)
    }

    #[tokio::test]
    async fn a_question_is_answered_however_long_it_takes() {
        let (_folder, queries) = queries();
        assert_eq!(queries.ask_one::<i64>(&Sql::new("select count(*) from t")).await.unwrap(), Some(1));
        let short = queries.0.ask::<i64>(&Sql::new(LONG_ONE), || true).unwrap();
        assert_eq!(short, None, "it is long");
        assert_eq!(queries.ask_one::<i64>(&Sql::new(LONG_ONE)).await.unwrap(), Some(1_000_000));
    }

    #[tokio::test]
    async fn a_question_ends_when_nobody_waits_for_its_answer() {
        let (_folder, queries) = queries();
        for _ in 0..2 * LONG {
            timeout(Duration::from_millis(20), queries.ask::<i64>(&Sql::new(ENDLESS))).await.unwrap_err();
        }
        assert_eq!(queries.ask_one::<i64>(&Sql::new(LONG_ONE)).await.unwrap(), Some(1_000_000));
    }

    #[tokio::test]
    async fn nothing_is_written_and_what_cannot_be_read_is_told() {
        let (_folder, queries) = queries();
        let written = queries.ask::<i64>(&Sql::new("delete from t returning 1")).await;
        assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
        let unreadable = queries.ask::<i64>(&Sql::new("select v from t")).await;
        assert!(matches!(unreadable, Err(StoreError::Corrupt { .. })), "{unreadable:?}");
    }
}
