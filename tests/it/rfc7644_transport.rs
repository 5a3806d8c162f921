//! Headers, authentication, paths and limits (RFC 7644 §2, §3.1, §3.8; RFC 6750; checklist A).

use axum::{body::Body, http::Method};
use serde_json::json;

use crate::support::{TestApp, UNKNOWN_ID, user};

/// RFC 7644 §2, MUST; RFC 6750 §3, MUST: "include the HTTP WWW-Authenticate response header field".
#[tokio::test]
async fn the_token_is_checked_before_anything_else() {
    let app = TestApp::new().await;
    let good = app.token();
    let last = if good.ends_with('0') { '1' } else { '0' };
    let nearly = format!("{}{last}", &good[..good.len() - 1]);
    let shown = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer x".to_owned()),
        Some(format!("Bearer {nearly}")),
        Some(format!("Bearer {}", "ü".repeat(30))),
        Some(format!("Basic {good}")),
        Some(good.to_owned()),
        Some(format!("Bearer {good} {good}")),
    ];
    for shown in shown {
        let mut details = Vec::new();
        for path in [
            "/Users",
            &format!("/Users/{UNKNOWN_ID}"),
            "/Groups",
            "/nowhere",
            "/",
            "",
            "/Me",
            "/Bulk",
            "/Users/.search",
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE, Method::TRACE] {
                let mut caller = app.anon();
                if let Some(shown) = &shown {
                    caller = caller.header("authorization", shown);
                }
                let answer = caller.send(method, &format!("/v2/scim{path}"), Body::from("not json")).await;
                details.push(answer.expect_error(401, None));
                assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
            }
        }
        details.dedup();
        assert_eq!(details.len(), 1, "the response does not depend on the address: {details:?}");
    }
}

/// RFC 7235 §2.1: the scheme's name is case-insensitive.
#[tokio::test]
async fn the_scheme_is_case_insensitive() {
    let app = TestApp::new().await;
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let caller = app.anon().header("authorization", &format!("{scheme} {}", app.token()));
        caller.get("/v2/scim/Users").await.expect(200);
    }
    let twice = app.entra().bearer(app.token());
    twice.get("/v2/scim/Users").await.expect_error(401, None);
}

/// RFC 6750 §2.3 is not supported, because URLs are logged.
#[tokio::test]
async fn a_token_in_the_url_is_not_accepted() {
    let app = TestApp::new().await;
    let answer = app.anon().get(&format!("/v2/scim/Users?access_token={}", app.token())).await;
    answer.expect_error(401, None);
    let journal = app.journal().await;
    assert_eq!(journal[0].entry.path, "/v2/scim/Users?[redacted]");
    let disk = app.bytes_on_disk();
    assert!(!disk.windows(app.token().len()).any(|window| window == app.token().as_bytes()));
}

/// RFC 7644 §3.1: "application/scim+json" or "application/json"; RFC 9110 §15.5.16.
#[tokio::test]
async fn bodies_are_json_or_refused() {
    let app = TestApp::new().await;
    let send = async |content_type: &str, name: &str| {
        let caller = app.entra().header("content-type", content_type);
        caller.send(Method::POST, "/v2/scim/Users", Body::from(user(name).to_string())).await
    };
    for (index, good) in [
        "application/scim+json",
        "application/json",
        "application/json; charset=utf-8",
        "Application/SCIM+JSON;charset=UTF-8",
    ]
    .iter()
    .enumerate()
    {
        send(good, &format!("user{index}")).await.expect(201);
    }
    for bad in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
    {
        send(bad, "x").await.expect_error(415, None);
    }
}

/// RFC 9110 §15.5.16: a 415 for a content coding names the acceptable ones in `Accept-Encoding`.
#[tokio::test]
async fn compressed_bodies_are_415_with_accept_encoding() {
    let app = TestApp::new().await;
    let body = || Body::from(user("ana").to_string());
    let json = app.entra().header("content-type", "application/scim+json");
    for coding in ["gzip", "br", "identity, gzip", "deflate"] {
        let caller = json.clone().header("content-encoding", coding);
        for path in ["/v2/scim/Users", "/v2/scim/Bulk", "/v2/scim/Users/.search"] {
            let answer = caller.send(Method::POST, path, body()).await;
            assert!(answer.expect_error(415, None).contains("compressed"), "{coding}");
            assert_eq!(answer.header("accept-encoding"), Some("identity"));
        }
    }
    let answer = app.entra().header("content-type", "text/plain").send(Method::POST, "/v2/scim/Users", body()).await;
    answer.expect_error(415, None);
    assert_eq!(answer.header("accept-encoding"), None, "only for a content coding");
    json.header("content-encoding", "Identity").send(Method::POST, "/v2/scim/Users", body()).await.expect(201);
}

