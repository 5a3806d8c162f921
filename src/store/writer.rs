//! The one door for writes. A task owns the only connection that writes; it commits what is waiting in one
//! transaction, each unit in a savepoint of its own, and answers after the commit. A unit that fails leaves the others
//! alone, a caller who goes away leaves no transaction open, and a lone unit waits for no one.
//!
//! A connection that met a full disk or an I/O error is not used again: the next unit opens another one, so
//! that writing goes on by itself as soon as it can.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::{error, info};

use super::pulse::Counts;
use super::sql::Sql;
use super::{Store, StoreError};

/// Units that may wait; more than these make their callers wait in turn.
const QUEUE: usize = 1_024;
/// Most units in one transaction, so that the first of them is not kept waiting long.
const BATCH: usize = 64;
/// After so many units the write-ahead log is folded into the database, beside the writer: some two hundred pages, so that no
/// commit waits long for a disk that is busy with them.
const FOLD: usize = 32;
/// Pages of the log after which a commit folds what is left, so that the log ends even under writes without a pause.
const LONGEST_LOG: &str = "4000";
const CHECKPOINT: &str = "pragma wal_checkpoint(passive)";

/// A running unit.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// Tells a unit's caller what became of it, given what became of the transaction.
type Answer = Box<dyn FnOnce(Result<(), &sqlx::Error>) + Send>;

/// What a unit left behind in its savepoint.
struct Outcome {
    keep: bool,
    /// It failed for a state of the disk or the connection, not for what it wanted.
    suspect: bool,
    answer: Answer,
}

type Run =
    Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'c>> + Send>;

struct Unit {
    run: Run,
    /// Whether it begins and releases its savepoint itself.
    whole: bool,
}

enum Message {
    Unit(Unit),
    Close(oneshot::Sender<()>),
}

/// The way to the task that writes.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    messages: mpsc::Sender<Message>,
    troubled: watch::Receiver<bool>,
    counts: Arc<Counts>,
}

impl Store {
    /// Runs a unit of writing: all of it is kept, durably, or nothing. What it returns arrives after the commit.
    pub(super) async fn write<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        self.writer.hand_in(false, unit).await
    }

    /// Runs a unit that is a script, begun by `Sql::script`: one call, where each call costs as much as two small
    /// statements. Returns the first column of all rows that its statements return.
    pub(super) async fn run(&self, mut script: Sql) -> Result<Vec<i64>, StoreError> {
        script.push("; release unit");
        self.writer
            .hand_in(true, move |db| {
                Box::pin(async move {
                    let rows: Vec<(i64,)> = script.query_as().fetch_all(db).await?;
                    Ok(rows.into_iter().map(|(first,)| first).collect())
                })
            })
            .await
    }

    /// Runs a unit after which tokens or settings are other than they were: who remembers them is told before the first
    /// answer. Goes on to its end when the caller goes away.
    pub(super) async fn write_proof<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let store = self.clone();
        let writing = tokio::spawn(async move {
            let change = store.proofs.change().await?;
            let result = store.write(unit).await;
            change.done();
            result
        });
        writing.await.map_err(|_| StoreError::Panicked)?
    }
}

/// What `work` comes to, also when it panics: one unit's bug must not end the task that writes for all. It is safe to go
/// on after it, as the unit's savepoint is rolled back and nothing else outlives the unit.
async fn caught<T>(work: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
    let mut work = Box::pin(work);
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(Err(StoreError::Panicked)))
    })
    .await
}

impl Writer {
    /// Has a unit run; `whole` says that it begins and releases its savepoint itself.
    pub(super) async fn hand_in<T, F>(&self, whole: bool, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let run: Run = Box::new(move |db| {
            Box::pin(async move {
                let result = caught(async move { unit(db).await }).await;
                let keep = result.is_ok();
                let suspect = result.as_ref().is_err_and(StoreError::is_passing);
                let answer: Answer = Box::new(move |committed| {
                    let answer = match committed {
                        Ok(()) => result,
                        Err(why) => result.and(Err(StoreError::not_committed(why))),
                    };
                    // The caller may have gone away; the unit stands all the same.
                    drop(sender.send(answer));
                });
                Outcome { keep, suspect, answer }
            })
        });
        self.messages.send(Message::Unit(Unit { run, whole })).await.map_err(|_| StoreError::Closed)?;
        // A unit that was never begun is dropped, and its sender with it.
        receiver.await.map_err(|_| StoreError::Unavailable("the write could not begin".into()))?
    }

