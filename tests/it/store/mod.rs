//! The store's contract: every statement, against a fresh `SQLite` file.

mod filters;
mod group_pages;
mod journal;
pub mod pages;
mod tokens;

use rollcall::model::id::{GroupId, TenantId, UserId};
use rollcall::model::journal::ResourceKind::{Group, User};
use rollcall::model::journal::{Action, Actor, JournalQuery, NewEntry, ResourceKind, ResourceRef, Status};
use rollcall::model::page::{Source, UserQuery};
use rollcall::model::tenant::Settings;
use rollcall::scim::document::{Document, MembershipKind, Resource};
use rollcall::scim::filter::Filter;
use rollcall::scim::schema::Types;
use rollcall::scim::time::DateTime;
use rollcall::store::{
    ListOptions, ListPage, MemberSelection, NewUser, SignInLimit, Start, Store, StoreError, StoredSession,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub const T0: i64 = 1_763_852_000_000;

pub fn at(offset: i64) -> DateTime {
    DateTime::from_millis(T0 + offset)
}

/// A store with a temporary file, deleted when the folder is dropped.
pub async fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    (folder, store)
}

pub async fn open_with_tenant() -> (tempfile::TempDir, Store, TenantId) {
    let (folder, store) = open().await;
    let tenant = store.create_tenant("Contoso", at(0)).await.unwrap().id;
    (folder, store, tenant)
}

pub fn entry(action: Action, resource: &str) -> NewEntry {
    NewEntry {
        at: at(0),
        identity: "Ana@contoso.com".into(),
        action,
        status: Status::Success,
        actor: Actor::Command,
        method: "POST".into(),
        path: "/v2/scim/Users".into(),
        http_status: 201,
        scim_type: None,
        request_id: "r".into(),
        resource: Some(ResourceRef { kind: ResourceKind::User, id: resource.into() }),
        detail: None,
        request: Some(json!({"sent": true})),
        response: None,
        changes: Vec::new(),
        dialect: None,
        probe: false,
    }
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn resource(kind: ResourceKind, number: u128, document: Value) -> Resource {
    Resource {
        id: id(number).to_string(),
        kind,
        created: at(i64::try_from(number).unwrap()),
        last_modified: at(i64::try_from(number).unwrap()),
        version: 1,
        document: serde_json::from_value::<Document>(document).unwrap(),
        groups: Vec::new(),
    }
}

pub async fn insert_user(
    store: &Store,
    tenant: TenantId,
    number: u128,
    document: Value,
) -> Result<Resource, StoreError> {
    let resource = resource(User, number, document);
    let user = NewUser { resource, source: Source::Idp };
    let types = store.current_types(tenant).await?;
    store.insert_user(tenant, &types, &user, &entry(Action::Create, &user.resource.id)).await?;
    Ok(user.resource)
}

pub async fn insert_group(
    store: &Store,
    tenant: TenantId,
    number: u128,
    name: &str,
    members: &[u128],
) -> Result<Resource, StoreError> {
    let members: Vec<Value> = members.iter().map(|&member| json!({"value": id(member)})).collect();
    let group = resource(Group, number, json!({"displayName": name, "members": members}));
    store.insert_group(tenant, &group, &entry(Action::Create, &group.id)).await?;
    Ok(group)
}

/// A page by index, and the total.
pub async fn list(
    store: &Store,
    tenant: TenantId,
    kind: ResourceKind,
    filter: Option<&Filter>,
    offset: u64,
    limit: u64,
) -> (u64, Vec<Resource>) {
    let start = Start::Offset(offset);
    let listing = ListOptions {
        types: &store.current_types(tenant).await.unwrap(),
        kinds: &[kind],
        base_url: "https://x.org/v2/scim",
        filter,
        sort: None,
        start,
        limit,
        members: MemberSelection::All,
    };
    let ListPage { total, resources, next } = store.list(tenant, &listing).await.unwrap();
    assert_eq!(next, None);
    (total, resources.into_iter().map(|resource| resource.read().unwrap()).collect())
}

pub async fn find(store: &Store, tenant: TenantId, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter).unwrap();
    let (total, users) = list(store, tenant, User, Some(&filter), 0, 1_000).await;
    assert_eq!(total, users.len() as u64);
    users.into_iter().map(|user| user.document.get(&["userName"]).unwrap().as_str().unwrap().to_owned()).collect()
}

fn members_of(group: &Resource) -> Vec<&str> {
    let members = group.document.get(&["members"]).and_then(Value::as_array);
    members.into_iter().flatten().map(|member| member["value"].as_str().unwrap()).collect()
}

