//! Migrations, applied by sqlx.

use std::path::Path;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlSafeStr as _};
use tracing::info;

use super::connection::BUSY_TIMEOUT;
use super::normalized_keys;
use crate::store::StoreError;

/// Version, name and text. Append-only. Listed here, as `sqlx::migrate!` would compile `SQLite` a second time, for use at
/// compile time.
const MIGRATIONS: [(i64, &str, &str); 8] = [
    (1, "ground", include_str!("../../../migrations/sqlite/0001_ground.sql")),
    (2, "group rows", include_str!("../../../migrations/sqlite/0002_group_rows.sql")),
    (3, "installation", include_str!("../../../migrations/sqlite/0003_installation.sql")),
    (4, "check tenants", include_str!("../../../migrations/sqlite/0004_check_tenants.sql")),
    (5, "schemas", include_str!("../../../migrations/sqlite/0005_schemas.sql")),
    (6, "documents alone", include_str!("../../../migrations/sqlite/0006_documents_alone.sql")),
    (7, "active", include_str!("../../../migrations/sqlite/0007_active.sql")),
    (8, "session epoch", include_str!("../../../migrations/sqlite/0008_session_epoch.sql")),
];

/// The last migration that was applied to a database. The table is missing where none was.
pub(super) const SCHEMA: &str = "select max(version) from _sqlx_migrations where success";

const TRUNCATE: &str = "pragma wal_checkpoint(truncate)";

/// The last migration that this program knows.
#[must_use]
pub const fn known_schema() -> i64 {
    MIGRATIONS[MIGRATIONS.len() - 1].0
}

/// Whether opening the database would create it or apply migrations. Changes nothing.
pub async fn is_behind(path: &Path) -> bool {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).pragma("query_only", "on");
    let Ok(mut db) = options.connect().await else { return true };
    schema(&mut db).await.is_none_or(|schema| schema < known_schema())
}

/// None where the database is new.
async fn schema(db: &mut SqliteConnection) -> Option<i64> {
    sqlx::query_scalar(SCHEMA).fetch_one(db).await.ok()
}

/// Creates the database where there is none, and applies the migrations that it has not seen. Returns the connection by
/// which that was done.
pub(super) async fn migrate(file: &Path) -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // The temporary data of a migration can be as large as the database: there is room beside it, not in memory. The
        // folder applies to the whole process; other connections keep temporary data in memory.
        .pragma("temp_store_directory", folder_of(file))
        .pragma("temp_store", "file")
        // In a large database a migration takes its time, which is no reason for a warning.
        .disable_statement_logging();
    let mut db = options.connect().await?;
    let old = schema(&mut db).await.filter(|schema| *schema < known_schema());
    if let Some(schema) = old {
        info!(schema, "Bringing the database up to date; that of a million users takes about 40 s");
    }
    if old.is_some_and(|schema| schema < normalized_keys::SCHEMA) {
        normalized_keys::normalize(file)?;
    }
    let migrations = MIGRATIONS.map(|(version, name, text)| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.into()).run(&mut db).await.map_err(refused)?;
    if old.is_some() {
        // The log may have grown as large as the database.
        sqlx::query(TRUNCATE).execute(&mut db).await?;
    }
    Ok(db)
}

fn refused(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => StoreError::Newer { found, known: known_schema() },
        other => StoreError::Migration(other.into()),
    }
}

/// The folder of a file, as an SQL string.
fn folder_of(file: &Path) -> String {
    let folder = file.parent().unwrap_or(file).to_string_lossy();
    format!("'{}'", folder.replace('\'', "''"))
}
