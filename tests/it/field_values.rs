//! What was reported of SCIM services in public, over HTTP: each of these was answered wrong once. The rules alone are
//! tested in `scim/patch/tests/field.rs`.

#![expect(clippy::needless_pass_by_value, reason = "a table reads better with `json!(…)` than with `&json!(…)`")]

use rollcall::{
    directory::schemas::{DataLoss, set},
    scim::schema::Schema,
};
use serde_json::{Value, json};

use crate::support::{
    Answer, BASE, Client, ENTERPRISE, GROUP, SEARCH_REQUEST, TestApp, USER, blank_entry, patch_of, user,
};

const OWN: &str = "urn:ietf:params:scim:schemas:extension:field:2.0:User";

async fn with_own_attributes() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let schema = Schema::read(&json!({"id": OWN, "attributes": [
        {"name": "badge", "type": "integer", "uniqueness": "server"}, {"name": "code", "uniqueness": "server"},
        {"name": "skills", "multiValued": true}, {"name": "floors", "type": "integer", "multiValued": true},
        {"name": "vip", "type": "boolean"}, {"name": "weight", "type": "decimal"},
    ]}));
    set(&app.state.store, app.tenant, &schema.unwrap(), DataLoss::Refused, &blank_entry(&app.state)).await.unwrap();
    let entra = app.entra();
    (app, entra)
}

fn own(user_name: &str, values: Value) -> Value {
    json!({"schemas": [USER, OWN], "userName": user_name, OWN: values})
}

async fn patch(client: &Client, path: &str, operation: Value) -> Answer {
    client.patch(&format!("/v2/scim{path}"), &patch_of(&json!([operation]))).await
}