fn next(before: &Resource, document: Value) -> Resource {
    Resource {
        document: serde_json::from_value(document).unwrap(),
        version: before.version + 1,
        last_modified: at(1_000),
        ..before.clone()
    }
}

#[tokio::test]
async fn a_user_is_stored_found_replaced_and_deleted() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let sent = json!({"userName": "Ana", "active": true, "emails": [{"value": "Ana@x.org"}, {"value": "ana@X.org"}]});
    let ana = insert_user(&store, tenant, 1, sent).await.unwrap();
    let user_id = UserId(id(1));
    assert_eq!(store.user(tenant, user_id).await.unwrap().unwrap(), ana);
    assert_eq!(store.user_source(tenant, user_id).await.unwrap(), Some(Source::Idp));
    assert_eq!(find(&store, tenant, r#"emails.value eq "ANA@x.org""#).await, ["Ana"]);

    let eva = next(&ana, json!({"userName": "Eva", "active": false, "emails": [{"value": "eva@x.org"}]}));
    let journal_entry = entry(Action::Update, &ana.id);
    assert!(store.replace_user(tenant, &Types::built_in(), &ana, &eva, &journal_entry).await.unwrap());
    assert!(
        !store.replace_user(tenant, &Types::built_in(), &ana, &eva, &journal_entry).await.unwrap(),
        "the version is no longer 1"
    );
    assert_eq!(store.user(tenant, user_id).await.unwrap().unwrap(), eva);
    assert_eq!(find(&store, tenant, r#"emails.value eq "ana@x.org""#).await, Vec::<String>::new());
    assert_eq!(find(&store, tenant, r#"emails.value eq "eva@x.org" and active eq false"#).await, ["Eva"]);

    let journal_entry = entry(Action::Delete, &ana.id);
    assert!(!store.delete_user(tenant, user_id, Some(1), &journal_entry).await.unwrap());
    assert!(store.delete_user(tenant, user_id, Some(2), &journal_entry).await.unwrap());
    assert!(!store.delete_user(tenant, user_id, None, &journal_entry).await.unwrap());
    assert_eq!(store.user(tenant, user_id).await.unwrap(), None);
    assert_eq!(list(&store, tenant, User, None, 0, 10).await.0, 0);
    insert_user(&store, tenant, 2, json!({"userName": "EVA", "active": true})).await.unwrap();
}

#[tokio::test]
async fn a_user_name_is_unique_in_any_letter_case_within_its_tenant() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let other = store.create_tenant("Fabrikam", at(0)).await.unwrap().id;
    let ana = insert_user(&store, tenant, 1, json!({"userName": "ana"})).await.unwrap();
    let taken = insert_user(&store, tenant, 2, json!({"userName": "ANA"})).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)), "{taken:?}");
    insert_user(&store, other, 2, json!({"userName": "ANA"})).await.unwrap();
    insert_user(&store, tenant, 3, json!({"userName": "eva"})).await.unwrap();
    let renamed = next(&ana, json!({"userName": "Eva"}));
    let taken = store.replace_user(tenant, &Types::built_in(), &ana, &renamed, &entry(Action::Update, &ana.id)).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)), "{taken:?}");
    let journal = store.entries(tenant, &JournalQuery::default()).await.unwrap();
    assert_eq!(journal.total, 2, "what was refused leaves no entry of success");
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let (_folder, store, one) = open_with_tenant().await;
    let other = store.create_tenant("Fabrikam", at(0)).await.unwrap().id;
    let ana = insert_user(&store, one, 1, json!({"userName": "ana", "active": true})).await.unwrap();
    let group = insert_group(&store, one, 9, "Sales", &[1]).await.unwrap();
    let journal_entry = entry(Action::Delete, &ana.id);
    assert_eq!(store.user(other, UserId(id(1))).await.unwrap(), None);
    assert!(
        !store
            .replace_user(other, &Types::built_in(), &ana, &next(&ana, json!({"userName": "x"})), &journal_entry)
            .await
            .unwrap()
    );
    assert!(!store.delete_user(other, UserId(id(1)), None, &journal_entry).await.unwrap());
    assert_eq!(find(&store, other, "userName pr").await, Vec::<String>::new());
    assert_eq!(find(&store, other, r#"emails.value pr or not (userName eq "x")"#).await, Vec::<String>::new());
    assert_eq!(list(&store, other, User, None, 0, 10).await.0, 0);
    assert_eq!(store.user_rows(other, &UserQuery::default()).await.unwrap().total, 0);
    assert_eq!(store.group(other, GroupId(id(9)), MemberSelection::All).await.unwrap(), None);
    assert!(
        !store.replace_group(other, &group, &next(&group, json!({"displayName": "x"})), &journal_entry).await.unwrap()
    );
    assert!(!store.delete_group(other, GroupId(id(9)), None, &journal_entry).await.unwrap());
    let foreign = insert_group(&store, other, 10, "Thieves", &[1]).await;
    assert!(matches!(foreign, Err(StoreError::UnknownMember(member)) if member == id(1).to_string()));
    assert_eq!(store.entries(other, &JournalQuery::default()).await.unwrap().total, 0);
    let entries = store.entries(one, &JournalQuery::default()).await.unwrap().items;
    assert_eq!(store.entry(other, entries[0].id).await.unwrap(), None);
    assert_eq!(store.group(one, GroupId(id(9)), MemberSelection::All).await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn members_are_added_and_removed_and_users_show_their_groups() {
    let (_folder, store, tenant) = open_with_tenant().await;
    for number in 1..=3 {
        insert_user(&store, tenant, number, json!({"userName": format!("u{number}")})).await.unwrap();
    }
    insert_group(&store, tenant, 8, "Inner", &[]).await.unwrap();
    insert_group(&store, tenant, 9, "Outer", &[1, 2, 8]).await.unwrap();
    let read = |members| store.group(tenant, GroupId(id(9)), members);
    let outer = read(MemberSelection::All).await.unwrap().unwrap();
    assert_eq!(members_of(&outer), [1, 2, 8].map(|number| id(number).to_string()));
    let kinds: Vec<_> =
        outer.document.get(&["members"]).unwrap().as_array().unwrap().iter().map(|m| m["type"].clone()).collect();
    assert_eq!(kinds, ["User", "User", "Group"]);
    assert_eq!(read(MemberSelection::None).await.unwrap().unwrap().document.get(&["members"]), None);
    let groups = store.user(tenant, UserId(id(1))).await.unwrap().unwrap().groups;
    assert_eq!((groups[0].value.as_str(), groups[0].display.as_str()), (id(9).to_string().as_str(), "Outer"));

    let changed = next(&outer, json!({"displayName": "Outer", "members": [{"value": id(2)}, {"value": id(3)}]}));
    assert!(store.replace_group(tenant, &outer, &changed, &entry(Action::Update, &outer.id)).await.unwrap());
    let outer = read(MemberSelection::All).await.unwrap().unwrap();
    assert_eq!(members_of(&outer), [2, 3].map(|number| id(number).to_string()));
    assert!(store.user(tenant, UserId(id(1))).await.unwrap().unwrap().groups.is_empty());

    assert!(store.delete_user(tenant, UserId(id(2)), None, &entry(Action::Delete, "2")).await.unwrap());
    let outer = read(MemberSelection::All).await.unwrap().unwrap();
    assert_eq!(members_of(&outer), [id(3).to_string()]);
    assert_eq!(outer.version, 3, "a group that lost a member is another version");

    let unknown = next(&outer, json!({"displayName": "Outer", "members": [{"value": "nobody"}]}));
    let refused = store.replace_group(tenant, &outer, &unknown, &entry(Action::Update, &outer.id)).await;
    assert!(matches!(refused, Err(StoreError::UnknownMember(member)) if member == "nobody"));
    assert_eq!(members_of(&read(MemberSelection::All).await.unwrap().unwrap()), [id(3).to_string()]);

    assert!(store.delete_group(tenant, GroupId(id(9)), None, &entry(Action::Delete, "9")).await.unwrap());
    assert!(store.user(tenant, UserId(id(3))).await.unwrap().unwrap().groups.is_empty());
    let (total, groups) = list(&store, tenant, Group, None, 0, 10).await;
    assert_eq!((total, groups.len()), (1, 1));
}

#[tokio::test]
async fn groups_can_contain_each_other() {
    let (_folder, store, tenant) = open_with_tenant().await;
    insert_group(&store, tenant, 1, "One", &[]).await.unwrap();
    insert_group(&store, tenant, 2, "Two", &[1]).await.unwrap();
    let one = store.group(tenant, GroupId(id(1)), MemberSelection::All).await.unwrap().unwrap();
    insert_user(&store, tenant, 5, json!({"userName": "ana"})).await.unwrap();
    insert_group(&store, tenant, 4, "Four", &[5]).await.unwrap();
    insert_group(&store, tenant, 6, "Six", &[4]).await.unwrap();
    insert_group(&store, tenant, 7, "Seven", &[5, 6]).await.unwrap();
    let members = [1, 2, 4].map(|number| json!({"value": id(number)}));
    let circle = next(&one, json!({"displayName": "One", "members": members}));
    assert!(store.replace_group(tenant, &one, &circle, &entry(Action::Update, &one.id)).await.unwrap());
    let groups = store.user(tenant, UserId(id(5))).await.unwrap().unwrap().groups;
    let groups: Vec<_> = groups.iter().map(|group| (group.display.as_str(), group.kind)).collect();
    let (direct, indirect) = (MembershipKind::Direct, MembershipKind::Indirect);
    let expected = [("Four", direct), ("One", indirect), ("Seven", direct), ("Six", indirect), ("Two", indirect)];
    assert_eq!(groups, expected);
    for (filter, found) in [
        (format!("groups eq \"{}\"", id(2)), 1),
        (format!("groups[value eq \"{}\" and type eq \"indirect\"]", id(6)), 1),
        (format!("groups[value eq \"{}\" and type eq \"indirect\"]", id(7)), 0),
    ] {
        let filter = Filter::parse(&filter).unwrap();
        assert_eq!(list(&store, tenant, User, Some(&filter), 0, 10).await.0, found, "{filter}");
    }
    assert!(store.delete_group(tenant, GroupId(id(1)), Some(2), &entry(Action::Delete, &one.id)).await.unwrap());
    let two = store.group(tenant, GroupId(id(2)), MemberSelection::All).await.unwrap().unwrap();
    assert!(members_of(&two).is_empty());
    let taken = insert_group(&store, tenant, 3, "TWO", &[]).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)));
}

