//! The validation tests of Microsoft's gallery (checklist 112 to 114): those that run in Entra as the requests that Entra
//! sends, in both dialects, and those that call the service directly. "Federated identity" is about single sign-on and
//! sends no SCIM request. "On demand" always uses the older dialect, regardless of the flag.

use serde_json::{Value, json};

use crate::support::{Dialect, ENTERPRISE, GROUP, TestApp, UNKNOWN_ID, USER, at, patch_of};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const ADSCIM: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// A new user as Entra sends it.
fn new_user() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "externalId": "7b0f6f0e-3a51-4f0c-8a5c-2f4e1a6a9d10",
        "userName": "ana@contoso.com", "active": true, "displayName": "Ana Ruiz", "title": "Analyst",
        "emails": [{"primary": true, "type": "work", "value": "ana@contoso.com"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Ana Ruiz", "familyName": "Ruiz", "givenName": "Ana"},
        "phoneNumbers": [{"type": "work", "value": "5550100"}], "roles": [], ENTERPRISE: {"department": "Sales"},
    })
}

/// Entra's lookup before a write: the id of the resource it finds.
async fn lookup(app: &TestApp, path: &str) -> Option<String> {
    let list = app.entra().get(&format!("/v2/scim{path}")).await.expect(200).json();
    assert!(list["totalResults"].as_u64().unwrap() <= 1);
    list["Resources"][0]["id"].as_str().map(str::to_owned)
}

async fn user_of(app: &TestApp) -> Option<String> {
    lookup(app, "/Users?filter=userName eq \"ana@contoso.com\"").await
}

async fn group_of(app: &TestApp) -> Option<String> {
    lookup(app, "/Groups?excludedAttributes=members&filter=displayName eq \"Sales\"").await
}

/// Looks up a user, creates it, and looks it up again.
async fn provision_user(app: &TestApp) -> String {
    assert_eq!(user_of(app).await, None);
    let id = app.entra().create(&new_user()).await;
    assert_eq!(user_of(app).await.as_deref(), Some(&*id));
    id
}

async fn provision_group(app: &TestApp) -> String {
    assert_eq!(group_of(app).await, None);
    let sent = json!({"schemas": [GROUP, ADSCIM], "externalId": "8aa1a0c0", "displayName": "Sales",
        "meta": {"resourceType": "Group"}});
    let answer = app.entra().post("/v2/scim/Groups", &sent).await.expect(201).json();
    assert_eq!(answer["schemas"], json!([GROUP]));
    let id = answer["id"].as_str().unwrap().to_owned();
    assert_eq!(group_of(app).await.as_deref(), Some(&*id));
    id
}

/// Sends the changes and requires them when the user is read.
async fn apply_changes(app: &TestApp, dialect: Dialect, id: &str, changes: &[(&str, Value)]) {
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
    let id = provision_user(&app).await;
    let read = app.entra().user(&id).await;
    for (name, sent) in
        new_user().as_object().unwrap().iter().filter(|(name, _)| !["meta", "roles"].contains(&&***name))
    {
        assert_eq!(&read[name], sent, "{name}");
    }
    assert_eq!((read.get("roles"), &read["meta"]["resourceType"]), (None, &json!("User")));
}

#[tokio::test]
async fn update_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provision_user(&app).await;
        let changes = [
            ("displayName", json!("Ana R.")),
            ("name.familyName", json!("Ruiz-Lopez")),
            ("title", json!("Lead")),
            ("emails[type eq \"work\"].value", json!("ana.r@contoso.com")),
            ("phoneNumbers[type eq \"work\"].value", json!("5551234")),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", json!("4711")),
        ];
        apply_changes(&app, dialect, &id, &changes).await;
        assert_eq!(app.entra().user(&id).await[ENTERPRISE], json!({"employeeNumber": "4711", "department": "Sales"}));
    }
}

