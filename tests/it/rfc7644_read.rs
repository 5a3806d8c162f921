//! Reading one resource, and choosing attributes (RFC 7644 §3.4.1, §3.9; checklist E 32, 37).

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, TestApp, UNKNOWN_ID, USER, patch_of, user};

/// RFC 7644 §3.4.1; a user who is not active is still there.
#[tokio::test]
async fn inactive_users_are_returned_and_unknown_ones_are_404() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let off = patch_of(&json!([{"op": "replace", "path": "active", "value": false}]));
    app.entra().patch(&format!("/v2/scim/Users/{id}"), &off).await.expect(200);
    assert_eq!(app.entra().user(&id).await["active"], false);
    for unknown in [UNKNOWN_ID, "x", "ana", &id.to_uppercase(), &format!("{{{id}}}"), "%00", "..%2f.."] {
        app.entra().get(&format!("/v2/scim/Users/{unknown}")).await.expect_error(404, None);
    }
}

/// RFC 7644 §3.9, RFC 7643 §7: `returned`.
#[tokio::test]
async fn attributes_select_and_excluded_attributes_omit() {
    let app = TestApp::new().await;
    let mut sent = user("ana");
    sent["schemas"] = json!([USER, ENTERPRISE]);
    sent["displayName"] = "Ana".into();
    sent["name"] = json!({"givenName": "Ana", "familyName": "Ruiz"});
    sent["emails"] = json!([{"value": "a@x.org", "type": "work"}]);
    sent[ENTERPRISE] = json!({"department": "Sales", "costCenter": "7"});
    let id = app.entra().create(&sent).await;
    let keys = async |query: &str| -> String {
        let answer = app.entra().get(&format!("/v2/scim/Users/{id}?{query}")).await.expect(200).json();
        let mut keys: Vec<_> =
            answer.as_object().unwrap().keys().map(|key| key.replace(ENTERPRISE, "Enterprise")).collect();
        keys.sort();
        keys.retain(|key| !["id", "schemas", "meta"].contains(&key.as_str()));
        keys.join(" ")
    };
    assert_eq!(keys("attributes=userName").await, "userName");
    assert_eq!(keys("attributes=USERNAME,%20displayname,nonsense").await, "displayName userName");
    assert_eq!(keys("attributes=name.familyName").await, "name");
    assert_eq!(keys(&format!("attributes={ENTERPRISE}")).await, "Enterprise");
    assert_eq!(keys(&format!("attributes={ENTERPRISE}:department")).await, "Enterprise");
    assert_eq!(keys(&format!("attributes={USER}:emails")).await, "emails");
    assert_eq!(keys("excludedAttributes=emails,name,id,password").await, "Enterprise active displayName userName");
    assert_eq!(keys(&format!("excludedAttributes={ENTERPRISE},active,emails")).await, "displayName name userName");
    let name = app.entra().get(&format!("/v2/scim/Users/{id}?attributes=name.familyName")).await.json();
    assert_eq!(name["name"], json!({"familyName": "Ruiz"}));
    let both = app.entra().get(&format!("/v2/scim/Users/{id}?attributes=userName&excludedAttributes=emails")).await;
    both.expect_error(400, Some("invalidValue"));
    let list = app.entra().get("/v2/scim/Users?attributes=userName").await.expect(200).json();
    assert_eq!(list["Resources"][0]["userName"], "ana");
    assert_eq!(list["Resources"][0].get("emails"), None);
    assert_eq!(list["Resources"][0]["id"], Value::from(id));
}
