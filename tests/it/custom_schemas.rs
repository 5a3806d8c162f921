//! Custom extension schemas: each characteristic of RFC 7643 §7 in every kind of request, and the effect of schema changes
//! on values.

use rollcall::{
    directory::schemas::{self, Changed, DataLoss, SchemaError},
    model::{id::TenantId, schema::SchemaConflict},
    scim::schema::Schema,
};
use serde_json::{Value, json};

use crate::support::{BASE, Client, ENTERPRISE, SEARCH_REQUEST, TestApp, USER, blank_entry, patch_of};

const ACME: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";

impl TestApp {
    async fn set_schema(&self, tenant: TenantId, sent: &Value, loss: DataLoss) -> Result<Changed, SchemaError> {
        let schema = Schema::read(sent)?;
        schemas::set(&self.state.store, tenant, &schema, loss, &blank_entry(&self.state)).await
    }

    /// Defines a schema with these attributes for the first tenant.
    async fn define(&self, attributes: Value) {
        self.set_schema(self.tenant, &acme(&attributes), DataLoss::Refused).await.unwrap();
    }

    /// The obstacle to these attributes.
    async fn obstacle(&self, attributes: Value) -> SchemaConflict {
        match self.set_schema(self.tenant, &acme(&attributes), DataLoss::Refused).await {
            Err(SchemaError::InTheWay(obstacle)) => obstacle,
            other => panic!("{other:?}"),
        }
    }
}

fn acme(attributes: &Value) -> Value {
    json!({"id": ACME, "name": "Acme", "description": "What Acme adds.", "attributes": attributes})
}

fn user(user_name: &str, values: &Value) -> Value {
    json!({"schemas": [USER, ACME], "userName": user_name, ACME: values})
}

async fn create(client: &Client, user_name: &str, values: Value) -> String {
    client.create(&user(user_name, &values)).await
}

async fn refused(client: &Client, values: Value, status: u16, scim_type: &str) -> String {
    client.post("/v2/scim/Users", &user("eva", &values)).await.expect_error(status, Some(scim_type))
}

async fn patch(client: &Client, id: &str, operations: Value) -> crate::support::Answer {
    client.patch(&format!("/v2/scim/Users/{id}"), &patch_of(&operations)).await
}

