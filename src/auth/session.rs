//! Portal sessions: stored in the database, identified by a cookie. Other modules use methods, never session keys.
//!
//! An idle session expires after [`IDLE_SECONDS`], any session after [`WHOLE_SECONDS`], by the program's own clock.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use crate::{
    auth::hex,
    clock::Clock,
    model::{
        account::Account,
        id::{AccountId, TenantId},
    },
    scim::time::DateTime,
    store::{Store, StoreError, StoredSession},
};

/// An idle session expires after two hours.
pub const IDLE_SECONDS: i64 = 2 * 60 * 60;
/// Every session expires after twelve hours.
pub const WHOLE_SECONDS: i64 = 12 * 60 * 60;
/// Use is recorded at most this often.
const STEP_SECONDS: i64 = 60;
const KEY: &str = "signed_in";

/// Failures of the session store.
pub type SessionError = tower_sessions::session::Error;

/// One browser's session.
#[derive(Clone, Debug)]
pub struct Session(tower_sessions::Session);

/// The content of a session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct SignedIn {
    tenant: TenantId,
    account: AccountId,
    since: DateTime,
    seen: DateTime,
    /// The account's epoch at the sign-in. Sessions from before there were epochs are in the first one.
    #[serde(default)]
    epoch: i64,
}

impl From<tower_sessions::Session> for Session {
    fn from(session: tower_sessions::Session) -> Self {
        Self(session)
    }
}

impl Session {
    /// Starts a session with a new id, which prevents session fixation.
    ///
    /// # Errors
    /// When the session cannot be stored.
    pub async fn sign_in(&self, account: &Account, now: DateTime) -> Result<(), SessionError> {
        self.0.clear().await;
        // Not `flush`: that would store the new session under the old id.
        self.0.cycle_id().await?;
        let signed_in = SignedIn {
            tenant: account.tenant,
            account: account.id,
            since: now,
            seen: now,
            epoch: account.session_epoch,
        };
        self.0.insert(KEY, signed_in).await
    }

    /// Gives the session a new id, after a change of privileges.
    ///
    /// # Errors
    /// When the session cannot be stored.
    pub async fn renew(&self) -> Result<(), SessionError> {
        self.0.cycle_id().await
    }

    /// The account that is signed in, if it still exists and its sessions were not ended. Using a session extends it.
    ///
    /// # Errors
    /// When session or account cannot be read.
    pub async fn account(&self, store: &Store, now: DateTime) -> Result<Option<Account>, SessionError> {
        let Some(SignedIn { tenant, account, epoch, .. }) = self.signed_in(now).await? else {
            return Ok(None);
        };
        let account = store.account(tenant, account).await.map_err(|error| SessionError::Store(backend(&error)))?;
        Ok(account.filter(|account| account.session_epoch == epoch))
    }

    async fn signed_in(&self, now: DateTime) -> Result<Option<SignedIn>, SessionError> {
        let Some(signed_in) = self.0.get::<SignedIn>(KEY).await? else {
            return Ok(None);
        };
        if seconds(signed_in.since, now) >= WHOLE_SECONDS || seconds(signed_in.seen, now) >= IDLE_SECONDS {
            self.0.flush().await?;
            return Ok(None);
        }
        if seconds(signed_in.seen, now) >= STEP_SECONDS {
            self.0.insert(KEY, SignedIn { seen: now, ..signed_in }).await?;
        }
        Ok(Some(signed_in))
    }

    /// Ends the session and deletes it from the store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        self.0.flush().await
    }
}

/// The time between two instants, in either order: a session must expire even if the clock was wrong and is corrected.
const fn seconds(one: DateTime, other: DateTime) -> i64 {
    (one.as_millis() - other.as_millis()).abs() / 1000
}

/// The session store for tower-sessions.
///
/// Only a digest of a session's id is stored: a copy of the database gives access to no session.
#[derive(Clone, Debug)]
pub struct SessionRecords {
    store: Store,
    clock: Clock,
}

impl SessionRecords {
    /// Sessions in `store`, which expire by `clock`.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl SessionStore for SessionRecords {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            match self.store.create_session(&self.stored(record)?).await {
                // 128 random bits do not collide; if they did, another id would be used.
                Err(StoreError::Duplicate) => record.id = Id::default(),
                done => return done.map_err(|error| backend(&error)),
            }
        }
    }

    /// Only the time of the last use changes in an existing session. If the disk is full, reading must still work: the session
    /// then expires earlier.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        match self.store.save_session(&self.stored(record)?).await {
            Err(cause) if cause.is_transient() => {
                tracing::warn!(%cause, "The use of a session could not be recorded");
                Ok(())
            }
            saved => saved.map_err(|error| backend(&error)),
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let stored = self.store.load_session(&digest(id), self.clock.now()).await.map_err(|error| backend(&error))?;
        let read = |stored: StoredSession| -> session_store::Result<Record> {
            let data = serde_json::from_str(&stored.data).map_err(|error| decode(&error))?;
            let expiry_date = OffsetDateTime::from_unix_timestamp(stored.expires.as_millis() / 1000);
            Ok(Record { id: *id, data, expiry_date: expiry_date.map_err(|error| decode(&error))? })
        };
        stored.map(read).transpose()
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.store.delete_session(&digest(id)).await.map_err(|error| backend(&error))
    }
}

impl SessionRecords {
    /// The expiry is counted by the program's clock; tower-sessions uses the machine's.
    fn stored(&self, record: &Record) -> session_store::Result<StoredSession> {
        let data = serde_json::to_string(&record.data);
        Ok(StoredSession {
            id: digest(&record.id),
            data: data.map_err(|error| session_store::Error::Encode(error.to_string()))?,
            expires: DateTime::from_millis(self.clock.now().as_millis() + IDLE_SECONDS * 1000),
        })
    }
}

fn backend(error: &StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

fn decode(error: &dyn std::error::Error) -> session_store::Error {
    session_store::Error::Decode(error.to_string())
}

fn digest(id: &Id) -> String {
    hex::encode(&Sha256::digest(id.to_string().as_bytes()))
}
