//! `restore`.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use crate::{
    auth::token::{KEY_FILE, TokenKey},
    clock::Clock,
    commands::{
        CommandResult, Failure, lock,
        open::{KeyMatch, database, match_key},
        print_line,
    },
    config::DataArgs,
    store::{Depth, inspect, known_schema},
};

/// The backup to restore.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    data: DataArgs,
    /// A folder created by `rollcall backup`. It is not changed
    backup: PathBuf,
}

/// Restores the backup. Files are moved into place only after all of them were copied and verified.
pub async fn run(args: RestoreArgs) -> CommandResult {
    let (backup, folder) = (&args.backup, &args.data.data_dir);
    let failed =
        |why: String| Failure::new(format!("cannot restore {} into {}: {why}", backup.display(), folder.display()));
    for file in [database(backup), backup.join(KEY_FILE)] {
        if !file.is_file() {
            return Err(failed(format!("there is no {}", file.display())));
        }
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|why| failed(why.to_string()))?;
    let _lock = lock::acquire(folder)?;
    refuse_overwriting(backup, folder).map_err(failed)?;
    let staged = tempfile::Builder::new().prefix(".restore-").tempdir_in(folder)?;
    copy(backup, staged.path()).map_err(|why| failed(why.to_string()))?;
    let result = verify(staged.path()).await.map_err(failed)?;
    put_in_place(staged.path(), folder).map_err(|why| failed(why.to_string()))?;
    print_line(format!("Restored {} into {}. {result}", backup.display(), folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// An interrupted restore may leave a key without a database; the same key is no conflict.
fn refuse_overwriting(backup: &Path, folder: &Path) -> Result<(), String> {
    let database = database(folder);
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
    let existing = [database.clone(), beside("-wal"), beside("-shm")].into_iter().find(|path| path.exists());
    let key = folder.join(KEY_FILE);
    let other_key = || key.exists() && fs::read(&key).ok() != fs::read(backup.join(KEY_FILE)).ok();
    match existing.or_else(|| other_key().then_some(key.clone())) {
        Some(path) => Err(format!("{} already exists, and nothing is overwritten", path.display())),
        None => Ok(()),
    }
}

/// Copies the write-ahead log, too: there is one if the backup is the folder of a server that was killed.
fn copy(backup: &Path, staged: &Path) -> io::Result<()> {
    let (from, to) = (database(backup), database(staged));
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    private_copy(&from, &to)?;
    if log(&from).exists() {
        private_copy(&log(&from), &log(&to))?;
    }
    private_copy(&backup.join(KEY_FILE), &staged.join(KEY_FILE))
}

fn private_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::set_permissions(to, Permissions::from_mode(0o600))
}

/// Describes a backup that can be restored, or why it cannot.
async fn verify(staged: &Path) -> Result<String, String> {
    let unreadable = |why: String| format!("the database in the backup cannot be read: {why}");
    let now = Clock::system().now();
    let found = inspect(&database(staged), Depth::Full, now).await.map_err(|why| unreadable(why.to_string()))?;
    if let Some(fault) = found.faults.first() {
        return Err(format!("the database in the backup is damaged: {fault}"));
    }
    if found.schema == 0 {
        return Err(unreadable("it was not created by rollcall".to_owned()));
    }
    if found.schema > known_schema() {
        let (schema, known) = (found.schema, known_schema());
        return Err(format!(
            "the backup is from a later version: its schema is {schema}, this program supports up to {known}"
        ));
    }
    let key = TokenKey::load_or_create(staged).map_err(|why| format!("the key in the backup cannot be used: {why}"))?;
    match match_key(found.key_mark, &key) {
        KeyMatch::Same => Ok(format!("Database (schema {}) and key are intact and belong together.", found.schema)),
        KeyMatch::Unknown if !found.any_valid_token => Ok(format!("The database (schema {}) is intact.", found.schema)),
        KeyMatch::Unknown => Ok(format!(
            "The database (schema {}) is intact. It is too old to check whether the key belongs to it: test a token.",
            found.schema
        )),
        KeyMatch::Different => Err(format!(
            "{KEY_FILE} is not the key that the tokens in the database were created with: both must come from the same backup"
        )),
    }
}

/// The database is moved last: a folder without one counts as empty, so an interrupted restore can be repeated.
fn put_in_place(staged: &Path, folder: &Path) -> io::Result<()> {
    if fs::metadata(format!("{}-wal", database(staged).display())).is_ok_and(|log| log.len() > 0) {
        return Err(io::Error::other("the write-ahead log of the backup could not be merged into its database"));
    }
    for path in [staged.join(KEY_FILE), database(staged)] {
        File::open(path)?.sync_all()?;
    }
    fs::rename(staged.join(KEY_FILE), folder.join(KEY_FILE))?;
    fs::rename(database(staged), database(folder))?;
    File::open(folder)?.sync_all()
}
