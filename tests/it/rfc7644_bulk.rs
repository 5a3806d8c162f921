//! Bulk (RFC 7644 §3.7; checklist 95–97).

use serde_json::{Value, json};

use crate::support::{BASE, Client, GROUP, PATCH_OP, TestApp, UNKNOWN_ID, USER, user};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn request(operations: Value) -> Value {
    let mut request = json!({"schemas": [BULK_REQUEST]});
    request["Operations"] = operations;
    request
}

/// The results of these operations.
async fn bulk(client: &Client, operations: Value) -> Vec<Value> {
    let answer = client.post("/v2/scim/Bulk", &request(operations)).await.expect(200).json();
    assert_eq!(answer["schemas"], json!([BULK_RESPONSE]));
    answer["Operations"].as_array().unwrap().clone()
}

fn statuses(answers: &[Value]) -> Vec<&str> {
    answers.iter().map(|answer| answer["status"].as_str().unwrap()).collect()
}

fn post(kind: &str, bulk_id: &str, data: Value) -> Value {
    let mut post = json!({"method": "POST", "path": format!("/{kind}"), "bulkId": bulk_id});
    post["data"] = data;
    post
}

fn group_of(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": format!("bulkId:{id}")})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

fn id(answer: &Value) -> String {
    answer["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn operations_are_independent_and_answered_in_order() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let (old, gone) = (entra.create_user("old").await, entra.create_user("gone").await);
    let answers = bulk(
        &entra,
        json!([
            post("Users", "a", user("ana")),
            post("Users", "b", user("ANA")),
            {"method": "PUT", "path": format!("/Users/{old}"), "data": user("new")},
            {"method": "patch", "path": format!("/v2/scim/Users/{old}"), "data": {"schemas": [PATCH_OP], "Operations": [{"op": "Replace", "path": "title", "value": "Dr"}]}},
            {"method": "DELETE", "path": format!("/Users/{gone}")},
            {"method": "DELETE", "path": format!("/Users/{gone}")},
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "409", "200", "200", "204", "404"]);
    assert_eq!(
        (&answers[0]["method"], &answers[0]["bulkId"], &answers[0]["version"]),
        (&json!("POST"), &json!("a"), &json!("W/\"1\""))
    );
    assert_eq!(entra.user(&id(&answers[0])).await["userName"], "ana");
    assert_eq!((answers[1].get("location"), &answers[1]["response"]["scimType"]), (None, &json!("uniqueness")));
    assert_eq!(answers[1]["response"]["status"], "409");
    let old = entra.user(&old).await;
    assert_eq!(
        (&old["userName"], &old["title"], &old["meta"]["version"]),
        (&json!("new"), &json!("Dr"), &answers[3]["version"])
    );
    assert_eq!(answers[5]["location"], answers[4]["location"]);
    entra.get(&format!("/v2/scim/Users/{gone}")).await.expect_error(404, None);
}

/// RFC 7644 §3.7.2: references backward, forward, in paths of PATCH and of operations.
#[tokio::test]
async fn references_are_resolved_everywhere() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let mut boss = user("ana");
    boss["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = json!({"manager": {"value": "bulkId:b"}});
    let patch = |operation: Value| json!({"schemas": [PATCH_OP], "Operations": [operation]});
    let answers = bulk(
        &entra,
        json!([
            post("Groups", "g", group_of("Sales", &["a", "b", "h"])),
            post("Users", "a", boss),
            post("Users", "b", user("bob")),
            post("Groups", "h", group_of("Inner", &[])),
            {"method": "PATCH", "path": "/Groups/bulkId:g", "data": patch(json!({"op": "remove", "path": "members[value eq \"bulkId:b\"]"}))},
            {"method": "PATCH", "path": "/Groups/bulkId:h", "data": patch(json!({"op": "add", "path": "members", "value": [{"value": "bulkId:b"}]}))},
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "201", "201", "201", "200", "200"]);
    let ids: Vec<String> = answers.iter().map(id).collect();
    let mut members: Vec<Value> = entra.group(&ids[0]).await["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["value"].clone())
        .collect();
    members.sort_by_key(ToString::to_string);
    let mut expected = [json!(ids[1]), json!(ids[3])];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(members, expected);
    let ana = entra.user(&ids[1]).await;
    assert_eq!(ana["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"]["value"], ids[2]);
    assert_eq!(entra.user(&ids[2]).await["groups"].as_array().unwrap().len(), 2, "Inner, and Sales through it");
}

/// RFC 7644 §3.7.1: "The service provider MUST try to resolve circular cross-references".
#[tokio::test]
async fn groups_can_contain_each_other() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let answers = bulk(
        &entra,
        json!([
            post("Groups", "a", group_of("A", &["b"])),
            post("Groups", "b", group_of("B", &["c", "b"])),
            post("Groups", "c", group_of("C", &["a"])),
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "201", "201"]);
    for (one, other) in [(0, 1), (1, 2), (2, 0), (1, 1)] {
        let group = entra.group(&id(&answers[one])).await;
        let members = group["members"].as_array().unwrap();
        assert!(members.iter().any(|member| member["value"] == id(&answers[other])), "{one} holds {other}");
        assert_eq!(group["meta"]["version"], answers[one]["version"]);
    }
    // One that cannot be made takes along those that wanted it.
    let answers =
        bulk(&entra, json!([post("Groups", "d", group_of("D", &["e"])), post("Groups", "e", group_of("a", &["d"]))]))
            .await;
    assert_eq!(statuses(&answers), ["409", "409"]);
    assert_eq!(entra.get("/v2/scim/Groups?count=0").await.json()["totalResults"], 3);
}

#[tokio::test]
async fn failures_are_independent_up_to_fail_on_errors() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let operations = json!([
        {"method": "POST", "path": "/Users", "data": user("nameless")},
        post("Users", "a", user("ana")),
        post("Users", "a", user("twin")),
        post("Users", "b", json!({"schemas": [USER], "userName": "bob", "roles": [{"value": "bulkId:nobody"}]})),
        post("Users", "c", json!({"schemas": [USER]})),
        {"method": "PUT", "path": format!("/Users/{UNKNOWN_ID}"), "data": user("x")},
        {"method": "PATCH", "path": "/Users", "data": {}},
        {"method": "POST", "path": "/Users/bulkId:a", "bulkId": "p", "data": user("x")},
        {"method": "GET", "path": "/Users/bulkId:a"},
        {"method": "POST", "path": "/Nothing", "bulkId": "z", "data": {}},
        {"method": "PUT", "path": "/Users/bulkId:a"},
        {"method": "PATCH", "path": "/Users/bulkId:a", "version": "W/\"7\"", "data": {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "x"}]}},
        {},
    ]);
    let answers = bulk(&entra, operations.clone()).await;
    let expected = ["400", "201", "400", "409", "400", "404", "405", "405", "405", "404", "400", "412", "404"];
    assert_eq!(statuses(&answers), expected);
    assert!(
        answers
            .iter()
            .filter(|answer| answer["status"] != "201")
            .all(|answer| answer["response"]["detail"].is_string())
    );
    assert_eq!(entra.found("userName pr").await, ["ana"]);
    let failures = app.journal().await.into_iter().filter(|entry| entry.entry.http_status >= 400).count();
    assert_eq!(failures, 12, "every refused operation has its line");
    let mut stopping = request(operations);
    stopping["failOnErrors"] = json!(2);
    let answers = app.other_tenant().await.post("/v2/scim/Bulk", &stopping).await.expect(200).json();
    assert_eq!(statuses(answers["Operations"].as_array().unwrap()), ["400", "201", "400"]);
}

/// A location is where the resource is found, however the operation's path was written.
#[tokio::test]
async fn locations_do_not_repeat_the_tenant_url() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let whole = format!("{BASE}/Users/{id}");
    let paths = [format!("/v2/scim/Users/{UNKNOWN_ID}"), format!("{BASE}/Users/{UNKNOWN_ID}"), whole.clone()];
    let answers =
        bulk(&app.entra(), paths.iter().map(|path| json!({"method": "DELETE", "path": path})).collect()).await;
    assert_eq!(statuses(&answers), ["404", "404", "204"]);
    let nowhere = json!(format!("{BASE}/Users/{UNKNOWN_ID}"));
    let locations: Vec<&Value> = answers.iter().map(|answer| &answer["location"]).collect();
    assert_eq!(locations, [&nowhere, &nowhere, &json!(whole)]);
}

/// A group that waits for a member leaves nothing half-made where errors end the request before the member's turn.
#[tokio::test]
async fn fail_on_errors_leaves_no_incomplete_group() {
    let app = TestApp::new().await;
    let mut sent = request(json!([
        post("Groups", "a", group_of("A", &["b", "x"])),
        post("Groups", "b", group_of("B", &["a"])),
        post("Groups", "x", json!({"schemas": [GROUP]})),
    ]));
    sent["failOnErrors"] = json!(1);
    let answer = app.entra().post("/v2/scim/Bulk", &sent).await.expect(200).json();
    assert_eq!(statuses(answer["Operations"].as_array().unwrap()), ["409", "400"]);
    assert_eq!(app.entra().get("/v2/scim/Groups?count=0").await.json()["totalResults"], 0);
}

/// Checklist 97; and no chain of references is too long for the server.
#[tokio::test]
async fn a_request_that_is_too_large_is_refused_as_a_whole() {
    let app = TestApp::new().await;
    let operations = |count: usize| -> Value {
        (0..count).map(|_| json!({"method": "DELETE", "path": format!("/Users/{UNKNOWN_ID}")})).collect()
    };
    let detail = app.entra().post("/v2/scim/Bulk", &request(operations(1_001))).await.expect_error(413, None);
    assert!(detail.contains("1000"), "{detail}");
    let long = json!({"schemas": [BULK_REQUEST], "Operations": [], "x": "x".repeat(1_048_577)});
    app.entra().post("/v2/scim/Bulk", &long).await.expect_error(413, None);
    app.entra().post("/v2/scim/Bulk", &json!({"Operations": []})).await.expect_error(400, Some("invalidSyntax"));
    app.entra().get("/v2/scim/Bulk").await.expect_error(405, None);
    let chain: Value = (0..150)
        .map(|number| {
            post(
                "Groups",
                &number.to_string(),
                group_of(&number.to_string(), &[(number + 1).to_string().as_str()][..usize::from(number < 149)]),
            )
        })
        .collect();
    assert!(bulk(&app.entra(), chain).await.iter().all(|answer| answer["status"] == "201"));
}
