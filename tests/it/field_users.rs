//! `active`, names, and what an integrator trips over: reported of SCIM services in public, over HTTP.

use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::support::{Answer, Client, ENTERPRISE, GROUP, SEARCH_REQUEST, TestApp, USER, group, patch_of, user};

async fn patch(client: &Client, path: &str, operation: Value) -> Answer {
    client.patch(&format!("/v2/scim{path}"), &patch_of(&json!([operation]))).await
}

/// Outcome: nobody is enabled, or disabled, by a client that did not ask for it in so many words.
#[tokio::test]
async fn active_is_kept_unless_it_is_set() {
    let app = TestApp::new().await;
    let entra = app.entra();
    for active in [true, false] {
        let name = format!("{active}");
        let id = entra.create(&json!({"schemas": [USER], "userName": name, "active": active})).await;
        let path = format!("/Users/{id}");
        for value in [json!(null), json!(""), json!([]), json!([null])] {
            for operation in [
                json!({"op": "replace", "path": "active", "value": value}),
                json!({"op": "Add", "path": "active", "value": value}),
                json!({"op": "replace", "value": {"active": value, "title": "T"}}),
            ] {
                let detail = patch(&entra, &path, operation).await.expect_error(400, Some("invalidValue"));
                assert!(detail.contains("`active`") && detail.contains("true or false"), "{detail}");
            }
        }
        let detail = patch(&entra, &path, json!({"op": "remove", "path": "active"}))
            .await
            .expect_error(400, Some("invalidValue"));
        assert!(detail.contains("`false` disables"), "{detail}");
        for silent in
            [json!({"schemas": [USER], "userName": name}), json!({"schemas": [USER], "userName": name, "active": null})]
        {
            let body = entra.put(&format!("/v2/scim{path}"), &silent).await.expect(200).json();
            assert_eq!(body["active"], active);
        }
        let empty = json!({"schemas": [USER], "userName": name, "active": ""});
        entra.put(&format!("/v2/scim{path}"), &empty).await.expect_error(400, Some("invalidValue"));
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
            {"method": "PATCH", "path": path, "data": patch_of(&json!([{"op": "remove", "path": "active"}]))},
            {"method": "PUT", "path": path, "data": {"schemas": [USER], "userName": name}}]});
        let answer = entra.post("/v2/scim/Bulk", &bulk).await.expect(200).json();
        assert_eq!(
            (&answer["Operations"][0]["status"], &answer["Operations"][1]["status"]),
            (&json!("400"), &json!("200"))
        );
        assert_eq!(entra.user(&id).await["active"], active);
        assert_eq!(entra.user(&id).await.get("title"), None);
    }
    let unsaid = entra.create_user("unsaid").await;
    entra.create(&json!({"schemas": [USER], "userName": "null", "active": null})).await;
    assert_eq!(entra.user(&unsaid).await["active"], true);
    assert_eq!(entra.found("active eq true").await, ["null", "true", "unsaid"]);
    assert_eq!(entra.found("active eq false").await, ["false"]);
    assert_eq!(entra.found("not (active eq true or active eq false)").await, [""; 0]);
    assert_eq!(entra.found("active eq null").await, [""; 0]);
}

#[tokio::test]
async fn names_that_nobody_can_see_are_refused() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let (ana, sales) = (entra.create_user("ana").await, entra.create_group("Sales").await);
    for name in [" ", "\t", "\n", "\u{a0}", " ana", "ana ", "bo\n", "\u{feff}bo", "bo\u{1}"] {
        for (detail, attribute) in [
            (entra.post("/v2/scim/Users", &user(name)).await, "userName"),
            (entra.put(&format!("/v2/scim/Users/{ana}"), &user(name)).await, "userName"),
            (
                patch(&entra, &format!("/Users/{ana}"), json!({"op": "replace", "path": "userName", "value": name}))
                    .await,
                "userName",
            ),
            (entra.post("/v2/scim/Groups", &group(name)).await, "displayName"),
            (
                patch(&entra, &format!("/Groups/{sales}"), json!({"op": "replace", "value": {"displayName": name}}))
                    .await,
                "displayName",
            ),
        ] {
            let detail = detail.expect_error(400, Some("invalidValue"));
            assert!(detail.contains(attribute) && (detail.contains("blank") || detail.contains("visible")), "{detail}");
        }
    }
    entra.create_user("ana maria").await;
}