/// RFC 7643 §2.3
#[tokio::test]
async fn values_have_the_type_of_their_attribute() {
    let app = TestApp::new().await;
    app.define(json!([
        {"name": "text"}, {"name": "flag", "type": "boolean"}, {"name": "part", "type": "decimal"},
        {"name": "floor", "type": "integer"}, {"name": "since", "type": "dateTime"}, {"name": "key", "type": "binary"},
        {"name": "site", "type": "reference"}, {"name": "tags", "multiValued": true},
        {"name": "floors", "type": "integer", "multiValued": true},
    ]))
    .await;
    let entra = app.entra();
    let good = json!({"text": "a", "flag": true, "part": 1.5, "floor": -3, "since": "2026-01-02T03:04:05Z", "key": "aGk=",
        "site": "https://x.org/", "tags": ["b", "a"], "floors": [1, 2]});
    let id = create(&entra, "ana", good.clone()).await;
    let read = entra.user(&id).await;
    assert_eq!(read[ACME], good);
    assert_eq!(read["schemas"], json!([USER, ACME]));
    // Entra's expressions yield text, and null, "" and [] are no value (RFC 7643 §2.5).
    let texts =
        json!({"FLAG": "True", "floor": "42", "part": "2.25", "text": "", "tags": [], "since": null, "unknown": 1});
    let id = create(&entra, "bo", texts).await;
    assert_eq!(entra.user(&id).await[ACME], json!({"flag": true, "part": 2.25, "floor": 42}));
    for bad in [
        json!({"text": 1}),
        json!({"flag": "perhaps"}),
        json!({"flag": 1}),
        json!({"part": "x"}),
        json!({"floor": 1.5}),
        json!({"floor": "1.5"}),
        json!({"since": "yesterday"}),
        json!({"key": 1}),
        json!({"site": {}}),
        json!({"tags": "a"}),
        json!({"tags": [1]}),
        json!({"floors": ["x"]}),
        json!({"text": ["a", "b"]}),
    ] {
        let detail = refused(&entra, bad.clone(), 400, "invalidValue").await;
        let name = bad.as_object().unwrap().keys().next().unwrap();
        assert!(detail.contains(&format!("{ACME}:{name}")), "{detail}");
    }
    refused(&entra, json!("no object"), 400, "invalidValue").await;
    assert_eq!(entra.found(r#"userName eq "eva""#).await, [""; 0], "nothing of it was stored");
}

/// RFC 7643 §7, `required`; RFC 7644 §3.5.2.2
#[tokio::test]
async fn required_values_must_be_present_and_cannot_be_removed() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge", "required": true}, {"name": "tags", "multiValued": true, "required": true},
        {"name": "note"}]))
        .await;
    let entra = app.entra();
    refused(&entra, json!({"badge": "1"}), 400, "invalidValue").await;
    refused(&entra, json!({"badge": "", "tags": ["a"]}), 400, "invalidValue").await;
    let detail = entra.post("/v2/scim/Users", &json!({"schemas": [USER], "userName": "eva"})).await;
    assert!(detail.expect_error(400, Some("invalidValue")).contains(&format!("{ACME}:badge")));
    let id = create(&entra, "ana", json!({"badge": "1", "tags": ["a"], "note": "x"})).await;
    let path = format!("/v2/scim/Users/{id}");
    entra.put(&path, &user("ana", &json!({"tags": ["a"]}))).await.expect_error(400, Some("invalidValue"));
    for (operation, scim_type) in [
        (json!({"op": "remove", "path": format!("{ACME}:badge")}), "mutability"),
        (json!({"op": "replace", "path": format!("{ACME}:badge"), "value": null}), "invalidValue"),
        (json!({"op": "remove", "path": ACME}), "mutability"),
        (json!({"op": "replace", "value": {ACME: null}}), "invalidValue"),
        (json!({"op": "remove", "path": format!("{ACME}:tags"), "value": ["a"]}), "invalidValue"),
    ] {
        patch(&entra, &id, json!([operation])).await.expect_error(400, Some(scim_type));
    }
    patch(&entra, &id, json!([{"op": "remove", "path": format!("{ACME}:note")}])).await.expect(200);
    assert_eq!(entra.user(&id).await[ACME], json!({"badge": "1", "tags": ["a"]}));
}

/// RFC 7643 §7, `mutability`; RFC 7644 §3.5.1, §3.5.2
#[tokio::test]
async fn immutable_values_are_set_once_and_read_only_ones_never() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "hired", "mutability": "immutable"}, {"name": "score", "type": "integer"}])).await;
    let entra = app.entra();
    let id = create(&entra, "ana", json!({"score": 7})).await;
    app.define(json!([{"name": "hired", "mutability": "immutable"},
        {"name": "score", "type": "integer", "mutability": "readOnly"}]))
        .await;
    let path = format!("/v2/scim/Users/{id}");

    let hired = format!("{ACME}:hired");
    patch(&entra, &id, json!([{"op": "add", "path": hired, "value": "2026"}])).await.expect(200);
    patch(&entra, &id, json!([{"op": "add", "path": hired, "value": "2026"}])).await.expect(200);
    for operation in [
        json!({"op": "replace", "path": hired, "value": "2027"}),
        json!({"op": "remove", "path": hired}),
        json!({"op": "replace", "value": {ACME: {"hired": "2027"}}}),
        json!({"op": "replace", "path": format!("{ACME}:score"), "value": 8}),
    ] {
        patch(&entra, &id, json!([operation])).await.expect_error(400, Some("mutability"));
    }
    entra.put(&path, &user("ana", &json!({"hired": "2027"}))).await.expect_error(400, Some("mutability"));
    // §3.5.1: readOnly values in a request are ignored, immutable ones have to match.
    entra.put(&path, &user("ana", &json!({"hired": "2026", "score": 9}))).await.expect(200);
    entra.put(&path, &json!({"schemas": [USER], "userName": "ana"})).await.expect(200);
    patch(&entra, &id, json!([{"op": "replace", "value": {ACME: {"score": 9}}}])).await.expect(200);
    assert_eq!(entra.user(&id).await[ACME], json!({"hired": "2026", "score": 7}));
}