/// The ids that a filter finds by GET and by `.search`, which must agree.
async fn found(client: &Client, endpoint: &str, filter: &str) -> Vec<String> {
    let ids = |answer: Value| -> Vec<String> {
        answer["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let encoded = filter.replace('%', "%25").replace('+', "%2B").replace('&', "%26");
    let by_get = ids(client.get(&format!("/v2/scim{endpoint}?filter={encoded}")).await.expect(200).json());
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": filter});
    let by_search = ids(client.post(&format!("/v2/scim{endpoint}/.search"), &search).await.expect(200).json());
    assert_eq!(by_get, by_search, "{filter}");
    by_get
}

/// Kind A: RFC 7644 §3.4.2.2, §3.5.2.2
#[tokio::test]
async fn addresses_are_compared_as_they_are_shown() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let (ana, bo) = (entra.create_user("ana").await, entra.create_user("bo").await);
    let inner = entra.create_group("Inner").await;
    let members = json!({"schemas": [GROUP], "displayName": "Outer", "members": [{"value": ana}, {"value": bo}, {"value": inner}]});
    let outer = entra.post("/v2/scim/Groups", &members).await.created_id();
    let shown = entra.group(&outer).await;
    let reference = |id: &str| {
        let mut members = shown["members"].as_array().unwrap().iter();
        members.find(|member| member["value"] == id).unwrap()["$ref"].as_str().unwrap().to_owned()
    };
    assert_eq!((reference(&ana), reference(&inner)), (format!("{BASE}/Users/{ana}"), format!("{BASE}/Groups/{inner}")));
    for filter in [
        format!("members.$ref eq \"{}\"", reference(&ana)),
        format!("members[$ref eq \"{}\"]", reference(&inner).to_uppercase()),
        format!("members[$ref ew \"/Users/{bo}\" and type eq \"User\"]"),
        format!("members[value eq \"{ana}\"].$ref eq \"{}\"", reference(&ana)),
        format!("meta.location eq \"{BASE}/Groups/{outer}\" and members.$ref co \"{BASE}/Users\""),
    ] {
        assert_eq!(found(&entra, "/Groups", &filter).await, [outer.as_str()], "{filter}");
    }
    for filter in [
        format!("members.$ref eq \"/Users/{ana}\""),
        format!("members.$ref eq \"{BASE}/Groups/{ana}\""),
        format!("meta.location eq \"/Groups/{outer}\""),
    ] {
        assert_eq!(found(&entra, "/Groups", &filter).await, [""; 0], "{filter}");
    }
    let of_ana = entra.user(&ana).await;
    assert_eq!(of_ana["groups"][0]["$ref"], format!("{BASE}/Groups/{outer}"));
    for filter in [
        format!("groups.$ref eq \"{BASE}/Groups/{outer}\" and userName eq \"ana\""),
        format!("groups[$ref eq \"{BASE}/Groups/{outer}\"] and userName eq \"ana\""),
        format!("meta.location eq \"{}\"", of_ana["meta"]["location"].as_str().unwrap()),
        format!("meta.location ew \"{ana}\" and meta.location sw \"{BASE}/Users/\""),
    ] {
        assert_eq!(found(&entra, "/Users", &filter).await, [ana.as_str()], "{filter}");
    }
    let sorted =
        entra.get("/v2/scim/Users?sortBy=meta.location&sortOrder=descending&attributes=id").await.expect(200).json();
    let mut ids = [ana.clone(), bo.clone()];
    ids.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(
        sorted["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(),
        ids
    );

    let path = format!("/Groups/{outer}");
    patch(&entra, &path, json!({"op": "remove", "path": format!("members[$ref eq \"{}\"]", reference(&ana))}))
        .await
        .expect(204);
    patch(&entra, &path, json!({"op": "remove", "path": "members", "value": [{"$ref": reference(&inner)}]}))
        .await
        .expect(204);
    let left = entra.group(&outer).await;
    assert_eq!(left["members"].as_array().unwrap().iter().map(|one| &one["value"]).collect::<Vec<_>>(), [&json!(bo)]);
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "PATCH", "path": path, "data": patch_of(&json!([{"op": "remove", "path": format!("members[$ref eq \"{}\"]", reference(&bo))}]))}]});
    assert_eq!(entra.post("/v2/scim/Bulk", &bulk).await.expect(200).json()["Operations"][0]["status"], "200");
    assert_eq!(entra.group(&outer).await.get("members"), None);
}