#[tokio::test]
async fn lists_are_paged_in_order_of_creation() {
    let (_folder, store, tenant) = open_with_tenant().await;
    for number in (1..=7).rev() {
        insert_user(&store, tenant, number, json!({"userName": format!("u{number}"), "title": "Dr"})).await.unwrap();
    }
    let filter = Filter::parse(r#"title eq "DR""#).unwrap();
    for filter in [None, Some(&filter)] {
        let mut seen = Vec::new();
        for offset in [0, 3, 6, 9] {
            let (total, users) = list(&store, tenant, User, filter, offset, 3).await;
            assert_eq!(total, 7);
            seen.extend(users.into_iter().map(|user| user.id));
        }
        assert_eq!(seen, (1..=7).rev().map(|number| id(number).to_string()).collect::<Vec<_>>());
        assert_eq!(list(&store, tenant, User, filter, 0, 0).await, (7, Vec::new()));
    }
}

#[tokio::test]
async fn set_up_happens_once() {
    let (_folder, store) = open().await;
    assert!(!store.any_account().await.unwrap());
    assert_eq!(store.sole_tenant().await.unwrap(), None);
    let first = store.set_up("Contoso", "Admin@contoso.com", "Admin", "hash", at(0)).await.unwrap().unwrap();
    assert_eq!(store.set_up("Evil", "evil@x.org", "Evil", "hash", at(1)).await.unwrap(), None);
    assert!(store.any_account().await.unwrap());
    assert_eq!(store.sole_tenant().await.unwrap(), Some(first.tenant));
    assert_eq!(store.tenant(first.tenant).await.unwrap().unwrap().name, "Contoso");

    let taken = store.create_account(first.tenant, "ADMIN@contoso.com", "x", "h", at(1)).await;
    assert!(matches!(taken, Err(StoreError::Duplicate)));
    let second = store.create_account(first.tenant, "b@contoso.com", "B", "h", at(1)).await.unwrap();
    store.touch_sign_in(first.tenant, second.id, at(5)).await.unwrap();
    let entry = NewEntry::other(at(6), Actor::Command, "b@contoso.com", String::new());
    assert!(store.set_password(first.tenant, second.id, "new", &entry).await.unwrap());
    let (found, hash) = store.account_by_email("B@CONTOSO.com").await.unwrap().unwrap();
    assert_eq!((found.last_sign_in, hash.as_str()), (Some(at(5)), "new"));
    let other = store.create_tenant("Fabrikam", at(0)).await.unwrap().id;
    assert_eq!(store.account(other, second.id).await.unwrap(), None);
    assert!(!store.set_password(other, second.id, "stolen", &entry).await.unwrap());
    assert_eq!(store.account(first.tenant, second.id).await.unwrap().unwrap().email, "b@contoso.com");
    assert_eq!(store.sole_tenant().await.unwrap(), None);
    assert_eq!(store.tenants().await.unwrap().len(), 2);
}

#[tokio::test]
async fn concurrent_changes_of_settings_are_all_stored_with_their_entries() {
    let (_folder, store, tenant) = open_with_tenant().await;
    assert_eq!(store.settings(tenant).await.unwrap(), Settings::default());
    let entry = entry(Action::Other, "x");
    let (one, another, third) = tokio::join!(
        store.change_settings(tenant, |settings| settings.provisioning = true, &entry),
        store.change_settings(tenant, |settings| settings.user_name_limit = 0, &entry),
        store.change_settings(tenant, |settings| settings.replace_without_match_creates = true, &entry),
    );
    one.and(another).and(third).unwrap();
    let settings = Settings { provisioning: true, user_name_limit: 0, replace_without_match_creates: true };
    assert_eq!(store.settings(tenant).await.unwrap(), settings);
    assert_eq!(store.entries(tenant, &JournalQuery::default()).await.unwrap().total, 3);
}

#[tokio::test]
async fn sessions_end() {
    let (_folder, store) = open().await;
    let session = StoredSession { id: "s".into(), data: "{}".into(), expires: at(10) };
    store.create_session(&session).await.unwrap();
    assert!(matches!(store.create_session(&session).await, Err(StoreError::Duplicate)));
    let session = StoredSession { data: "{1}".into(), ..session };
    store.save_session(&session).await.unwrap();
    assert_eq!(store.load_session("s", at(9)).await.unwrap(), Some(session.clone()));
    assert_eq!(store.load_session("s", at(10)).await.unwrap(), None);
    store.purge_sessions(at(9)).await.unwrap();
    assert!(store.load_session("s", at(9)).await.unwrap().is_some());
    store.purge_sessions(at(10)).await.unwrap();
    assert_eq!(store.load_session("s", at(9)).await.unwrap(), None);
    store.create_session(&session).await.unwrap();
    store.delete_session("s").await.unwrap();
    assert_eq!(store.load_session("s", at(9)).await.unwrap(), None);
}

#[tokio::test]
async fn sign_in_failures_are_counted_by_key_and_time() {
    let (_folder, store) = open().await;
    let limits =
        |key: &str| [(key, 2), ("address x", 3)].map(|(key, limit)| SignInLimit { key: key.to_owned(), limit });
    let begin =
        async |key: &str, since, now| store.begin_sign_in(&limits(key), (at(since), at(9)), at(now)).await.unwrap();
    begin("a", 0, 1).await.unwrap();
    let second = begin("a", 0, 2).await.unwrap();
    assert!(begin("a", 0, 3).await.is_none(), "a's limit is reached");
    begin("b", 0, 3).await.unwrap();
    assert!(begin("b", 0, 4).await.is_none(), "that of both is reached; a refused attempt counts under no key");
    assert_eq!(store.sign_in_failures((at(0), at(9))).await.unwrap(), 3);
    store.complete_sign_in(second, "a").await.unwrap();
    assert_eq!(store.sign_in_failures((at(0), at(9))).await.unwrap(), 2, "the attempt is removed under all its keys");
    begin("a", 0, 5).await.unwrap();
    begin("a", 6, 6).await.unwrap();
    store.purge_sign_in_failures(at(7)).await.unwrap();
    assert_eq!(store.sign_in_failures((at(0), at(9))).await.unwrap(), 0);
}

#[tokio::test]
async fn a_copy_is_complete_and_a_closed_store_returns_an_error() {
    let (folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, json!({"userName": "ana"})).await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    assert!(store.backup(&copy).await.is_err(), "never over an existing file");
    let restored = Store::open(&copy).await.unwrap();
    assert_eq!(list(&restored, tenant, User, None, 0, 10).await.0, 1);
    store.ping().await.unwrap();
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Closed)));
    let refused = insert_user(&store, tenant, 2, json!({"userName": "eva"})).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
}

#[tokio::test]
async fn concurrent_writes_are_each_atomic() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let writes: Vec<_> = (1..=200)
        .map(|number| {
            let store = store.clone();
            // Every fourth is refused; the others in the same transaction are not.
            let name = if number % 4 == 0 { "same".to_owned() } else { format!("u{number}") };
            tokio::spawn(async move { insert_user(&store, tenant, number, json!({"userName": name})).await.is_ok() })
        })
        .collect();
    let mut kept = 0;
    for write in writes {
        kept += u64::from(write.await.unwrap());
    }
    assert_eq!(kept, 151);
    assert_eq!(list(&store, tenant, User, None, 0, 1).await.0, kept);
    assert_eq!(store.entries(tenant, &JournalQuery::default()).await.unwrap().total, kept);
}
