//! A thread that checkpoints the write-ahead log beside the writer, so that no commit waits for it.

use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use super::connection::open_to_write;

/// After this many units the log is checkpointed: some two hundred pages, so that no commit waits long for a disk that is
/// busy with them.
const INTERVAL: usize = 32;
const CHECKPOINT: &str = "pragma wal_checkpoint(passive)";

/// The thread.
pub(super) struct Checkpointer {
    requests: mpsc::SyncSender<()>,
    units: usize,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    pub(super) fn start(database: &Path) -> io::Result<Self> {
        let (requests, receiver) = mpsc::sync_channel(1);
        let database: Box<Path> = database.into();
        let thread = thread::Builder::new().name("checkpointer".into()).spawn(move || run(&database, &receiver))?;
        Ok(Self { requests, units: 0, thread })
    }

    /// Counts units that were committed.
    pub(super) fn add(&mut self, units: usize) {
        self.units += units;
        if self.units >= INTERVAL {
            self.units = 0;
            // A request that is waiting already covers this one.
            self.requests.try_send(()).unwrap_or_default();
        }
    }

    pub(super) fn finish(self) {
        drop(self.requests);
        self.thread.join().unwrap_or_default();
    }
}

/// Checkpoints at each request. If that fails, a later commit does it: `AUTOCHECKPOINT_PAGES`.
fn run(database: &Path, requests: &mpsc::Receiver<()>) {
    let mut db = None;
    while requests.recv().is_ok() {
        let connection = match db.take() {
            Some(connection) => Ok(connection),
            None => open_to_write(database),
        };
        db = connection.ok().filter(|connection| connection.execute_batch(CHECKPOINT).is_ok());
    }
}
