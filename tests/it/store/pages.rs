//! Manage Users.

use std::fmt::Debug;

use rollcall::model::id::TenantId;
use rollcall::model::journal::{Action, ResourceKind};
use rollcall::model::page::{Page, Source, UserColumn, UserOrder, UserQuery, UserState};
use rollcall::store::{NewUser, Store};
use serde_json::{Value, json};

use super::{entry, open_with_tenant, resource};
use rollcall::scim::schema::Types;

async fn fill(store: &Store, tenant: TenantId) {
    for number in 0..40_u32 {
        let mut document = json!({
            "userName": format!("User{:02}", (number * 7) % 40),
            "active": number % 8 != 0,
            "name": {"givenName": if number % 4 == 0 { "Ana" } else { "Eva" }, "familyName": format!("F{}", number % 3)},
        });
        if number == 3 {
            document.as_object_mut().unwrap().remove("active");
        }
        if number % 2 == 0 {
            document["displayName"] = json!(format!("D{}", number % 6));
            document["emails"] = json!([{"value": format!("mail{number}@x.org")}, {"value": format!("Top{number}@x.org", ), "primary": true}]);
        }
        let user = NewUser {
            resource: resource(ResourceKind::User, u128::from(number), document),
            source: if number % 10 == 0 { Source::Manual } else { Source::Idp },
        };
        store.insert_user(tenant, &Types::built_in(), &user, &entry(Action::Create, &user.resource.id)).await.unwrap();
    }
}

/// Walks through all pages and back, and returns what was seen.
pub async fn walk<T: Clone + Debug + PartialEq>(read: impl AsyncFn(Option<String>) -> Page<T>) -> Vec<T> {
    let mut pages: Vec<Vec<T>> = Vec::new();
    let mut last = read(None).await;
    loop {
        assert_eq!(last.previous.is_some(), !pages.is_empty());
        pages.push(last.items.clone());
        let Some(next) = last.next.clone() else { break };
        last = read(Some(next)).await;
    }
    for expected in pages.iter().rev().skip(1) {
        last = read(last.previous).await;
        assert_eq!(&last.items, expected);
    }
    assert_eq!(last.previous, None);
    let seen: Vec<T> = pages.into_iter().flatten().collect();
    assert_eq!(last.total, seen.len() as u64);
    seen
}

#[tokio::test]
async fn every_order_shows_every_user_once() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    for &column in UserColumn::ALL {
        for descending in [false, true] {
            let order = UserOrder { column, descending };
            for query in [
                UserQuery { order, limit: 7, ..Default::default() },
                UserQuery { order, limit: 3, state: Some(UserState::Inactive), ..Default::default() },
                UserQuery { order, limit: 9, state: Some(UserState::Active), ..Default::default() },
                UserQuery { order, limit: 3, source: Some(Source::Idp), ..Default::default() },
                UserQuery { order, limit: 4, search: "eva".into(), ..Default::default() },
            ] {
                let read = async |cursor| {
                    let query = UserQuery { cursor, ..query.clone() };
                    store.user_rows(tenant, &query).await.unwrap()
                };
                let mut seen: Vec<String> = walk(read).await.into_iter().map(|row| row.user_name).collect();
                let count = seen.len();
                if column == UserColumn::UserName {
                    assert!(seen.is_sorted_by(|one, other| if descending { one > other } else { one < other }));
                }
                seen.sort();
                seen.dedup();
                assert_eq!(seen.len(), count);
                let expected = match (query.state, query.source, query.search.as_str()) {
                    (Some(UserState::Inactive), ..) => 5,
                    (Some(UserState::Active), ..) => 35,
                    (_, Some(_), _) => 36,
                    (.., "eva") => 30,
                    _ => 40,
                };
                assert_eq!(count, expected, "{query:?}");
            }
        }
    }
}

/// userNames have a different key from names (RFC 8265 §3.3): `ß` is a letter there.
#[tokio::test]
async fn search_folds_user_names_differently_from_names() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let user = NewUser {
        resource: resource(ResourceKind::User, 1, json!({"userName": "Straße@x.org", "displayName": "Großmann"})),
        source: Source::Idp,
    };
    store.insert_user(tenant, &Types::built_in(), &user, &entry(Action::Create, &user.resource.id)).await.unwrap();
    for search in ["straß", "STRAß", "groß", "GROSS"] {
        let query = UserQuery { search: search.into(), ..Default::default() };
        assert_eq!(store.user_rows(tenant, &query).await.unwrap().total, 1, "{search}");
    }
}

#[tokio::test]
async fn search_matches_prefixes_of_names_and_addresses() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    for (search, expected) in [
        ("user0", 10),
        (" USER00 ", 1),
        ("aNa", 10),
        ("f1", 13),
        ("d4", 6),
        ("TOP1", 5),
        ("mail38@x.org", 1),
        ("ser", 0),
        ("%", 0),
        ("' or ''='", 0),
    ] {
        let page = store.user_rows(tenant, &UserQuery { search: search.into(), ..Default::default() }).await.unwrap();
        assert_eq!((page.total, page.items.len()), (expected, usize::try_from(expected).unwrap()), "{search}");
    }
    let both = UserQuery {
        search: "ana".into(),
        state: Some(UserState::Inactive),
        source: Some(Source::Manual),
        ..Default::default()
    };
    assert_eq!(store.user_rows(tenant, &both).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_row_shows_the_spelling_of_the_client() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    let query = UserQuery { search: "top2@".into(), ..Default::default() };
    let row = &store.user_rows(tenant, &query).await.unwrap().items[0];
    let shown: Value = serde_json::to_value(row).unwrap();
    assert_eq!(shown["user_name"], "User14");
    assert_eq!(shown["display_name"], "D2");
    assert_eq!(shown["email"], "Top2@x.org", "the primary address");
    assert_eq!((row.active, row.source), (true, Source::Idp));
}

#[tokio::test]
async fn an_invalid_cursor_is_the_first_page() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    for cursor in ["", "n", "x1.61", "n1.zz", "n1.6", "n.61", "p1", "nä.é", "n1.ff"] {
        let query = UserQuery { cursor: Some(cursor.into()), limit: 5, ..Default::default() };
        let page = store.user_rows(tenant, &query).await.unwrap();
        assert_eq!((page.items[0].user_name.as_str(), page.previous), ("User00", None), "{cursor}");
    }
}
