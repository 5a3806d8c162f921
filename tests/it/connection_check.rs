//! The connection check that an administrator starts in the portal.

use std::time::Duration;

use rollcall::model::{
    connection_check::{ConnectionCheck, Stage},
    id::TokenId,
    journal::{Action, JournalQuery, Status},
    tenant::Settings,
};
use rollcall::{server, state::AppState, store::NewToken};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Client, TestApp, blank_entry};

const START: &str = "/api/check-connection";
const READ: &str = "/api/connection-check";
const PAGE: &str = "/settings/security/check";

/// Serves the state on a port, and waits until tenants of interrupted checks are deleted.
async fn serve(app: &TestApp) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::run(app.state.clone(), listener, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    stream.read_exact(&mut [0; 8]).await.unwrap();
    until(async || app.state.store.check_tenants().await.unwrap().is_empty().then_some(())).await;
}

/// Polls for something that another task or thread is about to do.
async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), asking).await.expect("it comes")
}

async fn check(admin: &Client) -> Option<ConnectionCheck> {
    let answer = admin.form(READ, &[]).await.expect(200);
    serde_json::from_value(answer.json()).unwrap()
}

async fn over(admin: &Client) -> ConnectionCheck {
    until(async || check(admin).await.filter(|check| !check.is_running())).await
}

