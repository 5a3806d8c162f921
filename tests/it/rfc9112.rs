//! Requests that are invalid as HTTP/1.1 (RFC 9112), refused before routing.

use axum::{
    body::Body,
    http::{Method, Request, Version},
};
use tower::ServiceExt;

use crate::support::{Answer, TestApp};

async fn send(app: &TestApp, method: Method, target: &str, version: Version, hosts: &[&str]) -> Answer {
    let mut request = Request::builder().method(method).uri(target).version(version);
    for host in hosts {
        request = request.header("host", *host);
    }
    let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    Answer::read(response).await
}

/// §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host
/// header field and to any request message that contains more than one Host header field line or a Host header field with
/// an invalid field value."
#[tokio::test]
async fn a_request_has_exactly_one_valid_host() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/sign-in", "/v2/scim/ServiceProviderConfig"] {
        for hosts in [
            &[][..],
            &["rollcall.example", "rollcall.example"],
            &["a b"],
            &["user@rollcall.example"],
            &["a/b"],
            &["a:b"],
        ] {
            let answer = send(&app, Method::GET, path, Version::HTTP_11, hosts).await;
            assert_eq!(answer.status, 400, "{path} {hosts:?}");
            if path.starts_with("/v2/scim") {
                answer.expect_error(400, None);
            }
        }
        for host in ["rollcall.example", "rollcall.example:3000", "127.0.0.1", "[::1]:3000", ""] {
            send(&app, Method::GET, path, Version::HTTP_11, &[host]).await.expect(200);
        }
        send(&app, Method::GET, path, Version::HTTP_10, &[]).await.expect(200);
    }
}

/// §3.2.3: the authority form is for `CONNECT`, and `CONNECT` for proxies.
#[tokio::test]
async fn a_target_without_a_path_is_refused() {
    let app = TestApp::new().await;
    for (method, target) in [
        (Method::GET, "evil:80"),
        (Method::POST, "evil:80"),
        (Method::CONNECT, "evil:80"),
        (Method::CONNECT, "/users"),
        (Method::CONNECT, "/v2/scim/Users"),
        (Method::OPTIONS, "*"),
    ] {
        let answer = send(&app, method.clone(), target, Version::HTTP_11, &["rollcall.example"]).await;
        assert_eq!(answer.status, 400, "{method} {target}");
        assert!(answer.header("x-request-id").is_some() && answer.header("x-content-type-options").is_some());
    }
    let absolute = send(&app, Method::GET, "http://rollcall.example/healthz", Version::HTTP_11, &["rollcall.example"]);
    absolute.await.expect(200);
}