/// RFC 7643 §7, `returned`
#[tokio::test]
async fn values_are_returned_when_their_schema_says() {
    let app = TestApp::new().await;
    app.define(
        json!([{"name": "always", "returned": "always"}, {"name": "usual"}, {"name": "asked", "returned": "request"}]),
    )
    .await;
    let entra = app.entra();
    let id = create(&entra, "ana", json!({"always": "a", "usual": "u", "asked": "r"})).await;
    for (query, shown) in [
        ("", json!({"always": "a", "usual": "u"})),
        ("?attributes=userName", json!({"always": "a"})),
        (&*format!("?attributes={ACME}:asked"), json!({"always": "a", "asked": "r"})),
        (&*format!("?attributes={ACME}"), json!({"always": "a", "usual": "u", "asked": "r"})),
        (&*format!("?excludedAttributes={ACME}"), json!({"always": "a"})),
        (&*format!("?excludedAttributes={ACME}:usual,{ACME}:always"), json!({"always": "a"})),
    ] {
        let read = entra.get(&format!("/v2/scim/Users/{id}{query}")).await.expect(200).json();
        assert_eq!(read[ACME], shown, "{query}");
        let query = query.replacen('?', "&", 1);
        let listed = entra.get(&format!("/v2/scim/Users?filter=userName eq \"ana\"{query}")).await.expect(200).json();
        assert_eq!(listed["Resources"][0][ACME], shown, "{query}");
    }
    assert_eq!(entra.found(&format!(r#"{ACME}:asked eq "R""#)).await, ["ana"], "it can be filtered by");
}

/// RFC 7643 §7: writeOnly, `never`. Nobody could read them, so they are validated and not stored, as passwords are.
#[tokio::test]
async fn secrets_are_validated_and_not_stored() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "pin", "mutability": "writeOnly"}, {"name": "hint", "returned": "never"},
        {"name": "note"}]))
        .await;
    let entra = app.entra();
    refused(&entra, json!({"pin": 8_643_197}), 400, "invalidValue").await;
    let id = create(&entra, "ana", json!({"pin": "8643197", "hint": "8643197", "note": "x"})).await;
    let pin = format!("{ACME}:pin");
    patch(&entra, &id, json!([{"op": "Replace", "path": pin, "value": "8643197"}])).await.expect(200);
    patch(&entra, &id, json!([{"op": "replace", "value": {pin.clone(): "8643197", "title": "Dev"}}])).await.expect(200);
    patch(&entra, &id, json!([{"op": "remove", "path": pin}])).await.expect(200);
    patch(&entra, &id, json!([{"op": "add", "path": format!("{ACME}:hint"), "value": 8_643_197}]))
        .await
        .expect_error(400, Some("invalidValue"));
    let path = format!("/v2/scim/Users/{id}?attributes={ACME}:pin,{ACME}:hint,{ACME}:note");
    assert_eq!(entra.get(&path).await.expect(200).json()[ACME], json!({"note": "x"}));
    for filter in [format!("{pin} sw \"8643197\""), format!("{ACME}:hint pr"), "pin eq \"8643197\"".to_owned()] {
        entra.get(&format!("/v2/scim/Users?filter={filter}")).await.expect_error(400, Some("invalidFilter"));
    }
    entra.get(&format!("/v2/scim/Users?sortBy={pin}")).await.expect_error(400, Some("invalidValue"));
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bo", &json!({"pin": "8643197"}))},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": user("bo", &json!({"pin": "8643197"}))},
    ]});
    entra.post("/v2/scim/Bulk", &bulk).await.expect(200);
    let journal = format!("{:?}", app.journal().await);
    assert!(journal.contains("ana") && journal.contains("bo") && !journal.contains("8643197"), "{journal}");
    let disk = app.bytes_on_disk();
    assert!(!disk.windows(7).any(|bytes| bytes == b"8643197"));
}

