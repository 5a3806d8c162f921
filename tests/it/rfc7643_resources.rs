//! Resources and attributes, over HTTP (RFC 7643; checklist C).

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, TestApp, USER, user};

/// RFC 7643 §8.2, §8.3: the example users of the RFC.
#[tokio::test]
async fn a_complete_user_is_returned_as_sent() {
    let app = TestApp::new().await;
    let mut sent: Value = serde_json::from_str(include_str!("fixtures/rfc7643-8.3-enterprise-user.json")).unwrap();
    let id = app.entra().create(&sent).await;
    let mut read = app.entra().user(&id).await;
    for server_made in ["id", "meta", "groups", "password"] {
        sent.as_object_mut().unwrap().remove(server_made);
        read.as_object_mut().unwrap().remove(server_made);
    }
    sent[ENTERPRISE]["manager"].as_object_mut().unwrap().remove("displayName");
    assert_eq!(read, sent);
}

/// RFC 7643 §2.5: unassigned, null and [] are the same.
#[tokio::test]
async fn empty_values_are_omitted() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["title"] = Value::Null;
    sent["nickName"] = "".into();
    sent["emails"] = json!([]);
    sent["name"] = json!({"givenName": null});
    sent["nonsense"] = json!({"a": 1});
    sent[ENTERPRISE] = json!({"department": ""});
    sent["schemas"] = json!([USER, ENTERPRISE, "urn:unknown"]);
    let id = app.entra().create(&sent).await;
    let read = app.entra().user(&id).await;
    let keys: Vec<_> = read.as_object().unwrap().keys().map(String::as_str).collect();
    for absent in ["title", "nickName", "emails", "name", "nonsense", ENTERPRISE] {
        assert!(!keys.contains(&absent), "{absent}");
    }
    assert_eq!(read["schemas"], json!([USER]));
}

/// Checklist 22, 24: values are stored verbatim; single values are read as complex ones.
#[tokio::test]
async fn values_are_stored_verbatim() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["locale"] = "x!".into();
    sent["profileUrl"] = "not a url".into();
    sent["phoneNumbers"] = json!([{"value": "+41 (0)79 / 1", "type": "pager"}, {"value": "2", "type": "pager"}]);
    sent["name"] = json!([{"givenName": "Ana"}]);
    sent["emails"] = json!(["a@x.org"]);
    sent[ENTERPRISE] = json!({"manager": "nobody here"});
    let id = app.entra().create(&sent).await;
    let read = app.entra().user(&id).await;
    for same in ["locale", "profileUrl", "phoneNumbers"] {
        assert_eq!(read[same], sent[same]);
    }
    assert_eq!(read["name"], json!({"givenName": "Ana"}));
    assert_eq!(read["emails"], json!([{"value": "a@x.org"}]));
    assert_eq!(read[ENTERPRISE], json!({"manager": {"value": "nobody here"}}));
}

/// Attribute names are case-insensitive (RFC 7643 §2.1); responses use the spelling of the schema.
#[tokio::test]
async fn attribute_names_are_case_insensitive() {
    let app = TestApp::new().await;
    let urn = ENTERPRISE.to_uppercase();
    let sent =
        json!({"SCHEMAS": [USER], "USERNAME": "ana", "Name": {"GIVENNAME": "Ana"}, urn: {"DEPARTMENT": "Sales"}});
    let id = app.entra().create(&sent).await;
    let read = app.entra().user(&id).await;
    assert_eq!(
        (&read["userName"], &read["name"]["givenName"], &read[ENTERPRISE]["department"]),
        (&json!("ana"), &json!("Ana"), &json!("Sales"))
    );
}
