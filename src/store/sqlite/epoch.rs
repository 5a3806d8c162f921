//! A file beside the database with a number that another one replaces whenever a token or a tenant's settings change, by
//! this process or by another (the command line). Reading it costs next to nothing, and shows whether tokens that were
//! read before are still as they were. Whoever changes something removes the number first, and writes a new one when it
//! is done. A missing number means that a change is under way, or was interrupted.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;
use tokio::task::spawn_blocking;

use crate::store::StoreError;

/// The number of the last change. It is random, so that none occurs twice, whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Epoch([u8; 16]);

/// What the file holds while a change is under way.
const CHANGING: Epoch = Epoch([0; 16]);

/// The file.
#[derive(Debug)]
pub(in crate::store) struct EpochFile {
    file: File,
    /// The same file once more, for one change at a time: in this process by the mutex, among processes by the file's lock.
    changing: Arc<tokio::sync::Mutex<File>>,
}

/// A change under way. Dropped without [`Change::finish`], it leaves the file without a number.
pub(in crate::store) struct Change(OwnedMutexGuard<File>);

impl EpochFile {
    /// Opens the file beside a database, and creates it where there is none.
    pub(in crate::store) fn open(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-epoch");
        let path = PathBuf::from(path);
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let named = |why: io::Error| StoreError::Unavailable(format!("{}: {why}", path.display()));
        let changing = Arc::new(tokio::sync::Mutex::new(open().map_err(named)?));
        Ok(Self { file: open().map_err(named)?, changing })
    }

    /// The number; none while a change is under way.
    pub(in crate::store) fn current(&self) -> Option<Epoch> {
        let mut epoch = CHANGING;
        let read = self.file.read_exact_at(&mut epoch.0, 0);
        if read.is_ok() && epoch != CHANGING { Some(epoch) } else { self.recover() }
    }

    /// Writes a number where there is none because a change was interrupted.
    fn recover(&self) -> Option<Epoch> {
        let file = Arc::clone(&self.changing).try_lock_owned().ok()?;
        file.try_lock().ok()?;
        Change(file).write().ok()
    }

    /// Removes the number, as something is about to change; waits for another change to finish.
    pub(in crate::store) async fn change(&self) -> Result<Change, StoreError> {
        let file = Arc::clone(&self.changing).lock_owned().await;
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
    /// Writes a new number, whether the change was made or not. If even that fails, tokens are read from the database
    /// from now on.
    pub(in crate::store) fn finish(self) {
        drop(self.write());
    }

    fn write(&self) -> io::Result<Epoch> {
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
    fn both() -> (tempfile::TempDir, EpochFile, EpochFile) {
        let folder = tempfile::tempdir().unwrap();
        let open = || EpochFile::open(&folder.path().join("rollcall.db")).unwrap();
        let (one, other) = (open(), open());
        (folder, one, other)
    }

    #[tokio::test]
    async fn there_is_no_number_during_a_change_and_another_one_after_it() {
        let (_folder, here, elsewhere) = both();
        let before = here.current().unwrap();
        assert_eq!(elsewhere.current(), Some(before), "nobody changed anything");
        let change = elsewhere.change().await.unwrap();
        assert_eq!((here.current(), elsewhere.current()), (None, None));
        change.finish();
        let after = here.current().unwrap();
        assert_ne!(after, before);
        assert_eq!(elsewhere.current(), Some(after));
    }

    #[tokio::test]
    async fn after_an_interrupted_change_there_is_another_number() {
        let (_folder, here, elsewhere) = both();
        let before = here.current().unwrap();
        drop(elsewhere.change().await.unwrap());
        assert!(here.current().is_some_and(|after| after != before));
    }
}
