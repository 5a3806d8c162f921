//! `backup`.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use crate::{
    auth::token::KEY_FILE,
    commands::{
        CommandResult, Failure,
        open::{Data, database, open_existing},
        print_line,
    },
    config::DataArgs,
};

/// The destination.
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The folder to create. It receives the database and secret.key, without which no token works: keep it private.
    /// `rollcall restore` restores it
    destination: PathBuf,
}

/// Makes the backup.
pub async fn run(args: BackupArgs) -> CommandResult {
    let data = open_existing(&args.data.data_dir).await?;
    // Created if there is none: a backup always contains a key.
    data.token_key().await?;
    let destination = &args.destination;
    let failed = |why: String| Failure::new(format!("cannot back up to {}: {why}", destination.display()));
    DirBuilder::new().mode(0o700).create(destination).map_err(|error| failed(error.to_string()))?;
    if let Err(why) = copy(&data, &args.data.data_dir, destination).await {
        // An incomplete backup must not be taken for a complete one. If it cannot be removed, the failure is still reported.
        let _removed = fs::remove_dir_all(destination);
        return Err(failed(why.to_string()));
    }
    data.store.close().await;
    print_line(format!("Backed up to {}", destination.display()))?;
    Ok(ExitCode::SUCCESS)
}

async fn copy(data: &Data, folder: &Path, destination: &Path) -> Result<(), Failure> {
    // SQLite writes into the empty file and keeps its mode.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(database(destination))?;
    data.store.backup(&database(destination)).await?;
    // `fs::copy` keeps the mode, 0600.
    fs::copy(folder.join(KEY_FILE), destination.join(KEY_FILE))?;
    Ok(())
}
