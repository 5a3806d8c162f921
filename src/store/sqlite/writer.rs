//! The only writer: a thread that owns the only connection that writes. It commits what is waiting in one transaction, each
//! unit in a savepoint of its own, and answers after the commit. A unit that fails leaves the others alone, a caller who
//! goes away leaves no transaction open, and a single unit waits for no other.
//!
//! A unit is a function of the connection: its statements run one after another without a message between threads, which
//! would cost more than the statement.
//!
//! A connection that met a full disk or an I/O error is not used again: the next unit opens another one, so that writing
//! resumes by itself as soon as it can.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::checkpoint::Checkpointer;
use super::connection::open_to_write;
use super::error::not_committed;
use crate::store::StoreError;
use crate::store::statistics::WriteCounters;
use crate::telemetry::RateLimitedLog;

/// Units that may wait; more than these make their callers wait in turn.
const QUEUE: usize = 1_024;
/// Most units in one transaction, so that the first of them is not kept waiting long.
const BATCH: usize = 64;
/// Commits that take longer than this are logged.
const SLOW_COMMIT: Duration = Duration::from_secs(1);

/// Answers a unit's caller, given the result of the transaction.
type Answer = Box<dyn FnOnce(Result<(), &rusqlite::Error>) + Send>;

/// The outcome of a unit, in its savepoint.
struct Outcome {
    keep: bool,
    disk: DiskState,
    answer: Answer,
}

type Unit = Box<dyn FnOnce(&Connection) -> Outcome + Send>;

enum Message {
    Unit(Unit),
    Close(oneshot::Sender<()>),
}

/// Sends units to the thread that writes.
#[derive(Clone, Debug)]
pub(in crate::store) struct Writer {
    messages: mpsc::Sender<Message>,
    troubled: watch::Receiver<bool>,
    counters: Arc<WriteCounters>,
}

impl Writer {
    /// Has a unit run; returns its result after the commit.
    pub(in crate::store) async fn run<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let unit: Unit = Box::new(move |db| {
            // One unit's bug must not end the thread that writes for all. It is safe to go on after it, as the unit's
            // savepoint is rolled back and nothing else outlives the unit.
            let result = catch_unwind(AssertUnwindSafe(|| unit(db))).unwrap_or(Err(StoreError::Panicked));
            let keep = result.is_ok();
            let disk = match &result {
                Err(why) if why.is_transient() => DiskState::Faulty,
                _ => DiskState::Healthy,
            };
            let answer: Answer = Box::new(move |committed| {
                let answer = match committed {
                    Ok(()) => result,
                    Err(why) => result.and(Err(not_committed(why))),
                };
                // The caller may have gone away; the unit is committed all the same.
                drop(sender.send(answer));
            });
            Outcome { keep, disk, answer }
        });
        self.messages.send(Message::Unit(unit)).await.map_err(|_| StoreError::Closed)?;
        // A unit that was never begun is dropped, and its sender with it.
        receiver.await.map_err(|_| StoreError::Unavailable("the write could not begin".into()))?
    }

    /// Starts the thread on a database that exists and has all migrations.
    pub(super) fn start(database: &Path) -> Result<Self, StoreError> {
        let db = open_to_write(database)?;
        let (messages, receiver) = mpsc::channel(QUEUE);
        let (trouble, troubled) = watch::channel(false);
        let counters = Arc::<WriteCounters>::default();
        let connection = WriteConnection {
            db: Some(db),
            database: database.into(),
            trouble,
            counters: Arc::clone(&counters),
            checkpointer: Checkpointer::start(database).map_err(|why| no_thread(&why))?,
        };
        let writing = thread::Builder::new().name("writer".into());
        writing.spawn(move || run_writer(connection, receiver)).map_err(|why| no_thread(&why))?;
        Ok(Self { messages, troubled, counters })
    }

    /// Whether writes are still taken.
    pub(super) fn is_closed(&self) -> bool {
        self.messages.is_closed()
    }

    /// Whether the last commit failed.
    pub(super) fn is_troubled(&self) -> bool {
        *self.troubled.borrow()
    }

    /// How many units wait.
    pub(in crate::store) fn waiting(&self) -> usize {
        self.messages.max_capacity() - self.messages.capacity()
    }

    pub(in crate::store) fn counters(&self) -> &WriteCounters {
        &self.counters
    }

    /// Commits what is waiting, then closes the connection.
    pub(super) async fn close(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.messages.send(Message::Close(sender)).await.is_ok() {
            drop(receiver.await);
        }
    }
}

