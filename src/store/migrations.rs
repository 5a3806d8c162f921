//! Bringing a database up to date.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tracing::info;

use super::{BUSY_TIMEOUT, StoreError, normalized_keys};

/// Append-only; see `migrations/sqlite`.
static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The last migration a database has seen. The table is missing where it has seen none.
pub(super) const SCHEMA: &str = "select max(version) from _sqlx_migrations where success";

const TRUNCATE: &str = "pragma wal_checkpoint(truncate)";

/// The last migration that this program knows.
#[must_use]
pub fn known_schema() -> i64 {
    MIGRATIONS.iter().map(|Migration { version, .. }| *version).max().unwrap_or_default()
}

/// Whether opening the database would make it, or bring it up to date. Changes nothing.
pub async fn is_behind(path: &Path) -> bool {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).pragma("query_only", "on");
    let Ok(mut db) = options.connect().await else { return true };
    schema(&mut db).await.is_none_or(|schema| schema < known_schema())
}

/// None where the database is new.
async fn schema(db: &mut SqliteConnection) -> Option<i64> {
    sqlx::query_scalar(SCHEMA).fetch_one(db).await.ok()
}

/// Makes the database where there is none, and brings it up to date. Gives the connection by which it was done.
pub(super) async fn migrated(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let mut db = options
        .clone()
        .create_if_missing(true)
        // What a step keeps until it is done can be as large as the database: there is room beside that, not in memory. The
        // folder is known to the whole process; other connections keep in memory what they keep.
        .pragma("temp_store_directory", folder_of(options.get_filename()))
        .pragma("temp_store", "file")
        // In a large database a step takes its time, which is nothing to warn of.
        .disable_statement_logging()
        .connect()
        .await?;
    let old = schema(&mut db).await.filter(|schema| *schema < known_schema());
    if let Some(schema) = old {
        info!(schema, "Bringing the database up to date; that of a million users takes about 40 s");
    }
    if old.is_some_and(|schema| schema < normalized_keys::SCHEMA) {
        normalized_keys::normalize(options.get_filename())?;
    }
    MIGRATIONS.run(&mut db).await.map_err(refused)?;
    if old.is_some() {
        // The log may have grown as large as the database.
        sqlx::query(TRUNCATE).execute(&mut db).await?;
    }
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
