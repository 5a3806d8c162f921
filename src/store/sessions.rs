//! Portal sessions, opaque to the store.

use super::{Store, StoreError};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into sessions (id, data, expires) values (?1, ?2, ?3)";
const SAVE: &str = "insert into sessions (id, data, expires) values (?1, ?2, ?3) \
    on conflict (id) do update set data = excluded.data, expires = excluded.expires";
const LOAD: &str = "select data, expires from sessions where id = ?1 and expires > ?2";
const DELETE: &str = "delete from sessions where id = ?1";
const PURGE: &str = "delete from sessions where expires <= ?1";

/// A session as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id. Pass a digest, so that the cookie's value is not in the database.
    pub id: String,
    /// Its data, as the session layer writes it.
    pub data: String,
    /// When it ends.
    pub expires: DateTime,
}

impl Store {
    /// Stores a session under a new id; `Duplicate` when the id is taken.
    pub async fn create_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.put_session(INSERT, session.clone()).await
    }

    /// Stores a session, over the old one with this id.
    pub async fn save_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.put_session(SAVE, session.clone()).await
    }

    /// The session with this id, unless it has ended.
    pub async fn load_session(&self, id: &str, now: DateTime) -> Result<Option<StoredSession>, StoreError> {
        let found = self.database.ask_one(LOAD, (id, now)).await?;
        Ok(found.map(|(data, expires)| StoredSession { id: id.to_owned(), data, expires }))
    }

    /// Deletes a session.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |db| db.execute(DELETE, (id,)).map(drop)).await
    }

    /// Deletes the sessions that have ended.
    pub async fn purge_sessions(&self, now: DateTime) -> Result<(), StoreError> {
        self.write(move |db| db.execute(PURGE, (now,)).map(drop)).await
    }

    async fn put_session(&self, statement: &'static str, session: StoredSession) -> Result<(), StoreError> {
        let StoredSession { id, data, expires } = session;
        self.write(move |db| db.execute(statement, (id, data, expires)).map(drop)).await
    }
}
