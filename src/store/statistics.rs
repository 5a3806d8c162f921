//! The state of the store, for monitoring.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;
use crate::scim::time::DateTime;

/// The most units in a batch of each bucket of [`StoreStatistics::batches`].
pub const BATCH_SIZES: [u64; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The state of the store. Counts are since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStatistics {
    /// Units of writing that wait for their turn.
    pub writes_waiting: usize,
    /// Units that were committed, or failed by their own fault.
    pub writes: u64,
    /// Commits by how many units they held: at most [`BATCH_SIZES`], and more than the bucket before.
    pub batches: [u64; BATCH_SIZES.len()],
    /// Entries of the journal that are not written yet.
    pub entries_waiting: usize,
    /// When the oldest of those happened.
    pub oldest_entry: Option<DateTime>,
    /// Entries that were dropped because the queue was full or because they could not be written.
    pub entries_dropped: u64,
}

/// What the writer counts.
#[derive(Debug, Default)]
pub(super) struct WriteCounters {
    writes: AtomicU64,
    batches: [AtomicU64; BATCH_SIZES.len()],
}

impl WriteCounters {
    pub(super) fn add(&self, units: usize) {
        let units = units as u64;
        self.writes.fetch_add(units, Ordering::Relaxed);
        if let Some(bucket) = BATCH_SIZES.iter().position(|most| units <= *most) {
            self.batches[bucket].fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Store {
    /// The state of the store at this moment. Does not access the database.
    #[must_use]
    pub fn statistics(&self) -> StoreStatistics {
        let (entries_waiting, oldest_entry) = self.backlog.waiting();
        let counters = self.database.writer.counters();
        StoreStatistics {
            writes_waiting: self.database.writer.waiting(),
            writes: counters.writes.load(Ordering::Relaxed),
            batches: counters.batches.each_ref().map(|bucket| bucket.load(Ordering::Relaxed)),
            entries_waiting,
            oldest_entry,
            entries_dropped: self.backlog.dropped(),
        }
    }
}
