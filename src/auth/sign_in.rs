//! Signing in to the portal: one answer for every failure, the same work whether the account exists or not, and a throttle on
//! failures.
//!
//! A browser that the account has signed in with before has a count of its own. All others share the counts of their network
//! and of the account, so that guesses of a stranger, from however many networks, do not lock an administrator out.

use crate::{
    auth::{
        known_browser::KnownBrowser,
        password::{Password, PasswordError, PasswordHash, Passwords},
    },
    clock::Clock,
    model::{account::Account, journal::NewEntry},
    scim::{compare::fold, time::DateTime},
    store::{SignInLimit, Store, StoreError},
};

/// Failures are counted over this time.
pub const WINDOW_SECONDS: i64 = 15 * 60;
/// Failures of one account within the window, from one network or one known browser, before it is throttled there.
pub const ACCOUNT_LIMIT: u32 = 5;
/// Failures from one network within the window before it is throttled for all accounts.
pub const NETWORK_LIMIT: u32 = 20;
/// Failures of one account within the window, from all networks, before unknown browsers are throttled.
pub const ACCOUNT_LIMIT_OF_ALL_NETWORKS: u32 = 50;
/// Longer keys are truncated.
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

/// Authenticates an administrator by e-mail address and password. The caller starts the session. `network` is the client's;
/// `browser` is set if the client is known for this account.
///
/// # Errors
/// When the credentials are wrong or the caller is throttled.
pub async fn sign_in(
    store: &Store,
    clock: &Clock,
    passwords: &Passwords,
    email: &str,
    password: Password,
    network: &str,
    browser: Option<&KnownBrowser>,
) -> Result<Account, SignInError> {
    let email = email.trim();
    let now = clock.now();
    // Before the attempt is counted: a client that finds the queue full has not guessed.
    let permit = passwords.enqueue()?;
    let limits = limits(email, network, browser);
    let window = (window_start(now), window_end(now));
    // Counted as a failure before the slow verification, in one transaction, so that simultaneous guesses are counted.
    let Some(attempt) = store.begin_sign_in(&limits, window, now).await? else {
        return Err(SignInError::Throttled);
    };
    let (account, hash) = match store.account_by_email(email).await? {
        Some((account, hash)) => (Some(account), Some(PasswordHash::stored(hash))),
        None => (None, None),
    };
    let is_correct = passwords.verify(permit, password, hash).await;
    let Some(account) = account.filter(|_| is_correct) else {
        return Err(SignInError::Refused);
    };
    // Of the other counts only this attempt is removed: signing in to one account must not allow more guesses at others.
    store.complete_sign_in(attempt, &limits[0].key).await?;
    store.touch_sign_in(account.tenant, account.id, now).await?;
    Ok(account)
}

/// The counts that an attempt is subject to; a success clears the first.
fn limits(email: &str, network: &str, browser: Option<&KnownBrowser>) -> Vec<SignInLimit> {
    // Folded as in the store's lookup: another spelling of an address must not allow more guesses. The address comes last, as it
    // may contain anything.
    let email = fold(email);
    let limit = |key: String, limit: u32| SignInLimit { key: key.chars().take(LONGEST_KEY).collect(), limit };
    if let Some(browser) = browser {
        return vec![limit(format!("browser {} {email}", browser.id()), ACCOUNT_LIMIT)];
    }
    vec![
        limit(format!("account-network {network} {email}"), ACCOUNT_LIMIT),
        limit(format!("address {network}"), NETWORK_LIMIT),
        limit(format!("account {email}"), ACCOUNT_LIMIT_OF_ALL_NETWORKS),
    ]
}

/// The failures from unknown browsers that count now, for the metrics.
///
/// # Errors
/// When the store fails.
pub async fn recent_failures(store: &Store, now: DateTime) -> Result<u64, StoreError> {
    store.sign_in_failures((window_start(now), window_end(now))).await
}

/// Forgets the failed sign-ins of an account, from all networks and browsers, and journals it. Networks stay throttled.
///
/// # Errors
/// When the store fails.
pub async fn unlock(store: &Store, account: &Account, entry: &NewEntry) -> Result<(), StoreError> {
    store.clear_sign_in_failures(account.tenant, &fold(&account.email), entry).await
}

/// The first instant within the window.
fn window_start(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() - WINDOW_SECONDS * 1000 + 1)
}

/// Failures from later than this were recorded by a clock that has since been corrected.
const fn window_end(now: DateTime) -> DateTime {
    DateTime::from_millis(now.as_millis() + WINDOW_SECONDS * 1000)
}
