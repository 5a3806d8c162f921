//! Entries of the journal that go with no change: refusals, probes. They are written behind the backs of the requests,
//! many at a time, and never keep one waiting. What waits is bounded; what finds no room is dropped, counted and told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::sql::Sql;
use super::writer::Writer;
use super::{Store, StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::scim::time::DateTime;
use crate::telemetry::Seldom;

/// Entries that may wait, and what they may hold together: an entry can have a body of 256 KiB.
const WAITING: usize = 1_024;
const WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Entries written at a time: few enough that no change waits long behind them.
const BATCH: usize = 32;

/// The way to the task that writes them. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Backlog {
    messages: mpsc::Sender<Message>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: AtomicUsize,
    bytes: AtomicUsize,
    /// When the first of those that wait happened; meaningless while none does.
    oldest: AtomicI64,
    dropped: AtomicU64,
}

enum Message {
    Entry { at: DateTime, insertion: Sql },
    Flush(oneshot::Sender<()>),
}

impl Store {
    /// Notes an entry that goes with no change, at once and without a promise: it is written soon, together with others.
    pub fn note(&self, tenant: TenantId, entry: &NewEntry) -> Result<(), StoreError> {
        self.backlog.add(entry.at, journal::insertion(tenant, entry)?);
        Ok(())
    }

    /// Waits until all that was noted is written.
    pub async fn flush(&self) {
        self.backlog.flush().await;
    }
}

impl Backlog {
    pub(super) fn start(writer: Writer) -> Self {
        let (messages, receiver) = mpsc::channel(WAITING);
        let state = Arc::<State>::default();
        tokio::spawn(run(writer, receiver, Arc::clone(&state)));
        Self { messages, state }
    }

