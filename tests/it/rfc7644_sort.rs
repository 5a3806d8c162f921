//! Sorting, and searching by POST and through all types (RFC 7644 §3.4.2.3, §3.4.3; checklist 39, 40).

use serde_json::{Value, json};

use crate::support::{Client, SEARCH_REQUEST, TestApp, user};

/// userNames and displayNames, in the order of the response.
fn names(list: &Value) -> Vec<&str> {
    let name = |one: &Value| one["userName"].as_str().or_else(|| one["displayName"].as_str()).map(str::len).map(|_| ());
    let resources = list["Resources"].as_array().unwrap();
    assert!(resources.iter().all(|one| name(one).is_some()));
    resources
        .iter()
        .map(|one| one["userName"].as_str().unwrap_or_else(|| one["displayName"].as_str().unwrap()))
        .collect()
}

async fn fill(entra: &Client) {
    for (name, more) in [
        (
            "Dora",
            json!({"title": "b", "emails": [{"value": "z@x"}, {"value": "a@x", "primary": true}], "active": true}),
        ),
        ("ana", json!({"title": "C", "emails": [{"value": "m@x"}, {"value": "a@x"}], "active": false})),
        ("Ćwikła", json!({"externalId": "b"})),
        ("eva", json!({"title": "A", "externalId": "B", "name": {"familyName": "Ruiz"}, "active": true})),
        ("bob", json!({"title": "a", "externalId": "a", "emails": [{"value": "b@x"}], "active": false})),
    ] {
        let mut sent = user(name);
        sent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entra.create(&sent).await;
    }
}

#[tokio::test]
async fn users_are_sorted_and_equal_ones_stay_in_order_of_creation() {
    let app = TestApp::new().await;
    fill(&app.entra()).await;
    let check = async |query: &str, expected: [&str; 5]| {
        let list = app.entra().get(&format!("/v2/scim/Users?{query}")).await.expect(200).json();
        assert_eq!(names(&list), expected, "{query}");
        assert_eq!(list["totalResults"], 5);
    };
    check("sortBy=userName", ["ana", "bob", "Dora", "eva", "Ćwikła"]).await;
    check("sortBy=USERNAME&sortOrder=Descending", ["Ćwikła", "eva", "Dora", "bob", "ana"]).await;
    check("sortOrder=descending", ["Dora", "ana", "Ćwikła", "eva", "bob"]).await;
    // Absent values last ascending, first descending; case-insensitive, equal ones keep their order.
    check("sortBy=title", ["eva", "bob", "Dora", "ana", "Ćwikła"]).await;
    check("sortBy=title&sortOrder=descending", ["Ćwikła", "ana", "Dora", "eva", "bob"]).await;
    // caseExact.
    check("sortBy=externalId", ["eva", "bob", "Ćwikła", "Dora", "ana"]).await;
    // The primary value, or else the first.
    check("sortBy=emails", ["Dora", "bob", "ana", "Ćwikła", "eva"]).await;
    check("sortBy=emails.value&sortOrder=descending", ["Ćwikła", "eva", "ana", "bob", "Dora"]).await;
    check("sortBy=name.familyName", ["eva", "Dora", "ana", "Ćwikła", "bob"]).await;
    check("sortBy=active", ["ana", "bob", "Dora", "Ćwikła", "eva"]).await;
    check("sortBy=meta.created&sortOrder=descending", ["Dora", "ana", "Ćwikła", "eva", "bob"]).await;
    let page = app.entra().get("/v2/scim/Users?sortBy=title&startIndex=2&count=3").await.expect(200).json();
    assert_eq!(names(&page), ["bob", "Dora", "ana"]);
    let some = "/v2/scim/Users?filter=title pr&sortBy=title&attributes=userName";
    assert_eq!(names(&app.entra().get(some).await.expect(200).json()), ["eva", "bob", "Dora", "ana"]);
    for wrong in ["sortBy=name", "sortBy=shoeSize", "sortBy=password", "sortBy=a b", "sortBy=title&sortOrder=up"] {
        app.entra().get(&format!("/v2/scim/Users?{wrong}")).await.expect_error(400, Some("invalidValue"));
    }
}