/// Kind B: RFC 7643 §2.4
#[tokio::test]
async fn a_value_without_primary_is_found_as_not_primary() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let mut sent = user("ana");
    sent["emails"] = json!([{"value": "a@x", "type": "work"}]);
    sent["addresses"] = json!([{"locality": "Lund", "primary": true}]);
    let ana = entra.create(&sent).await;
    sent = user("bo");
    sent["emails"] = json!([{"value": "b@x", "primary": true}]);
    let bo = entra.create(&sent).await;
    entra.create_user("cy").await;
    for (filter, expected) in [
        ("emails[primary eq false]", vec![&ana]),
        ("emails[primary eq \"False\" and type eq \"work\"]", vec![&ana]),
        ("emails.primary eq false", vec![&ana]),
        ("emails[type eq \"work\"].primary eq false", vec![&ana]),
        ("emails[primary ne true]", vec![&ana]),
        ("emails[not (primary eq true)]", vec![&ana]),
        ("emails[primary ne false]", vec![&bo]),
        ("emails[primary eq true]", vec![&bo]),
        ("emails[primary pr]", vec![&bo]),
        ("emails[primary eq null]", vec![]),
        ("addresses[primary eq false]", vec![]),
        ("addresses.primary eq true", vec![&ana]),
    ] {
        assert_eq!(found(&entra, "/Users", filter).await.iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    let sorted = entra.get("/v2/scim/Users?sortBy=emails.primary").await.expect(200).json();
    let names: Vec<_> =
        sorted["Resources"].as_array().unwrap().iter().map(|one| one["userName"].as_str().unwrap()).collect();
    assert_eq!(names, ["ana", "bo", "cy"]);
    let display = json!({"op": "replace", "path": "emails[primary eq false].display", "value": "A"});
    let body = patch(&entra, &format!("/Users/{ana}"), display).await.expect(200).json();
    assert_eq!(body["emails"], json!([{"value": "a@x", "display": "A", "type": "work"}]));
}

/// Kind C: RFC 7643 §2.4
#[tokio::test]
async fn equal_values_are_kept_once() {
    let (_app, entra) = with_own_attributes().await;
    let mut sent = own("ana", json!({"skills": ["a", "b", "A"], "floors": [1, 1, "1"]}));
    sent["emails"] = json!([{"value": "a@x", "type": "work"}, {"value": "b@x"}, {"value": "A@x", "type": "work", "primary": true, "display": "A"}]);
    let emails = json!([{"value": "A@x", "display": "A", "type": "work", "primary": true}, {"value": "b@x"}]);
    let id = entra.create(&sent).await;
    let kept = entra.user(&id).await;
    assert_eq!((&kept["emails"], &kept[OWN]), (&emails, &json!({"skills": ["A", "b"], "floors": [1]})));
    let body = entra.put(&format!("/v2/scim/Users/{id}"), &sent).await.expect(200).json();
    assert_eq!((&body["emails"], &body["meta"]["version"]), (&emails, &kept["meta"]["version"]));
    let again = json!({"op": "add", "path": "emails", "value": [{"value": "b@x", "display": "B"}]});
    let body = patch(&entra, &format!("/Users/{id}"), again).await.expect(200).json();
    assert_eq!(body["emails"][1], json!({"value": "b@x", "display": "B"}));
}

/// Kinds E to I, as they are created, replaced, found and sorted
#[tokio::test]
async fn plain_values_are_read_as_clients_send_them() {
    let (_app, entra) = with_own_attributes().await;
    let sent = own(
        "ana",
        json!({"badge": ["4711"], "skills": [{"value": "1"}, {"value": "2", "$ref": null}], "floors": [{"value": "3"}, 4], "vip": "", "weight": ["72.35"]}),
    );
    let kept = json!({"badge": 4711, "skills": ["1", "2"], "floors": [3, 4], "weight": 72.35});
    let ana = entra.create(&sent).await;
    assert_eq!(entra.user(&ana).await[OWN], kept);
    assert_eq!(entra.put(&format!("/v2/scim/Users/{ana}"), &sent).await.expect(200).json()[OWN], kept);
    let bo = entra.create(&own("bo", json!({"badge": 99, "weight": 60}))).await;
    entra.post("/v2/scim/Users", &own("cy", json!({"badge": "4711"}))).await.expect_error(409, Some("uniqueness"));
    for (filter, expected) in [
        ("badge eq \"4711\"", vec![&ana]),
        ("badge eq \"04711\"", vec![&ana]),
        ("badge eq 4711", vec![&ana]),
        ("badge ne \"4711\"", vec![&bo]),
        ("badge gt \"100\"", vec![&ana]),
        ("badge ge \"99\"", vec![&ana, &bo]),
        ("badge lt \"100\"", vec![&bo]),
        ("badge le \"98\"", vec![]),
        ("badge gt \"4710.5\"", vec![&ana]),
        ("badge eq \"4711.0\"", vec![&ana]),
        ("badge eq \"x\"", vec![]),
        ("weight eq \"72.35\"", vec![&ana]),
        ("weight lt \"72.35\"", vec![&bo]),
        ("floors eq \"3\"", vec![&ana]),
        ("floors[value ge \"4\"]", vec![&ana]),
        ("userName eq \"ana\" and badge eq \"4711\"", vec![&ana]),
    ] {
        assert_eq!(found(&entra, "/Users", filter).await.iter().collect::<Vec<_>>(), expected, "{filter}");
        let qualified = filter.replace("badge", &format!("{OWN}:badge"));
        assert_eq!(found(&entra, "/Users", &qualified).await.iter().collect::<Vec<_>>(), expected, "{qualified}");
    }
    let path = format!("/Users/{ana}");
    for (operation, after) in [
        (
            json!({"op": "Remove", "path": format!("{OWN}:floors"), "value": [4]}),
            json!({"badge": 4711, "skills": ["1", "2"], "floors": [3], "weight": 72.35}),
        ),
        (
            json!({"op": "Remove", "path": format!("{OWN}:floors"), "value": [{"value": 3}]}),
            json!({"badge": 4711, "skills": ["1", "2"], "weight": 72.35}),
        ),
        (
            json!({"op": "Replace", "path": format!("{OWN}:badge"), "value": ""}),
            json!({"skills": ["1", "2"], "weight": 72.35}),
        ),
        (
            json!({"op": "Add", "path": format!("{OWN}:skills"), "value": [{"value": "3"}]}),
            json!({"skills": ["1", "2", "3"], "weight": 72.35}),
        ),
        (
            json!({"op": "replace", "value": {OWN: {"weight": [""], "skills": {"value": "9"}}}}),
            json!({"skills": ["9"]}),
        ),
    ] {
        assert_eq!(patch(&entra, &path, operation.clone()).await.expect(200).json()[OWN], after, "{operation}");
    }
    let mut singles = user("dee");
    singles["displayName"] = json!(["Dee"]);
    singles["name"] = json!({"givenName": ["D"]});
    singles["active"] = json!(["false"]);
    singles[ENTERPRISE] = json!({"department": ["Sales"]});
    let dee = entra.create(&singles).await;
    let dee = entra.user(&dee).await;
    assert_eq!(
        (&dee["displayName"], &dee["name"], &dee["active"]),
        (&json!("Dee"), &json!({"givenName": "D"}), &json!(false))
    );
    assert_eq!(dee[ENTERPRISE], json!({"department": "Sales"}));
    singles["userName"] = json!("eli");
    singles["displayName"] = json!(["Dee", "Eli"]);
    entra.post("/v2/scim/Users", &singles).await.expect_error(400, Some("invalidValue"));
}

/// Kind D: RFC 7644 §3.5.2
#[tokio::test]
async fn schemas_can_be_patched() {
    let (_app, entra) = with_own_attributes().await;
    let mut sent = own("ana", json!({"badge": 1}));
    sent[ENTERPRISE] = json!({"department": "D"});
    let path = format!("/Users/{}", entra.create(&sent).await);
    let both = patch_of(
        &json!([{"op": "add", "path": "schemas", "value": [ENTERPRISE, "urn:unknown"]}, {"op": "replace", "path": "title", "value": "T"}]),
    );
    let body = entra.patch(&format!("/v2/scim{path}"), &both).await.expect(200).json();
    assert_eq!((&body["title"], &body["schemas"]), (&json!("T"), &json!([USER, ENTERPRISE, OWN])));
    let body =
        patch(&entra, &path, json!({"op": "remove", "path": "schemas", "value": [OWN]})).await.expect(200).json();
    assert_eq!((&body["schemas"], body.get(OWN)), (&json!([USER, ENTERPRISE]), None));
    // Its unique value is free again.
    entra.create(&own("bo", json!({"badge": 1}))).await;
    let body =
        patch(&entra, &path, json!({"op": "replace", "path": "schemas", "value": [USER]})).await.expect(200).json();
    assert_eq!((&body["schemas"], body.get(ENTERPRISE)), (&json!([USER]), None));
    patch(&entra, &path, json!({"op": "remove", "path": "schemas"})).await.expect_error(400, Some("mutability"));
    let group = entra.create_group("Sales").await;
    patch(&entra, &format!("/Groups/{group}"), json!({"op": "add", "path": "schemas", "value": [GROUP]}))
        .await
        .expect(204);
}
