//! Groups (RFC 7643 §4.2; checklist J, E 38), as far as they are built.

use serde_json::{Value, json};

use crate::support::{GROUP, TestApp, UNKNOWN_ID, group, patch_of};

/// Checklist 84, 30.
#[tokio::test]
async fn a_group_is_created_once_and_unknown_schemas_are_not_echoed() {
    let app = TestApp::new().await;
    let sent = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-0000-0000-0000-000000000000", "displayName": "Sales", "meta": {"resourceType": "Group"}
    });
    let answer = app.entra().post("/v2/scim/Groups", &sent).await.expect(201);
    let body = answer.json();
    assert_eq!(body["schemas"], json!([GROUP]));
    assert_eq!(body.get("members"), None);
    assert_eq!(body["meta"]["resourceType"], "Group");
    assert_eq!(answer.header("location"), body["meta"]["location"].as_str());
    app.entra().post("/v2/scim/Groups", &group("SALES")).await.expect_error(409, Some("uniqueness"));
    app.entra().post("/v2/scim/Groups", &json!({"schemas": [GROUP]})).await.expect_error(400, Some("invalidValue"));
}

/// Checklist 38, 85: "Entra … raises an error otherwise".
#[tokio::test]
async fn excluded_members_leave_no_key() {
    let app = TestApp::new().await;
    let ana = app.entra().create_user("ana").await;
    let id = app.entra().create_group("Sales").await;
    let join = patch_of(&json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": ana}]}]));
    app.entra().patch(&format!("/v2/scim/Groups/{id}"), &join).await.expect(204);
    assert_eq!(app.entra().group(&id).await["members"][0]["value"], ana);
    let one = app.entra().get(&format!("/v2/scim/Groups/{id}?excludedAttributes=members")).await.expect(200).json();
    assert_eq!(one.get("members"), None);
    let list =
        app.entra().get("/v2/scim/Groups?excludedAttributes=members&filter=displayName eq \"sales\"").await.json();
    assert_eq!(list["totalResults"], 1);
    assert_eq!(list["Resources"][0].get("members"), None);
    let chosen = app.entra().get(&format!("/v2/scim/Groups/{id}?attributes=members.value")).await.json();
    assert_eq!(chosen["members"][0]["value"], ana);
    assert_eq!(chosen.get("displayName"), None);
}

/// Checklist 86–90, both dialects.
#[tokio::test]
async fn members_are_added_and_removed_in_both_dialects() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(app.entra().create_user(name).await);
    }
    let id = app.entra().create_group("Sales").await;
    let members = async |operations: Value| -> Vec<usize> {
        app.entra().patch(&format!("/v2/scim/Groups/{id}"), &patch_of(&operations)).await.expect(204);
        let group = app.entra().group(&id).await;
        let values = group["members"].as_array().cloned().unwrap_or_default();
        let index = |member: &Value| ids.iter().position(|id| member["value"] == id.as_str()).unwrap();
        let mut indices: Vec<_> = values.iter().map(index).collect();
        indices.sort_unstable();
        indices
    };
    let value = |indices: &[usize]| -> Value {
        indices.iter().map(|index| json!({"$ref": null, "value": ids[*index]})).collect()
    };
    assert_eq!(members(json!([{"op": "Add", "path": "members", "value": value(&[0, 1])}])).await, [0, 1]);
    assert_eq!(members(json!([{"op": "Add", "path": "members", "value": value(&[1, 2, 3])}])).await, [0, 1, 2, 3]);
    assert_eq!(members(json!([{"op": "Remove", "path": "members", "value": value(&[1])}])).await, [0, 2, 3]);
    assert_eq!(members(json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[2])}])).await, [0, 3]);
    assert_eq!(members(json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[2])}])).await, [0, 3]);
    assert_eq!(members(json!([{"op": "replace", "path": "members", "value": value(&[2])}])).await, [2]);
    let twice = json!([{"op": "Add", "path": "members", "value": value(&[1])}, {"op": "Remove", "path": "members", "value": value(&[1])}]);
    assert_eq!(members(twice).await, [2]);
    assert_eq!(members(json!([{"op": "remove", "path": "members"}])).await, [0_usize; 0]);
    app.entra()
        .patch(
            &format!("/v2/scim/Groups/{id}"),
            &patch_of(&json!([{"op": "Replace", "path": "displayName", "value": "EMEA"}])),
        )
        .await
        .expect(204);
    assert_eq!(app.entra().group(&id).await["displayName"], "EMEA");
}

/// Checklist 55, 91.
#[tokio::test]
async fn groups_are_created_changed_and_deleted_and_users_show_them() {
    let app = TestApp::new().await;
    let ana = app.entra().create_user("ana").await;
    let mut sent = group("Sales");
    sent["members"] = json!([{"value": ana}]);
    let id = app.entra().post("/v2/scim/Groups", &sent).await.created_id();
    let one = format!("/v2/scim/Groups/{id}");
    let user = app.entra().user(&ana).await;
    assert_eq!(
        (&user["groups"][0]["value"], &user["groups"][0]["display"], &user["groups"][0]["type"]),
        (&json!(id), &json!("Sales"), &json!("direct"))
    );
    let rename = patch_of(&json!([{"op": "replace", "value": {"displayName": "EMEA"}}]));
    let body = app.entra().patch(&format!("{one}?attributes=displayName"), &rename).await.expect(200).json();
    assert_eq!(body["displayName"], "EMEA");
    assert_eq!(app.entra().user(&ana).await["groups"][0]["display"], "EMEA");
    let body = app.entra().put(&one, &group("Africa")).await.expect(200).json();
    assert_eq!((&body["displayName"], body.get("members")), (&json!("Africa"), None));
    app.entra().delete(&one).await.expect(204);
    app.entra().get(&one).await.expect_error(404, None);
    app.entra().delete(&one).await.expect_error(404, None);
    app.entra().delete(&format!("/v2/scim/Groups/{UNKNOWN_ID}")).await.expect_error(404, None);
    assert_eq!(app.entra().user(&ana).await.get("groups"), None);
}
