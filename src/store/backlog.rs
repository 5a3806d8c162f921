//! Entries of the journal that belong to no change: refusals, probes. They are written in the background, many at a time,
//! and never keep a request waiting. The queue is bounded; entries that do not fit are dropped, counted and logged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::database::Database;
use super::sql::Sql;
use super::{Store, StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::scim::time::DateTime;
use crate::telemetry::RateLimitedLog;

/// Entries that may wait, and their total size: an entry can have a body of 256 KiB.
const WAITING: usize = 1_024;
const WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Entries written at a time: few enough that no change waits long behind them.
const BATCH: usize = 32;

/// Sends entries to the task that writes them. Cheap to clone.
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
    dropped: Mutex<HashMap<TenantId, u64>>,
}

enum Message {
    Entry(PendingEntry),
    Flush(oneshot::Sender<()>),
}

/// An entry that is to be written.
struct PendingEntry {
    tenant: TenantId,
    at: DateTime,
    insertion: Sql,
}

impl Store {
    /// Appends an entry that belongs to no change, without waiting and without a guarantee: it is written soon, together
    /// with others.
    pub fn append_later(&self, tenant: TenantId, entry: &NewEntry) -> Result<(), StoreError> {
        self.backlog.add(PendingEntry { tenant, at: entry.at, insertion: journal::insertion(tenant, entry)? });
        Ok(())
    }

    /// How many of the tenant's entries were dropped since the start, for want of room or because they could not be
    /// written.
    #[must_use]
    pub fn dropped_entries(&self, tenant: TenantId) -> u64 {
        self.backlog.state.dropped().get(&tenant).copied().unwrap_or_default()
    }

    /// Waits until all that was added is written.
    pub async fn flush(&self) {
        self.backlog.flush().await;
    }
}

impl Backlog {
    pub(super) fn start(database: Database) -> Self {
        let (messages, receiver) = mpsc::channel(WAITING);
        let state = Arc::<State>::default();
        tokio::spawn(run(database, receiver, Arc::clone(&state)));
        Self { messages, state }
    }

