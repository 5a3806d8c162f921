//! The connections that read. Each is lent for one question; who comes when all are lent waits for the next to come back.
//! A pool of sqlx's was considered: it asks a connection whether it still answers each time it comes back, and in SQLite
//! that costs as much as the question itself.

use std::num::NonZero;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::StoreError;

/// How many read at a time: one for each core, so that none takes another's turn, but never so few that one long question
/// holds up the short ones.
fn count() -> u32 {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    u32::try_from(cores.clamp(4, 16)).unwrap_or(16)
}

/// The connections that read. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    free: Arc<Mutex<Vec<SqliteConnection>>>,
    turns: Arc<Semaphore>,
    count: u32,
}

/// One of them, lent until it is dropped. A question that is given up half way leaves nothing behind in it.
pub(super) struct Reader {
    db: Option<SqliteConnection>,
    free: Arc<Mutex<Vec<SqliteConnection>>>,
    _turn: OwnedSemaphorePermit,
}

impl Readers {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let (count, mut free) = (count(), Vec::new());
        for _ in 0..count {
            free.push(options.connect().await?);
        }
        Ok(Self { turns: Arc::new(Semaphore::new(free.len())), free: Arc::new(Mutex::new(free)), count })
    }

    /// The connection that came back last: what it has read lately lies nearest.
    pub(super) async fn lend(&self) -> Result<Reader, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let db = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Reader { db: Some(db.ok_or(StoreError::Closed)?), free: Arc::clone(&self.free), _turn: turn })
    }

    /// Waits until all are back, and closes them.
    pub(super) async fn close(&self) {
        let all = self.turns.acquire_many(self.count).await;
        self.turns.close();
        drop(all);
        let free = std::mem::take(&mut *self.free.lock().unwrap_or_else(PoisonError::into_inner));
        for db in free {
            // It only read: there is nothing to lose.
            drop(db.close().await);
        }
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.db.as_ref().expect("it is lent until it is dropped")
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.db.as_mut().expect("it is lent until it is dropped")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        }
    }
}