    fn add(&self, at: DateTime, insertion: Sql) {
        let bytes = insertion.size();
        let room = self.state.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= WAITING_BYTES;
        if self.state.entries.fetch_add(1, Ordering::Relaxed) == 0 {
            self.state.oldest.store(at.as_millis(), Ordering::Relaxed);
        }
        if !room || self.messages.try_send(Message::Entry { at, insertion }).is_err() {
            self.state.forget(1, bytes);
            self.state.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all that was added is written.
    pub(super) async fn flush(&self) {
        if self.state.entries.load(Ordering::Relaxed) == 0 {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        if self.messages.send(Message::Flush(sender)).await.is_ok() {
            drop(receiver.await);
        }
    }

    /// How many wait, and since when.
    pub(super) fn waiting(&self) -> (usize, Option<DateTime>) {
        let entries = self.state.entries.load(Ordering::Relaxed);
        (entries, (entries > 0).then(|| DateTime::from_millis(self.state.oldest.load(Ordering::Relaxed))))
    }

    /// How many were dropped since the start.
    pub(super) fn dropped(&self) -> u64 {
        self.state.dropped.load(Ordering::Relaxed)
    }
}

impl State {
    fn forget(&self, entries: usize, bytes: usize) {
        self.entries.fetch_sub(entries, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

async fn run(writer: Writer, mut receiver: mpsc::Receiver<Message>, state: Arc<State>) {
    static LINE: Seldom = Seldom::new();
    let (mut messages, mut told) = (Vec::with_capacity(BATCH), 0);
    while receiver.recv_many(&mut messages, BATCH).await > 0 {
        let (mut entries, mut flushed) = (Vec::new(), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Entry { at, insertion } => entries.push((at, insertion)),
                Message::Flush(done) => flushed.push(done),
            }
        }
        if let Some((oldest, _)) = entries.first() {
            state.oldest.store(oldest.as_millis(), Ordering::Relaxed);
            let (count, bytes) = (entries.len(), entries.iter().map(|(_, insertion)| insertion.size()).sum());
            let lost = keep(&writer, entries.into_iter().map(|(_, insertion)| insertion).collect()).await;
            state.forget(count, bytes);
            state.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        // Everything that came before it has been written, in this batch or an earlier one.
        for done in flushed {
            done.send(()).unwrap_or_default();
        }
        let dropped = state.dropped.load(Ordering::Relaxed);
        if dropped > told && LINE.permits() {
            tracing::warn!(dropped, "{} entries of the journal were dropped", dropped - told);
            told = dropped;
        }
    }
}

/// Writes these together or, where one of them is at fault, each for itself. Returns how many could not be written. Where
/// nothing can be written at the moment the writer has told so, and all are lost.
async fn keep(writer: &Writer, entries: Vec<Sql>) -> u64 {
    let count = entries.len() as u64;
    match write(writer, entries.clone()).await {
        Ok(()) => return 0,
        Err(cause) if cause.is_passing() => return count,
        Err(_) => {}
    }
    let mut lost = 0;
    for entry in entries {
        if let Err(cause) = write(writer, vec![entry]).await {
            lost += 1;
            tracing::error!(%cause, "An entry could not be journaled");
        }
    }
    lost
}

async fn write(writer: &Writer, entries: Vec<Sql>) -> Result<(), StoreError> {
    writer
        .hand_in(false, move |db| {
            Box::pin(async move {
                for entry in entries {
                    entry.query().execute(&mut *db).await?;
                }
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::EntryId;
    use crate::model::journal::{Action, Actor, JournalQuery, Status};

    fn entry(number: usize) -> NewEntry {
        NewEntry {
            at: DateTime::from_millis(5),
            identity: number.to_string(),
            action: Action::Other,
            status: Status::Failure,
            actor: Actor::Anonymous,
            method: String::new(),
            path: String::new(),
            http_status: 404,
            scim_type: None,
            request_id: String::new(),
            resource: None,
            detail: None,
            request: None,
            response: None,
            changes: Vec::new(),
            dialect: None,
            probe: false,
        }
    }

    /// On one thread nothing is written before this test waits.
    #[tokio::test]
    async fn what_finds_no_room_is_dropped_and_counted_and_the_rest_is_read_by_whoever_comes_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        for number in 0..WAITING + 10 {
            store.note(tenant, &entry(number)).unwrap();
        }
        let pulse = store.pulse();
        assert_eq!((pulse.entries_waiting, pulse.entries_dropped), (WAITING, 10));
        assert_eq!(pulse.oldest_entry, Some(DateTime::from_millis(5)));
        let found = store.entries(tenant, &JournalQuery { limit: 1, ..JournalQuery::default() }).await.unwrap();
        assert_eq!(found.items[0].id, EntryId(i64::try_from(WAITING).unwrap()));
        let pulse = store.pulse();
        assert_eq!((pulse.entries_waiting, pulse.entries_dropped, pulse.oldest_entry), (0, 10, None));
    }

    #[tokio::test]
    async fn long_entries_find_less_room_and_one_at_fault_leaves_the_others_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        let long = NewEntry { detail: Some("x".repeat(WAITING_BYTES)), ..entry(0) };
        store.note(tenant, &long).unwrap();
        assert_eq!(store.pulse().entries_dropped, 1);
        store.note(tenant, &entry(1)).unwrap();
        store.note(TenantId(7), &entry(2)).unwrap();
        store.note(tenant, &entry(3)).unwrap();
        let found = store.entries(tenant, &JournalQuery::default()).await.unwrap();
        let whom: Vec<_> = found.items.iter().map(|entry| entry.identity.as_str()).collect();
        assert_eq!((whom, store.pulse().entries_dropped), (vec!["3", "1"], 2));
    }

    #[tokio::test]
    async fn closing_writes_what_was_noted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Store::open(&path).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        store.note(tenant, &entry(1)).unwrap();
        store.close().await;
        let store = Store::open(&path).await.unwrap();
        assert_eq!(store.entries(tenant, &JournalQuery::default()).await.unwrap().total, 1);
    }
}
