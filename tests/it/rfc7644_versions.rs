//! Versions and conditional requests (RFC 7644 §3.14; checklist 98).

use serde_json::json;

use crate::support::{TestApp, UNKNOWN_ID, group, patch_of, user};

#[tokio::test]
async fn every_response_with_one_resource_has_its_version() {
    let app = TestApp::new().await;
    let rename = patch_of(&json!([{"op": "replace", "path": "displayName", "value": "New"}]));
    for (path, sent) in [("/v2/scim/Users", user("ana")), ("/v2/scim/Groups", group("Sales"))] {
        let created = app.entra().post(path, &sent).await.expect(201);
        let one = format!("{path}/{}", created.json()["id"].as_str().unwrap());
        assert_eq!(created.header("etag"), created.json()["meta"]["version"].as_str());
        let read = app.entra().get(&one).await.expect(200);
        assert_eq!(read.header("etag"), created.header("etag"));
        let patched = app.entra().patch(&one, &rename).await;
        let after = app.entra().get(&one).await.json();
        assert_ne!(patched.header("etag"), created.header("etag"));
        assert_eq!(patched.header("etag"), after["meta"]["version"].as_str());
        let replaced = app.entra().put(&one, &sent).await.expect(200);
        assert_eq!(replaced.header("etag"), replaced.json()["meta"]["version"].as_str());
    }
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let app = TestApp::new().await;
    let one = format!("/v2/scim/Users/{}", app.entra().create_user("ana").await);
    let tag = app.entra().get(&one).await.header("etag").unwrap().to_owned();
    for known in [tag.clone(), "*".to_owned(), format!("\"other\", {tag}")] {
        let answer = app.entra().header("if-none-match", &known).get(&one).await.expect(304);
        assert_eq!((answer.header("etag"), answer.text()), (Some(tag.as_str()), String::new()));
    }
    app.entra().header("if-none-match", "W/\"77\"").get(&one).await.expect(200);
}

#[tokio::test]
async fn a_change_of_another_version_is_refused() {
    let app = TestApp::new().await;
    let rename = patch_of(&json!([{"op": "replace", "path": "displayName", "value": "New"}]));
    for (path, sent) in [("/v2/scim/Users", user("ana")), ("/v2/scim/Groups", group("Sales"))] {
        let one = format!("{path}/{}", app.entra().post(path, &sent).await.created_id());
        let before = app.entra().get(&one).await.json();
        let stale = app.entra().header("if-match", "W/\"77\"");
        stale.patch(&one, &rename).await.expect_error(412, None);
        stale.put(&one, &sent).await.expect_error(412, None);
        stale.delete(&one).await.expect_error(412, None);
        assert_eq!(app.entra().get(&one).await.json(), before);
        stale.delete(&format!("{path}/{UNKNOWN_ID}")).await.expect_error(404, None);
        let current = before["meta"]["version"].as_str().unwrap();
        let patched = app.entra().header("if-match", current).patch(&one, &rename).await;
        let tag = patched.header("etag").unwrap().to_owned();
        app.entra().header("if-match", current).patch(&one, &rename).await.expect_error(412, None);
        app.entra().header("if-match", "*").put(&one, &sent).await.expect(200);
        app.entra().header("if-match", &tag).delete(&one).await.expect_error(412, None);
        app.entra().header("if-match", &format!("{tag}, W/\"3\"")).delete(&one).await.expect(204);
    }
}
