//! Replacing with PUT (RFC 7644 §3.5.1; checklist G).

use serde_json::json;

use crate::support::{NOW, TestApp, UNKNOWN_ID, user};

/// RFC 7644 §3.5.1: omitted attributes are cleared.
#[tokio::test]
async fn put_replaces_the_whole_user() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["displayName"] = "Ana".into();
    sent["title"] = "CEO".into();
    let id = app.entra().create(&sent).await;
    app.state.clock.advance_seconds(5);
    let mut sent = user("Ana2");
    sent["title"] = "CTO".into();
    let body = app.entra().put(&format!("/v2/scim/Users/{id}"), &sent).await.expect(200).json();
    assert_eq!((&body["userName"], &body["title"], body.get("displayName")), (&json!("Ana2"), &json!("CTO"), None));
    assert_eq!(body["meta"]["created"], NOW);
    assert_ne!(body["meta"]["lastModified"], NOW);
    assert_eq!(app.entra().user(&id).await, body);
}

/// RFC 7644 §3.5.1 leaves the default of omitted attributes to the server: a disabled user stays disabled.
#[tokio::test]
async fn put_without_active_does_not_enable_a_disabled_user() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["active"] = false.into();
    let id = app.entra().create(&sent).await;
    let path = format!("/v2/scim/Users/{id}");
    for silent in [user("ana"), json!({"schemas": [crate::support::USER], "userName": "ana", "active": null})] {
        app.entra().put(&path, &silent).await.expect(200);
        assert_eq!(app.entra().user(&id).await["active"], false);
    }
    sent["active"] = true.into();
    app.entra().put(&path, &sent).await.expect(200);
    assert_eq!(app.entra().user(&id).await["active"], true);
    app.entra().put(&path, &user("ana")).await.expect(200);
    assert_ne!(app.entra().user(&id).await["active"], false);
}

/// RFC 7644 §3.5.1: readOnly values are ignored, so a response can be sent as a PUT.
#[tokio::test]
async fn put_accepts_what_get_returned() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let group = app.entra().create_group("Sales").await;
    let join = crate::support::patch_of(&json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
    app.entra().patch(&format!("/v2/scim/Groups/{group}"), &join).await.expect(204);
    let read = app.entra().user(&id).await;
    assert_eq!(read["groups"][0]["value"], group);
    app.state.clock.advance_seconds(5);
    let body = app.entra().put(&format!("/v2/scim/Users/{id}"), &read).await.expect(200).json();
    assert_eq!(body, read, "nothing changed, lastModified neither");
    let mut other = read.clone();
    other["id"] = UNKNOWN_ID.into();
    app.entra().put(&format!("/v2/scim/Users/{id}"), &other).await.expect(200);
    assert_eq!(app.entra().user(&id).await["id"], id);
}

/// RFC 7644 §3.5.1: PUT never creates; uniqueness and required attributes hold.
#[tokio::test]
async fn put_never_creates_and_obeys_the_schema() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    app.entra().create_user("ben").await;
    app.entra().put(&format!("/v2/scim/Users/{UNKNOWN_ID}"), &user("x")).await.expect_error(404, None);
    let one = format!("/v2/scim/Users/{id}");
    app.entra().put(&one, &user("BEN")).await.expect_error(409, Some("uniqueness"));
    app.entra().put(&one, &json!({"schemas": user("x")["schemas"]})).await.expect_error(400, Some("invalidValue"));
    app.entra().put(&one, &user("ANA")).await.expect(200);
}