#[tokio::test]
async fn disable_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provision_user(&app).await;
        apply_changes(&app, dialect, &id, &[("active", json!(false))]).await;
        assert_eq!(user_of(&app).await, Some(id), "it is found as before");
    }
}

#[tokio::test]
async fn delete_user() {
    let app = TestApp::new().await;
    let id = provision_user(&app).await;
    app.entra().delete(&format!("/v2/scim/Users/{id}")).await.expect(204);
    assert_eq!(user_of(&app).await, None);
    assert_ne!(provision_user(&app).await, id, "the userName is free, under a new id");
}

#[tokio::test]
async fn restore_user() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provision_user(&app).await;
        let before = app.entra().user(&id).await;
        for active in [false, true] {
            apply_changes(&app, dialect, &id, &[("active", json!(active))]).await;
        }
        let mut after = app.entra().user(&id).await;
        after["meta"] = before["meta"].clone();
        assert_eq!(after, before, "all attributes are still there");
    }
}

#[tokio::test]
async fn provision_on_demand_user() {
    let app = TestApp::new().await;
    let id = provision_user(&app).await;
    apply_changes(&app, Dialect::Flagged, &id, &[("title", json!("in a cycle"))]).await;
    apply_changes(&app, Dialect::Older, &id, &[("title", json!("on demand")), ("active", json!(false))]).await;
    apply_changes(&app, Dialect::Flagged, &id, &[("active", json!(true))]).await;
}

#[tokio::test]
async fn update_manager() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provision_user(&app).await;
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
    let id = provision_group(&app).await;
    let read = app.entra().group(&id).await;
    assert_eq!((&read["externalId"], read.get("members")), (&json!("8aa1a0c0"), None));
}

#[tokio::test]
async fn update_group() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let id = provision_group(&app).await;
        let operations = dialect.several("replace", &[("displayName", json!("EMEA")), ("externalId", json!("9bb"))]);
        dialect.patch(&app.entra(), &format!("/Groups/{id}"), &operations).await.expect(204);
        let read = app.entra().group(&id).await;
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("EMEA"), &json!("9bb")));
    }
}

#[tokio::test]
async fn delete_group() {
    let app = TestApp::new().await;
    let id = provision_group(&app).await;
    app.entra().delete(&format!("/v2/scim/Groups/{id}")).await.expect(204);
    assert_eq!(group_of(&app).await, None);
}

/// Entra cannot disable a group: it deletes the group, and creates it again with its members.
#[tokio::test]
async fn restore_group() {
    for dialect in Dialect::BOTH {
        let app = TestApp::new().await;
        let member = provision_user(&app).await;
        for _ in 0..2 {
            let id = provision_group(&app).await;
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
    let (group, member) = (provision_group(&app).await, provision_user(&app).await);
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
        let (group, member) = (provision_group(&app).await, provision_user(&app).await);
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
        let (group, member) = (provision_group(&app).await, provision_user(&app).await);
        let stays = app.entra().create_user("stays").await;
        let join = json!([dialect.operation("add", "members", &json!([{"value": member}, {"value": stays}]))]);
        dialect.patch(&app.entra(), &format!("/Groups/{group}"), &join).await.expect(204);
        dialect.patch(&app.entra(), &format!("/Groups/{group}"), &dialect.without_member(&member)).await.expect(204);
        let members = app.entra().group(&group).await["members"].clone();
        assert_eq!((members.as_array().unwrap().len(), &members[0]["value"]), (1, &json!(stays)));
        assert_eq!(app.entra().user(&member).await.get("groups"), None);
    }
}

/// Test Connection: a lookup of a random GUID, with valid and with invalid credentials.
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

/// Checklist 113, 118: every mapped attribute, with its canonical types, is described in the schemas.
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

/// Checklist 114: each optional attribute of a full user is cleared, and stays cleared.
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
        let mut sent = new_user();
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
        let id = app.entra().create(&new_user()).await;
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

/// Pages of users and groups contain each resource once.
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