fn no_thread(why: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("no thread to write on: {why}"))
}

/// Whether a unit, or any unit of a batch, failed because of the disk or the connection, and not by its own fault.
#[derive(Clone, Copy)]
enum DiskState {
    Healthy,
    Faulty,
}

/// The only connection that writes, or how to open another one.
struct WriteConnection {
    db: Option<Connection>,
    database: Box<Path>,
    trouble: watch::Sender<bool>,
    counters: Arc<WriteCounters>,
    checkpointer: Checkpointer,
}

impl WriteConnection {
    fn get(&mut self) -> rusqlite::Result<&Connection> {
        Ok(match &mut self.db {
            Some(db) => db,
            none => none.insert(open_to_write(&self.database)?),
        })
    }

    /// Drops a connection that could not begin or commit, or that met a fault of the disk meanwhile, and logs it once, not
    /// for every unit: what fills a disk must not fill the log.
    fn record(&mut self, result: &rusqlite::Result<DiskState>) {
        let troubled = !matches!(result, Ok(DiskState::Healthy));
        if troubled && let Some(db) = self.db.take() {
            // Fails if the failure has rolled back already, or if all was committed.
            drop(db.execute_batch("rollback"));
        }
        let was_troubled = self.trouble.send_replace(troubled);
        match result {
            Err(cause) if !was_troubled => error!(%cause, "The database cannot be written: {cause}"),
            Ok(DiskState::Faulty) if !was_troubled => error!("The database cannot be written"),
            Ok(DiskState::Healthy) if was_troubled => info!("The database can be written again"),
            _ => {}
        }
    }
}

fn run_writer(mut connection: WriteConnection, mut messages: mpsc::Receiver<Message>) {
    let mut closing = None;
    while closing.is_none() {
        match messages.blocking_recv() {
            Some(Message::Unit(first)) => closing = commit(&mut connection, first, &mut messages),
            Some(Message::Close(done)) => closing = Some(done),
            None => break,
        }
    }
    // The last connection to close checkpoints the rest of the log; if that fails, the next opening does it.
    connection.checkpointer.finish();
    drop(connection.db);
    drop(messages);
    if let Some(done) = closing {
        done.send(()).unwrap_or_default();
    }
}

/// Commits `first` and what waits after it. Returns the request to close, if that was waiting too.
fn commit(
    connection: &mut WriteConnection,
    first: Unit,
    messages: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    static LINE: RateLimitedLog = RateLimitedLog::new();
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut closing = None;
    let result = batch(connection, first, messages, &mut answers, &mut closing);
    connection.counters.add(answers.len());
    connection.checkpointer.add(answers.len());
    connection.record(&result);
    let (changes, took) = (answers.len(), began.elapsed());
    if took > SLOW_COMMIT && LINE.permits() {
        let seconds = took.as_secs_f32();
        warn!(changes, seconds, "A commit of {changes} changes took {seconds:.1} s");
    }
    for answer in answers {
        answer(result.as_ref().map(|_| ()));
    }
    closing
}

