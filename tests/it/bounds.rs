//! What one request, and so one tenant, may make the server do.

use serde_json::{Value, json};

use crate::support::{GROUP, PATCH_OP, TestApp, USER};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A user with so many e-mail addresses.
fn with_emails(count: usize) -> Value {
    let emails: Vec<Value> = (0..count).map(|number| json!({"value": format!("{number}@x"), "display": "x"})).collect();
    json!({"schemas": [USER], "userName": "many", "emails": emails})
}

/// A PATCH of so many operations, each of which looks at all e-mail addresses with two comparisons.
fn patch(operations: usize) -> Value {
    let operation = |number| {
        let path = format!("emails[value eq \"{number}@x\" or display co \"y\"].display");
        json!({"op": "replace", "path": path, "value": "z"})
    };
    json!({"schemas": [PATCH_OP], "Operations": (0..operations).map(operation).collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_patch_that_would_cost_too_much_is_refused() {
    let entra = TestApp::new().await.entra();
    let path = format!("/v2/scim/Users/{}", entra.create(&with_emails(5_000)).await);
    assert_eq!(entra.patch(&path, &patch(10)).await.status, 200);
    let refused = entra.patch(&path, &patch(300)).await;
    assert_eq!(refused.status, 413, "{}", refused.text());
    assert_eq!(entra.get(&path).await.json()["emails"][299]["display"], "x", "nothing was done");
}

#[tokio::test]
async fn the_operations_of_a_bulk_request_share_one_budget() {
    let entra = TestApp::new().await.entra();
    let path = format!("/v2/scim/Users/{}", entra.create(&with_emails(5_000)).await);
    let operation = json!({"method": "PATCH", "path": path.trim_start_matches("/v2/scim"), "data": patch(60)});
    let bulk = json!({"schemas": [BULK_REQUEST], "Operations": vec![operation; 10]});
    let answer = entra.post("/v2/scim/Bulk", &bulk).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let statuses: Vec<&str> =
        answer["Operations"].as_array().unwrap().iter().map(|done| done["status"].as_str().unwrap()).collect();
    let done = statuses.iter().take_while(|status| **status == "200").count();
    assert!((2..6).contains(&done), "{statuses:?}");
    assert!(statuses[done..].iter().all(|status| *status == "413"), "{statuses:?}");
}

#[tokio::test]
async fn texts_are_no_longer_than_their_attribute_can_mean() {
    let entra = TestApp::new().await.entra();
    let long = "x".repeat(1_025);
    let refused =
        entra.post("/v2/scim/Users", &json!({"schemas": [USER], "userName": "ana", "externalId": long})).await;
    refused.expect_error(400, Some("invalidValue"));
    let ana = entra.create_user("ana").await;
    for (path, value) in [
        ("title", json!(long)),
        ("name.givenName", json!(long)),
        ("addresses[type eq \"work\"].formatted", json!(long)),
        ("emails", json!([{"value": long}])),
    ] {
        let operation = json!({"op": "add", "path": path, "value": value});
        let request = json!({"schemas": [PATCH_OP], "Operations": [operation]});
        entra.patch(&format!("/v2/scim/Users/{ana}"), &request).await.expect_error(400, Some("invalidValue"));
    }
    let refused = entra.post("/v2/scim/Groups", &json!({"schemas": [GROUP], "displayName": long})).await;
    refused.expect_error(400, Some("invalidValue"));
}
