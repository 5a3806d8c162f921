//! The one door for writes. A thread owns the only connection that writes; it commits what is waiting in one
//! transaction, each unit in a savepoint of its own, and answers after the commit. A unit that fails leaves the others
//! alone, a caller who goes away leaves no transaction open, and a lone unit waits for no one.
//!
//! A unit is what is to be done with the connection, handed over whole: its statements run one after another without a word
//! between threads, each of which would cost more than the statement.
//!
//! A connection that met a full disk or an I/O error is not used again: the next unit opens another one, so
//! that writing goes on by itself as soon as it can.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, mpsc as threads};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::statistics::WriteCounters;
use super::{BUSY_TIMEOUT, Store, StoreError, WAL_SIZE_LIMIT, comparable};
use crate::telemetry::Seldom;

/// Units that may wait; more than these make their callers wait in turn.
const QUEUE: usize = 1_024;
/// Most units in one transaction, so that the first of them is not kept waiting long.
const BATCH: usize = 64;
/// After so many units the write-ahead log is folded into the database, beside the writer: some two hundred pages, so that no
/// commit waits long for a disk that is busy with them.
const FOLD: usize = 32;
/// Pages of the log after which a commit folds what is left, so that the log ends even under writes without a pause.
const AUTOCHECKPOINT_PAGES: i64 = 4_000;
const CHECKPOINT: &str = "pragma wal_checkpoint(passive)";
/// Statements that the connection keeps prepared.
const PREPARED: usize = 128;
/// Who operates the server is told of commits that take longer than this.
const SLOW_COMMIT: Duration = Duration::from_secs(1);

/// Tells a unit's caller what became of it, given what became of the transaction.
type Answer = Box<dyn FnOnce(Result<(), &rusqlite::Error>) + Send>;

/// What a unit left behind in its savepoint.
struct Outcome {
    keep: bool,
    /// It failed for a state of the disk or the connection, not for what it wanted.
    suspect: bool,
    answer: Answer,
}

type Unit = Box<dyn FnOnce(&Connection) -> Outcome + Send>;

enum Message {
    Unit(Unit),
    Close(oneshot::Sender<()>),
}

/// The way to the thread that writes.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    messages: mpsc::Sender<Message>,
    troubled: watch::Receiver<bool>,
    counts: Arc<WriteCounters>,
}

impl Store {
    /// Runs a unit of writing: all of it is kept, durably, or nothing. What it returns arrives after the commit.
    pub(super) async fn write<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.write(unit).await
    }

    /// Runs a unit after which tokens or settings are other than they were: who remembers them is told before the first
    /// answer. Goes on to its end when the caller goes away.
    pub(super) async fn write_invalidating_tokens<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let store = self.clone();
        let writing = tokio::spawn(async move {
            let change = store.token_cache.change().await?;
            let result = store.write(unit).await;
            change.done();
            result
        });
        writing.await.map_err(|_| StoreError::Panicked)?
    }
}

/// Executes one statement of a unit; returns how many rows it changed.
pub(super) fn execute(db: &Connection, statement: &str, values: impl Params) -> Result<usize, StoreError> {
    Ok(db.prepare_cached(statement)?.execute(values)?)
}

/// What a unit's statement finds: the first column of the first row.
pub(super) fn find<T: FromSql>(db: &Connection, statement: &str, values: impl Params) -> Result<Option<T>, StoreError> {
    Ok(db.prepare_cached(statement)?.query_row(values, |row| row.get(0)).optional()?)
}

/// The same of a statement that finds a row whatever there is.
pub(super) fn find_one<T: FromSql>(db: &Connection, statement: &str, values: impl Params) -> Result<T, StoreError> {
    Ok(db.prepare_cached(statement)?.query_row(values, |row| row.get(0))?)
}

