//! What the gallery's validation tests (checklist 112 to 114), written out: what goes through Entra as the requests that Entra
//! then sends, in both dialects, and what asks the service directly. "Federated identity" is about single sign-on and has
//! no request to SCIM. "On demand" is always worded in the older dialect, whatever the flag.

use serde_json::{Value, json};

use crate::support::{Dialect, ENTERPRISE, GROUP, TestApp, UNKNOWN_ID, USER, at, patch_of};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const ADSCIM: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// What Entra sends for a new person.
fn person() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "externalId": "7b0f6f0e-3a51-4f0c-8a5c-2f4e1a6a9d10",
        "userName": "ana@contoso.com", "active": true, "displayName": "Ana Ruiz", "title": "Analyst",
        "emails": [{"primary": true, "type": "work", "value": "ana@contoso.com"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Ana Ruiz", "familyName": "Ruiz", "givenName": "Ana"},
        "phoneNumbers": [{"type": "work", "value": "5550100"}], "roles": [], ENTERPRISE: {"department": "Sales"},
    })
}

/// What Entra looks up before it writes: the id of the one it finds.
async fn looked_up(app: &TestApp, path: &str) -> Option<String> {
    let list = app.entra().get(&format!("/v2/scim{path}")).await.expect(200).json();
    assert!(list["totalResults"].as_u64().unwrap() <= 1);
    list["Resources"][0]["id"].as_str().map(str::to_owned)
}

async fn user_of(app: &TestApp) -> Option<String> {
    looked_up(app, "/Users?filter=userName eq \"ana@contoso.com\"").await
}

async fn group_of(app: &TestApp) -> Option<String> {
    looked_up(app, "/Groups?excludedAttributes=members&filter=displayName eq \"Sales\"").await
}

/// Looked up, not found, made, and there.
async fn provisioned(app: &TestApp) -> String {
    assert_eq!(user_of(app).await, None);
    let id = app.entra().create(&person()).await;
    assert_eq!(user_of(app).await.as_deref(), Some(&*id));
    id
}

async fn provisioned_group(app: &TestApp) -> String {
    assert_eq!(group_of(app).await, None);
    let sent = json!({"schemas": [GROUP, ADSCIM], "externalId": "8aa1a0c0", "displayName": "Sales",
        "meta": {"resourceType": "Group"}});
    let answer = app.entra().post("/v2/scim/Groups", &sent).await.expect(201).json();
    assert_eq!(answer["schemas"], json!([GROUP]));
    let id = answer["id"].as_str().unwrap().to_owned();
    assert_eq!(group_of(app).await.as_deref(), Some(&*id));
    id
}

/// Sends the changes and reads them back.
async fn changed(app: &TestApp, dialect: Dialect, id: &str, changes: &[(&str, Value)]) {
    let operations = dialect.several("replace", changes);
    dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
    let read = app.entra().user(id).await;
    for (path, value) in changes {
        assert_eq!(&at(&read, path), value, "{path} ({dialect:?})");
    }
}

#[tokio::test]
async fn create_user() {
    let app = TestApp::new().await;
    let id = provisioned(&app).await;
    let read = app.entra().user(&id).await;
    for (name, sent) in person().as_object().unwrap().iter().filter(|(name, _)| !["meta", "roles"].contains(&&***name))
    {
        assert_eq!(&read[name], sent, "{name}");
    }
    assert_eq!((read.get("roles"), &read["meta"]["resourceType"]), (None, &json!("User")));
}

#[tokio::test]
async fn update_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provisioned(&app).await;
        let changes = [
            ("displayName", json!("Ana R.")),
            ("name.familyName", json!("Ruiz-Lopez")),
            ("title", json!("Lead")),
            ("emails[type eq \"work\"].value", json!("ana.r@contoso.com")),
            ("phoneNumbers[type eq \"work\"].value", json!("5551234")),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", json!("4711")),
        ];
        changed(&app, dialect, &id, &changes).await;
        assert_eq!(app.entra().user(&id).await[ENTERPRISE], json!({"employeeNumber": "4711", "department": "Sales"}));
    }
}

