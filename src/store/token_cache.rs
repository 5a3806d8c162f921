//! Tokens that were found lately, so that a request does not ask the database for its own token each time.
//!
//! What is remembered holds until somebody changes a token or a tenant's settings, in this process or in another (the
//! command line). Whoever does so takes the number out of a file beside the database first, and puts another one there
//! when it is done: a look at the file, which costs next to nothing, tells whether memory may be trusted. A number that is
//! missing means that a change is under way, or was broken off; nothing is trusted then.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use tokio::task::spawn_blocking;

use super::{FoundToken, StoreError};
use crate::model::id::TokenId;

/// Tokens that are remembered at most; one more, and all are forgotten.
const REMEMBERED: usize = 10_000;

/// The number of the last change, made by chance, so that none comes twice, whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch([u8; 16]);

/// What stands in the file while a change is under way.
const CHANGING: Epoch = Epoch([0; 16]);

/// The tokens found lately. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct TokenCache(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: File,
    /// The same file once more, for one change at a time: in this process by the mutex, of all processes by the file's
    /// lock.
    changing: Arc<tokio::sync::Mutex<File>>,
    found: Mutex<HashMap<[u8; 32], (Epoch, FoundToken)>>,
}

/// A change under way. Dropped without [`Change::done`], it leaves the file without a number.
pub(super) struct Change(OwnedMutexGuard<File>);

impl TokenCache {
    /// The file beside a database is made where there is none.
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-epoch");
        let path = PathBuf::from(path);
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let named = |why: io::Error| StoreError::Unavailable(format!("{}: {why}", path.display()));
        let changing = Arc::new(tokio::sync::Mutex::new(open().map_err(named)?));
        Ok(Self(Arc::new(Shared { file: open().map_err(named)?, changing, found: Mutex::default() })))
    }

    /// The number under which what the database says next may be remembered; none while a change is under way.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        let mut epoch = CHANGING;
        let read = self.0.file.read_exact_at(&mut epoch.0, 0);
        if read.is_ok() && epoch != CHANGING { Some(epoch) } else { self.resume() }
    }

    /// Puts a number where there is none, if it is missing because a change was broken off.
    fn resume(&self) -> Option<Epoch> {
        let file = Arc::clone(&self.0.changing).try_lock_owned().ok()?;
        file.try_lock().ok()?;
        Change(file).finish().ok()
    }

    /// The token of this hash, if it was found in this epoch.
    pub(super) fn recall(&self, epoch: Epoch, hash: &[u8; 32]) -> Option<FoundToken> {
        let found = self.0.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(hash).filter(|(of, _)| *of == epoch).map(|(_, found)| found.clone())
    }

    /// Remembers a token. `epoch` was asked for before the database was.
    pub(super) fn remember(&self, epoch: Epoch, hash: &[u8; 32], token: &FoundToken) {
        let mut found = self.0.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= REMEMBERED {
            found.clear();
        }
        found.insert(*hash, (epoch, token.clone()));
    }

    /// Forgets a token, of which something changed that lets nobody in or out.
    pub(super) fn forget(&self, token: TokenId) {
        let mut found = self.0.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|_, (_, found)| found.token.id != token);
    }

    /// Says that tokens or settings are about to change; waits for another change to be done.
    pub(super) async fn change(&self) -> Result<Change, StoreError> {
        let file = Arc::clone(&self.0.changing).lock_owned().await;
        let locked = spawn_blocking(move || {
            file.lock()?;
            let change = Change(file);
            change.0.write_all_at(&CHANGING.0, 0)?;
            Ok(change)
        });
        let locked = locked.await.map_err(|_| StoreError::Panicked)?;
        locked.map_err(|why: io::Error| StoreError::Unavailable(format!("the tokens cannot be changed: {why}")))
    }
}

impl Change {
    /// Says that the change was made, or not. If even that fails, tokens are asked for at the database from now on.
    pub(super) fn done(self) {
        drop(self.finish());
    }

    fn finish(&self) -> io::Result<Epoch> {
        let mut epoch = CHANGING;
        getrandom::fill(&mut epoch.0).map_err(io::Error::other)?;
        self.0.write_all_at(&epoch.0, 0)?;
        Ok(epoch)
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        // Fails only where there is no lock any more.
        drop(self.0.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two processes on one database.
    fn both() -> (tempfile::TempDir, TokenCache, TokenCache) {
        let folder = tempfile::tempdir().unwrap();
        let open = || TokenCache::open(&folder.path().join("rollcall.db")).unwrap();
        let (one, other) = (open(), open());
        (folder, one, other)
    }

    #[tokio::test]
    async fn nothing_is_trusted_while_a_change_is_under_way_and_nothing_old_after_it() {
        let (_folder, here, elsewhere) = both();
        let before = here.epoch().unwrap();
        assert_eq!(elsewhere.epoch(), Some(before), "nobody changed anything");
        let change = elsewhere.change().await.unwrap();
        assert_eq!((here.epoch(), elsewhere.epoch()), (None, None));
        change.done();
        let after = here.epoch().unwrap();
        assert_ne!(after, before);
        assert_eq!(elsewhere.epoch(), Some(after));
    }

    #[tokio::test]
    async fn a_change_that_was_broken_off_is_got_over_as_something_changed() {
        let (_folder, here, elsewhere) = both();
        let before = here.epoch().unwrap();
        drop(elsewhere.change().await.unwrap());
        assert!(here.epoch().is_some_and(|after| after != before));
    }
}
