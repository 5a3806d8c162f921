//! Manage Groups: its pages, and those of a group's members.

use rollcall::model::id::{GroupId, TenantId, UserId};
use rollcall::model::journal::{Action, ResourceKind};
use rollcall::model::page::{GroupColumn, GroupQuery, MemberQuery, Order};
use rollcall::scim::document::MembershipKind;
use rollcall::store::{MemberSelection, Store};
use serde_json::json;

use super::pages::walk;
use super::{entry, id, insert_group, insert_user, open_with_tenant, resource};

fn group(number: u128) -> GroupId {
    GroupId(id(number))
}

/// Forty groups; the n-th has n % 5 members, of five users.
async fn fill(store: &Store, tenant: TenantId) {
    for number in 0..5 {
        insert_user(store, tenant, number, json!({"userName": format!("u{number}")})).await.unwrap();
    }
    for number in 0..40_u128 {
        let members: Vec<_> = (0..number % 5).map(|member| json!({"value": id(member)})).collect();
        let document = json!({
            "displayName": format!("Group{:02}", (number * 7) % 40),
            "externalId": format!("Ext{}", number % 3),
            "members": members,
        });
        let group = resource(ResourceKind::Group, 100 + number, document);
        store.insert_group(tenant, &group, &entry(Action::Create, &group.id)).await.unwrap();
    }
}

#[tokio::test]
async fn every_order_shows_every_group_once() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    for &column in GroupColumn::ALL {
        for descending in [false, true] {
            for (search, limit, expected) in [("", 7, 40), ("group1", 3, 10), ("Ext1", 4, 13)] {
                let read = async |cursor| {
                    let order = Order { column, descending };
                    let query = GroupQuery { search: search.into(), order, cursor, limit };
                    store.group_rows(tenant, &query).await.unwrap()
                };
                let seen = walk(read).await;
                let ordered = seen.is_sorted_by_key(|row| match column {
                    GroupColumn::DisplayName => (row.display_name.clone(), 0),
                    GroupColumn::Members => (String::new(), row.members),
                    GroupColumn::Created => (String::new(), row.created.as_millis().unsigned_abs()),
                    GroupColumn::LastModified => (String::new(), row.last_modified.as_millis().unsigned_abs()),
                });
                assert!(ordered != descending, "{column} {descending}");
                let mut names: Vec<_> = seen.into_iter().map(|row| row.display_name).collect();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), expected, "{column} {descending} {search}");
            }
        }
    }
}

#[tokio::test]
async fn search_matches_prefixes_of_names_and_case_sensitively_of_external_ids() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    for (search, expected) in
        [("GROUP0", 10), (" group00 ", 1), ("Ext0", 14), ("ext0", 0), ("roup", 0), ("%", 0), ("' or ''='", 0)]
    {
        let query = GroupQuery { search: search.into(), ..Default::default() };
        let page = store.group_rows(tenant, &query).await.unwrap();
        assert_eq!((page.total, page.items.len()), (expected, usize::try_from(expected).unwrap()), "{search}");
    }
}

#[tokio::test]
async fn member_counts_follow_changes() {
    let (_folder, store, tenant) = open_with_tenant().await;
    for number in 1..=3 {
        insert_user(&store, tenant, number, json!({"userName": format!("u{number}")})).await.unwrap();
    }
    insert_group(&store, tenant, 10, "Inner", &[1]).await.unwrap();
    insert_group(&store, tenant, 11, "Outer", &[1, 2, 3, 10]).await.unwrap();
    let count = async |number| store.member_count(tenant, group(number)).await.unwrap();
    assert_eq!((count(10).await, count(11).await, count(12).await), (1, 4, 0));

    let before = store.group(tenant, group(11), MemberSelection::All).await.unwrap().unwrap();
    let mut after = before.clone();
    after.version += 1;
    after.document =
        serde_json::from_value(json!({"displayName": "Outer", "members": [{"value": id(2)}, {"value": id(10)}]}))
            .unwrap();
    assert!(store.replace_group(tenant, &before, &after, &entry(Action::Update, &after.id)).await.unwrap());
    assert_eq!(count(11).await, 2);
    store.delete_user(tenant, UserId(id(2)), None, &entry(Action::Delete, "x")).await.unwrap();
    assert_eq!(count(11).await, 1, "a deleted user leaves its groups");
    let total = async || store.group_rows(tenant, &GroupQuery::default()).await.unwrap().total;
    assert_eq!(total().await, 2);
    store.delete_group(tenant, group(10), None, &entry(Action::Delete, "x")).await.unwrap();
    assert_eq!(count(11).await, 0, "and so does a deleted group");
    assert_eq!(total().await, 1);
}