impl Writer {
    /// Has a unit run.
    pub(super) async fn write<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let unit: Unit = Box::new(move |db| {
            // One unit's bug must not end the thread that writes for all. It is safe to go on after it, as the unit's
            // savepoint is rolled back and nothing else outlives the unit.
            let result = catch_unwind(AssertUnwindSafe(|| unit(db))).unwrap_or(Err(StoreError::Panicked));
            let keep = result.is_ok();
            let suspect = result.as_ref().is_err_and(StoreError::is_transient);
            let answer: Answer = Box::new(move |committed| {
                let answer = match committed {
                    Ok(()) => result,
                    Err(why) => result.and(Err(StoreError::not_committed(why))),
                };
                // The caller may have gone away; the unit stands all the same.
                drop(sender.send(answer));
            });
            Outcome { keep, suspect, answer }
        });
        self.messages.send(Message::Unit(unit)).await.map_err(|_| StoreError::Closed)?;
        // A unit that was never begun is dropped, and its sender with it.
        receiver.await.map_err(|_| StoreError::Unavailable("the write could not begin".into()))?
    }

    /// Starts the thread on a database that is there and up to date.
    pub(super) fn start(database: &Path) -> Result<Self, StoreError> {
        let db = connect(database)?;
        let (messages, receiver) = mpsc::channel(QUEUE);
        let (trouble, troubled) = watch::channel(false);
        let counts = Arc::<WriteCounters>::default();
        let connection = WriteConnection {
            db: Some(db),
            database: database.into(),
            trouble,
            counts: Arc::clone(&counts),
            fold: Fold::start(database).map_err(|why| no_thread(&why))?,
        };
        let writing = thread::Builder::new().name("writer".into());
        writing.spawn(move || run(connection, receiver)).map_err(|why| no_thread(&why))?;
        Ok(Self { messages, troubled, counts })
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
    pub(super) fn waiting(&self) -> usize {
        self.messages.max_capacity() - self.messages.capacity()
    }

    pub(super) fn counts(&self) -> &WriteCounters {
        &self.counts
    }

    /// Lets what is waiting finish, then closes the connection.
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

/// Opens a connection that writes.
fn connect(database: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(database, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(PREPARED);
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "journal_size_limit", WAL_SIZE_LIMIT)?;
    db.pragma_update(None, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES)?;
    comparable::register(&db)?;
    Ok(db)
}

/// Whether any unit of a batch met a fault of the disk.
#[derive(Clone, Copy)]
enum DiskState {
    Healthy,
    Faulty,
}

/// The only connection that writes, or the way to get another one.
struct WriteConnection {
    db: Option<Connection>,
    database: Box<Path>,
    trouble: watch::Sender<bool>,
    counts: Arc<WriteCounters>,
    fold: Fold,
}

/// The thread that folds the log, beside the writer.
struct Fold {
    wish: threads::SyncSender<()>,
    units: usize,
    thread: JoinHandle<()>,
}

impl Fold {
    fn start(database: &Path) -> io::Result<Self> {
        let (wish, wishes) = threads::sync_channel(1);
        let database: Box<Path> = database.into();
        let thread = thread::Builder::new().name("log folder".into()).spawn(move || fold(&database, &wishes))?;
        Ok(Self { wish, units: 0, thread })
    }

    fn add(&mut self, units: usize) {
        self.units += units;
        if self.units >= FOLD {
            self.units = 0;
            // A wish that waits already is this one, too.
            self.wish.try_send(()).unwrap_or_default();
        }
    }

    fn finish(self) {
        drop(self.wish);
        self.thread.join().unwrap_or_default();
    }
}

impl WriteConnection {
    fn get(&mut self) -> rusqlite::Result<&Connection> {
        Ok(match &mut self.db {
            Some(db) => db,
            none => none.insert(connect(&self.database)?),
        })
    }

    /// Gives up a connection that could not begin or commit, or that met a fault of the disk on the way, and says so once, not
    /// for every unit: what fills a disk must not fill the log.
    fn note(&mut self, result: &rusqlite::Result<DiskState>) {
        let troubled = !matches!(result, Ok(DiskState::Healthy));
        if troubled && let Some(db) = self.db.take() {
            // The failure may have rolled back already, or all was committed; then this fails, and that is as well.
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

/// Folds the log whenever it is wished. What fails here a commit makes up for.
fn fold(database: &Path, wishes: &threads::Receiver<()>) {
    let mut db = None;
    while wishes.recv().is_ok() {
        let connection = match db.take() {
            Some(connection) => Ok(connection),
            None => connect(database),
        };
        db = connection.ok().filter(|connection| connection.execute_batch(CHECKPOINT).is_ok());
    }
}

fn run(mut connection: WriteConnection, mut messages: mpsc::Receiver<Message>) {
    let mut closing = None;
    while closing.is_none() {
        match messages.blocking_recv() {
            Some(Message::Unit(first)) => closing = commit(&mut connection, first, &mut messages),
            Some(Message::Close(done)) => closing = Some(done),
            None => break,
        }
    }
    // Who closes last folds the rest of the log into the file; if that fails, the next opening does it.
    connection.fold.finish();
    drop(connection.db);
    drop(messages);
    if let Some(done) = closing {
        done.send(()).unwrap_or_default();
    }
}

/// Commits `first` and what waits behind it. Returns the wish to close, if that was waiting too.
fn commit(
    connection: &mut WriteConnection,
    first: Unit,
    messages: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    static LINE: Seldom = Seldom::new();
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut closing = None;
    let result = batch(connection, first, messages, &mut answers, &mut closing);
    connection.counts.add(answers.len());
    connection.fold.add(answers.len());
    connection.note(&result);
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
    let say = |statement| db.prepare_cached(statement)?.execute(());
    let mut disk = DiskState::Healthy;
    if let Err(why) = say("begin immediate") {
        // Another process may keep the database for long: whoever waits is told now, not each after a wait of its own.
        while let Ok(message) = messages.try_recv() {
            if let Message::Close(done) = message {
                *closing = Some(done);
            }
        }
        return Err(why);
    }
    let mut next = Some(first);
    while let Some(unit) = next.take() {
        say("savepoint unit")?;
        let Outcome { keep, suspect, answer } = unit(db);
        answers.push(answer);
        if suspect {
            disk = DiskState::Faulty;
        }
        if !keep {
            say("rollback to unit")?;
        }
        say("release unit")?;
        if answers.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Unit(unit)) => next = Some(unit),
                Ok(Message::Close(done)) => *closing = Some(done),
                Err(_) => {}
            }
        }
    }
    say("commit")?;
    Ok(disk)
}

#[cfg(test)]
mod tests {
    use sqlx::Executor as _;
    use tokio::time::timeout;

    use super::*;
    use crate::model::tenant::Settings;
    use crate::scim::time::DateTime;
    use crate::store::tenants;

    /// A full disk, as far as this connection can tell.
    #[tokio::test]
    async fn a_full_disk_is_told_apart_and_writing_goes_on_by_itself_when_there_is_space_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let now = DateTime::from_millis(0);
        let limit = async |statement: &'static str| {
            store.write(move |db| Ok(db.execute_batch(statement)?)).await.unwrap();
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
    async fn while_another_process_keeps_the_database_all_who_wait_are_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Store::open(&path).await.unwrap();
        store.write(|db| Ok(db.busy_timeout(Duration::from_millis(100))?)).await.unwrap();
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
        let mut reading = store.reader().await.unwrap();
        reading.execute("begin; select count(*) from tenants").await.unwrap();
        let megabyte = "x".repeat(1 << 20);
        for _ in 0..20 {
            store.create_tenant(&megabyte, now).await.unwrap();
        }
        assert!(log() > 20 << 20);
        reading.execute("rollback").await.unwrap();
        for _ in 0..3 {
            store.create_tenant("After", now).await.unwrap();
        }
        assert!(log() <= 16 << 20, "{}", log());
    }

    #[tokio::test]
    async fn a_panic_undoes_its_own_unit_and_ends_neither_the_others_nor_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let now = DateTime::from_millis(0);
        let broken = store.write(move |db| {
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
