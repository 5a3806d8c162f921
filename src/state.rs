//! What both faces are handed: the store, the clock, the settings, the small things kept in memory, and, with each
//! request, its id and the client's address.

use std::{net::IpAddr, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::{
    auth::{
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

/// Handed to every handler and, as a context, to every server function.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The only way to the database.
    pub store: Store,
    /// The only way to the time.
    pub clock: Clock,
    /// The settings of this installation.
    pub config: Arc<Config>,
    /// Turns tokens into what is stored of them.
    pub token_key: TokenKey,
    /// Where passwords are hashed.
    pub passwords: Passwords,
    /// What is counted.
    pub metrics: Metrics,
    /// Turns at long work.
    pub long_work: LongWork,
    /// Whether the first account is still to be made.
    pub set_up: SetUp,
    /// Checks of this server that administrators have started.
    pub connection_checks: ConnectionChecks,
    /// What Leptos needs to write its pages.
    pub leptos_options: LeptosOptions,
}

impl AppState {
    /// The door to one tenant's users and groups.
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

    /// Where portal sessions are kept.
    #[must_use]
    pub fn sessions(&self) -> SessionRecords {
        SessionRecords::new(self.store.clone(), self.clock.clone())
    }

    /// Proves an administrator; the caller begins the session. `address` is the client's, for the throttle.
    ///
    /// # Errors
    /// When the proof fails or is not heard.
    pub async fn sign_in(&self, email: &str, password: Password, address: &str) -> Result<Account, SignInError> {
        sign_in::sign_in(&self.store, &self.clock, &self.passwords, email, password, address).await
    }

    /// Makes company and first account for the bearer of the set-up link.
    ///
    /// # Errors
    /// When the link is not valid, the password cannot be taken or the store fails.
    pub async fn complete_set_up(&self, shown: &str, first: FirstAccount) -> Result<Account, SetUpError> {
        self.set_up.complete(&self.store, &self.clock, &self.passwords, shown, first).await
    }

    /// Whether a first account is still to be made. The command line may have made one beside the running server.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_up_is_open(&self) -> Result<bool, StoreError> {
        if self.set_up.is_open() && self.store.any_account().await? {
            self.set_up.close();
        }
        Ok(self.set_up.is_open())
    }

    /// A new token and what to store of it.
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

/// The id of a request: in the answer's `X-Request-Id`, in the log and in the journal. An extension of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Where a request comes from. An extension of every request; behind a proxy that is trusted, what the proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The unit that is throttled: an address, and of IPv6 the network that one customer is given.
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