#[tokio::test]
async fn disable_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provisioned(&app).await;
        changed(&app, dialect, &id, &[("active", json!(false))]).await;
        assert_eq!(user_of(&app).await, Some(id), "it is found as before");
    }
}

#[tokio::test]
async fn delete_user() {
    let app = TestApp::new().await;
    let id = provisioned(&app).await;
    app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect(204);
    assert_eq!(user_of(&app).await, None);
    assert_ne!(provisioned(&app).await, id, "the userName is free, under a new id");
}

#[tokio::test]
async fn restore_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provisioned(&app).await;
        let before = app.entra().user(&id).await;
        for active in [false, true] {
            changed(&app, dialect, &id, &[("active", json!(active))]).await;
        }
        let mut after = app.entra().user(&id).await;
        after["meta"] = before["meta"].clone();
        assert_eq!(after, before, "all attributes are still there");
    }
}

#[tokio::test]
async fn provision_on_demand_user() {
    let app = TestApp::new().await;
    let id = provisioned(&app).await;
    changed(&app, Dialect::Flagged, &id, &[("title", json!("in a cycle"))]).await;
    changed(&app, Dialect::Older, &id, &[("title", json!("on demand")), ("active", json!(false))]).await;
    changed(&app, Dialect::Flagged, &id, &[("active", json!(true))]).await;
}

#[tokio::test]
async fn update_manager() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provisioned(&app).await;
        for manager in [app.entra().create_user("boss").await, UNKNOWN_ID.to_owned()] {
            let operations = json!([dialect.operation("add", MANAGER, &json!(manager))]);
            dialect.patch(&app.entra(), &format!("/Users/{id}"), &operations).await.expect(200);
            assert_eq!(app.entra().user(&id).await[ENTERPRISE]["manager"], json!({"value": manager}));
            assert_eq!(app.entra().found(&format!("{MANAGER} eq \"{manager}\"")).await, ["ana@contoso.com"]);
        }
    }
}

#[tokio::test]
async fn create_group() {
    let app = TestApp::new().await;
    let id = provisioned_group(&app).await;
    let read = app.entra().group(&id).await;
    assert_eq!((&read["externalId"], read.get("members")), (&json!("8aa1a0c0"), None));
}

#[tokio::test]
async fn update_group() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provisioned_group(&app).await;
        let operations = dialect.several("replace", &[("displayName", json!("EMEA")), ("externalId", json!("9bb"))]);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        let read = app.entra().group(&id).await;
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("EMEA"), &json!("9bb")));
    }
}

#[tokio::test]
async fn delete_group() {
    let app = TestApp::new().await;
    let id = provisioned_group(&app).await;
    app.entra().delete(&format!("/v2/scim/Groups/{id}")).await.expect(204);
    assert_eq!(group_of(&app).await, None);
}

/// Entra has nothing to switch a group off with: it deletes it, and makes it anew with its members.
#[tokio::test]
async fn restore_group() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let member = provisioned(&app).await;
        for _ in 0..2 {
            let id = provisioned_group(&app).await;
            let join = json!([dialect.operation("add", "members", &json!([{"$ref": null, "value": member}]))]);
            dialect.patch(&app.entra(), &format!("/Groups/{id}"), &join).await.expect(204);
            assert_eq!(app.entra().user(&member).await["groups"][0]["value"], id);
            app.entra().delete(&format!("/v2/scim/Groups/{id}")).await.expect(204);
        }
    }
}

