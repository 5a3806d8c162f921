//! What can go wrong below: few kinds, each with one consequence above.

use std::error::Error;
use std::fmt::Display;

use rusqlite::ErrorCode;

use crate::model::schema::Obstacle;

/// No memory, busy, locked, read-only, I/O error, cannot open.
const TRANSIENT: [i32; 6] = [5, 6, 7, 8, 10, 14];
const FULL: i32 = 13;
/// By a unique index, and by a primary key: extended codes.
const NOT_UNIQUE: [i32; 2] = [2067, 1555];

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint refused the row: userName, displayName, an account's address, a token's hash.
    #[error("another row already has this value")]
    Duplicate,
    /// Another user has this value of a unique attribute.
    #[error("another user already has the value `{value}` of `{attribute}`")]
    NotUnique {
        /// The attribute's whole path.
        attribute: String,
        /// The value, as it is compared.
        value: String,
    },
    /// Users hold values that do not go together with a change of their schema.
    #[error(transparent)]
    SchemaInUse(#[from] Obstacle),
    /// The tenant's schemas were changed since they were read.
    #[error("the schemas were changed meanwhile")]
    SchemasChanged,
    /// A group's member names no user and no group of this tenant.
    #[error("no user or group {0} to be a member")]
    UnknownMember(String),
    /// A row that cannot be read back.
    #[error("row {row} of {table} cannot be read: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's id.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database was written by a later version of the program.
    #[error("the database is newer than this program: it holds migration {found}, the last one known here is {known}")]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest one of this program.
        known: i64,
    },
    /// For the moment nothing can be written or read: disk full, locked, I/O error. Worth another try later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk is full: what is there can be read, and nothing can be written until there is space again.
    #[error("the disk is full: {0}")]
    Full(String),
    /// A unit of writing met a bug and was rolled back.
    #[error("a write panicked and was rolled back")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The migrations in the database are not the ones of this program.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A question was given up: it took long, or nobody waited for its answer any more.
    #[error("the question was given up")]
    Interrupted,
    /// Anything else the database says.
    #[error("database: {0}")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A row that cannot be read back.
    pub(super) fn corrupt(table: &'static str, row: impl Display, why: impl Display) -> Self {
        Self::Corrupt { table, row: row.to_string(), why: why.to_string() }
    }

    /// A unit that was begun and could not be committed, for whatever reason: another try may succeed.
    pub(super) fn not_committed(error: &rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(refusal) if primary(refusal.extended_code) == FULL => Self::Full(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }

    /// What SQLite's extended result code tells, if it tells of more than a mistake of ours.
    fn of_code(code: i32, said: &str) -> Option<Self> {
        match primary(code) {
            FULL => Some(Self::Full(said.to_owned())),
            passing if TRANSIENT.contains(&passing) => Some(Self::Unavailable(said.to_owned())),
            _ => NOT_UNIQUE.contains(&code).then_some(Self::Duplicate),
        }
    }

    /// Whether the state of things is at fault, and not the request or the program: it may have passed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(refusal) => {
                let code = refusal.code().and_then(|code| code.parse().ok());
                let told = code.and_then(|code| Self::of_code(code, refusal.message()));
                told.unwrap_or_else(|| Self::Database(error.into()))
            }
            sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { index, source } => Self::corrupt("?", index, source),
            _ => Self::Database(error.into()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(refusal, _) if refusal.code == ErrorCode::OperationInterrupted => {
                Self::Interrupted
            }
            rusqlite::Error::SqliteFailure(refusal, _) => {
                let told = Self::of_code(refusal.extended_code, &error.to_string());
                told.unwrap_or_else(|| Self::Database(error.into()))
            }
            rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::InvalidColumnType(column, ..)
            | rusqlite::Error::IntegralValueOutOfRange(column, _) => Self::corrupt("?", column, &error),
            _ => Self::Database(error.into()),
        }
    }
}

/// The result code without what the extended one adds.
const fn primary(code: i32) -> i32 {
    code & 0xff
}