/// RFC 7644 §3.4.3, figure 5.
#[tokio::test]
async fn a_search_by_post_equals_the_query() {
    let app = TestApp::new().await;
    fill(&app.entra()).await;
    let search = json!({
        "schemas": [SEARCH_REQUEST], "attributes": ["userName", "title"], "filter": "title pr",
        "sortBy": "title", "sortOrder": "descending", "startIndex": 2, "count": 2, "shoeSize": {}, "cursor": null,
    });
    let found = app.entra().post("/v2/scim/Users/.search", &search).await.expect(200).json();
    let same = "/v2/scim/Users?attributes=userName,title&filter=title pr&sortBy=title&sortOrder=descending&startIndex=2&count=2";
    assert_eq!(found, app.entra().get(same).await.expect(200).json());
    assert_eq!(names(&found), ["Dora", "eva"]);
    assert_eq!(found["Resources"][0].get("emails"), None);
    let groups = json!({"schemas": [SEARCH_REQUEST], "excludedAttributes": ["members"]});
    assert_eq!(app.entra().post("/v2/scim/Groups/.search", &groups).await.expect(200).json()["totalResults"], 0);
    for (wrong, scim_type) in [
        (json!({}), "invalidSyntax"),
        (json!({"schemas": ["urn:x"]}), "invalidSyntax"),
        (json!({"schemas": [SEARCH_REQUEST], "filter": 7}), "invalidFilter"),
        (json!({"schemas": [SEARCH_REQUEST], "filter": {}}), "invalidValue"),
        (json!({"schemas": [SEARCH_REQUEST], "attributes": [7]}), "invalidValue"),
        (json!({"schemas": [SEARCH_REQUEST], "count": "x"}), "invalidValue"),
        (json!({"schemas": [SEARCH_REQUEST], "count": 1.5}), "invalidValue"),
        (json!({"schemas": [SEARCH_REQUEST], "attributes": ["a"], "excludedAttributes": ["b"]}), "invalidValue"),
    ] {
        app.entra().post("/v2/scim/Users/.search", &wrong).await.expect_error(400, Some(scim_type));
    }
    app.entra().get("/v2/scim/Users/.search").await.expect_error(405, None);
}

/// RFC 7644 §3.4.2.1: a query of the root covers all types; attributes of only one type are absent in the other.
#[tokio::test]
async fn the_root_lists_users_and_groups_together() {
    let app = TestApp::new().await;
    fill(&app.entra()).await;
    let ana = app.entra().found("userName eq \"ana\"").await;
    assert_eq!(ana, ["ana"]);
    for name in ["Crew", "Admins"] {
        app.entra().create_group(name).await;
    }
    let get = async |query: &str| app.entra().get(&format!("/v2/scim/?{query}")).await.expect(200).json();
    let all = get("filter=id pr").await;
    assert_eq!(names(&all), ["Dora", "ana", "Ćwikła", "eva", "bob", "Crew", "Admins"]);
    assert_eq!((&all["totalResults"], &all["itemsPerPage"]), (&json!(7), &json!(7)));
    assert_eq!(names(&get("filter=displayName pr").await), ["Crew", "Admins"]);
    assert_eq!(
        names(&get("filter=meta.resourceType eq \"Group\" or userName eq \"ANA\"").await),
        ["ana", "Crew", "Admins"]
    );
    let sorted = get("sortBy=displayName&startIndex=2&count=3").await;
    assert_eq!(names(&sorted), ["Crew", "Dora", "ana"]);
    assert_eq!(sorted["totalResults"], 7);
    let search = json!({"schemas": [SEARCH_REQUEST], "sortBy": "id", "sortOrder": "descending", "count": 1});
    assert_eq!(names(&app.entra().post("/v2/scim/.search", &search).await.expect(200).json()), ["Admins"]);
    app.entra().get("/v2/scim/?sortBy=shoeSize").await.expect_error(400, Some("invalidValue"));
    assert!(
        app.other_tenant().await.get("/v2/scim/?filter=id pr").await.json()["Resources"].as_array().unwrap().is_empty()
    );
}