/// Windows composes letters and accents, macOS does not.
#[tokio::test]
async fn names_that_differ_in_composition_are_one() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let (composed, decomposed) = ("\u{c9}quipe", "E\u{301}quipe");
    let id = entra.create(&json!({"schemas": [USER], "userName": decomposed, "title": decomposed, ENTERPRISE: {"department": decomposed}})).await;
    entra.post("/v2/scim/Users", &user(composed)).await.expect_error(409, Some("uniqueness"));
    assert_eq!(entra.user(&id).await["userName"], decomposed, "kept as it was sent");
    for name in [composed, decomposed, "\u{e9}quipe"] {
        for filter in
            [format!("userName eq \"{name}\""), format!("title sw \"{name}\""), format!("department eq \"{name}\"")]
        {
            let search = json!({"schemas": [SEARCH_REQUEST], "filter": filter});
            let answer = entra.post("/v2/scim/Users/.search", &search).await.expect(200).json();
            assert_eq!(answer["totalResults"], 1, "{filter}");
        }
    }
    let team = entra.create_group(decomposed).await;
    entra.post("/v2/scim/Groups", &group(composed)).await.expect_error(409, Some("uniqueness"));
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": format!("displayName eq \"{composed}\"")});
    let found = entra.post("/v2/scim/Groups/.search", &search).await.expect(200).json();
    assert_eq!(found["Resources"][0]["id"], team);
}

/// RFC 7643 §3.3 has only extensions under a URN; in a PATCH the core schema was understood before.
#[tokio::test]
async fn core_attributes_under_the_core_urn_are_read() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let sent = json!({"schemas": [USER], "title": "x", USER.to_uppercase(): {"userName": "ana", "Title": "T", "name": {"givenName": "A"}}});
    let id = entra.create(&sent).await;
    let read = entra.user(&id).await;
    assert_eq!(
        (&read["userName"], &read["title"], &read["name"]),
        (&json!("ana"), &json!("T"), &json!({"givenName": "A"}))
    );
    let sent = json!({"schemas": [USER], "userName": "ana", USER: {"title": "U", ENTERPRISE: {"department": "D"}}});
    let body = entra.put(&format!("/v2/scim/Users/{id}"), &sent).await.expect(200).json();
    assert_eq!((&body["title"], &body[ENTERPRISE]), (&json!("U"), &json!({"department": "D"})));
    let department = format!("{ENTERPRISE}:department");
    let sent = json!({"schemas": [USER], format!("{USER}:userName"): "ana", department: "E"});
    let body = entra.put(&format!("/v2/scim/Users/{id}"), &sent).await.expect(200).json();
    assert_eq!(body[ENTERPRISE], json!({"department": "E"}));
    let sent = json!({"schemas": [GROUP], GROUP: {"displayName": "Sales", "members": [{"value": id}]}});
    let team = entra.post("/v2/scim/Groups", &sent).await.created_id();
    assert_eq!(entra.group(&team).await["members"][0]["value"], id);
}

#[tokio::test]
async fn attributes_may_choose_values_by_a_filter() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let mut sent = user("ana");
    sent["emails"] = json!([{"value": "h@x", "type": "home"}, {"value": "w@x", "type": "work"}]);
    let id = entra.create(&sent).await;
    let work = "emails[type eq \"work\"].value";
    let search = json!({"schemas": [SEARCH_REQUEST], "attributes": [work, "title"]});
    for body in [
        entra.get(&format!("/v2/scim/Users/{id}?attributes={work}")).await.expect(200).json(),
        entra.get(&format!("/v2/scim/Users?attributes={work}")).await.expect(200).json()["Resources"][0].clone(),
        entra.post("/v2/scim/Users/.search", &search).await.expect(200).json()["Resources"][0].clone(),
    ] {
        assert_eq!(body, json!({"schemas": [USER], "id": id, "emails": [{"value": "w@x"}]}));
    }
    let team = entra
        .post("/v2/scim/Groups", &json!({"schemas": [GROUP], "displayName": "Sales", "members": [{"value": id}]}))
        .await
        .created_id();
    let body = entra
        .get(&format!("/v2/scim/Groups/{team}?excludedAttributes=members[value eq \"{id}\"]"))
        .await
        .expect(200)
        .json();
    assert_eq!(body.get("members"), None);
    let body = entra
        .get(&format!("/v2/scim/Groups/{team}?excludedAttributes=members[value eq \"x\"]"))
        .await
        .expect(200)
        .json();
    assert_eq!(body["members"][0]["value"], id);
    entra.get(&format!("/v2/scim/Users/{id}?attributes=emails[type eq]")).await.expect_error(400, Some("invalidValue"));
}

