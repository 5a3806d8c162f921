//! Signing in to the portal: one answer for every failure, the same work whether the account exists or not, and a
//! pause after too many failures, counted per account and per address.

use crate::{
    auth::password::{Password, PasswordError, PasswordHash, Passwords},
    clock::Clock,
    model::account::Account,
    scim::{compare::fold, time::DateTime},
    store::{Store, StoreError},
};

/// Failures are counted over this time.
pub const WINDOW_SECONDS: i64 = 15 * 60;
/// Failures of one account within the window before it has to wait.
pub const ACCOUNT_LIMIT: u32 = 5;
/// Failures from one address within the window before it has to wait.
pub const ADDRESS_LIMIT: u32 = 20;
/// No address is longer; what is beyond is not kept.
const LONGEST_KEY: usize = 300;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown account or wrong password; which one is not said.
    #[error("e-mail address or password is wrong")]
    Refused,
    /// Too many failures lately.
    #[error("too many failed sign-ins; try again in 15 minutes")]
    Throttled,
    /// Too many at once.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Proves an administrator by e-mail address and password. The caller begins the session.
///
/// # Errors
/// When the proof fails or is not heard.
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
    // Folded as the store finds accounts: another spelling of an address must not buy new guesses at it.
    let account_key: String = "account ".chars().chain(fold(email).chars()).take(LONGEST_KEY).collect();
    let address_key = format!("address {address}");
    for (key, limit) in [(&account_key, ACCOUNT_LIMIT), (&address_key, ADDRESS_LIMIT)] {
        if store.sign_in_failures(key, window_start(now), window_end(now)).await? >= limit {
            return Err(SignInError::Throttled);
        }
    }
    // Counted before the slow check, so that many guesses cannot pass side by side.
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
    // Only the account's count is forgotten: an own account must not buy an address new guesses at others.
    store.clear_sign_in_failures(&account_key).await?;
    store.touch_sign_in(account.tenant, account.id, now).await?;
    Ok(account)
}

/// The first instant within the window: a failure is forgotten when the whole time has passed.
fn window_start(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() - WINDOW_SECONDS * 1000 + 1)
}

/// Failures from farther ahead were noted by a clock that has since been put right.
const fn window_end(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() + WINDOW_SECONDS * 1000)
}