/// RFC 7644 §3.1: responses are "application/scim+json".
#[tokio::test]
async fn every_body_is_scim_json() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let paths = [
        "/Users".to_owned(),
        format!("/Users/{id}"),
        format!("/Users/{UNKNOWN_ID}"),
        "/Schemas".to_owned(),
        "/x".to_owned(),
        "/Me".to_owned(),
    ];
    for accept in ["*/*", "application/scim+json", "application/json, text/plain", "text/html"] {
        for path in &paths {
            let answer = app.entra().header("accept", accept).get(&format!("/v2/scim{path}")).await;
            assert_eq!(answer.header("content-type"), Some("application/scim+json"), "{path}");
        }
    }
    for path in &paths {
        let answer = app.entra().header("accept", "application/json").get(&format!("/v2/scim{path}")).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    }
}

/// RFC 7644 §3.4.2: "Query parameters that are not recognized SHALL be ignored"; Entra repeats its flag in each request.
#[tokio::test]
async fn unknown_query_parameters_are_ignored_on_every_method() {
    let app = TestApp::new().await;
    let entra = app.entra();
    for flag in ["aadOptscim062020", "aadOptscim062020&x=&y", "=&&", "%ff=%"] {
        let name = format!("ana-{}", flag.len());
        let id = entra.post(&format!("/v2/scim/Users?{flag}"), &user(&name)).await.created_id();
        let one = format!("/v2/scim/Users/{id}?{flag}");
        entra.get(&one).await.expect(200);
        entra.put(&one, &user(&name)).await.expect(200);
        let list = entra.get(&format!("/v2/scim/Users?{flag}&filter=userName eq \"{name}\"")).await.expect(200).json();
        assert_eq!(list["totalResults"], 1);
        entra.delete(&one).await.expect(204);
    }
}

/// RFC 7644 §3.4.2.2; HTML forms write a space as `+`, everybody else as `%20`.
#[tokio::test]
async fn plus_and_percent_20_both_mean_a_space() {
    let app = TestApp::new().await;
    app.entra().create_user("ana ruiz").await;
    for filter in ["userName+eq+%22ana+ruiz%22", "userName%20eq%20%22ana%20ruiz%22", "userName+eq%20%22ana%20ruiz%22"] {
        let list = app.entra().get(&format!("/v2/scim/Users?filter={filter}")).await.expect(200).json();
        assert_eq!(list["totalResults"], 1, "{filter}");
    }
}

/// RFC 9110 §15.5.5, §15.5.6: 405 names the methods that are allowed.
#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_with_allow() {
    let app = TestApp::new().await;
    let entra = app.entra();
    for path in ["/nowhere", "/users", "/Users/a/b", "/Schemas/a/b", "/Users.json", "/../../Users"] {
        entra.get(&format!("/v2/scim{path}")).await.expect_error(404, None);
    }
    let check = async |method: Method, path: &str, allowed: &[&str]| {
        let answer = entra.send(method, &format!("/v2/scim{path}"), Body::empty()).await;
        answer.expect_error(405, None);
        let mut allow: Vec<_> = answer.header("allow").unwrap().split(',').collect();
        allow.sort_unstable();
        assert_eq!(allow, allowed, "{path}");
    };
    check(Method::DELETE, "/Users", &["GET", "HEAD", "POST"]).await;
    check(Method::PATCH, "/Groups", &["GET", "HEAD", "POST"]).await;
    check(Method::POST, &format!("/Users/{UNKNOWN_ID}"), &["DELETE", "GET", "HEAD", "PATCH", "PUT"]).await;
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Schemas/x", "/ResourceTypes/User"] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            check(method, path, &["GET", "HEAD"]).await;
        }
    }
}

/// Decision: a trailing slash of a known path is ignored.
#[tokio::test]
async fn a_trailing_slash_is_ignored() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    for path in ["/Users/", "/Groups/?count=1", "/Schemas/", &format!("/Users/{id}/")] {
        app.entra().get(&format!("/v2/scim{path}")).await.expect(200);
    }
    app.entra().post("/v2/scim/Users/", &user("ben")).await.expect(201);
    app.entra().get("/v2/scim/nowhere/").await.expect_error(404, None);
}

