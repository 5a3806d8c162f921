//! The throttle on signing in: failures under a key, an account's or an address's.

use super::{Store, StoreError};
use crate::scim::time::DateTime;

const COUNT: &str = "select count(*) from sign_in_failures where key = ?1 and at between ?2 and ?3";
const RECORD: &str = "insert into sign_in_failures (key, at) values (?1, ?2)";
const CLEAR: &str = "delete from sign_in_failures where key = ?1";
const PURGE: &str = "delete from sign_in_failures where at < ?1";

impl Store {
    /// How many sign-ins failed under this key in that time.
    pub async fn sign_in_failures(&self, key: &str, since: DateTime, until: DateTime) -> Result<u32, StoreError> {
        Ok(self.database.ask_one(COUNT, (key, since, until)).await?.unwrap_or_default())
    }

    /// Records a failed sign-in under a key.
    pub async fn record_sign_in_failure(&self, key: &str, now: DateTime) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write(move |db| db.execute(RECORD, (key, now)).map(drop)).await
    }

    /// Forgets the failures under a key.
    pub async fn clear_sign_in_failures(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write(move |db| db.execute(CLEAR, (key,)).map(drop)).await
    }

    /// Forgets the failures from before then.
    pub async fn purge_sign_in_failures(&self, before: DateTime) -> Result<(), StoreError> {
        self.write(move |db| db.execute(PURGE, (before,)).map(drop)).await
    }
}
