//! A cache of tokens, so that a request does not read its token from the database each time. It is valid until a token or a
//! tenant's settings change, in this process or in another.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::database::Transaction;
use super::sqlite::{Epoch, EpochFile};
use super::tokens::FoundToken;
use super::{Store, StoreError};
use crate::model::id::TokenId;

/// Tokens that are kept at most; one more, and all are dropped.
const CAPACITY: usize = 10_000;

/// The cached tokens.
#[derive(Debug)]
pub(super) struct TokenCache {
    epoch: EpochFile,
    found: Mutex<HashMap<[u8; 32], (Epoch, FoundToken)>>,
}

impl Store {
    /// Runs a unit that changes tokens or settings: no cached token is used from before its commit on. Continues to its end
    /// when the caller goes away.
    pub(super) async fn write_invalidating_tokens<T: Send + 'static>(
        &self,
        unit: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let writing = tokio::spawn(async move {
            let change = store.token_cache.epoch.change().await?;
            let result = store.database.write(unit).await;
            change.finish();
            result
        });
        writing.await.map_err(|_| StoreError::Panicked)?
    }
}

impl TokenCache {
    pub(super) fn open(database: &Path) -> Result<Self, StoreError> {
        Ok(Self { epoch: EpochFile::open(database)?, found: Mutex::default() })
    }

    /// The epoch under which the next answer of the database may be cached; none while a change is under way.
    pub(super) fn epoch(&self) -> Option<Epoch> {
        self.epoch.current()
    }

    /// The token of this hash, if it was found in this epoch.
    pub(super) fn get(&self, epoch: Epoch, hash: &[u8; 32]) -> Option<FoundToken> {
        self.found().get(hash).filter(|(of, _)| *of == epoch).map(|(_, found)| found.clone())
    }

    /// Caches a token. `epoch` was read before the database was asked.
    pub(super) fn insert(&self, epoch: Epoch, hash: &[u8; 32], token: &FoundToken) {
        let mut found = self.found();
        if found.len() >= CAPACITY {
            found.clear();
        }
        found.insert(*hash, (epoch, token.clone()));
    }

    /// Drops a token, of which something changed that neither permits nor forbids anything.
    pub(super) fn remove(&self, token: TokenId) {
        self.found().retain(|_, (_, found)| found.token.id != token);
    }

    fn found(&self) -> MutexGuard<'_, HashMap<[u8; 32], (Epoch, FoundToken)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
