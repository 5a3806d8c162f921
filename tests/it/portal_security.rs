//! Security of the portal: authentication, requests from other sites, guessed passwords (checklist P).

use axum::{body::Body, http::Method};

use rollcall::{auth::set_up::SetUp, server};

use crate::support::{Client, EMAIL, PASSWORD, TestApp, UNKNOWN_ID, fresh_state};

#[tokio::test]
async fn pages_redirect_to_the_sign_in_page() {
    let app = TestApp::new().await;
    for page in [
        "/users",
        "/users/new",
        "/groups",
        &format!("/groups/{UNKNOWN_ID}"),
        "/settings",
        "/settings/security",
        "/settings/security/provisioning",
        "/settings/attributes",
        "/logs",
    ] {
        let answer = app.anon().page(page).await;
        assert_eq!(answer.status, 302, "{page}");
        assert!(answer.header("location").unwrap().starts_with("/sign-in"), "{page}");
        assert!(!answer.text().contains("Contoso"), "{page}");
    }
    app.anon().page("/sign-in").await.expect(200);
    let answer = app.anon().page("/").await;
    assert_eq!(answer.header("location"), Some("/users"));
    app.anon().page("/no/such/page").await.expect(404);
    let admin = app.admin().await;
    for page in ["/users", "/groups", "/settings", "/settings/security", "/settings/security/provisioning", "/logs"] {
        admin.page(page).await.expect(200);
    }
}

#[tokio::test]
async fn the_session_cookie_is_protected_and_its_id_is_not_stored() {
    let app = TestApp::new().await;
    let answer = app.sign_in(EMAIL, PASSWORD).await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("__Host-rollcall=")).unwrap();
    for guard in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(guard), "{cookie}");
    }
    let id = answer.session_cookie().unwrap();
    let id = id.split_once('=').unwrap().1;
    assert!(!app.bytes_on_disk().windows(id.len()).any(|window| window == id.as_bytes()));
}

/// Session fixation: a session from before the sign-in is invalid after it.
#[tokio::test]
async fn signing_in_starts_a_new_session_and_signing_out_ends_it() {
    let app = TestApp::new().await;
    let first = app.sign_in(EMAIL, PASSWORD).await.session_cookie().unwrap();
    let planted = app.anon().cookie(&first);
    let answer = planted.form("/api/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    let second = answer.session_cookie().unwrap();
    assert_ne!(first, second);
    assert_eq!(planted.page("/users").await.status, 302, "the planted id is invalid");
    let admin = app.anon().cookie(&second);
    admin.page("/users").await.expect(200);
    admin.form("/api/sign-out", &[]).await;
    assert_eq!(admin.page("/users").await.status, 302);
}

#[tokio::test]
async fn sessions_end_when_idle_and_after_twelve_hours() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.state.clock.advance_seconds(2 * 3600 - 1);
    admin.page("/users").await.expect(200);
    app.state.clock.advance_seconds(2 * 3600 - 1);
    admin.page("/users").await.expect(200);
    app.state.clock.advance_seconds(2 * 3600);
    assert_eq!(admin.page("/users").await.status, 302, "idle for two hours");

    let admin = app.admin().await;
    for _ in 0..11 {
        app.state.clock.advance_seconds(3600);
        admin.page("/users").await.expect(200);
    }
    app.state.clock.advance_seconds(3600);
    assert_eq!(admin.page("/users").await.status, 302, "after twelve hours");
}

#[tokio::test]
async fn failed_sign_ins_are_limited_per_account_and_per_address() {
    let app = TestApp::new().await;
    let unknown = app.sign_in("nobody@contoso.example", PASSWORD).await;
    let wrong = app.sign_in(EMAIL, "wrong password").await;
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body), "one response for every failure");
    for _ in 0..4 {
        app.sign_in(EMAIL, "wrong password").await;
    }
    let answer = app.sign_in(&EMAIL.to_uppercase(), PASSWORD).await;
    assert_eq!(answer.session_cookie(), None, "the account is locked");
    app.state.clock.advance_seconds(15 * 60);
    assert!(app.sign_in(&EMAIL.to_uppercase(), PASSWORD).await.session_cookie().is_some());

    for spelling in [
        "ADMIN@contoso.example",
        "ADMIN@CONTOSO.example",
        " admin@contoso.example ",
        "Admin@Contoso.Example",
        "aDmin@contoso.example",
    ] {
        app.sign_in(spelling, "wrong password").await;
    }
    assert_eq!(
        app.sign_in(EMAIL, PASSWORD).await.session_cookie(),
        None,
        "another spelling counts for the same account"
    );
    app.state.clock.advance_seconds(15 * 60);

    for guess in 0..20 {
        app.sign_in(&format!("guess{guess}@contoso.example"), PASSWORD).await;
    }
    assert_eq!(app.sign_in(EMAIL, PASSWORD).await.session_cookie(), None, "the address is locked");
}

