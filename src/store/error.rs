//! The store's errors: few kinds, each with one consequence for the caller.

use std::error::Error;
use std::fmt::Display;

use crate::model::schema::SchemaConflict;

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
    /// Users have values that conflict with a change of their schema.
    #[error(transparent)]
    SchemaInUse(#[from] SchemaConflict),
    /// The tenant's schemas were changed since they were read.
    #[error("the schemas were changed meanwhile")]
    SchemasChanged,
    /// A group's member is no user and no group of this tenant.
    #[error("no user or group {0} to be a member")]
    UnknownMember(String),
    /// A row that cannot be read back.
    #[error("{table} {row} cannot be read: {why}")]
    Corrupt {
        /// The table, or `column` where only the column is known.
        table: &'static str,
        /// The row's id, or the column's name.
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
    /// At the moment nothing can be written or read: locked, I/O error. Another attempt may succeed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The disk is full: what is there can be read, and nothing can be written until there is space again.
    #[error("the disk is full: {0}")]
    Full(String),
    /// A unit of writing panicked and was rolled back.
    #[error("a write panicked and was rolled back")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The migrations in the database are not those of this program.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[source] Box<dyn Error + Send + Sync>),
    /// A question was interrupted: it took long, or nobody waited for its answer any more.
    #[error("the question was interrupted")]
    Interrupted,
    /// Any other error of the database.
    #[error("database: {0}")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// A row that cannot be read back.
    pub(super) fn corrupt(table: &'static str, row: impl Display, why: impl Display) -> Self {
        Self::Corrupt { table, row: row.to_string(), why: why.to_string() }
    }

    /// Whether the cause is the state of the disk or the database, and not the request or the program: another attempt may
    /// succeed.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Unavailable(_))
    }
}
