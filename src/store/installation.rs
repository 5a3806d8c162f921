//! The installation: the mark of the key that its tokens were made with.

use super::{Store, StoreError};
use crate::scim::time::DateTime;

const KEY_MARK: &str = "select key_mark from installation";
const SET_KEY_MARK: &str = "insert into installation (id, key_mark) values (1, ?1) on conflict (id) do update set key_mark = excluded.key_mark";
const ANY_VALID_TOKEN: &str =
    "select exists (select 1 from tokens where revoked is null and (expires is null or expires > ?1))";

impl Store {
    /// The mark of the key that the tokens here were made with; `None` until one was used.
    pub async fn key_mark(&self) -> Result<Option<[u8; 32]>, StoreError> {
        self.database.ask_one(KEY_MARK, ()).await
    }

    /// From now on this is the key's mark.
    pub async fn set_key_mark(&self, mark: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |db| db.execute(SET_KEY_MARK, (mark,)).map(drop)).await
    }

    /// Whether any token of any tenant is valid.
    pub async fn any_valid_token(&self, now: DateTime) -> Result<bool, StoreError> {
        Ok(self.database.ask_one(ANY_VALID_TOKEN, (now,)).await?.unwrap_or(false))
    }
}
