//! The lock on a data folder. `serve`, `restore` and migrations hold it; the other commands share the database with a
//! running server and need no lock. The kernel releases it when the process ends, even by a crash.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process,
};

use crate::commands::Failure;

const LOCK_FILE: &str = "rollcall.lock";

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Takes the lock on an existing folder.
///
/// # Errors
/// When another process has it, or the folder cannot be written.
pub fn acquire(folder: &Path) -> Result<FolderLock, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::new(format!("the lock in the data folder {} cannot be taken: {why}", folder.display()))
    };
    let mut options = OpenOptions::new();
    let opened = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(folder.join(LOCK_FILE));
    let mut file = opened.map_err(|why| failed(&why))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::new(format!(
                "another rollcall{} uses the data folder {}: stop it first, or give this one a folder of its own with \
                 --data-dir",
                owner_note(&mut file),
                folder.display()
            )));
        }
        Err(TryLockError::Error(why)) => return Err(failed(&why)),
    }
    // The process id is only informative, so failing to write it is no error.
    let _written = file.set_len(0).and_then(|()| writeln!(file, "{}", process::id()));
    Ok(FolderLock { _file: file })
}

/// The process that holds the lock on a folder, as `" (process 4711)"`; `None` when it is free.
#[must_use]
pub fn holder(folder: &Path) -> Option<String> {
    let mut file = File::open(folder.join(LOCK_FILE)).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| owner_note(&mut file))
}

fn owner_note(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(20).read_to_string(&mut text));
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(id)) => format!(" (process {id})"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()), None);
        let lock = acquire(folder.path()).unwrap();
        let us = format!("(process {})", process::id());
        assert!(acquire(folder.path()).unwrap_err().to_string().contains(&us));
        assert_eq!(holder(folder.path()), Some(format!(" {us}")));
        drop(lock);
        assert_eq!(holder(folder.path()), None);
        acquire(folder.path()).unwrap();
    }
}