/// RFC 9110 §9.3.2: HEAD is GET without the body.
#[tokio::test]
async fn head_equals_get_without_the_body() {
    let app = TestApp::new().await;
    for (path, status) in [("/Users", 200), ("/Schemas", 200), ("/nowhere", 404)] {
        let answer = app.entra().send(Method::HEAD, &format!("/v2/scim{path}"), Body::empty()).await;
        assert_eq!(answer.status, status);
        // The connection removes the body of an error response, which is not tested here.
        assert!(answer.body.is_empty() || status != 200);
    }
}

/// RFC 7644 §3.7.4, §7.5.3: too large is 413, and never a crash.
#[tokio::test]
async fn a_body_beyond_the_limit_is_413_and_a_deep_one_400() {
    let app = TestApp::new().await;
    let large = json!({"userName": "x".repeat(1024 * 1024)});
    app.entra().post("/v2/scim/Users", &large).await.expect_error(413, None);
    let caller = app.entra().header("content-type", "application/json");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [deep.clone(), format!("{{\"userName\":{deep}}}")] {
        let answer = caller.send(Method::POST, "/v2/scim/Users", Body::from(body)).await;
        answer.expect_error(400, Some("invalidSyntax"));
    }
}

/// Checklist 9: 25 requests a second pass; beyond the limit 429 with Retry-After, per tenant.
#[tokio::test]
async fn a_tenant_above_the_rate_limit_gets_retry_after() {
    let app = TestApp::with(|config| config.rate_limit = 25).await;
    let other = app.other_tenant().await;
    for _ in 0..50 {
        app.entra().get("/v2/scim/Users?count=0").await.expect(200);
    }
    let answer = app.entra().get("/v2/scim/Users?count=0").await;
    answer.expect_error(429, None);
    assert_eq!(answer.header("retry-after"), Some("1"));
    other.get("/v2/scim/Users?count=0").await.expect(200);
    app.state.clock.advance_seconds(1);
    for _ in 0..25 {
        app.entra().get("/v2/scim/Users?count=0").await.expect(200);
    }
    app.entra().get("/v2/scim/Users?count=0").await.expect_error(429, None);
    let entries = app.journal().await;
    assert_eq!(entries.iter().filter(|entry| entry.entry.http_status == 429).count(), 1, "one entry per minute");
}

/// Checklist 119, decision: with provisioning off the endpoint answers 403.
#[tokio::test]
async fn with_provisioning_off_every_request_for_users_or_groups_is_403() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    app.settings(|settings| settings.provisioning = false).await;
    app.entra().get("/v2/scim/Users").await.expect_error(403, None);
    app.entra().get(&format!("/v2/scim/Users/{id}")).await.expect_error(403, None);
    app.entra().post("/v2/scim/Groups", &json!({})).await.expect_error(403, None);
    app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect_error(403, None);
    app.settings(|settings| settings.provisioning = true).await;
    app.entra().get(&format!("/v2/scim/Users/{id}")).await.expect(200);
}

/// RFC 7644 §3.11: a bearer token belongs to no user.
#[tokio::test]
async fn me_is_not_supported() {
    let app = TestApp::new().await;
    app.entra().get("/v2/scim/Me").await.expect_error(501, None);
    app.entra().post("/v2/scim/Me", &json!({})).await.expect_error(501, None);
}

/// Checklist 6, 108: neither User-Agent nor Prefer matters.
#[tokio::test]
async fn unknown_headers_change_nothing() {
    let app = TestApp::new().await;
    let answer = app.entra().header("prefer", "respond-async").post("/v2/scim/Users", &user("ana")).await;
    assert_eq!(answer.status, 201);
}

/// Every response has an id that is also in the log and the journal; an id sent by the client is not used.
#[tokio::test]
async fn every_response_has_the_request_id() {
    let app = TestApp::new().await;
    let answer = app.entra().header("x-request-id", "mine").delete(&format!("/v2/scim/Users/{UNKNOWN_ID}")).await;
    let id = answer.header("x-request-id").unwrap().to_owned();
    assert_ne!(id, "mine");
    assert_eq!(app.journal().await[0].entry.request_id, id);
    for header in ["content-security-policy", "x-content-type-options", "strict-transport-security", "cache-control"] {
        assert!(answer.header(header).is_some(), "{header}");
    }
}
