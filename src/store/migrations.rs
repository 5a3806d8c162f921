//! Bringing a database up to date.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tracing::info;

use super::StoreError;

/// Append-only; see `migrations/sqlite`.
static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The last migration a database has seen. Only where it has seen any is there such a table.
pub(super) const SCHEMA: &str = "select max(version) from _sqlx_migrations where success";

/// The last migration that this program knows.
#[must_use]
pub fn known_schema() -> i64 {
    MIGRATIONS.iter().map(|Migration { version, .. }| *version).max().unwrap_or_default()
}

/// Makes the database where there is none, and brings it up to date. Gives the connection by which it was done.
pub(super) async fn migrated(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let mut db = options
        .clone()
        .create_if_missing(true)
        // What a step keeps until it is done can be as large as the database: there is room beside that, not in memory.
        .pragma("temp_store_directory", folder_of(options.get_filename()))
        .pragma("temp_store", "file")
        // In a large database a step takes its time, which is nothing to warn of.
        .disable_statement_logging()
        .connect()
        .await?;
    let schema = sqlx::query_scalar::<_, i64>(SCHEMA).fetch_one(&mut db).await.unwrap_or_else(|_| known_schema());
    if schema < known_schema() {
        info!(schema, "Bringing the database up to date; a large one takes a minute");
    }
    MIGRATIONS.run(&mut db).await.map_err(refused)?;
    Ok(db)
}

fn refused(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => StoreError::Newer { found, known: known_schema() },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migration(other),
    }
}

/// The folder of a file, as a text of SQL.
fn folder_of(file: &Path) -> String {
    let folder = file.parent().unwrap_or(file).to_string_lossy();
    format!("'{}'", folder.replace('\'', "''"))
}
