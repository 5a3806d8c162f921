//! Passwords of administrators: argon2id, on blocking threads and only a few at a time, since each hash takes 19 MiB and some
//! 20 ms of a core.

use std::{fmt, sync::Arc, sync::OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task,
};

/// The fewest characters a password may have.
pub const MINIMUM_LENGTH: usize = 12;
/// The most bytes a password may have: bounds the work of one request.
pub const MAXIMUM_LENGTH: usize = 1024;
/// How many hashes are computed at the same time.
const SIDE_BY_SIDE: usize = 2;
/// How many callers may wait; further ones are rejected.
const WAITING: usize = 32;

/// A plaintext password. Its `Debug` prints nothing.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password to verify; of any length, since older rules may have been weaker.
    #[must_use]
    pub fn shown(text: String) -> Self {
        Self(text)
    }

    /// A new password.
    ///
    /// # Errors
    /// When it is too short, too long or easy to guess.
    pub fn chosen(text: String) -> Result<Self, PasswordError> {
        if text.chars().count() < MINIMUM_LENGTH {
            Err(PasswordError::TooShort)
        } else if text.len() > MAXIMUM_LENGTH {
            Err(PasswordError::TooLong)
        } else if is_easy_to_guess(&text) {
            Err(PasswordError::EasyToGuess)
        } else {
            Ok(Self(text))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The hash of a password, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash read from the store.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer characters than [`MINIMUM_LENGTH`].
    #[error("a password has at least 12 characters")]
    TooShort,
    /// More bytes than [`MAXIMUM_LENGTH`].
    #[error("a password has at most 1024 bytes")]
    TooLong,
    /// Common, or made of common words, repetitions or sequences.
    #[error("this password is easy to guess; choose another one")]
    EasyToGuess,
    /// Too many callers are waiting.
    #[error("too many sign-ins at once; try again in a moment")]
    Busy,
}

/// OWASP ASVS 5.0, 6.2.4: common passwords are refused. zxcvbn knows some tens of thousands of them, and what people derive from
/// them; below a score of 3 a password takes fewer than 10^8 guesses.
fn is_easy_to_guess(text: &str) -> bool {
    // The estimate takes quadratic time; so long a password is not a common one.
    const ESTIMATED: usize = 64;
    let start: String = text.chars().take(ESTIMATED).collect();
    zxcvbn::zxcvbn(&start, &["rollcall", "scim"]).score() < zxcvbn::Score::Three
}

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// A place in the queue of callers that wait for a hash.
#[derive(Debug)]
pub struct QueuePermit(OwnedSemaphorePermit);

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(SIDE_BY_SIDE)), queue: Arc::new(Semaphore::new(WAITING)) }
    }
}

impl Passwords {
    /// Takes a place in the queue.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub fn enqueue(&self) -> Result<QueuePermit, PasswordError> {
        self.queue.clone().try_acquire_owned().map(QueuePermit).map_err(|_| PasswordError::Busy)
    }

    /// Hashes a new password with a random salt.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many are waiting.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        Ok(self.work(self.enqueue()?, move || hash(&password)).await)
    }

    /// Whether `password` matches `stored`. Without a stored hash it takes as long and returns false, so that the time does not
    /// reveal which accounts exist.
    pub async fn verify(&self, permit: QueuePermit, password: Password, stored: Option<PasswordHash>) -> bool {
        self.work(permit, move || verify(&password, stored.as_ref())).await
    }

    async fn work<T: Send + 'static>(&self, permit: QueuePermit, job: impl FnOnce() -> T + Send + 'static) -> T {
        let turn = self.turns.clone().acquire_owned().await.expect("the semaphore is never closed");
        // The permit moves into the job: a caller that disconnects does not release it before the work is done.
        let finished = task::spawn_blocking(move || {
            let answer = job();
            drop(turn);
            answer
        });
        let answer = finished.await.expect("hashing does not panic and is not cancelled");
        drop(permit.0);
        answer
    }
}

fn hash(password: &Password) -> PasswordHash {
    let hash = Argon2::default().hash_password(password.0.as_bytes());
    PasswordHash(hash.expect("the default parameters and a bounded password are valid").to_string())
}

fn verify(password: &Password, stored: Option<&PasswordHash>) -> bool {
    static DUMMY: OnceLock<PasswordHash> = OnceLock::new();
    if password.0.len() > MAXIMUM_LENGTH {
        return false;
    }
    let dummy = || DUMMY.get_or_init(|| hash(&Password("nobody's password".to_owned())));
    let Ok(parsed) = phc::PasswordHash::new(&stored.unwrap_or_else(dummy).0) else {
        return false;
    };
    let matches = Argon2::default().verify_password(password.0.as_bytes(), &parsed).is_ok();
    matches && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_verified() {
        let passwords = Passwords::default();
        let hash = passwords.hash(Password::shown("correct horse".to_owned())).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$"));
        let verify = |text: &str, hash: Option<PasswordHash>| {
            passwords.verify(passwords.enqueue().unwrap(), Password::shown(text.to_owned()), hash)
        };
        assert!(verify("correct horse", Some(hash.clone())).await);
        assert!(!verify("Correct horse", Some(hash)).await);
        assert!(!verify("nobody's password", None).await);
        assert!(!verify("x", Some(PasswordHash::stored("rubbish".to_owned()))).await);
    }

    #[test]
    fn a_chosen_password_has_a_sensible_length() {
        assert_eq!(Password::chosen("short".to_owned()).err(), Some(PasswordError::TooShort));
        assert_eq!(Password::chosen("x".repeat(1025)).err(), Some(PasswordError::TooLong));
        assert!(Password::chosen("zwölf große Boxkämpfer".to_owned()).is_ok());
    }

    #[test]
    fn a_chosen_password_is_not_easy_to_guess() {
        for common in ["password1234", "passwordpassword", "1qaz2wsx3edc", "aaaaaaaaaaaaa", "rollcallrollcall"] {
            assert_eq!(Password::chosen(common.to_owned()).err(), Some(PasswordError::EasyToGuess), "{common}");
        }
        for good in ["correct horse battery", "x7#qLp2!vRt9", "einundzwanzig Gabeln"] {
            assert!(Password::chosen(good.to_owned()).is_ok(), "{good}");
        }
    }
}
