//! What `SQLite`'s errors mean to the store.

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// No memory, busy, locked, read-only, I/O error, cannot open.
const TRANSIENT: [i32; 6] = [5, 6, 7, 8, 10, 14];
const FULL: i32 = 13;
/// By a unique index, and by a primary key: extended codes.
const NOT_UNIQUE: [i32; 2] = [2067, 1555];

/// A transaction that could not be committed, for whatever reason: another attempt may succeed.
pub(super) fn not_committed(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error() {
        Some(refusal) if primary(refusal.extended_code) == FULL => StoreError::Full(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// The meaning of an extended result code, unless it is a mistake of ours.
fn of_code(code: i32, message: &str) -> Option<StoreError> {
    match primary(code) {
        FULL => Some(StoreError::Full(message.to_owned())),
        transient if TRANSIENT.contains(&transient) => Some(StoreError::Unavailable(message.to_owned())),
        _ => NOT_UNIQUE.contains(&code).then_some(StoreError::Duplicate),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(refusal, _) if refusal.code == ErrorCode::OperationInterrupted => {
                Self::Interrupted
            }
            rusqlite::Error::SqliteFailure(refusal, _) => {
                let known = of_code(refusal.extended_code, &error.to_string());
                known.unwrap_or_else(|| Self::Database(error.into()))
            }
            _ => Self::Database(error.into()),
        }
    }
}

/// From migrations alone.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Migration(error.into())
    }
}

/// The result code without what the extended one adds.
const fn primary(code: i32) -> i32 {
    code & 0xff
}
