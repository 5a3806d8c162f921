//! All SQL. The store knows neither HTTP nor the time of day, and decides nothing that SCIM or the directory decide.
//!
//! Statements are `const` text beside the method that runs them, with numbered placeholders; those that depend on the
//! request are composed as `sql::Sql`, which takes constants and binds only. They run through one narrow interface,
//! `database`; what is the engine's own is below it, in `sqlite`, and what differs by engine in composed statements is in
//! `dialect`.

mod accounts;
mod backlog;
mod check_tenants;
mod database;
mod dialect;
mod documents;
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
mod schemas;
mod sessions;
mod sign_in_failures;
mod sql;
mod sqlite;
mod statistics;
mod tenants;
mod token_cache;
mod tokens;
mod user_rows;
mod users;
mod value;

use std::path::Path;
use std::sync::Arc;

pub use documents::parse_document;
pub use error::StoreError;
pub use filter::{Position, Start};
pub use groups::MemberSelection;
pub use lists::{ListOptions, ListPage};
pub use schemas::SchemaChange;
pub use sessions::StoredSession;
pub use sign_in_failures::{SignInAttempt, SignInLimit};
pub use sqlite::{Depth, Inspection, inspect, is_behind, known_schema};
pub use statistics::{BATCH_SIZES, StoreStatistics};
pub use tokens::{FoundToken, NewToken, TokenExpiry};
pub use users::NewUser;

use backlog::Backlog;
use database::Database;
use schemas::TypesCache;
use token_cache::TokenCache;

/// The store. Cheap to clone; all clones share one database.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    backlog: Backlog,
    token_cache: Arc<TokenCache>,
    types: Arc<TypesCache>,
}

impl Store {
    /// Opens the database file, creates it where there is none, and applies the migrations that it has not seen.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path).await?;
        let backlog = Backlog::start(database.clone());
        let token_cache = Arc::new(TokenCache::open(path)?);
        Ok(Self { database, backlog, token_cache, types: Arc::default() })
    }

    /// Writes a consistent copy to `destination`, which must not exist yet; serving continues meanwhile.
    pub async fn backup(&self, destination: &Path) -> Result<(), StoreError> {
        self.database.copy(destination).await
    }

    /// Checks that the database answers and takes writes, for health checks.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database.ping().await
    }

    /// Writes what is waiting and closes all connections.
    pub async fn close(&self) {
        self.backlog.flush().await;
        self.database.close().await;
    }
}
