//! What can go wrong below: few kinds, each with one consequence above.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint refused the row: userName, displayName, an account's address, a token's hash.
    #[error("another row already has this value")]
    Duplicate,
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
    #[error(
        "the database is newer than this program: it holds migration {found}, the last one known here is {known}"
    )]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest one of this program.
        known: i64,
    },
    /// For the moment nothing can be written or read: disk full, locked, I/O error. Worth another try later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else the database says.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}
