//! The one-time link by which the first administrator's account is created. Its secret is derived from the installation's
//! key, so that every start, and every server with this key, prints and accepts the same link. The first account ends it.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::{
    auth::{
        hex,
        password::{Password, PasswordError, Passwords},
        token::TokenKey,
    },
    clock::Clock,
    model::account::Account,
    store::{Store, StoreError},
};

/// Whether a first account may be made, and by whom.
#[derive(Clone, Debug, Default)]
pub struct SetUp(Arc<Mutex<Option<[u8; 32]>>>);

/// What the first administrator says.
#[derive(Clone, Debug)]
pub struct FirstAccount {
    /// Name of the company.
    pub company: String,
    /// The administrator's address, used to sign in.
    pub email: String,
    /// The administrator's name.
    pub display_name: String,
    /// The password chosen.
    pub password: Password,
}

/// Why there is no first account.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The link is wrong or was used.
    #[error("this set-up link is not valid any more")]
    Closed,
    /// The password cannot be taken.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SetUp {
    /// No set-up: there is an account already.
    #[must_use]
    pub fn closed() -> Self {
        Self::default()
    }

    /// Opens the set-up and returns the secret part of the link.
    #[must_use]
    pub fn open(key: &TokenKey) -> (Self, String) {
        let secret = hex::encode(&key.seal("rollcall set-up link v1", &[])[..20]);
        (Self(Arc::new(Mutex::new(Some(digest(&secret))))), secret)
    }

    /// Whether a first account is still to be made, as far as is known here: see `AppState::set_up_is_open`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.expected().is_some()
    }

    /// Ends the set-up: there is an account.
    pub fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether `shown` is the secret of the link. Digests are compared, whose bytes a guesser cannot steer.
    #[must_use]
    pub fn accepts(&self, shown: &str) -> bool {
        self.expected().is_some_and(|expected| expected == digest(shown))
    }

    /// Makes company and first account in one step, and closes the set-up for good.
    ///
    /// # Errors
    /// When the link is not valid, the password cannot be taken or the store fails.
    pub async fn complete(
        &self,
        store: &Store,
        clock: &Clock,
        passwords: &Passwords,
        shown: &str,
        first: FirstAccount,
    ) -> Result<Account, SetUpError> {
        if !self.accepts(shown) {
            return Err(SetUpError::Closed);
        }
        let hash = passwords.hash(first.password).await?;
        let made = store.set_up(&first.company, &first.email, &first.display_name, hash.as_str(), clock.now()).await?;
        self.close();
        made.ok_or(SetUpError::Closed)
    }

    fn expected(&self) -> Option<[u8; 32]> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_link_opens() {
        let folder = tempfile::tempdir().unwrap();
        let key = TokenKey::load_or_create(folder.path()).unwrap();
        let (set_up, secret) = SetUp::open(&key);
        assert!(set_up.is_open() && set_up.accepts(&secret));
        let (restarted, same) = SetUp::open(&TokenKey::load_or_create(folder.path()).unwrap());
        assert!(restarted.accepts(&secret) && same == secret);
        let other = tempfile::tempdir().unwrap();
        assert!(!SetUp::open(&TokenKey::load_or_create(other.path()).unwrap()).0.accepts(&secret));
        assert!(!set_up.accepts("") && !set_up.accepts(&secret.to_uppercase()));
        assert!(!SetUp::closed().is_open() && !SetUp::closed().accepts(""));
    }
}