    /// Starts the task; `options` open its connection, and another one after a failure.
    pub(super) async fn start(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let options = options.pragma("wal_autocheckpoint", LONGEST_LOG);
        let db = options.connect().await?;
        let (messages, receiver) = mpsc::channel(QUEUE);
        let (trouble, troubled) = watch::channel(false);
        let counts = Arc::<Counts>::default();
        let (wish, wishes) = mpsc::channel(1);
        let folding = tokio::spawn(fold(options.clone(), wishes));
        let fold = Fold { wish, units: 0 };
        tokio::spawn(run(
            Connection { db: Some(db), options, trouble, counts: Arc::clone(&counts), fold },
            receiver,
            folding,
        ));
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

    pub(super) fn counts(&self) -> &Counts {
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

/// Whether any unit of a batch met a fault of the disk.
#[derive(Clone, Copy)]
enum Soundness {
    Sound,
    Suspect,
}

/// The only connection that writes, or the way to get another one.
struct Connection {
    db: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    trouble: watch::Sender<bool>,
    counts: Arc<Counts>,
    fold: Fold,
}

/// When the log is to be folded.
struct Fold {
    wish: mpsc::Sender<()>,
    units: usize,
}

impl Fold {
    fn add(&mut self, units: usize) {
        self.units += units;
        if self.units >= FOLD {
            self.units = 0;
            // A wish that waits already is this one, too.
            self.wish.try_send(()).unwrap_or_default();
        }
    }
}

impl Connection {
    async fn get(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        Ok(match &mut self.db {
            Some(db) => db,
            none => none.insert(self.options.connect().await?),
        })
    }

    /// Gives up a connection that could not commit, or that met a fault of the disk on the way, and says so once, not
    /// for every unit: what fills a disk must not fill the log.
    async fn note(&mut self, result: &Result<Soundness, sqlx::Error>) {
        let troubled = !matches!(result, Ok(Soundness::Sound));
        if troubled && let Some(mut db) = self.db.take() {
            // The failure may have rolled back already, or all was committed; then this fails, and that is as well.
            drop(db.execute("rollback").await);
        }
        let was_troubled = self.trouble.send_replace(troubled);
        match result {
            Err(cause) if !was_troubled => error!(%cause, "The database cannot be written: {cause}"),
            Ok(Soundness::Suspect) if !was_troubled => error!("The database cannot be written"),
            Ok(Soundness::Sound) if was_troubled => info!("The database can be written again"),
            _ => {}
        }
    }
}

/// Folds the log whenever it is wished. What fails here a commit makes up for.
async fn fold(options: SqliteConnectOptions, mut wishes: mpsc::Receiver<()>) {
    let mut db = None;
    while wishes.recv().await.is_some() {
        let connection = match db.take() {
            Some(connection) => Ok(connection),
            None => options.connect().await,
        };
        if let Ok(mut connection) = connection
            && connection.execute(CHECKPOINT).await.is_ok()
        {
            db = Some(connection);
        }
    }
    if let Some(connection) = db {
        drop(connection.close().await);
    }
}

async fn run(mut connection: Connection, mut messages: mpsc::Receiver<Message>, folding: JoinHandle<()>) {
    let mut closing = None;
    while closing.is_none() {
        match messages.recv().await {
            Some(Message::Unit(first)) => closing = commit(&mut connection, first, &mut messages).await,
            Some(Message::Close(done)) => closing = Some(done),
            None => break,
        }
    }
    // Who closes last folds the rest of the log into the file; if that fails, the next opening does it.
    drop(connection.fold);
    drop(folding.await);
    if let Some(db) = connection.db {
        drop(db.close().await);
    }
    if let Some(done) = closing {
        done.send(()).unwrap_or_default();
    }
}

/// Commits `first` and what waits behind it. Returns the wish to close, if that was waiting too.
async fn commit(
    connection: &mut Connection,
    first: Unit,
    messages: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    let mut answers = Vec::new();
    let mut closing = None;
    let result = batch(connection, first, messages, &mut answers, &mut closing).await;
    connection.counts.add(answers.len());
    connection.fold.add(answers.len());
    connection.note(&result).await;
    for answer in answers {
        answer(result.as_ref().map(|_| ()));
    }
    closing
}

async fn batch(
    connection: &mut Connection,
    first: Unit,
    messages: &mut mpsc::Receiver<Message>,
    answers: &mut Vec<Answer>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> Result<Soundness, sqlx::Error> {
    let db = connection.get().await?;
    let mut soundness = Soundness::Sound;
    db.execute("begin immediate").await?;
    let mut next = Some(first);
    while let Some(unit) = next.take() {
        if !unit.whole {
            db.execute("savepoint unit").await?;
        }
        let Outcome { keep, suspect, answer } = (unit.run)(db).await;
        answers.push(answer);
        if suspect {
            soundness = Soundness::Suspect;
        }
        if !keep {
            db.execute("rollback to unit; release unit").await?;
        } else if !unit.whole {
            db.execute("release unit").await?;
        }
        if answers.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Unit(unit)) => next = Some(unit),
                Ok(Message::Close(done)) => *closing = Some(done),
                Err(_) => {}
            }
        }
    }
    db.execute("commit").await?;
    Ok(soundness)
}

#[cfg(test)]
mod tests {
    use sqlx::Executor as _;

    use crate::model::tenant::Settings;
    use crate::scim::time::DateTime;
    use crate::store::{Store, StoreError, tenants};

    /// A full disk, as far as this connection can tell.
    #[tokio::test]
    async fn a_full_disk_is_told_apart_and_writing_goes_on_by_itself_when_there_is_space_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let now = DateTime::from_millis(0);
        let limit = async |statement: &'static str| {
            let set = store.write(move |db| {
                Box::pin(async move {
                    sqlx::query(statement).execute(db).await?;
                    Ok(())
                })
            });
            set.await.unwrap();
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
            Box::pin(async move {
                tenants::insert(db, "Half".to_owned(), None, Settings::default(), now).await?;
                assert_ne!(now.as_millis(), 0, "a bug, for the test");
                Ok(())
            })
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
