//! The check of the connection that administrators start in the portal: `check` played against this very server over
//! HTTP, on a throw-away tenant of its own, so that no real person is touched. One runs for a tenant at a time, few in
//! the installation, each with an end. What it found is kept in memory; whatever a check leaves behind when the server
//! ends in its midst is cleared away at the next start.

mod run;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, OnceLock},
};

use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::{
    auth::token::{PlainToken, TokenKey},
    check::Format,
    clock::Clock,
    config::{Config, tenant_url_at},
    model::{
        connection_check::ConnectionCheck,
        id::{TenantId, TokenId},
        journal::{Actor, NewEntry, Status},
        tenant::Settings,
    },
    scim::time::DateTime,
    store::{NewToken, Store, StoreError},
};
use run::Run;

/// Bears the id of a running check in each of its requests: a stranger's belong to no tenant, and must not be journaled
/// as strangers to a real one.
pub const HEADER: &str = "x-rollcall-check";

/// What the journal says that it is about.
pub const IDENTITY: &str = "Connection check";

/// The longest a check may take: a rate limit of a few requests a second makes it slow.
const TIME_LIMIT: i64 = 10 * 60 * 1000;
/// How long a tenant waits for its next check.
const PAUSE: i64 = 30 * 1000;
/// Checks at once in the whole installation; each keeps about one processor busy.
const MAX_CONCURRENT: usize = 2;
/// How long the outcome is kept.
const RETENTION: i64 = 24 * 60 * 60 * 1000;
/// The longest userName that a check makes up.
pub const MAX_NAME_LENGTH: u32 = 24;

/// All checks of this installation. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub struct ConnectionChecks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Store,
    clock: Clock,
    token_key: TokenKey,
    /// The address that identity providers use.
    tenant_url: String,
    /// Where this server listens, once it does.
    listening: OnceLock<SocketAddr>,
    /// The last check of each tenant. Locked while throw-away tenants come and go, so that none is taken for one left
    /// behind.
    runs: Mutex<HashMap<TenantId, Arc<Run>>>,
}

