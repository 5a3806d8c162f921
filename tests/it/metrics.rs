//! Metrics for Prometheus, on their own port.

use serde_json::json;

use crate::support::{Client, TestApp, UNKNOWN_ID, USER};

pub async fn page(app: &TestApp) -> String {
    let answer = Client::new(&rollcall::server::metrics_router(&app.state)).get("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    answer.text()
}

/// The value of a line.
#[track_caller]
pub fn value<'p>(page: &'p str, name: &str) -> &'p str {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing:\n{page}"))
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_id() {
    let app = TestApp::new().await;
    let ana = app.entra().create_user("ana").await;
    app.entra().get(&format!("/v2/scim/Users/{ana}")).await.expect(200);
    app.entra().get(&format!("/v2/scim/Users/{UNKNOWN_ID}")).await.expect(404);
    app.anon().page("/sign-in").await.expect(200);
    app.anon().page(&format!("/users/{UNKNOWN_ID}")).await;
    app.anon().get("/guess/what").await.expect(404);
    let page = page(&app).await;
    let counted = |method: &str, route: &str, status: u16| {
        value(
            &page,
            &format!("rollcall_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"),
        )
    };
    assert_eq!(counted("POST", "/v2/scim/Users", 201), "1");
    assert_eq!(counted("GET", "/v2/scim/Users/{id}", 200), "1");
    assert_eq!(counted("GET", "/v2/scim/Users/{id}", 404), "1");
    assert_eq!(counted("GET", "/sign-in", 200), "1");
    assert_eq!(counted("GET", "/users/{id}", 302), "1");
    assert_eq!(counted("GET", "other", 404), "1");
    assert_eq!(value(&page, "rollcall_http_request_duration_seconds_count{route=\"/v2/scim/Users/{id}\"}"), "2");
    assert!(!page.contains(&ana) && !page.contains(UNKNOWN_ID), "{page}");
}

#[tokio::test]
async fn a_tenants_refusals_and_tokens_have_metrics() {
    let app = TestApp::new().await;
    app.entra().post("/v2/scim/Users", &json!({"schemas": [USER]})).await.expect(400);
    let page = page(&app).await;
    let tenant = app.tenant.0;
    assert_eq!(value(&page, &format!("rollcall_scim_refusals_total{{tenant=\"{tenant}\",status=\"400\"}}")), "1");
    assert_eq!(value(&page, &format!("rollcall_token_age_days{{tenant=\"{tenant}\"}}")), "0.0");
    assert_eq!(value(&page, "rollcall_database_up"), "1");
    assert_eq!(value(&page, "rollcall_writer_queue"), "0");
    assert_ne!(value(&page, "rollcall_writes_total"), "0");
    assert_ne!(value(&page, "rollcall_commits_total{up_to=\"1\"}"), "0");
    assert_eq!(value(&page, "rollcall_journal_entries_dropped_total"), "0");
    assert!(value(&page, "rollcall_database_size_bytes") != "0");
    assert!(value(&page, "rollcall_disk_free_bytes") != "0");
    assert!(value(&page, "process_resident_memory_bytes") != "0");
    assert!(value(&page, "process_open_fds") != "0");
    assert!(page.contains("rollcall_build_info{version="), "{page}");
    assert!(page.ends_with("# EOF\n"));
}

#[tokio::test]
async fn metrics_work_without_the_database_and_only_on_their_port() {
    let app = TestApp::new().await;
    app.anon().get("/metrics").await.expect(404);
    app.state.store.close().await;
    assert_eq!(value(&page(&app).await, "rollcall_database_up"), "0");
}
