//! No server function of the portal works without a signed-in administrator.

use axum::{body::Body, http::Method};

use crate::support::TestApp;

/// Server functions that need no sign-in.
const PUBLIC: &[&str] = &["/api/sign-in", "/api/set-up", "/api/set-up-link", "/api/entrance"];

/// A redirect to the sign-in page does not stop a server function: each has to refuse by itself.
#[tokio::test]
async fn every_server_function_requires_an_administrator() {
    let app = TestApp::new().await;
    let mut tested = 0;
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        if PUBLIC.contains(&path) {
            continue;
        }
        tested += 1;
        assert_eq!(method, Method::POST, "{path}: GET requests are not protected against cross-site requests");
        for cookie in ["x=y", "__Host-rollcall=AAAAAAAAAAAAAAAAAAAAAA", "__Host-rollcall=x"] {
            let mut statuses = Vec::new();
            let form = "application/x-www-form-urlencoded";
            for (content_type, body) in [(form, ARGUMENTS), (form, "id=1"), ("application/json", QUERIES)] {
                let caller = app.anon().cookie(cookie).header("content-type", content_type);
                let answer = caller.send(Method::POST, path, Body::from(body)).await;
                assert!(!answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
                assert!(!answer.text().contains("Contoso") && !answer.text().contains("rollcall_scim_"), "{path}");
                statuses.push(answer.status.as_u16());
            }
            assert!(statuses.contains(&401), "{path}: refused only for its arguments? {statuses:?}");
        }
    }
    assert!(tested > 10, "the server functions are registered");
    assert_eq!(app.state.store.tokens(app.tenant).await.unwrap().len(), 1, "no token was created or deleted");
}

/// Every argument that any server function has, so that none is refused only for missing arguments.
const ARGUMENTS: &str = "name=x&lifetime=Year1&overlap=Hour1&id=018f3b0a-7c1e-7000-8000-00000000000a\
    &token=018f3b0a-7c1e-7000-8000-00000000000a&provisioning=true&user_name_limit=0&version=1&user[user_name]=x\
    &kind=Group&search=&urn=x&attribute[name]=x";

/// The same for the functions that take JSON.
const QUERIES: &str = r#"{"query":{"search":"","state":null,"source":null,"order":{"column":"DisplayName","descending":false},
    "cursor":null,"limit":0,"from":null,"to":null,"status":null,"action":null,"identity":null,"hide_probes":false,"before":null}}"#;