/// Why no check was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The tenant's last one has not ended.
    #[error("a check is running already")]
    Running,
    /// It has only just ended.
    #[error("the last check has only just ended: wait for {seconds} seconds")]
    TooSoon {
        /// How long to wait.
        seconds: i64,
    },
    /// Other tenants' are running.
    #[error("other checks are running")]
    Busy,
    /// The tenant allows userNames of so few characters only.
    #[error("userNames of {limit} characters are too short for the check")]
    ShortNames {
        /// The most characters.
        limit: u32,
    },
    /// The server does not listen anywhere.
    #[error("the server has no address of its own")]
    NotListening,
    /// The throw-away tenant could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConnectionChecks {
    /// No checks yet.
    #[must_use]
    pub fn new(store: &Store, clock: &Clock, token_key: &TokenKey, config: &Config) -> Self {
        Self(Arc::new(Shared {
            store: store.clone(),
            clock: clock.clone(),
            token_key: token_key.clone(),
            tenant_url: config.tenant_url(),
            listening: OnceLock::new(),
            runs: Mutex::default(),
        }))
    }

    /// From now on the server answers at this address.
    pub fn listening(&self, address: SocketAddr) {
        // Only tests serve twice with the same state; the first address is as good.
        self.0.listening.get_or_init(|| reachable(address));
    }

    /// Starts a check of the tenant's connection; `settings` are the tenant's, `entry` tells its journal that an
    /// administrator began it.
    ///
    /// # Errors
    /// When none may run now, or the throw-away tenant cannot be made.
    pub async fn start(&self, of: TenantId, settings: Settings, by: &str, entry: &NewEntry) -> Result<(), StartError> {
        let shared = &self.0;
        let now = shared.clock.now();
        let mut runs = shared.runs.lock().await;
        let address = shared.listening.get().ok_or(StartError::NotListening)?;
        if let Some(last) = runs.get(&of) {
            let ended = last.ended().ok_or(StartError::Running)?;
            let wait = ended.as_millis() + PAUSE - now.as_millis();
            if wait > 0 {
                return Err(StartError::TooSoon { seconds: (wait + 999) / 1000 });
            }
        }
        if runs.values().filter(|run| run.ended().is_none()).count() >= MAX_CONCURRENT {
            return Err(StartError::Busy);
        }
        let limit = settings.user_name_limit;
        if (1..MAX_NAME_LENGTH).contains(&limit) {
            return Err(StartError::ShortNames { limit });
        }
        let ends = add_millis(now, TIME_LIMIT);
        let secret = PlainToken::generate();
        let token = NewToken {
            id: TokenId(shared.clock.new_id()),
            name: IDENTITY.to_owned(),
            hash: shared.token_key.hash(&secret).0,
            created_by: by.to_owned(),
            expires: Some(ends),
        };
        let settings = Settings { provisioning: true, ..settings };
        let check_tenant = shared.store.create_check_tenant(of, settings, &token, entry, now).await?;
        let url = tenant_url_at(&format!("http://{address}"));
        let run = Arc::new(Run::new(shared.clock.new_id(), of, check_tenant, by, now, url));
        runs.insert(of, Arc::clone(&run));
        drop(runs);
        let result = run::spawn(&run, &secret, &shared.tenant_url, shared.clock.clone(), ends);
        let (checks, entry) = (self.clone(), entry.clone());
        tokio::spawn(async move {
            let outcome = match result {
                Ok(result) => {
                    result.await.unwrap_or_else(|_| Err("The check broke down; the log knows more.".to_owned()))
                }
                Err(why) => Err(format!("The check could not begin: {why}.")),
            };
            checks.end(&run, outcome, entry).await;
        });
        Ok(())
    }

    /// Clears the throw-away tenant away, and only then says that the check is over.
    async fn end(&self, run: &Run, outcome: Result<crate::check::Report, String>, started: NewEntry) {
        let shared = &self.0;
        let now = shared.clock.now();
        let (status, http_status, detail) = match &outcome {
            Ok(report) => {
                let status = if report.failed() == 0 { Status::Success } else { Status::Warning };
                (status, 200, format!("The check of the connection is over, {}.", report.score_line()))
            }
            Err(why) => (Status::Failure, 500, format!("The check of the connection was broken off. {why}")),
        };
        info!(tenant.id = %run.of, "{detail}");
        let entry = NewEntry { at: now, status, http_status, detail: Some(detail), ..started };
        let runs = shared.runs.lock().await;
        if let Err(cause) = shared.store.remove_check_tenant(run.check_tenant, run.of, &entry).await {
            warn!(%cause, "The throw-away tenant {} could not be removed; the next try is in an hour", run.check_tenant);
        }
        run.end(now, outcome);
        drop(runs);
    }

    /// The check that the tenant's administrators started last.
    pub async fn last(&self, of: TenantId) -> Option<ConnectionCheck> {
        self.0.runs.lock().await.get(&of).map(|run| run.shown())
    }

    /// The report of the tenant's last check, if it has come to its end.
    pub async fn report(&self, of: TenantId, format: Format) -> Option<Vec<u8>> {
        let run = self.0.runs.lock().await.get(&of).cloned()?;
        run.report(format)
    }

    /// The throw-away tenant of the running check whose request bears this [`HEADER`].
    pub async fn check_tenant(&self, shown: Option<&str>) -> Option<TenantId> {
        let id = shown?;
        let runs = self.0.runs.lock().await;
        let run = runs.values().find(|run| run.ended().is_none() && run.id.to_string() == id)?;
        Some(run.check_tenant)
    }

    /// Clears away what checks have left behind, and forgets what was found long ago.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_abandoned(&self) -> Result<(), StoreError> {
        let shared = &self.0;
        let now = shared.clock.now();
        let mut runs = shared.runs.lock().await;
        runs.retain(|_, run| run.ended().is_none_or(|ended| now.as_millis() - ended.as_millis() < RETENTION));
        for (check_tenant, of) in shared.store.check_tenants().await? {
            if !runs.values().any(|run| run.check_tenant == check_tenant && run.ended().is_none()) {
                shared.store.remove_check_tenant(check_tenant, of, &interrupted_entry(now)).await?;
            }
        }
        Ok(())
    }
}

/// What the journal tells of a check that the server's own end has cut off.
fn interrupted_entry(now: DateTime) -> NewEntry {
    let detail = "The check of the connection was cut off: the server was stopped meanwhile.".to_owned();
    NewEntry {
        status: Status::Failure,
        method: "COMMAND".to_owned(),
        path: "serve".to_owned(),
        http_status: 500,
        ..NewEntry::other(now, Actor::Command, IDENTITY, detail)
    }
}

fn add_millis(now: DateTime, millis: i64) -> DateTime {
    DateTime::from_millis(now.as_millis() + millis)
}

/// Where a server that listens there is reached from its own machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listening: &str, expected: &str) {
        assert_eq!(reachable(listening.parse().unwrap()).to_string(), expected);
    }

    #[test]
    fn a_server_that_listens_everywhere_is_reached_at_home() {
        check("0.0.0.0:3000", "127.0.0.1:3000");
        check("[::]:3000", "[::1]:3000");
        check("192.0.2.1:80", "192.0.2.1:80");
    }
}
