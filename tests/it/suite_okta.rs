//! The steps of Okta's SCIM 2.0 spec test (checklist 115), with requests and values of our own. The requests that Okta sends
//! afterwards (116) are in `fixtures/clients`.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::support::{Client, LIST_RESPONSE, TestApp, USER};

const USER_NAME: &str = "runscope300abc@atko.com";

fn okta(app: &TestApp) -> Client {
    app.entra().header("user-agent", "OKTA SCIM Integration").header("accept", "application/scim+json")
}

/// A user with "realistic values".
fn realistic() -> Value {
    json!({
        "schemas": [USER], "userName": USER_NAME, "name": {"givenName": "Runscope300", "familyName": "Abc"},
        "emails": [{"primary": true, "value": USER_NAME, "type": "work"}], "displayName": "Runscope300 Abc",
        "active": true,
    })
}

async fn create(app: &TestApp, document: &Value) -> Value {
    let plain = okta(app).header("content-type", "application/json");
    plain.send(Method::POST, "/v2/scim/Users", Body::from(document.to_string())).await.expect(201).json()
}

#[tokio::test]
async fn required_test_test_users_endpoint() {
    let app = TestApp::new().await;
    create(&app, &realistic()).await;
    create(&app, &json!({"schemas": [USER], "userName": "second"})).await;
    let answer = okta(&app).get("/v2/scim/Users?count=1&startIndex=1").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
    let list = answer.json();
    assert_eq!(list["schemas"], json!([LIST_RESPONSE]));
    assert!(list["itemsPerPage"].is_u64() && list["startIndex"].is_u64() && list["totalResults"].is_u64());
    let first = &list["Resources"][0];
    for member in [&first["id"], &first["userName"], &first["name"]["givenName"], &first["name"]["familyName"]] {
        assert!(member.as_str().is_some_and(|text| !text.is_empty()), "{first}");
    }
    assert_eq!((&first["active"], &first["emails"][0]["value"]), (&json!(true), &json!(USER_NAME)));
}

#[tokio::test]
async fn required_test_get_users_by_id() {
    let app = TestApp::new().await;
    let created = create(&app, &realistic()).await;
    let read = okta(&app).get(&format!("/v2/scim/Users/{}", created["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(read, created);
}

#[tokio::test]
async fn required_test_test_invalid_user_by_username() {
    let app = TestApp::new().await;
    let list = okta(&app).get("/v2/scim/Users?filter=userName eq \"abcdefgh@atko.com\"").await.expect(200).json();
    assert_eq!((&list["schemas"], &list["totalResults"]), (&json!([LIST_RESPONSE]), &json!(0)));
}

#[tokio::test]
async fn required_test_test_invalid_user_by_id() {
    let app = TestApp::new().await;
    let detail = okta(&app).get("/v2/scim/Users/010101001010101011001010101011").await.expect_error(404, None);
    assert!(!detail.is_empty());
}

#[tokio::test]
async fn required_test_make_sure_random_user_doesnt_exist() {
    let app = TestApp::new().await;
    let list = okta(&app).get(&format!("/v2/scim/Users?filter=userName eq \"{USER_NAME}\"")).await.expect(200).json();
    assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn required_test_create_okta_user_with_realistic_values() {
    let app = TestApp::new().await;
    let created = create(&app, &realistic()).await;
    for (name, sent) in realistic().as_object().unwrap() {
        assert_eq!(&created[name], sent, "{name}");
    }
    assert_eq!(created["meta"]["resourceType"], "User");
}

#[tokio::test]
async fn required_test_verify_that_user_was_created() {
    let app = TestApp::new().await;
    let created = create(&app, &realistic()).await;
    let read = app.entra().user(created["id"].as_str().unwrap()).await;
    for (name, sent) in realistic().as_object().unwrap() {
        assert_eq!(&read[name], sent, "{name}");
    }
}

#[tokio::test]
async fn required_test_expect_failure_when_recreating_user_with_same_values() {
    let app = TestApp::new().await;
    create(&app, &realistic()).await;
    okta(&app).post("/v2/scim/Users", &realistic()).await.expect_error(409, Some("uniqueness"));
}

#[tokio::test]
async fn required_test_username_case_sensitivity_check() {
    let app = TestApp::new().await;
    create(&app, &realistic()).await;
    let upper = USER_NAME.to_uppercase();
    let list = okta(&app).get(&format!("/v2/scim/Users?filter=userName eq \"{upper}\"")).await.expect(200).json();
    assert_eq!(list["Resources"][0]["userName"], USER_NAME);
}

#[tokio::test]
async fn optional_test_verify_groups_endpoint() {
    let app = TestApp::new().await;
    let answer = okta(&app).get("/v2/scim/Groups").await.expect(200);
    assert_eq!(answer.json()["schemas"], json!([LIST_RESPONSE]));
}

#[tokio::test]
async fn required_test_check_status_401() {
    let app = TestApp::new().await;
    let answer = app.anon().bearer("non-token").get("/v2/scim/Users?filter=userName eq \"x\"").await;
    answer.expect_error(401, None);
    app.anon().get("/v2/scim/Users").await.expect_error(401, None);
}

#[tokio::test]
async fn required_test_check_status_404() {
    let app = TestApp::new().await;
    okta(&app).get("/v2/scim/Users/00919288221112222").await.expect_error(404, None);
}