#[tokio::test]
async fn provision_on_demand_group() {
    let app = TestApp::new().await;
    let (group, member) = (provisioned_group(&app).await, provisioned(&app).await);
    let value = json!([{"$ref": null, "value": member}]);
    for (joins, leaves) in [(Dialect::Flagged, Dialect::Older), (Dialect::Older, Dialect::Flagged)] {
        let join = json!([joins.operation("add", "members", &value)]);
        joins.patch(&app.entra(), &format!("/Groups/{group}"), &join).await.expect(204);
        assert_eq!(app.entra().group(&group).await["members"][0]["value"], member);
        leaves.patch(&app.entra(), &format!("/Groups/{group}"), &leaves.without_member(&member)).await.expect(204);
        assert_eq!(app.entra().group(&group).await.get("members"), None);
    }
}

#[tokio::test]
async fn add_member() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let (group, member) = (provisioned_group(&app).await, provisioned(&app).await);
        let join = json!([dialect.operation("add", "members", &json!([{"$ref": null, "value": member}]))]);
        for _ in 0..2 {
            dialect.patch(&app.entra(), &format!("/Groups/{group}"), &join).await.expect(204);
            let members = app.entra().group(&group).await["members"].clone();
            assert_eq!((members.as_array().unwrap().len(), &members[0]["value"]), (1, &json!(member)));
        }
        let expected = json!([{"value": group, "$ref": format!("{}/Groups/{group}", crate::support::BASE),
            "display": "Sales", "type": "direct"}]);
        assert_eq!(app.entra().user(&member).await["groups"], expected);
    }
}

#[tokio::test]
async fn remove_member() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let (group, member) = (provisioned_group(&app).await, provisioned(&app).await);
        let stays = app.entra().create_user("stays").await;
        let join = json!([dialect.operation("add", "members", &json!([{"value": member}, {"value": stays}]))]);
        dialect.patch(&app.entra(), &format!("/Groups/{group}"), &join).await.expect(204);
        dialect.patch(&app.entra(), &format!("/Groups/{group}"), &dialect.without_member(&member)).await.expect(204);
        let members = app.entra().group(&group).await["members"].clone();
        assert_eq!((members.as_array().unwrap().len(), &members[0]["value"]), (1, &json!(stays)));
        assert_eq!(app.entra().user(&member).await.get("groups"), None);
    }
}

/// Test Connection: a lookup of a random GUID, with good credentials and with bad ones.
#[tokio::test]
async fn credentials() {
    let app = TestApp::new().await;
    for path in [
        "/v2/scim/Users?filter=userName eq \"a3f1c0de-5b52-4a0e-9f6b-0d8f4b3b7c11\"",
        "/v2/scim/Groups?excludedAttributes=members&filter=displayName eq \"a3f1c0de-5b52-4a0e-9f6b-0d8f4b3b7c11\"",
    ] {
        let list = app.entra().get(path).await.expect(200).json();
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
        for wrong in [app.anon(), app.anon().bearer("wrong"), app.anon().header("authorization", "Basic YTpi")] {
            wrong.get(path).await.expect_error(401, None);
        }
    }
}

/// Checklist 113, 118: every attribute that is mapped, with its suggested types, can be built from the schemas.
#[tokio::test]
async fn schema_discoverability() {
    let app = TestApp::new().await;
    let schemas = app.entra().get("/v2/scim/Schemas").await.expect(200).json();
    let buildable = |path: &str| -> bool {
        let (urn, path) = path.split_once("User:").map_or((USER, path), |(_, rest)| (ENTERPRISE, rest));
        let (attribute, rest) = path.split_once(['[', '.']).unwrap_or((path, ""));
        let schema = schemas["Resources"].as_array().unwrap().iter().find(|schema| schema["id"] == urn).unwrap();
        let named = |listed: &Value, name: &str| {
            listed.as_array().and_then(|listed| listed.iter().find(|one| one["name"] == name)).cloned()
        };
        let Some(found) = named(&schema["attributes"], attribute) else { return false };
        let part = rest.rsplit('.').next().unwrap_or_default();
        let kind = rest.split('"').nth(1);
        let suggested = |kind: &str| {
            let types = named(&found["subAttributes"], "type").unwrap_or_default();
            types["canonicalValues"].as_array().is_some_and(|types| types.contains(&json!(kind)))
        };
        (part.is_empty() || named(&found["subAttributes"], part).is_some()) && kind.is_none_or(suggested)
    };
    for path in [
        "userName",
        "active",
        "title",
        "emails[type eq \"work\"].value",
        "name.givenName",
        "name.familyName",
        "phoneNumbers[type eq \"work\"].value",
        MANAGER,
    ] {
        assert!(buildable(path), "{path}");
    }
    assert!(!buildable("password") && !buildable("emails.display") && !buildable("emails[type eq \"x\"].value"));
}