#[tokio::test]
async fn empty_parameters_are_as_if_absent() {
    let app = TestApp::new().await;
    let entra = app.entra();
    entra.create_user("ana").await;
    for query in
        ["filter=", "startIndex=", "count=", "filter=&startIndex=&count=&sortBy=&sortOrder=&attributes=", "filter=%20"]
    {
        let body = entra.get(&format!("/v2/scim/Users?{query}")).await.expect(200).json();
        assert_eq!((&body["totalResults"], &body["startIndex"]), (&json!(1), &json!(1)), "{query}");
    }
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": "", "startIndex": "", "count": null});
    assert_eq!(entra.post("/v2/scim/Users/.search", &search).await.expect(200).json()["totalResults"], 1);
}

/// RFC 8259 §4; a text database cannot keep U+0000.
#[tokio::test]
async fn what_is_ambiguous_or_cannot_be_kept_is_refused() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let id = entra.create_user("ana").await;
    let typed = entra.clone().header("content-type", "application/scim+json");
    for body in [
        format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"bo\",\"active\":false,\"active\":true}}"),
        format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"bo\",\"active\":false,\"Active\":true}}"),
        format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"bo\",\"emails\":[{{\"value\":\"a\",\"VALUE\":\"b\"}}]}}"),
    ] {
        let answer = typed.send(Method::POST, "/v2/scim/Users", Body::from(body.clone())).await;
        assert!(answer.expect_error(400, Some("invalidSyntax")).contains("twice"), "{body}");
        typed
            .send(Method::PUT, &format!("/v2/scim/Users/{id}"), Body::from(body))
            .await
            .expect_error(400, Some("invalidSyntax"));
    }
    for (name, value) in [
        ("userName", json!("a\u{0}")),
        ("title", json!("\u{0}")),
        ("password", json!("\u{0}")),
        ("externalId", json!(["\u{0}"])),
    ] {
        let mut sent = user("bo");
        sent[name] = value.clone();
        let detail = entra.post("/v2/scim/Users", &sent).await.expect_error(400, Some("invalidValue"));
        assert!(detail.contains("U+0000") && detail.contains(name), "{detail}");
        let operation = json!({"op": "replace", "path": name, "value": value});
        patch(&entra, &format!("/Users/{id}"), operation).await.expect_error(400, Some("invalidValue"));
    }
    entra.post("/v2/scim/Groups", &group("a\u{0}")).await.expect_error(400, Some("invalidValue"));
    let search = json!({"schemas": [SEARCH_REQUEST], "filter": "userName eq \"a\\u0000\""});
    entra.post("/v2/scim/Users/.search", &search).await.expect_error(400, Some("invalidFilter"));
}

#[tokio::test]
async fn members_are_not_lost_by_a_bare_text() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let ana = entra.create_user("ana").await;
    let team = json!({"schemas": [GROUP], "displayName": "Sales", "members": [{"value": ana}]});
    let team = entra.post("/v2/scim/Groups", &team).await.created_id();
    let path = format!("/Groups/{team}");
    for operation in [
        json!({"op": "replace", "path": "members", "value": ""}),
        json!({"op": "replace", "value": {"members": ""}}),
        json!({"op": "remove", "path": "members", "value": ""}),
        json!({"op": "remove", "path": "members", "value": "x"}),
    ] {
        patch(&entra, &path, operation).await.expect_error(400, Some("invalidValue"));
    }
    let put = json!({"schemas": [GROUP], "displayName": "Sales", "members": ""});
    entra.put(&format!("/v2/scim{path}"), &put).await.expect_error(400, Some("invalidValue"));
    assert_eq!(entra.group(&team).await["members"][0]["value"], ana);
}