#[tokio::test]
async fn requests_from_other_sites_are_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let foreign = [
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        vec![("sec-fetch-site", "same-site"), ("origin", "https://evil.rollcall.example")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ];
    for headers in foreign {
        let mut caller = admin.clone();
        for (name, value) in headers {
            caller = caller.header(name, value);
        }
        for (path, _) in leptos::server_fn::axum::server_fn_paths() {
            caller.form(path, &[]).await.expect(403);
        }
    }
    admin.page("/users").await.expect(200);
    let own = admin.header("sec-fetch-site", "same-origin").header("origin", "https://rollcall.example");
    assert_ne!(own.form("/api/sign-out", &[]).await.status, 403);
}

/// After a plain form post the error is part of the URL, which another site must not be able to forge.
#[tokio::test]
async fn links_from_other_sites_cannot_show_messages() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    // {"kind":"Refused","message":"Call 555-0100"}
    let words = "__path=%2Fapi%2Fcheck-connection&__err=eyJraW5kIjoiUmVmdXNlZCIsIm1lc3NhZ2UiOiJDYWxsIDU1NS0wMTAwIn0=";
    let page = "/settings/security";
    let own = admin.clone().header("sec-fetch-site", "same-origin");
    assert!(own.page(&format!("{page}?{words}")).await.expect(200).text().contains("Call 555-0100"));
    for site in ["cross-site", "same-site", "none"] {
        let led = admin.clone().header("sec-fetch-site", site);
        let answer = led.page(&format!("{page}?{words}&x=1")).await.expect(303);
        assert_eq!(answer.header("location"), Some("/settings/security?x=1"), "{site}");
        let answer = led.page(&format!("{page}?{words}")).await.expect(303);
        assert_eq!(answer.header("location"), Some("/settings/security"), "{site}");
        led.page("/users?q=__err").await.expect(200);
    }
}

/// The redirect that removes a form's error must not lead to another site.
#[tokio::test]
async fn a_path_with_two_slashes_is_not_redirected() {
    let app = TestApp::new().await;
    for path in ["//evil.example", "///evil.example", "/\\evil.example", "/%5Cevil.example", "//evil.example/%2e%2e"] {
        for query in ["?__err=1", "?__path=x&__err=1", ""] {
            let answer = app.anon().header("sec-fetch-site", "cross-site").page(&format!("{path}{query}")).await;
            let location = answer.header("location").unwrap_or("/");
            assert!(
                location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\"),
                "{location}"
            );
            assert!(query.is_empty() || path.contains('%') || answer.status == 404, "{path}{query}: {}", answer.status);
        }
    }
}

/// Browsers send `Sec-Fetch-Site` only over https and to localhost; then `Referer` shows where a form's error comes from.
#[tokio::test]
async fn without_sec_fetch_site_the_referer_must_be_the_portal() {
    let app = TestApp::new().await;
    // {"kind":"Refused","message":"Call 555-0100"}
    let page = "/sign-in?__path=%2Fapi%2Fsign-in&__err=eyJraW5kIjoiUmVmdXNlZCIsIm1lc3NhZ2UiOiJDYWxsIDU1NS0wMTAwIn0=";
    for referer in
        [None, Some("https://evil.example/"), Some("https://evil.rollcall.example/"), Some("rollcall.example")]
    {
        let mut visitor = app.anon();
        if let Some(referer) = referer {
            visitor = visitor.header("referer", referer);
        }
        let answer = visitor.page(page).await.expect(303);
        assert_eq!(answer.header("location"), Some("/sign-in"), "{referer:?}");
    }
    for referer in ["https://rollcall.example/sign-in", "http://rollcall.example/sign-in"] {
        let answer = app.anon().header("referer", referer).page(page).await.expect(200);
        assert!(answer.text().contains("Call 555-0100"), "{referer}");
    }
}