fn batch(
    connection: &mut WriteConnection,
    first: Unit,
    messages: &mut mpsc::Receiver<Message>,
    answers: &mut Vec<Answer>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> rusqlite::Result<DiskState> {
    let db = connection.get()?;
    let run = |statement| db.prepare_cached(statement)?.execute(());
    let mut disk = DiskState::Healthy;
    if let Err(why) = run("begin immediate") {
        // Another process may hold the database for long: all that wait fail now, not each after a timeout of its own.
        while let Ok(message) = messages.try_recv() {
            if let Message::Close(done) = message {
                *closing = Some(done);
            }
        }
        return Err(why);
    }
    let mut next = Some(first);
    while let Some(unit) = next.take() {
        run("savepoint unit")?;
        let outcome = unit(db);
        answers.push(outcome.answer);
        if let DiskState::Faulty = outcome.disk {
            disk = DiskState::Faulty;
        }
        if !outcome.keep {
            run("rollback to unit")?;
        }
        run("release unit")?;
        if answers.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Unit(unit)) => next = Some(unit),
                Ok(Message::Close(done)) => *closing = Some(done),
                Err(_) => {}
            }
        }
    }
    run("commit")?;
    Ok(disk)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::super::connection::{BUSY_TIMEOUT, open_to_read};
    use super::*;
    use crate::model::tenant::Settings;
    use crate::scim::time::DateTime;
    use crate::store::{Store, tenants};

    /// A full disk, as far as this connection can tell.
    #[tokio::test]
    async fn a_full_disk_is_reported_as_such_and_writing_resumes_when_there_is_space_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let now = DateTime::from_millis(0);
        let limit = async |statement: &'static str| {
            store.database.writer.run(move |db| Ok(db.execute_batch(statement)?)).await.unwrap();
        };
        limit("pragma max_page_count = 1").await;
        let long = "x".repeat(100_000);
        let refused = store.create_tenant(&long, now).await;
        assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
        assert!(store.tenants().await.unwrap().is_empty(), "reading goes on, and nothing is half there");
        limit("pragma max_page_count = 1000000").await;
        store.create_tenant(&long, now).await.unwrap();
        store.ping().await.unwrap();
    }

    #[tokio::test]
    async fn while_another_process_holds_the_database_all_that_wait_fail_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Store::open(&path).await.unwrap();
        store.database.writer.run(|db| Ok(db.busy_timeout(Duration::from_millis(100))?)).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("begin immediate").unwrap();
        let now = DateTime::from_millis(0);
        let waiting = async {
            let (one, another, third) = tokio::join!(
                store.create_tenant("One", now),
                store.create_tenant("Another", now),
                store.create_tenant("Third", now),
            );
            for refused in [one, another, third] {
                assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
            }
        };
        timeout(BUSY_TIMEOUT, waiting).await.expect("before another try has gone by");
        other.execute_batch("rollback").unwrap();
        store.create_tenant("After", now).await.unwrap();
    }

    #[tokio::test]
    async fn the_log_that_grew_while_somebody_read_for_long_is_cut_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let log = || std::fs::metadata(folder.path().join("rollcall.db-wal")).unwrap().len();
        let now = DateTime::from_millis(0);
        let reading = open_to_read(&folder.path().join("rollcall.db")).unwrap();
        reading.execute_batch("begin; select count(*) from tenants").unwrap();
        let megabyte = "x".repeat(1 << 20);
        for _ in 0..20 {
            store.create_tenant(&megabyte, now).await.unwrap();
        }
        assert!(log() > 20 << 20);
        reading.execute_batch("rollback").unwrap();
        for _ in 0..3 {
            store.create_tenant("After", now).await.unwrap();
        }
        assert!(log() <= 16 << 20, "{}", log());
    }

    #[tokio::test]
    async fn a_panic_rolls_back_its_own_unit_and_stops_neither_the_others_nor_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let now = DateTime::from_millis(0);
        let broken = store.database.write(move |db| {
            tenants::insert(db, "Half".to_owned(), None, Settings::default(), now)?;
            assert_ne!(now.as_millis(), 0, "a bug, for the test");
            Ok(())
        });
        let (broken, beside) = tokio::join!(broken, store.create_tenant("Beside", now));
        assert!(matches!(broken, Err(StoreError::Panicked)), "{broken:?}");
        beside.unwrap();
        store.create_tenant("After", now).await.unwrap();
        let names: Vec<_> = store.tenants().await.unwrap().into_iter().map(|tenant| tenant.name).collect();
        assert_eq!(names, ["Beside", "After"]);
        store.ping().await.unwrap();
    }
}
