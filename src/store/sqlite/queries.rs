//! Questions, asked on the request's own thread: the way to another thread and back costs several times what it takes
//! `SQLite` to find a user by index. A question that takes long moves to a thread where it keeps no other request waiting.

use std::ffi::c_int;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::connection::open_to_read;
use super::row::Row;
use super::statement;
use crate::store::StoreError;
use crate::store::value::Value;

/// `SQLite` asks whether to go on each time it has taken so many steps.
const STEPS: c_int = 1_000;
/// After so many times the question is a long one. A page of 200 users takes some 10; all together they take a millisecond
/// or two.
const SHORT: u32 = 50;
/// Long questions that run at a time.
const LONG: usize = 4;

/// The connections that answer questions. Cheap to clone.
#[derive(Clone, Debug)]
pub(in crate::store) struct Queries(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Box<Path>,
    /// Connections not in use; never more than threads have asked at once.
    free: Mutex<Vec<Connection>>,
    long: Semaphore,
}

/// Cancels a question when nobody waits for its answer any more.
struct CancelOnDrop(Arc<AtomicBool>);

impl Queries {
    /// The database must exist.
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        let shared = Shared { database: database.into(), free: Mutex::default(), long: Semaphore::new(LONG) };
        shared.put_back(shared.take()?);
        Ok(Self(Arc::new(shared)))
    }

    /// All rows that answer the question.
    pub(in crate::store) async fn ask<T, R>(
        &self,
        question: &str,
        values: &[Value<'_>],
        read: R,
    ) -> Result<Vec<T>, StoreError>
    where
        T: Send + 'static,
        R: Fn(&mut Row<'_>) -> Result<T, StoreError> + Copy + Send + 'static,
    {
        let mut times = 0;
        let is_long = move || {
            times += 1;
            times > SHORT
        };
        if let Some(answer) = self.0.ask(question, values, read, is_long)? {
            return Ok(answer);
        }
        let _permit = self.0.long.acquire().await.map_err(|_| StoreError::Closed)?;
        let (shared, question) = (Arc::clone(&self.0), question.to_owned());
        let values: Vec<Value<'static>> = values.iter().cloned().map(Value::into_owned).collect();
        let guard = CancelOnDrop(Arc::default());
        let cancelled = Arc::clone(&guard.0);
        let asking =
            spawn_blocking(move || shared.ask(&question, &values, read, move || cancelled.load(Ordering::Relaxed)));
        asking.await.map_err(|_| StoreError::Panicked)??.ok_or(StoreError::Closed)
    }

    /// Closes the connections.
    pub(super) fn close(&self) {
        self.0.long.close();
        self.0.free().clear();
    }
}

impl Shared {
    /// The answer; none if it was interrupted because `should_stop` said so.
    fn ask<T>(
        &self,
        question: &str,
        values: &[Value<'_>],
        read: impl Fn(&mut Row<'_>) -> Result<T, StoreError>,
        should_stop: impl FnMut() -> bool + Send + 'static,
    ) -> Result<Option<Vec<T>>, StoreError> {
        let db = self.take()?;
        db.progress_handler(STEPS, Some(should_stop))?;
        let answer = match statement::query(&db, question, values, read) {
            Ok(rows) => Some(rows),
            Err(StoreError::Interrupted) => None,
            // A connection that met a fault is not used again.
            Err(fault) => return Err(fault),
        };
        self.put_back(db);
        Ok(answer)
    }

    fn take(&self) -> Result<Connection, StoreError> {
        if self.long.is_closed() {
            return Err(StoreError::Closed);
        }
        let free = self.free().pop();
        free.map_or_else(|| Ok(open_to_read(&self.database)?), Ok)
    }

    fn put_back(&self, db: Connection) {
        self.free().push(db);
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn open() -> (tempfile::TempDir, Queries) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.db");
        Connection::open(&file).unwrap().execute_batch("create table t (v); insert into t values ('text')").unwrap();
        let queries = Queries::open(&file).unwrap();
        (folder, queries)
    }

    fn read(row: &mut Row<'_>) -> Result<i64, StoreError> {
        row.read()
    }

    #[tokio::test]
    async fn a_question_is_answered_however_long_it_takes() {
        let (_folder, queries) = open();
        assert_eq!(queries.ask("select count(*) from t", &[], read).await.unwrap(), [1]);
        let short = queries.0.ask(LONG_ONE, &[], read, || true).unwrap();
        assert_eq!(short, None, "it is long");
        assert_eq!(queries.ask(LONG_ONE, &[], read).await.unwrap(), [1_000_000]);
    }

    #[tokio::test]
    async fn a_question_ends_when_nobody_waits_for_its_answer() {
        let (_folder, queries) = open();
        for _ in 0..2 * LONG {
            timeout(Duration::from_millis(20), queries.ask(ENDLESS, &[], read)).await.unwrap_err();
        }
        assert_eq!(queries.ask(LONG_ONE, &[], read).await.unwrap(), [1_000_000]);
    }

    #[tokio::test]
    async fn nothing_is_written_and_what_cannot_be_read_is_reported() {
        let (_folder, queries) = open();
        let written = queries.ask("delete from t returning 1", &[], read).await;
        assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
        let unreadable = queries.ask("select v from t", &[], read).await;
        assert!(matches!(unreadable, Err(StoreError::Corrupt { .. })), "{unreadable:?}");
    }
}
