//! Changing with PATCH, through the whole service (RFC 7644 §3.5.2; checklist H). The engine itself is tested beside
//! its code; here are the message, the answer and what is stored.

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, PATCH_OP, TestApp, UNKNOWN_ID, USER, patch_of, user};

/// RFC 7644 §3.5.2: the message.
#[tokio::test]
async fn an_invalid_patch_body_is_400() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let check = async |body: Value, scim_type: &str| {
        app.entra().patch(&format!("/v2/scim/Users/{id}"), &body).await.expect_error(400, Some(scim_type));
    };
    check(json!({"Operations": [{"op": "add", "value": {"title": "x"}}]}), "invalidSyntax").await;
    check(json!({"schemas": [USER], "Operations": [{"op": "add", "value": {"title": "x"}}]}), "invalidSyntax").await;
    check(json!({"schemas": [PATCH_OP]}), "invalidSyntax").await;
    check(patch_of(&json!([])), "invalidSyntax").await;
    check(patch_of(&json!({})), "invalidSyntax").await;
    check(patch_of(&json!([{"op": "move", "path": "title"}])), "invalidSyntax").await;
    check(patch_of(&json!([{"op": "add", "path": "title"}])), "invalidValue").await;
    check(patch_of(&json!([{"op": "replace", "path": "nonsense", "value": "x"}])), "invalidPath").await;
    check(patch_of(&json!([{"op": "replace", "path": "emails]", "value": "x"}])), "invalidPath").await;
    check(patch_of(&json!([{"op": "replace", "path": "emails[type is \"x\"].value", "value": "x"}])), "invalidFilter")
        .await;
    check(patch_of(&json!([{"op": "remove"}])), "noTarget").await;
    check(patch_of(&json!([{"op": "remove", "path": "userName"}])), "mutability").await;
    check(patch_of(&json!([{"op": "replace", "path": "id", "value": "x"}])), "mutability").await;
    check(patch_of(&json!([{"op": "replace", "path": "emails[value eq \"x\"].type", "value": "work"}])), "noTarget")
        .await;
    app.entra()
        .patch(&format!("/v2/scim/Users/{UNKNOWN_ID}"), &patch_of(&json!([{"op": "add", "value": {"title": "x"}}])))
        .await
        .expect_error(404, None);
}

/// RFC 7644 §3.5.2: "if a single operation encounters an error condition, the original SCIM resource MUST be restored".
#[tokio::test]
async fn a_patch_is_atomic() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    app.entra().create_user("ben").await;
    let before = app.entra().user(&id).await;
    let one = format!("/v2/scim/Users/{id}");
    let broken = patch_of(&json!([{"op": "add", "path": "title", "value": "CEO"}, {"op": "remove", "path": "id"}]));
    app.entra().patch(&one, &broken).await.expect_error(400, Some("mutability"));
    let taken = patch_of(
        &json!([{"op": "add", "path": "title", "value": "CEO"}, {"op": "replace", "path": "userName", "value": "Ben"}]),
    );
    app.entra().patch(&one, &taken).await.expect_error(409, Some("uniqueness"));
    assert_eq!(app.entra().user(&id).await, before);
}

/// Decision: a user is answered with its body; nothing changed means nothing written.
#[tokio::test]
async fn a_patch_without_effect_leaves_the_user_unchanged() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let before = app.entra().user(&id).await;
    app.state.clock.advance_seconds(60);
    let same = patch_of(&json!([{"op": "replace", "path": "active", "value": true}]));
    let body = app.entra().patch(&format!("/v2/scim/Users/{id}"), &same).await.expect(200).json();
    assert_eq!(body, before);
    let change = patch_of(&json!([{"op": "replace", "path": "active", "value": false}]));
    let body = app.entra().patch(&format!("/v2/scim/Users/{id}?attributes=active"), &change).await.expect(200).json();
    assert_eq!((&body["active"], body.get("userName")), (&json!(false), None));
    assert_ne!(app.entra().user(&id).await["meta"]["lastModified"], before["meta"]["lastModified"]);
}

/// Checklist 75: an attribute written by its URN brings the URN; the last one takes it away.
#[tokio::test]
async fn an_extension_exists_while_it_has_attributes() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let one = format!("/v2/scim/Users/{id}");
    let path = format!("{ENTERPRISE}:department");
    let body = app.entra().patch(&one, &patch_of(&json!([{"op": "add", "path": path, "value": "Sales"}]))).await.json();
    assert_eq!(body["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(body[ENTERPRISE], json!({"department": "Sales"}));
    let body = app.entra().patch(&one, &patch_of(&json!([{"op": "remove", "path": path}]))).await.json();
    assert_eq!(body["schemas"], json!([USER]));
    assert_eq!(body.get(ENTERPRISE), None);
}

/// Checklist 67: on by default, as Entra without its flag needs it; a tenant may switch it off.
#[tokio::test]
async fn replace_creates_a_missing_value_unless_the_tenant_disables_it() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let one = format!("/v2/scim/Users/{id}");
    let replace = patch_of(&json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x.org"}]));
    let body = app.entra().patch(&one, &replace).await.expect(200).json();
    assert_eq!(body["emails"], json!([{"value": "a@x.org", "type": "work"}]));
    app.settings(|settings| settings.replace_without_match_creates = false).await;
    let home = patch_of(&json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "a@x.org"}]));
    app.entra().patch(&one, &home).await.expect_error(400, Some("noTarget"));
}

/// Two writers at once: both changes arrive.
#[tokio::test]
async fn concurrent_patches_are_all_applied() {
    let app = TestApp::new().await;
    let id = app.entra().create(&user("ana")).await;
    let one = format!("/v2/scim/Users/{id}");
    let attributes = ["title", "nickName", "locale", "timezone", "userType", "displayName"];
    let patches = attributes.map(|attribute| {
        let (caller, one) = (app.entra(), one.clone());
        tokio::spawn(async move {
            let body = patch_of(&json!([{"op": "add", "path": attribute, "value": attribute}]));
            caller.patch(&one, &body).await.expect(200);
        })
    });
    for patch in patches {
        patch.await.unwrap();
    }
    let user = app.entra().user(&id).await;
    for attribute in attributes {
        assert_eq!(user[attribute], attribute);
    }
}

/// An identity provider changes one resource from many threads; none of them gets 429 or 503.
#[tokio::test]
async fn many_concurrent_patches_are_all_applied() {
    let app = TestApp::new().await;
    let one = format!("/v2/scim/Users/{}", app.entra().create(&user("ana")).await);
    let patches = (0..40).map(|number| {
        let (caller, one) = (app.entra(), one.clone());
        tokio::spawn(async move {
            let value = json!([{"value": format!("{number}@contoso.com")}]);
            caller.patch(&one, &patch_of(&json!([{"op": "add", "path": "emails", "value": value}]))).await.expect(200);
        })
    });
    for patch in patches.collect::<Vec<_>>() {
        patch.await.unwrap();
    }
    let user = app.entra().get(&one).await.expect(200).json();
    assert_eq!(user["emails"].as_array().map(Vec::len), Some(40));
}