/// How many rows of each kind there are in the whole database.
async fn rows(state: &AppState, folder: &std::path::Path) -> Vec<(String, i64)> {
    use sqlx::{AssertSqlSafe, ConnectOptions as _, sqlite::SqliteConnectOptions};
    assert!(state.store.ping().await.is_ok());
    let options = SqliteConnectOptions::new().filename(folder.join("rollcall.db"));
    let mut db = options.connect().await.unwrap();
    let mut counts = Vec::new();
    for table in ["tenants", "settings", "tokens", "users", "user_values", "user_counts", "groups", "group_counts"] {
        let count = format!("select count(*) from {table}");
        counts.push((table.to_owned(), sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut db).await.unwrap()));
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_ends_with_100_percent_and_changes_no_data() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    // The minimum that the check needs.
    app.settings(|settings| settings.user_name_limit = 24).await;
    app.entra().create_user("stays@contoso.example").await;
    app.entra().create_group("Stays").await;
    serve(&app).await;
    let admin = app.admin().await;
    let before = rows(&app.state, app.folder()).await;
    assert_eq!(check(&admin).await, None);
    assert!(admin.page(PAGE).await.expect(200).text().contains("No recent check"));

    admin.form(START, &[]).await;
    let running = check(&admin).await.unwrap();
    assert!(running.is_running(), "{running:?}");
    let page = admin.page(PAGE).await.expect(200).text();
    assert!(page.contains("The check is running") && page.contains("Refresh"), "{page}");
    assert!(admin.page("/settings/security").await.text().contains("Running"));
    let refused = admin.form(START, &[]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("already running"));
    assert_eq!(app.state.store.tenants().await.unwrap().len(), 1, "the temporary tenant is in no list");
    admin.get(&format!("{PAGE}/report.txt")).await.expect(404);

    let check = over(&admin).await;
    let Stage::Finished { score, requests, .. } = check.stage else { panic!("{check:?}") };
    assert_eq!((score, &check.failures), (100, &Vec::new()));
    assert!(requests > 1000 && check.done() == check.total, "{check:?}");
    assert!(check.areas.iter().any(|area| area.name == "entra_users" && area.passed > 10), "{check:?}");
    assert!(check.address.starts_with("http://127.0.0.1:"), "{}", check.address);
    let front = check.front.unwrap();
    assert!(front.url == "https://rollcall.example/v2/scim" && front.problem.is_some(), "{front:?}");

    assert_eq!(rows(&app.state, app.folder()).await, before, "everything it created is deleted");
    let entries: Vec<_> = app.journal().await;
    let ours: Vec<_> = entries.iter().filter(|entry| entry.entry.action == Action::Other).collect();
    assert_eq!(ours.len(), 2, "{ours:?}");
    assert!(
        ours.iter().all(|entry| entry.entry.identity == "Connection check" && entry.entry.status == Status::Success)
    );
    assert!(ours[0].detail.as_deref().unwrap().contains("score: 100%"), "{ours:?}");
    assert_eq!(entries.len(), 4, "and the two created before: {entries:?}");

    let metrics = app.state.metrics.render(&[]);
    assert!(!metrics.contains("scim_refusals_total{"), "refusals of the check count for no tenant: {metrics}");
    let page = admin.page(PAGE).await.expect(200).text();
    assert!(page.contains("Readiness score: 100%") && page.contains("Check again"), "{page}");
    let early = admin.form(START, &[]).await;
    assert_eq!(early.status, 429, "{}", early.text());
    app.state.clock.advance_seconds(30);
    admin.form(START, &[]).await.expect(200);
    over(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_for_the_tenants_administrators() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    serve(&app).await;
    let admin = app.admin().await;
    admin.form(START, &[]).await;
    over(&admin).await;
    let text = admin.get(&format!("{PAGE}/report.txt")).await.expect(200);
    assert!(text.text().contains("score: 100%") && !text.text().contains("rollcall_scim_"), "{}", text.text());
    assert_eq!(text.header("content-disposition"), Some("attachment; filename=\"connection-check.txt\""));
    assert_eq!(admin.get(&format!("{PAGE}/report.json")).await.expect(200).json()["score"], 100);
    assert!(admin.get(&format!("{PAGE}/report.xml")).await.expect(200).text().contains("<testsuites"));
    admin.get(&format!("{PAGE}/report.exe")).await.expect(404);
    let stranger = app.anon().get(&format!("{PAGE}/report.txt")).await;
    assert_eq!((stranger.status.as_u16(), stranger.header("location")), (303, Some("/sign-in")));
    let other = app.other_admin().await;
    other.get(&format!("{PAGE}/report.txt")).await.expect(404);
    assert_eq!(check(&other).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_takes_too_long_is_stopped_and_its_tenant_deleted() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    serve(&app).await;
    let admin = app.admin().await;
    admin.form(START, &[]).await;
    until(async || check(&admin).await.filter(|check| check.done() > 3)).await;
    app.state.clock.advance_seconds(10 * 60);
    let check = over(&admin).await;
    assert!(matches!(&check.stage, Stage::BrokenOff { why, .. } if why.contains("longer than it may")), "{check:?}");
    assert_eq!(app.state.store.check_tenants().await.unwrap(), []);
    let entries = app.journal().await;
    assert_eq!((entries[0].entry.status, entries.len()), (Status::Failure, 2), "{entries:?}");
    let page = admin.page(PAGE).await.expect(200).text();
    assert!(page.contains("The check was stopped") && page.contains("Check again"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_of_an_interrupted_check_is_deleted_at_the_next_start() {
    let app = TestApp::new().await;
    let store = &app.state.store;
    let (secret, hash) = app.state.new_token();
    let token = NewToken {
        id: TokenId(app.state.clock.new_id()),
        name: "x".to_owned(),
        hash: hash.0,
        created_by: "x".to_owned(),
        expires: None,
    };
    let settings = Settings { provisioning: true, ..Settings::default() };
    let now = app.state.clock.now();
    let tenant = store.create_check_tenant(app.tenant, settings, &token, &blank_entry(&app.state), now).await.unwrap();
    let left = app.anon().bearer(secret.reveal());
    left.create_user("left behind").await;
    assert_eq!(store.check_tenants().await.unwrap(), [(tenant, app.tenant)]);
    assert_eq!(store.sole_tenant().await.unwrap(), Some(app.tenant));
    serve(&app).await;
    left.get("/v2/scim/Users").await.expect_error(401, None);
    let entries = app.state.store.entries(app.tenant, &JournalQuery::default()).await.unwrap();
    assert_eq!(entries.items.iter().filter(|entry| entry.status == Status::Failure).count(), 1 + 1, "{entries:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_cannot_succeed_does_not_start() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let unknown = admin.form(START, &[]).await;
    assert_eq!(unknown.status, 409, "nobody listens: {}", unknown.text());
    serve(&app).await;
    app.settings(|settings| settings.user_name_limit = 23).await;
    let short = admin.form(START, &[]).await;
    assert!(short.status == 409 && short.text().contains("your limit is 23"), "{}", short.text());
    app.anon().form(START, &[]).await.expect(401);
    assert_eq!(app.anon().page(PAGE).await.status, 302);
    assert_eq!(app.state.store.check_tenants().await.unwrap(), []);
    let value: Value = admin.form(READ, &[]).await.expect(200).json();
    assert_eq!(value, Value::Null);
}