#[tokio::test]
async fn members_are_paged_groups_first() {
    let (_folder, store, tenant) = open_with_tenant().await;
    for number in 1..=9 {
        let name = if number % 2 == 0 { "ana" } else { "eva" };
        let document = json!({"userName": format!("{name}{number}"), "active": number != 4});
        insert_user(&store, tenant, number, document).await.unwrap();
    }
    for number in 20..24 {
        insert_group(&store, tenant, number, &format!("Ana's {number}"), &[]).await.unwrap();
    }
    let everyone: Vec<u128> = (1..=9).chain(20..24).collect();
    insert_group(&store, tenant, 30, "All", &everyone).await.unwrap();
    insert_group(&store, tenant, 31, "Others", &[1, 20]).await.unwrap();
    for limit in [1, 2, 3, 4, 5, 50] {
        for (search, expected) in [("", 13), ("ana", 8), ("eva", 5), ("nobody", 0)] {
            let read = async |cursor| {
                let query = MemberQuery { search: search.into(), cursor, limit };
                store.member_rows(tenant, group(30), &query).await.unwrap()
            };
            let seen = walk(read).await;
            assert_eq!(seen.len(), expected, "{search} by {limit}");
            assert!(seen.is_sorted_by_key(|row| (row.kind == ResourceKind::User, row.id.clone())));
        }
    }
    let query = MemberQuery { search: "ana4".into(), ..Default::default() };
    let found = store.member_rows(tenant, group(30), &query).await.unwrap().items;
    assert_eq!((found[0].user_name.as_str(), found[0].display_name.as_str(), found[0].active), ("ana4", "", false));
    for cursor in ["", "n", "x1.61", "n1.zz", "n.61"] {
        let query = MemberQuery { cursor: Some(cursor.into()), limit: 1, ..Default::default() };
        let page = store.member_rows(tenant, group(30), &query).await.unwrap();
        assert_eq!((page.items[0].display_name.as_str(), page.previous), ("Ana's 20", None), "{cursor}");
    }
}

#[tokio::test]
async fn a_group_is_in_groups_by_name_and_through_others_but_never_in_itself() {
    let (_folder, store, tenant) = open_with_tenant().await;
    insert_group(&store, tenant, 1, "Team", &[]).await.unwrap();
    insert_group(&store, tenant, 2, "Branch", &[1]).await.unwrap();
    insert_group(&store, tenant, 3, "All", &[2]).await.unwrap();
    // Team contains All: a cycle.
    let before = store.group(tenant, group(1), MemberSelection::All).await.unwrap().unwrap();
    let mut after = before.clone();
    after.version += 1;
    after.document = serde_json::from_value(json!({"displayName": "Team", "members": [{"value": id(3)}]})).unwrap();
    assert!(store.replace_group(tenant, &before, &after, &entry(Action::Update, &after.id)).await.unwrap());
    let found = store.groups_of_group(tenant, group(1)).await.unwrap();
    let found: Vec<_> = found.iter().map(|group| (group.display.as_str(), group.kind)).collect();
    assert_eq!(found, [("All", MembershipKind::Indirect), ("Branch", MembershipKind::Direct)]);
}

#[tokio::test]
async fn another_tenants_groups_and_members_are_not_shown() {
    let (_folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, json!({"userName": "ana"})).await.unwrap();
    insert_group(&store, tenant, 10, "Inner", &[1]).await.unwrap();
    insert_group(&store, tenant, 11, "Outer", &[10]).await.unwrap();
    let other = store.create_tenant("Fabrikam", super::at(0)).await.unwrap().id;
    for search in ["", "ana", "inner"] {
        let query = GroupQuery { search: search.into(), ..Default::default() };
        let page = store.group_rows(other, &query).await.unwrap();
        assert_eq!((page.total, page.items.len()), (0, 0));
        let query = MemberQuery { search: search.into(), ..Default::default() };
        for number in [10, 11] {
            let page = store.member_rows(other, group(number), &query).await.unwrap();
            assert_eq!((page.total, page.items.len()), (0, 0));
        }
    }
    let ids = [id(1).to_string(), id(10).to_string(), "nobody".to_owned()];
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(store.display_names(other, &ids).await.unwrap().is_empty());
    let names = store.display_names(tenant, &ids).await.unwrap();
    assert_eq!((names.len(), names[ids[0]].as_str(), names[ids[1]].as_str()), (2, "ana", "Inner"));
    assert_eq!(store.member_count(other, group(10)).await.unwrap(), 0);
    assert_eq!(store.groups_of_group(other, group(10)).await.unwrap(), []);
}
