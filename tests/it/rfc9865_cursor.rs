//! Paging by cursor (RFC 9865; checklist 107).

use serde_json::{Value, json};

use crate::support::{Client, SEARCH_REQUEST, TestApp};

/// The names on the page, and the cursor of the next one.
async fn page(client: &Client, query: &str) -> (Vec<String>, Option<String>) {
    let page = client.get(&format!("/v2/scim/{query}")).await.expect(200).json();
    assert_eq!(page.get("startIndex"), None);
    let resources = page["Resources"].as_array().unwrap();
    assert_eq!(page["itemsPerPage"], resources.len());
    let name = |one: &Value| one["userName"].as_str().or(one["displayName"].as_str()).unwrap().to_owned();
    (resources.iter().map(name).collect(), page["nextCursor"].as_str().map(str::to_owned))
}

/// All names, page by page; `between` runs after each page.
async fn walk(client: &Client, query: &str, between: impl AsyncFn(usize)) -> Vec<String> {
    let (mut names, mut next) = page(client, &format!("{query}&cursor")).await;
    let mut pages = 1;
    while let Some(cursor) = next {
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{cursor}");
        between(pages).await;
        let (more, then) = page(client, &format!("{query}&cursor={cursor}")).await;
        assert!(!more.is_empty(), "a cursor leads to a page with items");
        names.extend(more);
        next = then;
        pages += 1;
    }
    names
}

#[tokio::test]
async fn changes_between_pages_neither_repeat_nor_hide_users() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let mut ids = Vec::new();
    for name in ["d", "b", "f", "a", "e", "c"] {
        ids.push(entra.create_user(name).await);
    }
    let still = async |_| {};
    assert_eq!(walk(&entra, "Users?count=2", still).await, ["d", "b", "f", "a", "e", "c"]);
    assert_eq!(walk(&entra, "Users?count=4", still).await.len(), 6);
    assert_eq!(walk(&entra, "Users?count=6", still).await.len(), 6);
    assert_eq!(walk(&entra, "Users?x=y", still).await.len(), 6);
    let sorted = ["a", "b", "c", "d", "e", "f"];
    assert_eq!(walk(&entra, "Users?count=2&sortBy=userName", still).await, sorted);
    // Nobody has a title, so users are in order of creation, and each occurs once.
    for order in ["ascending", "descending"] {
        let query = format!("Users?count=1&sortBy=title&sortOrder={order}");
        assert_eq!(walk(&entra, &query, still).await, ["d", "b", "f", "a", "e", "c"]);
    }
    for (index, title) in ["x", "y", "x"].into_iter().enumerate() {
        let body = json!({"schemas": [crate::support::PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": title}]});
        entra.patch(&format!("/v2/scim/Users/{}", ids[index]), &body).await.expect(200);
    }
    assert_eq!(walk(&entra, "Users?count=1&sortBy=title", still).await, ["d", "f", "b", "a", "e", "c"]);
    let descending = walk(&entra, "Users?count=1&sortBy=title&sortOrder=descending", still).await;
    assert_eq!(descending, ["a", "e", "c", "b", "d", "f"]);
    entra.create_group("g").await;
    assert_eq!(walk(&entra, "?count=3", still).await, ["d", "b", "f", "a", "e", "c", "g"]);
    // The last user of a page is deleted, and others are created, before the next page is requested.
    let change = async |pages: usize| {
        if pages == 1 {
            entra.delete(&format!("/v2/scim/Users/{}", ids[5])).await.expect(204);
            entra.create_user("aa").await;
            entra.create_user("z").await;
        }
    };
    let names = walk(&entra, "Users?count=3&sortBy=userName", change).await;
    assert_eq!(names, ["a", "b", "c", "d", "e", "f", "z"]);
}

/// RFC 9865 §2.2.1.
#[tokio::test]
async fn a_cursor_is_bound_to_its_client_and_query_and_expires() {
    let app = TestApp::new().await;
    for name in ["a", "b", "c"] {
        app.entra().create_user(name).await;
    }
    let (_, next) = page(&app.entra(), "Users?count=2&cursor").await;
    let next = next.unwrap();
    let refused = async |client: &Client, query: &str, scim_type: &str| {
        client.get(&format!("/v2/scim/{query}")).await.expect_error(400, Some(scim_type));
    };
    let entra = app.entra();
    let (_, first) = page(&entra, "Users?count=1&cursor").await;
    let (names, second) = page(&entra, &format!("Users?cursor={}", first.unwrap())).await;
    assert_eq!((names, second.is_some()), (vec!["b".to_owned()], true), "count is optional");
    refused(&entra, &format!("Users?count=1&cursor={next}"), "invalidCount").await;
    refused(&entra, "Users?count=201&cursor", "invalidCount").await;
    refused(&entra, "Users?startIndex=1&cursor", "invalidValue").await;
    refused(&entra, &format!("Users?count=2&sortBy=userName&cursor={next}"), "invalidCursor").await;
    refused(&entra, &format!("Users?count=2&filter=title pr&cursor={next}"), "invalidCursor").await;
    refused(&entra, &format!("Groups?count=2&cursor={next}"), "invalidCursor").await;
    refused(&app.other_tenant().await, &format!("Users?count=2&cursor={next}"), "invalidCursor").await;
    for forged in ["x", "AAAA", &next[1..], &format!("{next}A"), "%00", &"A".repeat(400)] {
        refused(&entra, &format!("Users?count=2&cursor={forged}"), "invalidCursor").await;
    }
    let search = json!({"schemas": [SEARCH_REQUEST], "count": 2, "cursor": next});
    let found = entra.post("/v2/scim/Users/.search", &search).await.expect(200).json();
    assert_eq!((&found["Resources"][0]["userName"], found.get("nextCursor")), (&json!("c"), None));
    let counted = entra.get("/v2/scim/Users?count=0&cursor").await.expect(200).json();
    assert_eq!((&counted["totalResults"], counted.get("nextCursor")), (&json!(3), None));
    app.state.clock.advance_seconds(3_600);
    assert_eq!(page(&entra, &format!("Users?cursor={next}")).await.0, ["c"]);
    app.state.clock.advance_seconds(1);
    refused(&entra, &format!("Users?cursor={next}"), "expiredCursor").await;
}

/// A client that rotates its token while it reads a list keeps its cursor; another client of the tenant cannot use it.
#[tokio::test]
async fn a_cursor_survives_the_rotation_of_its_token() {
    let app = TestApp::new().await;
    for name in ["a", "b", "c"] {
        app.entra().create_user(name).await;
    }
    let (_, next) = page(&app.entra(), "Users?count=2&cursor").await;
    let query = format!("Users?cursor={}", next.unwrap());
    let admin = app.admin().await;
    let token = app.state.store.tokens(app.tenant).await.unwrap().remove(0);
    let rotated = admin.form("/api/rotate-token", &[("token", &token.id.to_string())]).await.expect(200).json();
    let client = app.anon().bearer(rotated["secret"].as_str().unwrap());
    assert_eq!(page(&client, &query).await.0, ["c"]);
    let created = admin.form("/api/generate-token", &[("name", "Another client")]).await.expect(200).json();
    let other = app.anon().bearer(created["secret"].as_str().unwrap());
    other.get(&format!("/v2/scim/{query}")).await.expect_error(400, Some("invalidCursor"));
}
