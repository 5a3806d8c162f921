//! The throttle on signing in: failures under keys, such as an account's or a network's.

use super::{Store, StoreError, journal};
use crate::model::{id::TenantId, journal::NewEntry};
use crate::scim::time::DateTime;

const COUNT: &str = "select count(*) from sign_in_failures where key = ?1 and at between ?2 and ?3";
const COUNT_ALL: &str = "select count(*) from sign_in_failures where at between ?1 and ?2 and key like 'address %'";
const RECORD: &str = "insert into sign_in_failures (key, at) values (?1, ?2) returning id";
const REMOVE: &str = "delete from sign_in_failures where id = ?1";
const CLEAR: &str = "delete from sign_in_failures where key = ?1";
/// An account's keys end with its address.
const CLEAR_ACCOUNT: &str = "delete from sign_in_failures where key = 'account ' || ?1 \
    or (key like 'account-network %' or key like 'browser %') \
    and substr(key, length(key) - length(?1)) = ' ' || ?1";
const PURGE: &str = "delete from sign_in_failures where at < ?1";

/// How many failures there may be under a key.
#[derive(Clone, Debug)]
pub struct SignInLimit {
    /// The key.
    pub key: String,
    /// The limit.
    pub limit: u32,
}

/// An attempt to sign in, recorded as a failure under each of its keys.
#[derive(Debug)]
pub struct SignInAttempt(Vec<i64>);

impl Store {
    /// Records an attempt as a failure under each key, unless one of the limits has been reached within the window.
    pub async fn begin_sign_in(
        &self,
        limits: &[SignInLimit],
        window: (DateTime, DateTime),
        now: DateTime,
    ) -> Result<Option<SignInAttempt>, StoreError> {
        let limits = limits.to_vec();
        self.write(move |db| {
            for SignInLimit { key, limit } in &limits {
                if db.find_one::<u32>(COUNT, (key, window.0, window.1))? >= *limit {
                    return Ok(None);
                }
            }
            let ids = limits.iter().map(|limit| db.find_one(RECORD, (&limit.key, now)));
            ids.collect::<Result<_, _>>().map(|ids| Some(SignInAttempt(ids)))
        })
        .await
    }

    /// Records that an attempt succeeded: it was no failure, and those under `key` are forgotten.
    pub async fn complete_sign_in(&self, attempt: SignInAttempt, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write(move |db| {
            for id in attempt.0 {
                db.execute(REMOVE, (id,))?;
            }
            db.execute(CLEAR, (key,)).map(drop)
        })
        .await
    }

    /// Forgets the failures of the account with this address and, in the same transaction, journals it.
    pub async fn clear_sign_in_failures(
        &self,
        tenant: TenantId,
        email_key: &str,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let (email_key, entry) = (email_key.to_owned(), entry.clone());
        self.write(move |db| {
            db.execute(CLEAR_ACCOUNT, (email_key,))?;
            journal::insert(db, tenant, &entry)
        })
        .await
    }

    /// How many sign-ins from unknown browsers failed within the window.
    pub async fn sign_in_failures(&self, window: (DateTime, DateTime)) -> Result<u64, StoreError> {
        Ok(self.database.ask_one(COUNT_ALL, window).await?.unwrap_or_default())
    }

    /// Forgets the failures from before then.
    pub async fn purge_sign_in_failures(&self, before: DateTime) -> Result<(), StoreError> {
        self.write(move |db| db.execute(PURGE, (before,)).map(drop)).await
    }
}