    fn add(&self, entry: PendingEntry) {
        let (tenant, at, bytes) = (entry.tenant, entry.at, entry.insertion.size());
        let room = self.state.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= WAITING_BYTES;
        if self.state.entries.fetch_add(1, Ordering::Relaxed) == 0 {
            self.state.oldest.store(at.as_millis(), Ordering::Relaxed);
        }
        if !room || self.messages.try_send(Message::Entry(entry)).is_err() {
            self.state.forget(1, bytes);
            self.state.drop_of(tenant);
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
        self.state.dropped().values().sum()
    }
}

impl State {
    fn forget(&self, entries: usize, bytes: usize) {
        self.entries.fetch_sub(entries, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn drop_of(&self, tenant: TenantId) {
        *self.dropped().entry(tenant).or_default() += 1;
    }

    /// How many were dropped, of each tenant that any were dropped of.
    fn dropped(&self) -> MutexGuard<'_, HashMap<TenantId, u64>> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(database: Database, mut receiver: mpsc::Receiver<Message>, state: Arc<State>) {
    static LINE: RateLimitedLog = RateLimitedLog::new();
    let (mut messages, mut logged) = (Vec::with_capacity(BATCH), 0);
    while receiver.recv_many(&mut messages, BATCH).await > 0 {
        let (mut entries, mut flushed) = (Vec::new(), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Entry(entry) => entries.push(entry),
                Message::Flush(done) => flushed.push(done),
            }
        }
        if let Some(oldest) = entries.first() {
            state.oldest.store(oldest.at.as_millis(), Ordering::Relaxed);
            let (count, bytes) = (entries.len(), entries.iter().map(|entry| entry.insertion.size()).sum());
            let lost = write_all(&database, entries).await;
            state.forget(count, bytes);
            for tenant in lost {
                state.drop_of(tenant);
            }
        }
        // Everything that came before it has been written, in this batch or an earlier one.
        for done in flushed {
            done.send(()).unwrap_or_default();
        }
        let dropped = state.dropped().values().sum();
        if dropped > logged && LINE.permits() {
            tracing::warn!(dropped, "{} entries of the journal were dropped", dropped - logged);
            logged = dropped;
        }
    }
}

/// Writes these together or, where one of them is at fault, each by itself. Returns the tenants of those that could not be
/// written. Where nothing can be written at the moment, the writer has logged it, and all are lost.
async fn write_all(database: &Database, entries: Vec<PendingEntry>) -> Vec<TenantId> {
    let tenants: Vec<TenantId> = entries.iter().map(|entry| entry.tenant).collect();
    match write(database, entries.iter().map(|entry| entry.insertion.clone()).collect()).await {
        Ok(()) => return Vec::new(),
        Err(cause) if cause.is_transient() => return tenants,
        Err(_) => {}
    }
    let mut lost = Vec::new();
    for PendingEntry { tenant, insertion, .. } in entries {
        if let Err(cause) = write(database, vec![insertion]).await {
            lost.push(tenant);
            tracing::error!(%cause, "An entry could not be journaled");
        }
    }
    lost
}

async fn write(database: &Database, insertions: Vec<Sql>) -> Result<(), StoreError> {
    database.write(move |db| insertions.iter().try_for_each(|insertion| insertion.execute(db).map(drop))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::EntryId;
    use crate::model::journal::{Actor, JournalQuery, Status};

    fn entry(number: usize) -> NewEntry {
        let at = DateTime::from_millis(5);
        NewEntry {
            status: Status::Failure,
            http_status: 404,
            detail: None,
            ..NewEntry::other(at, Actor::Anonymous, &number.to_string(), String::new())
        }
    }

    /// On one thread nothing is written before this test waits.
    #[tokio::test]
    async fn entries_that_do_not_fit_are_dropped_and_counted_and_the_others_are_read_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        for number in 0..WAITING + 10 {
            store.append_later(tenant, &entry(number)).unwrap();
        }
        let statistics = store.statistics();
        assert_eq!((statistics.entries_waiting, statistics.entries_dropped), (WAITING, 10));
        assert_eq!(statistics.oldest_entry, Some(DateTime::from_millis(5)));
        let found = store.entries(tenant, &JournalQuery { limit: 1, ..JournalQuery::default() }).await.unwrap();
        assert_eq!(found.items[0].id, EntryId(i64::try_from(WAITING).unwrap()));
        let statistics = store.statistics();
        assert_eq!((statistics.entries_waiting, statistics.entries_dropped, statistics.oldest_entry), (0, 10, None));
    }

    #[tokio::test]
    async fn fewer_long_entries_fit_and_a_faulty_one_does_not_affect_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        let long = NewEntry { detail: Some("x".repeat(WAITING_BYTES)), ..entry(0) };
        store.append_later(tenant, &long).unwrap();
        assert_eq!(store.statistics().entries_dropped, 1);
        store.append_later(tenant, &entry(1)).unwrap();
        store.append_later(TenantId(7), &entry(2)).unwrap();
        store.append_later(tenant, &entry(3)).unwrap();
        let found = store.entries(tenant, &JournalQuery::default()).await.unwrap();
        let whom: Vec<_> = found.items.iter().map(|entry| entry.identity.as_str()).collect();
        assert_eq!((whom, store.statistics().entries_dropped), (vec!["3", "1"], 2));
        let dropped = [tenant, TenantId(7), TenantId(8)].map(|tenant| store.dropped_entries(tenant));
        assert_eq!(dropped, [1, 1, 0], "each tenant sees its own");
    }

    #[tokio::test]
    async fn closing_writes_what_was_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Store::open(&path).await.unwrap();
        let tenant = store.create_tenant("Contoso", DateTime::from_millis(0)).await.unwrap().id;
        store.append_later(tenant, &entry(1)).unwrap();
        store.close().await;
        let store = Store::open(&path).await.unwrap();
        assert_eq!(store.entries(tenant, &JournalQuery::default()).await.unwrap().total, 1);
    }
}
