//! The throttle on guessed passwords: it counts simultaneous guesses, and nobody can lock out somebody else's browser.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::{
    metrics,
    support::{Answer, Client, EMAIL, PASSWORD, TestApp},
};

const BROWSER: &str = "rollcall_browser";

/// The service behind a proxy, so that requests come from different networks.
async fn app() -> TestApp {
    TestApp::with(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await
}

fn from(app: &TestApp, network: u8) -> Client {
    app.anon().header("x-forwarded-for", &format!("192.0.2.{network}"))
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    client.form("/api/sign-in", &[("email", email), ("password", password)]).await
}

/// The browser that signed in, without its session.
async fn known_browser(app: &TestApp, network: u8) -> Client {
    let answer = sign_in(&from(app, network), EMAIL, PASSWORD).await;
    let cookie = answer.expect(200).cookie(BROWSER).expect("signing in marks the browser as known");
    from(app, network).cookie(&cookie)
}

/// Guesses from many networks, until the account is throttled.
async fn guess_from_everywhere(app: &TestApp) {
    for network in 0..=255 {
        for _ in 0..5 {
            if sign_in(&from(app, network), EMAIL, "wrong password").await.status == 429 {
                assert!(network > 5, "one network cannot throttle an account for the others");
                return;
            }
        }
    }
    panic!("an account can be guessed at without limit");
}

#[tokio::test]
async fn simultaneous_guesses_are_counted() {
    let app = app().await;
    let mut guesses = JoinSet::new();
    for _ in 0..40 {
        let client = from(&app, 1);
        guesses.spawn(async move { sign_in(&client, EMAIL, "wrong password").await.status.as_u16() });
    }
    let mut answers = BTreeMap::<u16, u32>::new();
    for status in guesses.join_all().await {
        *answers.entry(status).or_default() += 1;
    }
    assert_eq!(answers.remove(&429), Some(35), "{answers:?}");
    assert_eq!(sign_in(&from(&app, 1), EMAIL, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn a_full_queue_is_no_failed_sign_in() {
    let app = app().await;
    let queue: Vec<_> = (0..32).map(|_| app.state.passwords.enqueue().unwrap()).collect();
    for _ in 0..10 {
        assert_eq!(sign_in(&from(&app, 1), EMAIL, PASSWORD).await.status, 429, "the queue is full");
    }
    drop(queue);
    sign_in(&from(&app, 1), EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_stranger_cannot_lock_an_administrator_out() {
    let app = app().await;
    for _ in 0..30 {
        sign_in(&from(&app, 1), EMAIL, "wrong password").await;
    }
    assert_eq!(sign_in(&from(&app, 1), EMAIL, PASSWORD).await.status, 429, "the stranger's network is throttled");
    sign_in(&from(&app, 2), EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_known_browser_can_sign_in_whatever_others_guess() {
    let app = app().await;
    let known = known_browser(&app, 200).await;
    guess_from_everywhere(&app).await;
    assert_eq!(sign_in(&from(&app, 201), EMAIL, PASSWORD).await.status, 429, "an unknown browser is throttled");
    sign_in(&known, EMAIL, PASSWORD).await.expect(200);
    for network in [1, 200] {
        for guess in 0..25 {
            sign_in(&from(&app, network), &format!("guess{guess}@contoso.example"), "wrong password").await;
        }
    }
    sign_in(&known, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_known_browser_has_five_guesses_like_any_other() {
    let app = app().await;
    let known = known_browser(&app, 1).await;
    for _ in 0..5 {
        assert_ne!(sign_in(&known, EMAIL, "wrong password").await.status, 429);
    }
    assert_eq!(sign_in(&known, EMAIL, PASSWORD).await.status, 429);
    sign_in(&from(&app, 1), EMAIL, PASSWORD).await.expect(200);
    app.state.clock.advance_seconds(15 * 60);
    sign_in(&known, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_browser_is_known_for_its_account_only() {
    let app = app().await;
    let known = known_browser(&app, 1).await;
    let cookie = sign_in(&from(&app, 1), EMAIL, PASSWORD).await.cookie(BROWSER).unwrap();
    let (start, last) = cookie.split_at(cookie.len() - 1);
    let forged = from(&app, 1).cookie(&format!("{start}{}", if last == "0" { "1" } else { "0" }));
    for _ in 0..5 {
        sign_in(&forged, EMAIL, "wrong password").await;
        sign_in(&known, "otto@tailspin.example", "wrong password").await;
    }
    assert_eq!(sign_in(&forged, EMAIL, PASSWORD).await.status, 429);
    assert_eq!(sign_in(&from(&app, 1), EMAIL, PASSWORD).await.status, 429, "the forged cookie counts as none");
    assert_eq!(sign_in(&known, "otto@tailspin.example", "wrong password").await.status, 429);
    sign_in(&known, EMAIL, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_cookie_of_a_known_browser_is_sent_to_sign_in_only() {
    let app = TestApp::new().await;
    let answer = app.sign_in(EMAIL, PASSWORD).await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with(BROWSER)).unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/sign-in"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let failed = app.sign_in(EMAIL, "wrong password").await;
    assert_eq!(failed.cookie(BROWSER), None);
    let known = app.anon().cookie(&answer.cookie(BROWSER).unwrap());
    assert_eq!(sign_in(&known, EMAIL, PASSWORD).await.expect(200).cookie(BROWSER), None, "it keeps its cookie");
}

#[tokio::test]
async fn sign_ins_are_counted_by_outcome() {
    let app = TestApp::new().await;
    app.sign_in(EMAIL, PASSWORD).await;
    for _ in 0..7 {
        app.sign_in(EMAIL, "wrong password").await;
    }
    let page = metrics::page(&app).await;
    for (outcome, count) in [("succeeded", "1"), ("failed", "5"), ("throttled", "2")] {
        let name = format!("rollcall_sign_ins_total{{outcome=\"{outcome}\"}}");
        assert_eq!(metrics::value(&page, &name), count);
    }
    assert_eq!(metrics::value(&page, "rollcall_sign_in_failures"), "5");
    app.state.clock.advance_seconds(15 * 60);
    assert_eq!(metrics::value(&metrics::page(&app).await, "rollcall_sign_in_failures"), "0");
}
