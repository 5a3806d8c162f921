//! Creating resources (RFC 7644 §3.3; checklist D).

use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::support::{BASE, ENTERPRISE, NOW, TestApp, USER, user};

/// RFC 7644 §3.3, SHALL: 201, the representation, and its URI in `Location` and `meta.location`.
#[tokio::test]
async fn a_new_user_is_returned_with_its_location() {
    let app = TestApp::new().await;
    let answer = app.entra().post("/v2/scim/Users", &user("ana@contoso.com")).await.expect(201);
    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("{BASE}/Users/{id}").as_str()));
    assert_eq!(body["meta"]["location"], format!("{BASE}/Users/{id}"));
    assert_eq!(body["meta"]["resourceType"], "User");
    assert_eq!(body["meta"]["created"], NOW);
    assert_eq!(body["meta"]["lastModified"], NOW);
    assert_eq!(body["schemas"], json!([USER]));
    assert_eq!(body["userName"], "ana@contoso.com");
    assert_eq!(body["active"], true, "a new user without it is active");
    assert_eq!(app.entra().user(id).await, body);
}

/// RFC 7644 §3.3: "attributes whose mutability is "readOnly" … SHALL be ignored".
#[tokio::test]
async fn read_only_attributes_are_ignored() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["id"] = "mine".into();
    sent["meta"] = json!({"resourceType": "Nonsense", "created": "1999-01-01T00:00:00Z", "version": "x"});
    sent["groups"] = json!([{"value": "x"}]);
    let body = app.entra().post("/v2/scim/Users", &sent).await.expect(201).json();
    assert_ne!(body["id"], "mine");
    assert_eq!(body["meta"]["created"], NOW);
    assert_eq!(body.get("groups"), None);
}

/// RFC 7644 §3.3.1, §3.12: 409 uniqueness; RFC 7643 §4.1.1: userName is case-insensitive.
#[tokio::test]
async fn a_duplicate_user_name_is_409_in_any_letter_case() {
    let app = TestApp::new().await;
    app.entra().create_user("Ana@Contoso.com").await;
    for taken in ["Ana@Contoso.com", "ana@contoso.com", "ANA@CONTOSO.COM", "ａｎａ@contoso.com"] {
        app.entra().post("/v2/scim/Users", &user(taken)).await.expect_error(409, Some("uniqueness"));
    }
    assert_eq!(app.entra().found("userName pr").await, ["Ana@Contoso.com"]);
}

/// RFC 7644 §3.12.
#[tokio::test]
async fn an_invalid_user_is_400() {
    let app = TestApp::new().await;
    let raw = async |body: &'static str, scim_type: &str| {
        let caller = app.entra().header("content-type", "application/scim+json");
        let answer = caller.send(Method::POST, "/v2/scim/Users", Body::from(body)).await;
        answer.expect_error(400, Some(scim_type));
    };
    raw("", "invalidSyntax").await;
    raw("{", "invalidSyntax").await;
    raw("[]", "invalidSyntax").await;
    raw("\"ana\"", "invalidSyntax").await;
    raw("null", "invalidSyntax").await;
    raw("{\"schemas\":[\"\u{fffd}\"", "invalidSyntax").await;
    let check = async |body: Value, scim_type: &str| {
        app.entra().post("/v2/scim/Users", &body).await.expect_error(400, Some(scim_type));
    };
    check(json!({"schemas": [USER]}), "invalidValue").await;
    check(json!({"schemas": [USER], "userName": ""}), "invalidValue").await;
    check(json!({"schemas": [USER], "userName": null}), "invalidValue").await;
    check(json!({"schemas": [USER], "userName": 7}), "invalidValue").await;
    check(json!({"schemas": [USER], "userName": "a", "active": "perhaps"}), "invalidValue").await;
    check(json!({"schemas": [USER], "userName": "a", "name": [1]}), "invalidValue").await;
    check(
        json!({"schemas": [USER], "userName": "a", "emails": [{"value": "x", "primary": true}, {"value": "y", "primary": true}]}),
        "invalidValue",
    )
    .await;
    for body in [json!({"userName": "a"}), json!({"schemas": [], "userName": "a"})] {
        assert_eq!(app.entra().post("/v2/scim/Users", &body).await.status, 400);
    }
    assert!(app.entra().found("userName pr").await.is_empty(), "nothing of all that was stored");
}

