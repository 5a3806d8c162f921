//! The state that endpoint and portal share: store, clock, settings and what is kept in memory; and with each request its id
//! and the client's address.

use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    auth::{
        known_browser::KnownBrowser,
        password::{Password, Passwords},
        session::SessionRecords,
        set_up::{FirstAccount, SetUp, SetUpError},
        sign_in::{self, SignInError},
        token::{PlainToken, TokenHash, TokenKey},
    },
    clock::Clock,
    config::Config,
    connection_check::ConnectionChecks,
    directory::{
        Directory, Origin,
        work::{LongWork, RequestWork},
    },
    metrics::Metrics,
    model::{account::Account, id::TenantId, tenant::Settings},
    scim::schema::Types,
    store::{Store, StoreError},
};

/// The state of the application, for every handler and, as a context, every server function.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The only way to the database.
    pub store: Store,
    /// The only way to the time.
    pub clock: Clock,
    /// The settings of this installation.
    pub config: Arc<Config>,
    /// Hashes tokens.
    pub token_key: TokenKey,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Metrics.
    pub metrics: Metrics,
    /// Turns at long work.
    pub long_work: LongWork,
    /// Whether the first account is still to be created.
    pub set_up: SetUp,
    /// Connection checks that administrators have started.
    pub connection_checks: ConnectionChecks,
    /// What Leptos needs to render pages.
    pub leptos_options: LeptosOptions,
}

impl AppState {
    /// The directory of one tenant, for one request.
    #[must_use]
    pub fn directory(
        &self,
        tenant: TenantId,
        settings: Settings,
        types: Arc<Types>,
        origin: Origin,
        work: RequestWork,
    ) -> Directory {
        Directory::new(self.store.clone(), self.clock.clone(), tenant, settings, types, origin, work)
            .with_base_url(self.config.tenant_url())
    }

    /// The store of portal sessions.
    #[must_use]
    pub fn sessions(&self) -> SessionRecords {
        SessionRecords::new(self.store.clone(), self.clock.clone())
    }

    /// Authenticates an administrator; the caller starts the session. `network` is the client's, for the throttle, and so is
    /// `browser`, if the client is known for this account.
    ///
    /// # Errors
    /// When the credentials are wrong or the caller is throttled.
    pub async fn sign_in(
        &self,
        email: &str,
        password: Password,
        network: &str,
        browser: Option<&KnownBrowser>,
    ) -> Result<Account, SignInError> {
        let (store, clock, passwords) = (&self.store, &self.clock, &self.passwords);
        let result = sign_in::sign_in(store, clock, passwords, email, password, network, browser).await;
        self.metrics.sign_in_finished(match &result {
            Ok(_) => "succeeded",
            Err(SignInError::Refused) => "failed",
            Err(SignInError::Throttled) => "throttled",
            Err(SignInError::Password(_)) => "busy",
            Err(SignInError::Store(_)) => "error",
        });
        result
    }

    /// Creates the tenant and its first account for the bearer of the set-up link.
    ///
    /// # Errors
    /// When the link is not valid, the password cannot be taken or the store fails.
    pub async fn complete_set_up(&self, shown: &str, first: FirstAccount) -> Result<Account, SetUpError> {
        self.set_up.complete(&self.store, &self.clock, &self.passwords, shown, first).await
    }

    /// Whether the first account is still to be created. The command line may have created one while the server runs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_up_is_open(&self) -> Result<bool, StoreError> {
        if self.set_up.is_open() && self.store.any_account().await? {
            self.set_up.close();
        }
        Ok(self.set_up.is_open())
    }

    /// A new token and its hash, which is stored.
    #[must_use]
    pub fn new_token(&self) -> (PlainToken, TokenHash) {
        let token = PlainToken::generate();
        let hash = self.token_key.hash(&token);
        (token, hash)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}

/// The id of a request: in the response's `X-Request-Id`, in the log and in the journal. An extension of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// The client's address. An extension of every request; behind a trusted proxy it is taken from the proxy's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The key for throttling: an IPv4 address, or the /64 network of an IPv6 address.
    #[must_use]
    pub fn throttle_key(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_is_throttled_by_network() {
        let key = |text: &str| ClientAddress(text.parse().unwrap()).throttle_key();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::1"));
        assert_eq!(key("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
