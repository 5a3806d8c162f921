//! The system clock is set back an hour, or forward a year and back again, while the service runs.

use serde_json::json;

use crate::support::{TestApp, patch_of};

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;

#[tokio::test]
async fn last_modified_never_goes_back_with_the_clock() {
    let app = TestApp::new().await;
    let ana = app.entra().create_user("ana").await;
    let team = app.entra().create_group("Team").await;
    let member = patch_of(&json!([{"op": "add", "path": "members", "value": [{"value": ana}]}]));
    app.entra().patch(&format!("/v2/scim/Groups/{team}"), &member).await.expect(204);
    let before = [app.entra().user(&ana).await, app.entra().group(&team).await];

    app.state.clock.advance_seconds(-HOUR);
    let named = patch_of(&json!([{"op": "replace", "path": "displayName", "value": "Other"}]));
    app.entra().patch(&format!("/v2/scim/Users/{ana}"), &named).await.expect(200);
    app.entra().patch(&format!("/v2/scim/Groups/{team}"), &named).await.expect(204);
    let after = [app.entra().user(&ana).await, app.entra().group(&team).await];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after["displayName"], "Other");
        assert_eq!(after["meta"]["lastModified"], before["meta"]["lastModified"]);
        assert_ne!(after["meta"]["version"], before["meta"]["version"]);
    }
    app.entra().delete(&format!("/v2/scim/Users/{ana}")).await.expect(204);
    let left = app.entra().group(&team).await;
    assert_eq!((&left["members"], &left["meta"]["lastModified"]), (&json!(null), &after[1]["meta"]["lastModified"]));
    assert_eq!(app.journal().await.len(), 6, "every change is journaled");
}

#[tokio::test]
async fn the_throttle_survives_a_clock_set_back() {
    let app = TestApp::with(|config| config.rate_limit = 1).await;
    for status in [200, 200, 429] {
        app.entra().get("/v2/scim/Users").await.expect(status);
    }
    app.state.clock.advance_seconds(-HOUR);
    for status in [200, 200, 429] {
        app.entra().get("/v2/scim/Users").await.expect(status);
    }
}

#[tokio::test]
async fn a_token_works_and_its_use_is_recorded_after_a_wrong_year_is_corrected() {
    let app = TestApp::new().await;
    let used = async || app.state.store.tokens(app.tenant).await.unwrap()[0].last_used.unwrap().as_millis();
    app.state.clock.advance_seconds(YEAR);
    app.entra().get("/v2/scim/Users").await.expect(200);
    let wrong = used().await;
    app.state.clock.advance_seconds(-YEAR);
    app.entra().get("/v2/scim/Users").await.expect(200);
    assert_eq!(used().await, wrong - YEAR * 1_000);
}

#[tokio::test]
async fn a_session_survives_an_hour_back_and_ends_with_a_wrong_year() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    app.state.clock.advance_seconds(-HOUR);
    admin.page("/users").await.expect(200);
    app.state.clock.advance_seconds(YEAR);
    let admin = app.admin().await;
    admin.page("/users").await.expect(200);
    app.state.clock.advance_seconds(-YEAR);
    admin.page("/users").await.expect(302);
}

#[tokio::test]
async fn an_account_is_not_locked_until_a_wrong_year() {
    let app = TestApp::new().await;
    app.state.clock.advance_seconds(YEAR);
    for _ in 0..6 {
        app.sign_in(crate::support::EMAIL, "wrong").await;
    }
    app.sign_in(crate::support::EMAIL, crate::support::PASSWORD).await.expect(429);
    app.state.clock.advance_seconds(-YEAR);
    app.sign_in(crate::support::EMAIL, crate::support::PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_cursor_expires_when_the_clock_changes() {
    let app = TestApp::new().await;
    for name in ["ana", "ben", "cem"] {
        app.entra().create_user(name).await;
    }
    let first = app.entra().get("/v2/scim/Users?cursor&count=1").await.expect(200).json();
    let next = format!("/v2/scim/Users?cursor={}&count=1", first["nextCursor"].as_str().unwrap());
    app.entra().get(&next).await.expect(200);
    app.state.clock.advance_seconds(-YEAR);
    app.entra().get(&next).await.expect_error(400, Some("expiredCursor"));
}