/// Checklist 31: a typical create of Entra, with nulls and empty lists.
#[tokio::test]
async fn a_create_of_entra_is_stored_without_its_empty_parts() {
    let app = TestApp::new().await;
    let sent = json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "7b0f6f0e-3a51-4f0c-8a5c-2f4e1a6a9d10", "userName": "ana@contoso.com", "active": true, "title": null,
        "displayName": "Ana Ruiz", "name": {"formatted": "Ana Ruiz", "givenName": "Ana", "familyName": "Ruiz"},
        "roles": [], "addresses": null,
        "emails": [{"primary": true, "type": "work", "value": "ana@contoso.com"}], "meta": {"resourceType": "User"},
        ENTERPRISE: {"department": "Sales", "manager": "26118915-6090-4610-87e4-49d8ca9f808d"}
    });
    let id = app.entra().create(&sent).await;
    let mut user = app.entra().user(&id).await;
    assert_eq!(user[ENTERPRISE]["manager"], json!({"value": "26118915-6090-4610-87e4-49d8ca9f808d"}));
    user["id"] = "ID".into();
    user["meta"] = Value::Null;
    insta::assert_json_snapshot!(user, @r#"
    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "ID",
      "externalId": "7b0f6f0e-3a51-4f0c-8a5c-2f4e1a6a9d10",
      "userName": "ana@contoso.com",
      "name": {
        "formatted": "Ana Ruiz",
        "familyName": "Ruiz",
        "givenName": "Ana"
      },
      "displayName": "Ana Ruiz",
      "active": true,
      "emails": [
        {
          "value": "ana@contoso.com",
          "type": "work",
          "primary": true
        }
      ],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        "department": "Sales",
        "manager": {
          "value": "26118915-6090-4610-87e4-49d8ca9f808d"
        }
      },
      "meta": null
    }
    "#);
}

/// Checklist 31: Microsoft's validator posts a boolean as a text.
#[tokio::test]
async fn a_boolean_as_text_is_read() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["roles"] = json!([{"value": "x", "primary": "True"}]);
    sent["active"] = "False".into();
    let body = app.entra().post("/v2/scim/Users", &sent).await.expect(201).json();
    assert_eq!(body["roles"], json!([{"value": "x", "primary": true}]));
    assert_eq!(body["active"], false);
}

/// RFC 7643 §2.2, §7: "returned never".
#[tokio::test]
async fn a_password_is_accepted_and_never_returned() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["password"] = "tops3cret-word".into();
    let body = app.entra().post("/v2/scim/Users?attributes=password,userName", &sent).await.expect(201);
    assert!(!body.text().contains("tops3cret"));
    app.entra().post("/v2/scim/Users", &sent).await.expect_error(409, Some("uniqueness"));
    let id = body.json()["id"].as_str().unwrap().to_owned();
    let operations = json!([{"op": "Replace", "path": "password", "value": "tops3cret-word"}]);
    app.entra().patch(&format!("/v2/scim/Users/{id}"), &crate::support::patch_of(&operations)).await;
    let journal = serde_json::to_string(&app.journal().await).unwrap();
    assert!(journal.contains("[redacted]") && !journal.contains("tops3cret"));
    let disk = app.bytes_on_disk();
    assert!(!disk.windows(9).any(|window| window == b"tops3cret"));
}

/// Checklist 26: the limit counts characters, names itself, and can be set.
#[tokio::test]
async fn a_user_name_beyond_the_limit_is_400_and_says_so() {
    let app = TestApp::new().await;
    let (fits, too_long) = ("ü".repeat(30), "ü".repeat(31));
    let id = app.entra().create_user(&fits).await;
    let one = format!("/v2/scim/Users/{id}");
    let rename = crate::support::patch_of(&json!([{"op": "replace", "path": "userName", "value": too_long}]));
    let answers = [
        app.entra().post("/v2/scim/Users", &user(&too_long)).await,
        app.entra().put(&one, &user(&too_long)).await,
        app.entra().patch(&one, &rename).await,
    ];
    for answer in answers {
        let detail = answer.expect_error(400, Some("invalidValue"));
        assert!(detail.contains("30"), "{detail}");
    }
    assert!(app.entra().found(&format!("userName eq \"{too_long}\"")).await.is_empty(), "filters are not limited");
    app.settings(|settings| settings.user_name_limit = 0).await;
    app.entra().post("/v2/scim/Users", &user(&"x".repeat(300))).await.expect(201);
}

/// RFC 7644 §3.9: `attributes` works here too.
#[tokio::test]
async fn the_response_has_the_requested_attributes() {
    let app = TestApp::new().await;
    let body = app.entra().post("/v2/scim/Users?attributes=userName", &user("ana")).await.expect(201).json();
    let mut keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    keys.retain(|key| *key != "meta");
    assert_eq!(keys, ["schemas", "id", "userName"]);
}
