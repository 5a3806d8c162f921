//! Disabling, restoring, deleting (RFC 7644 §3.6; checklist K).

use serde_json::json;

use crate::support::{TestApp, patch_of, user};

/// RFC 7644 §3.6, SHALL: 204; then 404 for every operation.
#[tokio::test]
async fn a_deleted_user_is_not_found_and_its_name_is_free() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let group = app.entra().create_group("Sales").await;
    let join = patch_of(&json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
    app.entra().patch(&format!("/v2/scim/Groups/{group}"), &join).await.expect(204);
    let one = format!("/v2/scim/Users/{id}");
    let answer = app.entra().delete(&one).await.expect(204);
    assert!(answer.body.is_empty());
    app.entra().get(&one).await.expect_error(404, None);
    app.entra().put(&one, &user("ana")).await.expect_error(404, None);
    app.entra().patch(&one, &patch_of(&json!([{"op": "add", "value": {"title": "x"}}]))).await.expect_error(404, None);
    app.entra().delete(&one).await.expect_error(404, None);
    assert!(app.entra().found("userName pr").await.is_empty());
    assert_eq!(app.entra().group(&group).await.get("members"), None);
    assert_ne!(app.entra().create_user("ana").await, id);
}

/// Checklist 92, 93: disabled, found by filter, restored with everything.
#[tokio::test]
async fn a_disabled_user_is_found_and_restored() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["title"] = "CEO".into();
    let id = app.entra().create(&sent).await;
    let one = format!("/v2/scim/Users/{id}");
    app.entra()
        .patch(&one, &patch_of(&json!([{"op": "Replace", "path": "active", "value": "False"}])))
        .await
        .expect(200);
    assert_eq!(app.entra().found("userName eq \"ana\" and active eq false").await, ["ana"]);
    let body =
        app.entra().patch(&one, &patch_of(&json!([{"op": "Replace", "path": "active", "value": "True"}]))).await.json();
    assert_eq!((&body["active"], &body["title"]), (&json!(true), &json!("CEO")));
}
