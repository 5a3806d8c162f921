//! All SQL. The store keeps and finds; it knows neither HTTP nor the time of day, and decides nothing that SCIM or
//! the directory decide. Every write runs through one door, [`Store::write`].

mod accounts;
mod error;
mod groups;
mod journal;
mod sessions;
mod tenants;
mod tokens;
mod users;

use std::path::Path;

pub use error::StoreError;
pub use groups::Members;
pub use sessions::StoredSession;
pub use tokens::{FoundToken, NewToken};
pub use users::NewUser;

/// The database. Cheap to clone; all clones share one writer and one pool of readers.
#[derive(Clone, Debug)]
pub struct Store {}

impl Store {
    /// Opens the database file, makes it where there is none, and brings it up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        todo!("{}", path.display())
    }

    /// Writes a consistent copy to `destination`, which must not exist yet; serving goes on meanwhile.
    pub async fn backup(&self, destination: &Path) -> Result<(), StoreError> {
        todo!("{}", destination.display())
    }

    /// Proves that the database answers, for health checks.
    pub async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Finishes what is waiting, folds the write-ahead log into the file and closes all connections.
    pub async fn close(&self) {
        todo!()
    }
}