#[tokio::test]
async fn every_page_has_security_headers() {
    let app = TestApp::new().await;
    let answer = app.anon().page("/sign-in").await.expect(200);
    let policy = answer.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("'wasm-unsafe-eval'")
            && policy.contains("frame-ancestors 'none'")
    );
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let page = answer.text();
    for script in page.match_indices("<script").map(|(at, _)| &page[at..]) {
        let tag = &script[..script.find('>').unwrap()];
        assert!(tag.contains(nonce), "{tag}");
    }
    assert!(!page.contains("style=\""), "inline styles are blocked");
    let again = app.anon().page("/sign-in").await;
    assert!(!again.header("content-security-policy").unwrap().contains(nonce), "a nonce is used once");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    assert!(answer.header("strict-transport-security").is_some());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn large_forms_and_unknown_server_functions_are_refused() {
    let app = TestApp::new().await;
    let large = "x".repeat(100_000);
    let answer = app.sign_in(&large, PASSWORD).await;
    assert!(answer.status.is_client_error() || answer.session_cookie().is_none());
    assert!(answer.status != 200);
    let answer = app.anon().send(Method::POST, "/api/nonsense", Body::empty()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}

#[tokio::test]
async fn health_checks_need_no_sign_in() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.anon().get(path).await.expect(200).text(), "ok");
    }
    app.state.store.close().await;
    app.anon().get("/healthz").await.expect(200);
    app.anon().get("/readyz").await.expect(503);
}

/// The link works once, and not after an account was created on the command line.
#[tokio::test]
async fn the_set_up_link_creates_only_one_account() {
    let (mut state, _folder) = fresh_state(|_| {}).await;
    let (set_up, secret) = SetUp::open(&state.token_key);
    state.set_up = set_up;
    let anon = Client::new(&server::router(&state));
    let fields = |token, email| {
        [("token", token), ("company", "Contoso"), ("display_name", "Ada"), ("email", email), ("password", PASSWORD)]
    };
    anon.page("/sign-in").await.expect(200);
    let wrong = anon.form("/api/set-up", &fields("0123456789", "a@x.org")).await;
    assert!(wrong.session_cookie().is_none() && !state.store.any_account().await.unwrap());
    let first = anon.form("/api/set-up", &fields(&secret, "a@x.org")).await;
    let admin = anon.clone().cookie(&first.session_cookie().expect("the first administrator is signed in"));
    admin.page("/users").await.expect(200);
    let second = anon.form("/api/set-up", &fields(&secret, "b@x.org")).await;
    assert_eq!(second.session_cookie(), None);
    assert_eq!(state.store.account_by_email("b@x.org").await.unwrap().map(|(account, _)| account), None);

    let (set_up, secret) = SetUp::open(&state.token_key);
    state.set_up = set_up;
    assert!(!state.set_up_is_open().await.unwrap());
    assert!(!state.set_up.accepts(&secret));
}

/// OWASP ASVS 5.0, 6.2.4.
#[tokio::test]
async fn common_passwords_are_refused() {
    let (mut state, _folder) = fresh_state(|_| {}).await;
    let (set_up, secret) = SetUp::open(&state.token_key);
    state.set_up = set_up;
    let anon = Client::new(&server::router(&state));
    for password in [
        "passwordpassword",
        "password1234",
        "Password1234",
        "P@ssw0rd1234",
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "administrator",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijkl",
        "letmeinletmein",
        "ContosoContoso",
    ] {
        let fields =
            [("token", secret.as_str()), ("company", "Contoso"), ("display_name", "Ada"), ("email", "a@x.org")];
        let answer = anon.form("/api/set-up", &[&fields[..], &[("password", password)]].concat()).await.expect(422);
        let field = &answer.json()["fields"][0];
        assert!(field[0] == "password" && field[1].as_str().unwrap().contains("guess"), "{password}: {field}");
    }
    assert!(!state.store.any_account().await.unwrap());
}

/// The identity provider chooses names, which must not be interpreted as HTML.
#[tokio::test]
async fn names_are_escaped() {
    let app = TestApp::new().await;
    let evil = "</title></script><img src=x>";
    let mut sent = crate::support::user("evil");
    for name in ["displayName", "title", "profileUrl", "externalId"] {
        sent[name] = evil.into();
    }
    let id = app.entra().create(&sent).await;
    let admin = app.admin().await;
    let search = "%3C%2Ftitle%3E%3C%2Fscript%3E%3Cimg+src%3Dx%3E";
    for page in [format!("/users/{id}"), format!("/users?search={search}"), format!("/logs?identity={search}")] {
        let text = admin.page(&page).await.expect(200).text();
        assert!(text.contains("&lt;img src=x") || !page.ends_with(&id), "{page} shows the name");
        assert!(!text.contains("<img src=x"), "{page}");
    }
}

#[tokio::test]
async fn malformed_requests_are_client_errors() {
    let app = TestApp::new().await;
    for path in ["/api/users", "/api/entries", "/api/user", "/api/sign-in"] {
        let client = app.anon().header("content-type", "application/json");
        let answer = client.send(Method::POST, path, Body::from("[[")).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}
