//! Signing in to the portal: one answer for every failure, the same work whether the account exists or not, and a throttle on
//! failures, counted per account and per address.

use crate::{
    auth::password::{Password, PasswordError, PasswordHash, Passwords},
    clock::Clock,
    model::account::Account,
    scim::{compare::fold, time::DateTime},
    store::{Store, StoreError},
};

/// Failures are counted over this time.
pub const WINDOW_SECONDS: i64 = 15 * 60;
/// Failures of one account within the window before it is throttled.
pub const ACCOUNT_LIMIT: u32 = 5;
/// Failures from one address within the window before it is throttled.
pub const ADDRESS_LIMIT: u32 = 20;
/// Longer addresses are truncated.
const LONGEST_KEY: usize = 300;

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown account or wrong password; the client does not learn which.
    #[error("e-mail address or password is wrong")]
    Refused,
    /// Too many recent failures.
    #[error("too many failed sign-ins; try again in 15 minutes")]
    Throttled,
    /// Too many at the same time.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Authenticates an administrator by e-mail address and password. The caller starts the session.
///
/// # Errors
/// When the credentials are wrong or the caller is throttled.
pub async fn sign_in(
    store: &Store,
    clock: &Clock,
    passwords: &Passwords,
    email: &str,
    password: Password,
    address: &str,
) -> Result<Account, SignInError> {
    let email = email.trim();
    let now = clock.now();
    // Folded as in the store's lookup: another spelling of an address must not allow more guesses.
    let account_key: String = "account ".chars().chain(fold(email).chars()).take(LONGEST_KEY).collect();
    let address_key = format!("address {address}");
    for (key, limit) in [(&account_key, ACCOUNT_LIMIT), (&address_key, ADDRESS_LIMIT)] {
        if store.sign_in_failures(key, window_start(now), window_end(now)).await? >= limit {
            return Err(SignInError::Throttled);
        }
    }
    // Counted before the slow verification, so that simultaneous guesses are counted.
    store.record_sign_in_failure(&account_key, now).await?;
    let (account, hash) = match store.account_by_email(email).await? {
        Some((account, hash)) => (Some(account), Some(PasswordHash::stored(hash))),
        None => (None, None),
    };
    let proved = passwords.verify(password, hash).await?;
    let Some(account) = account.filter(|_| proved) else {
        store.record_sign_in_failure(&address_key, now).await?;
        return Err(SignInError::Refused);
    };
    // Only the account's count is cleared: signing in to one account must not allow more guesses at others.
    store.clear_sign_in_failures(&account_key).await?;
    store.touch_sign_in(account.tenant, account.id, now).await?;
    Ok(account)
}

/// The first instant within the window.
fn window_start(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() - WINDOW_SECONDS * 1000 + 1)
}

/// Failures from later than this were recorded by a clock that has since been corrected.
const fn window_end(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() + WINDOW_SECONDS * 1000)
}
