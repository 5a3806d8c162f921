//! Errors (RFC 7644 §3.12; checklist N).

use axum::{
    body::Body,
    http::{Method, Request},
};
use tower::ServiceExt;

use crate::support::{Answer, TestApp};

/// Checklist 100: "A 500 says nothing about internals and carries a request id that the log also holds."
#[tokio::test]
async fn an_internal_error_shows_only_the_request_id() {
    let app = TestApp::new().await;
    app.state.store.close().await;
    let request = Request::get("/v2/scim/Users").header("host", "rollcall.example");
    let request = request.header("authorization", format!("Bearer {}", app.token()));
    let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let answer = Answer::read(response).await;
    let status = answer.status.as_u16();
    assert!([500, 503].contains(&status), "{status}");
    let detail = answer.expect_error(status, None);
    for word in ["sql", "pool", "closed", "thread", "src/"] {
        assert!(!detail.to_lowercase().contains(word), "{detail}");
    }
    assert!(answer.header("x-request-id").is_some());
}

/// RFC 3986 §2.5, RFC 7644 §3.4.2: what is not UTF-8 is not guessed at.
#[tokio::test]
async fn a_query_that_is_not_text_is_refused() {
    let app = TestApp::new().await;
    for query in ["filter=userName%20eq%20%22%ff%22", "x=y&count=%C3", "attributes=%fe"] {
        app.entra().get(&format!("/v2/scim/Users?{query}")).await.expect_error(400, Some("invalidSyntax"));
    }
    app.entra().get("/v2/scim/Users?attributes=%C3%A9%zz%&x=%ff").await.expect(200);
}

/// RFC 9110 §8.3: strange methods and bodies are answered, not dropped.
#[tokio::test]
async fn no_request_causes_a_5xx() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let bodies = [
        "",
        "{",
        "[1]",
        "null",
        "{\"schemas\":1}",
        "{\"schemas\":[1],\"Operations\":[1]}",
        "\u{0}",
        "{\"a\":\u{feff}}",
    ];
    let paths = [
        "/Users",
        &format!("/Users/{id}"),
        "/Groups",
        "/Schemas/%F0%9F",
        "/Users/%ff",
        "/Users?count=%ff&filter=%ff",
        "/Users?filter=%5c",
        "/Groups?startIndex=99999999999999999999999999",
    ];
    for path in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "OPTIONS", "PROPFIND"] {
            for body in bodies {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let caller = app.entra().header("content-type", "application/scim+json");
                let answer = caller.send(method.clone(), &format!("/v2/scim{path}"), Body::from(body)).await;
                let status = answer.status.as_u16();
                assert!(status < 500, "{method} {path} {body}: {status}");
                if status >= 400 {
                    let scim_type = answer.json()["scimType"].as_str().map(str::to_owned);
                    answer.expect_error(status, scim_type.as_deref());
                    assert!(scim_type.is_none() || [400, 409].contains(&status));
                }
            }
        }
    }
}
