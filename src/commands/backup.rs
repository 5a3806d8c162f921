//! `backup`.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;

use crate::{
    commands::{
        Failure, Outcome,
        open::{database, open_existing},
        say,
    },
    config::DataArgs,
};

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The folder to make; start with it as --data-dir to restore. It holds the key of the tokens: keep it private
    destination: PathBuf,
}

/// Does it.
pub async fn run(args: BackupArgs) -> Outcome {
    let data = open_existing(&args.data.data_dir).await?;
    let destination = &args.destination;
    let failed = |why: String| Failure::new(format!("cannot back up to {}: {why}", destination.display()));
    DirBuilder::new().mode(0o700).create(destination).map_err(|error| failed(error.to_string()))?;
    let copied = data.store.backup(&database(destination)).await;
    copied.map_err(|error| failed(error.to_string()))?;
    // Without the key no token of the copy would work. `copy` keeps its mode, 0600.
    let key = fs::copy(args.data.data_dir.join("secret.key"), destination.join("secret.key"));
    key.map_err(|error| failed(error.to_string()))?;
    data.store.close().await;
    say(format!("Backed up to {}", destination.display()))?;
    Ok(ExitCode::SUCCESS)
}
