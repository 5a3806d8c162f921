//! The service under test, and the clients that call it.

mod answer;
mod client;
mod dialect;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use rollcall::{
    auth::{
        password::{Password, Passwords},
        set_up::SetUp,
        token::TokenKey,
    },
    clock::Clock,
    config::{Config, PublicUrl},
    connection_check::ConnectionChecks,
    directory::work::LongWork,
    metrics::Metrics,
    model::{
        id::{TenantId, TokenId},
        journal::{Actor, EntryDetail, JournalQuery, NewEntry},
        tenant::Settings,
    },
    scim::time::DateTime,
    server::{self, assets},
    state::AppState,
    store::{NewToken, Store},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;

pub use answer::Answer;
pub use client::Client;
pub use dialect::{Dialect, at};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The Tenant URL of the service under test.
pub const BASE: &str = "https://rollcall.example/v2/scim";
/// The administrator of the first tenant.
pub const EMAIL: &str = "Admin@Contoso.example";
pub const PASSWORD: &str = "correct horse battery";
/// The time of the fixed clock.
pub const NOW: &str = "2026-11-22T22:50:00.000Z";
/// An id that no resource has.
pub const UNKNOWN_ID: &str = "018f3b0a-7c1e-7000-8000-00000000000a";

/// The whole service, with one company that has provisioning turned on and one token.
pub struct TestApp {
    pub router: Router,
    pub state: AppState,
    pub tenant: TenantId,
    token: String,
    folder: TempDir,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The service with other installation settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (state, folder) = fresh_state(change).await;
        let account = state.store.set_up("Contoso", EMAIL, "Ada Admin", password_hash().await, state.clock.now());
        let tenant = account.await.unwrap().unwrap().tenant;
        let token = enable_provisioning(&state, tenant).await;
        Self { router: server::router(&state), state, tenant, token, folder }
    }

    /// An unauthenticated client.
    pub fn anon(&self) -> Client {
        Client::new(&self.router)
    }

    /// The identity provider of the first tenant.
    pub fn entra(&self) -> Client {
        self.anon().bearer(&self.token)
    }

    /// The secret of the first tenant's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The administrator of the first tenant, signed in.
    pub async fn admin(&self) -> Client {
        let answer = self.sign_in(EMAIL, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.anon().cookie(&answer.session_cookie().expect("signing in sets a cookie"))
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.anon().form("/api/sign-in", &[("email", email), ("password", password)]).await
    }

    /// The identity provider of another tenant on the same service.
    pub async fn other_tenant(&self) -> Client {
        let tenant = self.state.store.create_tenant("Fabrikam", self.state.clock.now()).await.unwrap();
        let token = enable_provisioning(&self.state, tenant.id).await;
        self.anon().bearer(&token)
    }

    /// The administrator of a third tenant, signed in.
    pub async fn other_admin(&self) -> Client {
        let store = &self.state.store;
        let tenant = store.create_tenant("Tailspin", self.state.clock.now()).await.unwrap();
        let (hash, now) = (password_hash().await, self.state.clock.now());
        store.create_account(tenant.id, "admin@tailspin.example", "Otto", hash, now).await.unwrap();
        let answer = self.sign_in("admin@tailspin.example", PASSWORD).await;
        self.anon().cookie(&answer.session_cookie().expect("signing in sets a cookie"))
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub async fn settings(&self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        self.state.store.change_settings(self.tenant, change, &blank_entry(&self.state)).await.unwrap();
    }

    /// The journal of the first tenant, newest first, without entries of the set-up.
    pub async fn journal(&self) -> Vec<EntryDetail> {
        let rows = self.state.store.entries(self.tenant, &JournalQuery::default()).await.unwrap();
        let mut entries = Vec::new();
        for row in rows.items {
            let entry = self.state.store.entry(self.tenant, row.id).await.unwrap().unwrap();
            if entry.entry.actor != Actor::Command {
                entries.push(entry);
            }
        }
        entries
    }

    /// Every byte that the service has written to disk.
    pub fn bytes_on_disk(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().flat_map(|path| std::fs::read(path).unwrap()).collect()
    }
}

/// A service without any company.
pub async fn fresh_state(change: impl FnOnce(&mut Config)) -> (AppState, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config {
        addr: "127.0.0.1:3000".parse().unwrap(),
        data_dir: folder.path().to_owned(),
        public_url: PublicUrl::parse("https://rollcall.example").unwrap(),
        trusted_proxies: Vec::new(),
        rate_limit: 250,
        metrics_addr: None,
        journal_days: 30,
    };
    change(&mut config);
    let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    let clock = Clock::fixed(DateTime::parse(NOW).unwrap());
    let token_key = TokenKey::load_or_create(folder.path()).unwrap();
    let state = AppState {
        connection_checks: ConnectionChecks::new(&store, &clock, &token_key, &config),
        store,
        clock,
        token_key,
        passwords: Passwords::default(),
        metrics: Metrics::new(),
        long_work: LongWork::default(),
        set_up: SetUp::closed(),
        leptos_options: assets::leptos_options(&config),
        config: Arc::new(config),
    };
    (state, folder)
}

async fn enable_provisioning(state: &AppState, tenant: TenantId) -> String {
    state.store.change_settings(tenant, |settings| settings.provisioning = true, &blank_entry(state)).await.unwrap();
    let (secret, hash) = state.new_token();
    let new = NewToken {
        id: TokenId(state.clock.new_id()),
        name: "Entra".to_owned(),
        hash: hash.0,
        created_by: "test".to_owned(),
        expires: None,
    };
    state.store.create_token(tenant, &new, &blank_entry(state), state.clock.now()).await.unwrap();
    secret.reveal().to_owned()
}

/// An entry of a command, which [`TestApp::journal`] omits.
pub fn blank_entry(state: &AppState) -> NewEntry {
    NewEntry::other(state.clock.now(), Actor::Command, "test", String::new())
}

/// The hash of [`PASSWORD`], computed once.
async fn password_hash() -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let hash = || async {
        let hash = Passwords::default().hash(Password::shown(PASSWORD.to_owned())).await.unwrap();
        hash.as_str().to_owned()
    };
    HASH.get_or_init(hash).await
}

/// A minimal user.
pub fn user(user_name: &str) -> Value {
    json!({"schemas": [USER], "userName": user_name})
}

/// A minimal group.
pub fn group(display_name: &str) -> Value {
    json!({"schemas": [GROUP], "displayName": display_name})
}

/// A PATCH request with these operations.
pub fn patch_of(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}