/// Checklist 114: everything is there, then each optional attribute is nothing, and stays so.
#[tokio::test]
async fn null_update() {
    let paths = [
        "displayName",
        "title",
        "name.givenName",
        "name.familyName",
        "name.formatted",
        "externalId",
        "emails[type eq \"work\"].value",
        "phoneNumbers[type eq \"work\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        MANAGER,
    ];
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let mut sent = person();
        sent[ENTERPRISE]["manager"] = json!(UNKNOWN_ID);
        let id = app.entra().create(&sent).await;
        let address = format!("/Users/{id}");
        let empty = async || {
            let read = app.entra().user(&id).await;
            for path in paths {
                assert_eq!(at(&read, path), Value::Null, "{path} ({dialect:?})");
            }
            assert_eq!((&read["userName"], &read["active"]), (&json!("ana@contoso.com"), &json!(true)));
        };
        for nothing in [json!(""), Value::Null] {
            for path in paths {
                let operation = json!([dialect.operation("replace", path, &nothing)]);
                dialect.patch(&app.entra(), &address, &operation).await.expect(200);
            }
            empty().await;
        }
        let together: Value = paths.iter().map(|path| dialect.operation("replace", path, &Value::Null)).collect();
        dialect.patch(&app.entra(), &address, &together).await.expect(200);
        empty().await;
    }
}

/// Checklist 114: "also in one path-less object".
#[tokio::test]
async fn null_update_in_one_object() {
    for nothing in [json!(""), Value::Null] {
        let app = TestApp::new().await;
        let id = app.entra().create(&person()).await;
        let object = json!({"displayName": nothing, "title": nothing, "name.givenName": nothing, "emails": null,
            "name": {"familyName": nothing, "formatted": nothing}, "externalId": nothing, "phoneNumbers": [],
            ENTERPRISE: {"department": nothing}});
        for _ in 0..2 {
            let change = patch_of(&json!([{"op": "replace", "value": object}]));
            app.entra().patch(&format!("/v2/scim/Users/{id}?aadOptscim062020"), &change).await.expect(200);
            let read = app.entra().user(&id).await;
            let names: Vec<_> = read.as_object().unwrap().keys().collect();
            assert_eq!(json!(names), json!(["schemas", "id", "userName", "active", "meta"]), "{nothing}");
            assert_eq!(read["schemas"], json!([USER]));
        }
    }
}

/// Pages of both types hold each resource once.
#[tokio::test]
async fn pagination_for_user_and_group() {
    let app = TestApp::new().await;
    for number in 0..11 {
        app.entra().create_user(&format!("user{number}")).await;
        app.entra().create_group(&format!("group{number}")).await;
    }
    for kind in ["Users", "Groups"] {
        let mut ids = Vec::new();
        for (start, expected) in [(1, 5), (6, 5), (11, 1), (16, 0)] {
            let path = format!("/v2/scim/{kind}?startIndex={start}&count=5");
            let page = app.entra().get(&path).await.expect(200).json();
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(11), &json!(start)));
            assert_eq!(page["itemsPerPage"], expected);
            ids.extend(page["Resources"].as_array().unwrap().iter().map(|one| one["id"].to_string()));
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 11, "{kind}");
    }
}
