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

/// From where.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    data: DataArgs,
    /// A folder that `rollcall backup` made. It stays as it is
    backup: PathBuf,
}

/// Does it. Nothing is put in place before all of it has been copied and looked at.
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
    let told = examine(staged.path()).await.map_err(failed)?;
    put_in_place(staged.path(), folder).map_err(|why| failed(why.to_string()))?;
    print_line(format!("Restored {} into {}. {told}", backup.display(), folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// A key without a database is what an interrupted restore may leave; where it is the same one, all is well.
fn refuse_overwriting(backup: &Path, folder: &Path) -> Result<(), String> {
    let database = database(folder);
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", database.display()));
    let taken = [database.clone(), beside("-wal"), beside("-shm")].into_iter().find(|path| path.exists());
    let key = folder.join(KEY_FILE);
    let other_key = || key.exists() && fs::read(&key).ok() != fs::read(backup.join(KEY_FILE)).ok();
    match taken.or_else(|| other_key().then_some(key.clone())) {
        Some(path) => Err(format!("{} is there already, and nothing is ever overwritten", path.display())),
        None => Ok(()),
    }
}

/// The write-ahead log comes along: there is one where the backup is the folder of a server that was killed.
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

/// What is good to know of a backup that may be put in place; else why it may not.
async fn examine(staged: &Path) -> Result<String, String> {
    let unreadable = |why: String| format!("the database in the backup cannot be read: {why}");
    let now = Clock::system().now();
    let found = inspect(&database(staged), Depth::Full, now).await.map_err(|why| unreadable(why.to_string()))?;
    if let Some(fault) = found.faults.first() {
        return Err(format!("the database in the backup is damaged: {fault}"));
    }
    if found.schema == 0 {
        return Err(unreadable("it was not made by rollcall".to_owned()));
    }
    if found.schema > known_schema() {
        let (schema, known) = (found.schema, known_schema());
        return Err(format!(
            "the backup was made by a later version: its schema is {schema}, this program knows {known}"
        ));
    }
    let key = TokenKey::load_or_create(staged).map_err(|why| format!("the key in the backup cannot be used: {why}"))?;
    match match_key(found.key_mark, &key) {
        KeyMatch::Same => Ok(format!("Database (schema {}) and key are sound and fit each other.", found.schema)),
        KeyMatch::Unknown if !found.any_valid_token => Ok(format!("The database (schema {}) is sound.", found.schema)),
        KeyMatch::Unknown => Ok(format!(
            "The database (schema {}) is sound. It is too old to tell whether the key fits it: try a token.",
            found.schema
        )),
        KeyMatch::Different => Err(format!(
            "{KEY_FILE} is not the key that the tokens in the database were made with: both have to come from one backup"
        )),
    }
}

/// The database comes last: a folder without one is not served, whatever else is in it.
fn put_in_place(staged: &Path, folder: &Path) -> io::Result<()> {
    if fs::metadata(format!("{}-wal", database(staged).display())).is_ok_and(|log| log.len() > 0) {
        return Err(io::Error::other("the write-ahead log of the backup could not be folded into its database"));
    }
    for path in [staged.join(KEY_FILE), database(staged)] {
        File::open(path)?.sync_all()?;
    }
    fs::rename(staged.join(KEY_FILE), folder.join(KEY_FILE))?;
    fs::rename(database(staged), database(folder))?;
    File::open(folder)?.sync_all()
}
