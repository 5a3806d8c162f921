//! Lists and pages (RFC 7644 §3.4.2; checklist E 33–36, 42).

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{LIST_RESPONSE, TestApp};

/// RFC 7644 §3.4.2: no hit is 200. Entra's Test Connection depends on it, for users and groups.
#[tokio::test]
async fn a_query_without_matches_is_an_empty_list() {
    let app = TestApp::new().await;
    let empty =
        json!({"schemas": [LIST_RESPONSE], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []});
    let guid = "a3f1c0de-5b52-4a0e-9f6b-0d8f4b3b7c11";
    for path in [
        "/Users".to_owned(),
        "/Groups".to_owned(),
        format!("/Users?filter=userName+eq+\"{guid}\""),
        format!("/Groups?excludedAttributes=members&filter=displayName+eq+\"{guid}\""),
        format!("/Users?filter=externalId eq \"{guid}\""),
    ] {
        let answer = app.entra().get(&format!("/v2/scim{path}")).await.expect(200);
        assert_eq!(answer.json(), empty, "{path}");
    }
}

/// RFC 7644 §3.4.2.4, table 6.
#[tokio::test]
async fn pages_start_at_one_and_contain_each_user_once() {
    let app = TestApp::new().await;
    for number in 0..12 {
        app.entra().create_user(&format!("user{number}")).await;
    }
    let page = async |query: &str| app.entra().get(&format!("/v2/scim/Users?{query}")).await.expect(200).json();
    let mut seen = BTreeSet::new();
    for start in [1, 6, 11] {
        let answer = page(&format!("startIndex={start}&count=5")).await;
        assert_eq!(answer["startIndex"], start);
        assert_eq!(answer["totalResults"], 12);
        let resources = answer["Resources"].as_array().unwrap();
        assert_eq!(answer["itemsPerPage"], resources.len());
        seen.extend(resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 12);
    let check = async |query: &str, start: i64, items: u64| {
        let answer = page(query).await;
        assert_eq!((&answer["startIndex"], &answer["itemsPerPage"]), (&json!(start), &json!(items)), "{query}");
        assert_eq!(answer["totalResults"], 12, "{query}");
        assert_eq!(answer["Resources"].as_array().unwrap().len() as u64, items, "{query}");
    };
    check("startIndex=0", 1, 12).await;
    check("startIndex=-7&count=3", 1, 3).await;
    check("count=0", 1, 0).await;
    check("count=-1", 1, 0).await;
    check("startIndex=13", 13, 0).await;
    check("startIndex=999999999&count=1", 999_999_999, 0).await;
    check("count=100000", 1, 12).await;
    check("startIndex=12&count=100", 12, 1).await;
    for wrong in ["count=x", "startIndex=1.5", "startIndex=one"] {
        app.entra().get(&format!("/v2/scim/Users?{wrong}")).await.expect_error(400, Some("invalidValue"));
    }
}
