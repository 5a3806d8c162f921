//! Portal sessions, opaque to the store.

use super::{Store, StoreError};
use crate::scim::time::DateTime;

/// A session as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id, as the session layer prints it. Hand in a hash of it, should the cookie's value not lie in the database.
    pub id: String,
    /// Its data, as the session layer writes it.
    pub data: String,
    /// When it ends.
    pub expires: DateTime,
}

impl Store {
    /// Stores a session under a new id; `Duplicate` when the id is taken.
    pub async fn create_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        todo!("{}", session.expires)
    }

    /// Stores a session, over the old one with this id.
    pub async fn save_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        todo!("{}", session.expires)
    }

    /// The session with this id, unless it has ended.
    pub async fn load_session(
        &self,
        id: &str,
        now: DateTime,
    ) -> Result<Option<StoredSession>, StoreError> {
        todo!("{} {now}", id.len())
    }

    /// Deletes a session.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        todo!("{}", id.len())
    }

    /// Deletes the sessions that have ended.
    pub async fn purge_sessions(&self, now: DateTime) -> Result<(), StoreError> {
        todo!("{now}")
    }
}