/// RFC 7643 §7, `uniqueness`, `caseExact`
#[tokio::test]
async fn unique_values_belong_to_one_user_of_the_tenant() {
    let app = TestApp::new().await;
    let attributes = json!([{"name": "badge", "uniqueness": "server"},
        {"name": "code", "uniqueness": "server", "caseExact": true},
        {"name": "number", "type": "integer", "uniqueness": "server"},
        {"name": "aliases", "uniqueness": "server", "multiValued": true}]);
    app.define(attributes.clone()).await;
    let entra = app.entra();
    let ana = create(&entra, "ana", json!({"badge": "A1", "code": "x", "number": 7, "aliases": ["a", "b"]})).await;
    for taken in [json!({"badge": "a1"}), json!({"code": "x"}), json!({"number": 7}), json!({"aliases": ["c", "B"]})] {
        let name = taken.as_object().unwrap().keys().next().unwrap().clone();
        let detail = refused(&entra, taken, 409, "uniqueness").await;
        assert!(detail.contains(&format!("{ACME}:{name}")), "{detail}");
    }
    let bo = create(&entra, "bo", json!({"badge": "A2", "code": "X", "aliases": ["c"]})).await;
    let badge = format!("{ACME}:badge");
    patch(&entra, &bo, json!([{"op": "replace", "path": badge, "value": "A1"}]))
        .await
        .expect_error(409, Some("uniqueness"));
    // A user can keep its value; removed values and those of deleted users are free.
    patch(&entra, &ana, json!([{"op": "replace", "path": badge, "value": "a1"}])).await.expect(200);
    patch(&entra, &ana, json!([{"op": "replace", "path": badge, "value": "A3"}])).await.expect(200);
    patch(&entra, &bo, json!([{"op": "replace", "path": badge, "value": "A1"}])).await.expect(200);
    assert_eq!(entra.found(&format!(r#"{badge} eq "a1""#)).await, ["bo"]);
    assert_eq!(entra.found(&format!("{ACME}:number eq 7")).await, ["ana"]);
    assert_eq!(entra.found(&format!(r#"{ACME}:code eq "X""#)).await, ["bo"]);
    entra.delete(&format!("/v2/scim/Users/{ana}")).await.expect(204);
    create(&entra, "eva", json!({"badge": "A3", "number": 7})).await;
    // Values are unique within a tenant only.
    let other = app.other_tenant().await;
    let tenant = app.state.store.tenants().await.unwrap()[1].id;
    app.set_schema(tenant, &acme(&attributes), DataLoss::Refused).await.unwrap();
    create(&other, "ana", json!({"badge": "A1"})).await;
}

/// The database enforces uniqueness; a query before the write would not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_concurrent_requests_gets_a_unique_value() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge", "uniqueness": "server"}])).await;
    let creating: Vec<_> = (0..20)
        .map(|number| {
            let entra = app.entra();
            tokio::spawn(async move {
                entra
                    .post("/v2/scim/Users", &user(&format!("u{number}"), &json!({"badge": "one"})))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for created in creating {
        statuses.push(created.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 19]].concat());
}

/// RFC 7644 §3.5.2, in both dialects of Entra.
#[tokio::test]
async fn patch_changes_an_extension_in_every_dialect() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge"}, {"name": "floor", "type": "integer"}, {"name": "remote", "type": "boolean"},
        {"name": "tags", "multiValued": true}]))
        .await;
    let entra = app.entra();
    let id = create(&entra, "ana", json!({"badge": "1"})).await;
    for (operation, expected) in [
        (json!({"op": "Replace", "path": format!("{ACME}:badge"), "value": "2"}), json!({"badge": "2"})),
        (json!({"op": "Add", "path": format!("{ACME}:floor"), "value": "3"}), json!({"badge": "2", "floor": 3})),
        (
            json!({"op": "replace", "value": {format!("{ACME}:badge"): "3", format!("{ACME}:remote"): "True"}}),
            json!({"badge": "3", "floor": 3, "remote": true}),
        ),
        (json!({"op": "replace", "value": {ACME: {"badge": "4"}}}), json!({"badge": "4", "floor": 3, "remote": true})),
        (
            json!({"op": "add", "path": ACME, "value": {"remote": false}}),
            json!({"badge": "4", "floor": 3, "remote": false}),
        ),
        (json!({"op": "remove", "path": format!("{ACME}:floor")}), json!({"badge": "4", "remote": false})),
        (json!({"op": "replace", "path": format!("{ACME}:remote"), "value": null}), json!({"badge": "4"})),
        (json!({"op": "Add", "path": format!("{ACME}:tags"), "value": "a"}), json!({"badge": "4", "tags": ["a"]})),
        (
            json!({"op": "add", "path": format!("{ACME}:tags"), "value": ["b", "a", "c"]}),
            json!({"badge": "4", "tags": ["a", "b", "c"]}),
        ),
        (
            json!({"op": "remove", "path": format!("{ACME}:tags[value eq \"B\"]")}),
            json!({"badge": "4", "tags": ["a", "c"]}),
        ),
        (json!({"op": "Remove", "path": format!("{ACME}:tags"), "value": ["c"]}), json!({"badge": "4", "tags": ["a"]})),
        (json!({"op": "replace", "path": "badge", "value": "5"}), json!({"badge": "5", "tags": ["a"]})),
        (
            json!({"op": "remove", "path": ACME.to_uppercase().replace("USER", "User").replacen("URN", "urn", 1)}),
            Value::Null,
        ),
    ] {
        let answer = patch(&entra, &id, json!([operation])).await.expect(200).json();
        assert_eq!(answer[ACME], expected, "{operation}");
        let answered: Vec<_> = answer["schemas"].as_array().unwrap().iter().map(|urn| urn == ACME).collect();
        assert_eq!(answered.contains(&true), !expected.is_null(), "{operation}");
    }
    let path = format!("{ACME}:nothing");
    patch(&entra, &id, json!([{"op": "add", "path": path, "value": "x"}])).await.expect_error(400, Some("invalidPath"));
    let path = format!("{ACME}:tags[value eq \"a\"]");
    patch(&entra, &id, json!([{"op": "add", "path": path, "value": "x"}])).await.expect_error(400, Some("invalidPath"));
}

/// RFC 7644 §3.4.2, §3.4.3, §3.7
#[tokio::test]
async fn filters_sorting_search_and_bulk_support_an_extension() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge"}, {"name": "floor", "type": "integer"}, {"name": "since", "type": "dateTime"},
        {"name": "tags", "multiValued": true}, {"name": "code", "caseExact": true}]))
        .await;
    let entra = app.entra();
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("ana",
            &json!({"badge": "Alpha", "floor": 10, "since": "2026-01-01T00:00:00Z", "tags": ["red", "Blue"], "code": "Aa"}))},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bo", &json!({"badge": "beta", "floor": 9, "tags": ["amber", "violet"]}))},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": user("cy", &json!({"floor": "x"}))},
    ]});
    let done = entra.post("/v2/scim/Bulk", &bulk).await.expect(200).json();
    let statuses: Vec<_> = done["Operations"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(json!(statuses), json!(["201", "201", "400"]));
    entra.create_user("dee").await;
    for (filter, found) in [
        (format!(r#"{ACME}:badge eq "ALPHA""#), &["ana"][..]),
        (format!(r#"{ACME}:BADGE sw "b""#), &["bo"]),
        (r#"badge co "a" and floor ge 10"#.to_owned(), &["ana"]),
        (format!("{ACME}:floor lt 10"), &["bo"]),
        (format!(r#"{ACME}:since eq "2026-01-01T01:00:00+01:00""#), &["ana"]),
        (format!(r#"{ACME}:tags eq "blue""#), &["ana"]),
        (format!(r#"{ACME}:tags[value eq "RED"]"#), &["ana"]),
        (format!(r#"{ACME}:tags[value eq "green"]"#), &[]),
        (format!(r#"{ACME}:code eq "aa""#), &[]),
        (format!(r#"{ACME}:code eq "Aa""#), &["ana"]),
        (format!("not ({ACME}:badge pr)"), &["dee"]),
        (format!(r#"schemas eq "{ACME}""#), &["ana", "bo"]),
    ] {
        assert_eq!(entra.found(&filter).await, found, "{filter}");
    }
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": format!("{ACME}:floor pr"), "sortBy": format!("{ACME}:floor"),
        "attributes": [format!("{ACME}:floor")]});
    let found = entra.post("/v2/scim/Users/.search", &search).await.expect(200).json();
    let floors: Vec<_> = found["Resources"].as_array().unwrap().iter().map(|user| user[ACME].clone()).collect();
    assert_eq!(json!(floors), json!([{"floor": 9}, {"floor": 10}]));
    // Multiple values are sorted by the first.
    for (order, first) in [("ascending", ["bo", "ana"]), ("descending", ["ana", "bo"])] {
        let sorted = format!("/v2/scim/Users?filter={ACME}:floor pr&sortBy={ACME}:tags&sortOrder={order}");
        let sorted = entra.get(&sorted).await.expect(200).json();
        let names = sorted["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), first, "{order}");
    }
    let everything = entra.get(&format!("/v2/scim/?filter={ACME}:floor eq 9")).await.expect(200).json();
    assert_eq!(everything["totalResults"], 1);
}

/// RFC 7644 §4; RFC 7643 §6, §7
#[tokio::test]
async fn a_tenants_schemas_are_discovered_only_by_that_tenant() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge", "required": true, "uniqueness": "server"}])).await;
    let (entra, other) = (app.entra(), app.other_tenant().await);
    let schema = entra.get(&format!("/v2/scim/Schemas/{ACME}")).await.expect(200).json();
    assert_eq!(schema["name"], "Acme");
    assert_eq!(schema["meta"]["location"], format!("{BASE}/Schemas/{ACME}"));
    let badge = json!({"name": "badge", "type": "string", "multiValued": false, "description": "", "required": true,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "server"});
    assert_eq!(schema["attributes"], json!([badge]));
    assert_eq!(entra.get("/v2/scim/Schemas").await.json()["totalResults"], 4);
    let user_type = entra.get("/v2/scim/ResourceTypes/User").await.json();
    let extensions = json!([{"schema": ENTERPRISE, "required": false}, {"schema": ACME, "required": true}]);
    assert_eq!(user_type["schemaExtensions"], extensions);
    let described = entra.get("/v2/scim/openapi.json").await.json();
    let component = &described["components"]["schemas"][format!("{}Sent", ACME.replace(':', "."))];
    assert_eq!(component["required"], json!(["badge"]));
    assert_eq!(described["components"]["schemas"]["UserSent"]["required"], json!(["schemas", "userName", ACME]));
    for client in [other.clone(), app.anon()] {
        assert_eq!(client.get("/v2/scim/Schemas").await.json()["totalResults"], 3);
        client.get(&format!("/v2/scim/Schemas/{ACME}")).await.expect_error(404, None);
        assert!(!client.get("/v2/scim/ResourceTypes").await.text().contains("acme"));
        assert!(!client.get("/v2/scim/openapi.json").await.text().contains("acme"));
    }
    // For another tenant it is an unknown name: ignored, without matches, not a path.
    let id = create(&other, "ana", json!({"badge": "1"})).await;
    assert_eq!(other.user(&id).await.get(ACME), None);
    assert_eq!(other.found(&format!("{ACME}:badge pr")).await, [""; 0]);
    let operation = json!([{"op": "add", "path": format!("{ACME}:badge"), "value": "1"}]);
    patch(&other, &id, operation).await.expect_error(400, Some("invalidPath"));
}

/// The values of users decide which changes are possible.
#[tokio::test]
async fn a_change_that_would_invalidate_values_is_refused_with_their_number() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge"}, {"name": "floor", "type": "integer"}])).await;
    let entra = app.entra();
    let ana = create(&entra, "ana", json!({"badge": "x", "floor": 1})).await;
    create(&entra, "bo", json!({"badge": "X"})).await;
    let badge = |changes: Value| {
        let mut badge = json!({"name": "badge"});
        badge.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!([badge, {"name": "floor", "type": "integer"}])
    };
    let held = |users| SchemaConflict::Held { attribute: "badge".to_owned(), users };
    for changes in [
        json!({"type": "integer"}),
        json!({"multiValued": true}),
        json!({"caseExact": true}),
        json!({"returned": "never"}),
    ] {
        assert_eq!(app.obstacle(badge(changes)).await, held(2));
    }
    let shared = SchemaConflict::Shared { attribute: "badge".to_owned(), values: 1 };
    assert_eq!(app.obstacle(badge(json!({"uniqueness": "server"}))).await, shared);
    let floor = json!([{"name": "badge"}, {"name": "floor", "type": "integer", "required": true}]);
    assert_eq!(app.obstacle(floor.clone()).await, SchemaConflict::Lacking { attribute: "floor".to_owned(), users: 1 });
    let new = json!([{"name": "badge"}, {"name": "floor", "type": "integer"}, {"name": "new", "required": true}]);
    assert_eq!(app.obstacle(new).await, SchemaConflict::Lacking { attribute: "new".to_owned(), users: 2 });
    let deleted = SchemaConflict::Deleted { attribute: "floor".to_owned(), users: 1 };
    assert_eq!(app.obstacle(json!([{"name": "badge"}])).await, deleted);
    assert_eq!(deleted.to_string(), "1 user has a value of `floor`, which would be deleted with it");

    // Changes that agree with all values are done: adding, relaxing, and restricting.
    app.define(badge(json!({"returned": "request", "required": true, "description": "On the door."}))).await;
    patch(&entra, &ana, json!([{"op": "replace", "path": "badge", "value": "y"}])).await.expect(200);
    app.define(badge(json!({"uniqueness": "server", "required": true}))).await;
    refused(&entra, json!({"badge": "Y"}), 409, "uniqueness").await;
    app.define(badge(json!({}))).await;
    create(&entra, "eva", json!({"badge": "Y"})).await;
}

#[tokio::test]
async fn deleting_an_attribute_deletes_its_values() {
    let app = TestApp::new().await;
    let attributes = json!([{"name": "badge", "uniqueness": "server"}, {"name": "floor", "type": "integer"}]);
    app.define(attributes.clone()).await;
    let entra = app.entra();
    let ana = create(&entra, "ana", json!({"badge": "1", "floor": 1})).await;
    let bo = create(&entra, "bo", json!({"badge": "2"})).await;
    let before = entra.user(&ana).await;
    let one =
        app.set_schema(app.tenant, &acme(&json!([{"name": "floor", "type": "integer"}])), DataLoss::Accepted).await;
    assert_eq!(one.unwrap(), Changed::Done { lost: 2 });
    let after = entra.user(&ana).await;
    assert_eq!((&after[ACME], &after["schemas"]), (&json!({"floor": 1}), &json!([USER, ACME])));
    assert_ne!(after["meta"]["version"], before["meta"]["version"], "a client's copy is outdated");
    assert_eq!(entra.user(&bo).await["schemas"], json!([USER]));
    let (store, deletion) = (&app.state.store, blank_entry(&app.state));
    let refused = schemas::delete(store, app.tenant, "acme", DataLoss::Refused, &deletion).await.unwrap_err();
    assert_eq!(refused.to_string(), "1 user has a value of `floor`, which would be deleted with it");
    let all = schemas::delete(store, app.tenant, "ACME", DataLoss::Accepted, &deletion).await.unwrap();
    assert_eq!(all, Changed::Done { lost: 1 });
    assert_eq!(entra.user(&ana).await.get(ACME), None);
    entra.get(&format!("/v2/scim/Schemas/{ACME}")).await.expect_error(404, None);
    app.define(attributes).await;
    assert_eq!(entra.found(&format!("{ACME}:badge pr")).await, [""; 0]);
    patch(&entra, &bo, json!([{"op": "add", "path": format!("{ACME}:badge"), "value": "1"}])).await.expect(200);
}

/// Names are case-insensitive, and setting an identical schema has no effect.
#[tokio::test]
async fn setting_a_schema_again_keeps_its_spelling_and_values() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge"}])).await;
    let id = create(&app.entra(), "ana", json!({"badge": "1"})).await;
    let shouted = json!({"id": ACME.replace("acme", "ACME"), "name": "Acme", "description": "What Acme adds.",
        "attributes": [{"name": "BADGE"}]});
    assert_eq!(app.set_schema(app.tenant, &shouted, DataLoss::Refused).await.unwrap(), Changed::Nothing);
    assert_eq!(app.entra().user(&id).await[ACME], json!({"badge": "1"}));
    let read = app.entra().get(&format!("/v2/scim/Schemas/{ACME}")).await.json();
    assert_eq!(app.set_schema(app.tenant, &read, DataLoss::Refused).await.unwrap(), Changed::Nothing);
    for number in 1..10 {
        let more = json!({"id": ACME.replace("acme", &format!("acme{number}"))});
        app.set_schema(app.tenant, &more, DataLoss::Refused).await.unwrap();
    }
    let one_more = json!({"id": ACME.replace("acme", "more")});
    let refused = app.set_schema(app.tenant, &one_more, DataLoss::Refused).await.unwrap_err();
    assert_eq!(refused.to_string(), "there are 10 schemas already, which is the limit; delete one first");
}

/// Another process may change a schema; a write that was prepared with the old one is refused.
#[tokio::test]
async fn a_change_by_another_process_applies_to_the_next_request() {
    let app = TestApp::new().await;
    app.define(json!([{"name": "badge"}])).await;
    let entra = app.entra();
    create(&entra, "ana", json!({"badge": "1"})).await;
    let path = app.state.config.data_dir.join("rollcall.db");
    let beside = rollcall::store::Store::open(&path).await.unwrap();
    let changed = Schema::read(&acme(&json!([{"name": "badge", "required": true}]))).unwrap();
    schemas::set(&beside, app.tenant, &changed, DataLoss::Refused, &blank_entry(&app.state)).await.unwrap();
    beside.close().await;
    refused(&entra, json!({}), 400, "invalidValue").await;
    let by_old = rollcall::scim::Types::built_in();
    let user = rollcall::store::NewUser {
        resource: crate::store::resource(rollcall::scim::ResourceKind::User, 1, json!({"userName": "eva"})),
        source: rollcall::model::page::Source::Idp,
    };
    let stored = app.state.store.insert_user(app.tenant, &by_old, &user, &blank_entry(&app.state)).await;
    assert!(matches!(stored, Err(rollcall::store::StoreError::SchemasChanged)), "{stored:?}");
}
