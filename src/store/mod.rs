//! All SQL. The store keeps and finds; it knows neither HTTP nor the time of day, and decides nothing that SCIM or
//! the directory decide. Every write runs through one door, `Store::write`.
//!
//! Statements are `const` text with binds. The engine's own functions serve where a list goes in or comes out in one
//! statement (JSON), and in compiled filters, beside functions of ours (`comparable`). A statement that depends on the question is put together as `sql::Sql`, which
//! takes constants and binds only.

mod accounts;
mod backlog;
mod check_tenants;
mod comparable;
mod error;
mod filter;
mod group_rows;
mod groups;
mod installation;
mod journal;
mod journal_filter;
mod keys;
mod keyset;
mod lists;
mod member_rows;
mod members;
mod migrations;
mod normalized_keys;
mod queries;
mod readers;
mod schemas;
mod sessions;
mod sign_in_failures;
mod sql;
mod statistics;
mod tenants;
mod token_cache;
mod tokens;
mod user_rows;
mod users;
mod writer;

#[cfg(test)]
mod plans;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

pub use error::StoreError;
pub use groups::MemberSelection;
pub use installation::{Depth, Inspection, inspect};
pub use lists::{ListOptions, ListPage, Position, Start, parse_document};
pub use migrations::{is_behind, known_schema};
pub use schemas::SchemaChange;
pub use sessions::StoredSession;
pub use statistics::{BATCH_SIZES, StoreStatistics};
pub use tokens::{FoundToken, NewToken, TokenExpiry};
pub use users::NewUser;

use backlog::Backlog;
use queries::Queries;
use readers::{Reader, Readers};
use schemas::TypesCache;
use token_cache::TokenCache;
use writer::Writer;

const COPY: &str = "vacuum into ?1";
const PING: &str = "select 1";
/// Writes a page of the database and changes nothing.
const TOUCH: &str = "pragma user_version = 0";

/// How long a connection waits for another process (a backup, an administrator's shell) before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The write-ahead log grows while somebody reads for long (a backup); afterwards it is cut to so many bytes.
const WAL_SIZE_LIMIT: i64 = 16 << 20;

/// Rows on their way from the thread of a connection of sqlx's.
const PAGE: usize = 256;

/// The database. Cheap to clone; all clones share one writer and the same readers.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Writer,
    backlog: Backlog,
    readers: Readers,
    queries: Queries,
    /// How a connection that reads is opened.
    options: Arc<SqliteConnectOptions>,
    token_cache: TokenCache,
    types: Arc<TypesCache>,
}

impl Store {
    /// Opens the database file, makes it where there is none, and brings it up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("temp_store", "memory")
            // A page of the longest list goes over in one piece, without the two sides waiting for each other.
            .row_buffer_size(PAGE);
        let migrated = migrations::migrated(&options).await?;
        let reading = options.clone().pragma("query_only", "on");
        let readers = Readers::open(&reading).await?;
        let queries = Queries::open(path)?;
        let writer = Writer::start(path)?;
        migrated.close().await?;
        let backlog = Backlog::start(writer.clone());
        let (options, token_cache) = (Arc::new(options), TokenCache::open(path)?);
        Ok(Self { writer, backlog, readers, queries, options, token_cache, types: Arc::default() })
    }

    /// Writes a consistent copy to `destination`, which must not exist yet; serving goes on meanwhile.
    pub async fn backup(&self, destination: &Path) -> Result<(), StoreError> {
        let destination =
            destination.to_str().ok_or_else(|| StoreError::Unavailable("the name of the copy is not UTF-8".into()))?;
        // Copying counts as writing, so that no reader may do it, and would hold the writer up for long.
        let copying = self.options.as_ref().clone().pragma("query_only", "off");
        // A large database takes its time, which is nothing to warn of.
        let mut copying = copying.disable_statement_logging().connect().await?;
        sqlx::query(COPY).bind(destination).execute(&mut copying).await?;
        Ok(copying.close().await?)
    }

    /// Proves that the database answers and takes writes, for health checks. Only where the last commit failed does it
    /// write anything itself: it would else not be known that writing is possible again until somebody tried.
    pub async fn ping(&self) -> Result<(), StoreError> {
        if self.writer.is_closed() {
            return Err(StoreError::Closed);
        }
        sqlx::query(PING).execute(&mut *self.reader().await?).await?;
        if self.writer.is_troubled() {
            self.write(|db| Ok(db.execute_batch(TOUCH)?)).await?;
        }
        Ok(())
    }

    /// A connection to ask one question.
    async fn reader(&self) -> Result<Reader, StoreError> {
        self.readers.lend().await
    }

    /// Finishes what is waiting, folds the write-ahead log into the file and closes all connections.
    pub async fn close(&self) {
        self.backlog.flush().await;
        self.readers.close().await;
        self.queries.close();
        self.writer.close().await;
    }
}
