//! The directory: rules beyond the schema, compare-and-swap, and journal entries.

use std::sync::Arc;

use rollcall::clock::Clock;
use rollcall::directory::{Directory, DirectoryError, Origin, work::LongWork};
use rollcall::model::id::{GroupId, TenantId, UserId};
use rollcall::model::journal::{Action, Actor, EntryDetail, JournalQuery, Status};
use rollcall::model::page::Source;
use rollcall::model::tenant::Settings;
use rollcall::scim::document::{Document, Incoming, Resource};
use rollcall::scim::error::ScimError;
use rollcall::scim::patch::PatchRequest;
use rollcall::scim::schema::{self, ResourceType, Types};
use rollcall::store::{MemberSelection, Store};
use serde_json::{Value, json};

use crate::store::{at, open_with_tenant};

struct Bench {
    _folder: tempfile::TempDir,
    store: Store,
    clock: Clock,
    tenant: TenantId,
    directory: Directory,
}

async fn bench() -> Bench {
    let (folder, store, tenant) = open_with_tenant().await;
    let clock = Clock::fixed(at(0));
    let origin = Origin {
        actor: Actor::Command,
        source: Source::Idp,
        method: "PATCH".into(),
        path: "/v2/scim/Users".into(),
        request_id: "r1".into(),
        request: Some(json!({"as": "sent"})),
        dialect: None,
    };
    let work = LongWork::default().request(tenant);
    let directory =
        Directory::new(store.clone(), clock.clone(), tenant, Settings::default(), Types::built_in(), origin, work);
    Bench { _folder: folder, store, clock, tenant, directory }
}

fn read(kind: &ResourceType, mut sent: Value) -> Incoming {
    sent["schemas"] = json!([kind.schema.id]);
    Document::read(kind, &sent).unwrap()
}

fn user(sent: Value) -> Incoming {
    read(schema::user(), sent)
}

fn group(sent: Value) -> Incoming {
    read(schema::group(), sent)
}

fn patch(operations: &Value) -> PatchRequest {
    let sent = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    PatchRequest::read(&sent).unwrap()
}

fn user_id(user: &Resource) -> UserId {
    user.id.parse().unwrap()
}

fn group_id(group: &Resource) -> GroupId {
    group.id.parse().unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, DirectoryError>) -> ScimError {
    match result {
        Err(DirectoryError::Scim(error)) => error,
        other => panic!("not refused: {other:?}"),
    }
}

async fn journal(bench: &Bench) -> Vec<EntryDetail> {
    let mut entries = Vec::new();
    for entry in bench.store.entries(bench.tenant, &JournalQuery::default()).await.unwrap().items {
        entries.push(bench.store.entry(bench.tenant, entry.id).await.unwrap().unwrap());
    }
    entries
}

#[tokio::test]
async fn the_journal_records_the_life_of_a_user() {
    let bench = bench().await;
    let ana = bench.directory.create_user(user(json!({"userName": "ana", "title": "Dr"}))).await.unwrap();
    assert_eq!((ana.version, ana.created, ana.last_modified), (1, at(0), at(0)));
    assert_eq!(ana.document.get(&["active"]), Some(&json!(true)));
    let ana_id = user_id(&ana);
    bench.clock.advance_seconds(1);
    let disable = patch(&json!([{"op": "Replace", "path": "active", "value": "False"}]));
    let disabled = bench.directory.patch_user(ana_id, Some(&1.into()), disable.clone()).await.unwrap();
    assert_eq!((disabled.version, disabled.created, disabled.last_modified), (2, at(0), at(1_000)));
    bench.clock.advance_seconds(1);
    let again = bench.directory.patch_user(ana_id, None, disable).await.unwrap();
    assert_eq!((again.version, again.last_modified), (2, at(1_000)), "nothing changed");
    let replaced = bench.directory.replace_user(ana_id, None, user(json!({"userName": "ana2"}))).await.unwrap();
    assert_eq!(replaced.document.get(&["title"]), None);
    assert_eq!(bench.directory.user(ana_id).await.unwrap(), replaced);
    bench.directory.delete_user(ana_id, None).await.unwrap();
    assert_eq!(refused(bench.directory.user(ana_id).await).status, 404);
    assert_eq!(refused(bench.directory.delete_user(ana_id, None).await).status, 404);

    let entries: Vec<_> = journal(&bench)
        .await
        .into_iter()
        .map(|entries| (entries.entry.action, entries.entry.status, entries.entry.identity, entries.entry.http_status))
        .collect();
    let entry = |action, status, identity: &str, http| (action, status, identity.to_owned(), http);
    let expected = [
        entry(Action::Delete, Status::Success, "ana2", 204),
        entry(Action::Update, Status::Success, "ana2", 200),
        entry(Action::Update, Status::Skipped, "ana", 200),
        entry(Action::Disable, Status::Success, "ana", 200),
        entry(Action::Create, Status::Success, "ana", 201),
    ];
    assert_eq!(entries, expected);
    let disabled = &journal(&bench).await[3];
    let change = &disabled.changes[0];
    assert_eq!(
        (change.attribute.as_str(), change.old.as_deref(), change.new.as_deref()),
        ("active", Some("true"), Some("false"))
    );
    assert_eq!(disabled.request, Some(json!({"as": "sent"})));
}

#[tokio::test]
async fn a_refused_change_has_no_effect() {
    let bench = bench().await;
    let directory = &bench.directory;
    let ana = directory.create_user(user(json!({"userName": "ana"}))).await.unwrap();
    let eva = directory.create_user(user(json!({"userName": "eva"}))).await.unwrap();
    let taken = refused(directory.create_user(user(json!({"userName": "ANA"}))).await);
    assert_eq!((taken.status, taken.detail.contains("ANA")), (409, true));
    let rename = patch(
        &json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "value": {"userName": "Eva"}}]),
    );
    assert_eq!(refused(directory.patch_user(user_id(&ana), None, rename).await).status, 409);
    assert_eq!(
        refused(directory.replace_user(user_id(&ana), None, user(json!({"userName": "EVA"}))).await).status,
        409
    );
    let long = "x".repeat(31);
    let limit = refused(directory.create_user(user(json!({"userName": long}))).await);
    assert!(limit.status == 400 && limit.detail.contains("may not exceed 30 characters"), "{limit}");
    let other = patch(&json!([{"op": "replace", "path": "title", "value": "Dr"}]));
    assert_eq!(refused(directory.patch_user(user_id(&ana), Some(&7.into()), other.clone()).await).status, 412);
    assert_eq!(refused(directory.delete_user(user_id(&ana), Some(&7.into())).await).status, 412);
    assert_eq!(refused(directory.patch_user(UserId(uuid::Uuid::nil()), None, other).await).status, 404);
    assert_eq!(directory.user(user_id(&ana)).await.unwrap(), ana);
    assert_eq!(directory.user(user_id(&eva)).await.unwrap(), eva);
    assert_eq!(journal(&bench).await.len(), 2, "the interfaces journal refusals");
}

#[tokio::test]
async fn groups_and_memberships_follow_each_other() {
    let bench = bench().await;
    let directory = &bench.directory;
    let ana = directory.create_user(user(json!({"userName": "ana"}))).await.unwrap();
    let eva = directory.create_user(user(json!({"userName": "eva"}))).await.unwrap();
    let sales = directory
        .create_group(
            group(json!({"displayName": "Sales", "members": [{"value": ana.id}, {"value": ana.id}]})),
            MemberSelection::All,
        )
        .await
        .unwrap();
    assert_eq!(sales.document.get(&["members"]), Some(&json!([{"value": ana.id, "type": "User"}])));
    let sales_id = group_id(&sales);
    assert_eq!(
        refused(directory.create_group(group(json!({"displayName": "sales"})), MemberSelection::All).await).status,
        409
    );
    let nobody = refused(
        directory
            .create_group(group(json!({"displayName": "x", "members": [{"value": "nobody"}]})), MemberSelection::All)
            .await,
    );
    assert_eq!((nobody.status, nobody.detail.contains("nobody")), (400, true));

    let add = patch(
        &json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": eva.id}, {"value": ana.id}]}]),
    );
    let added = directory.patch_group(sales_id, None, add.clone(), MemberSelection::All).await.unwrap();
    assert_eq!(added.document.get(&["members"]).unwrap().as_array().unwrap().len(), 2);
    let same = directory.patch_group(sales_id, None, add, MemberSelection::All).await.unwrap();
    assert_eq!((same.version, same.last_modified), (added.version, added.last_modified), "nothing changed");
    assert_eq!(directory.user(user_id(&eva)).await.unwrap().groups[0].display, "Sales");

    let remove = patch(&json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ana.id}]}]));
    directory.patch_group(sales_id, None, remove, MemberSelection::All).await.unwrap();
    assert!(directory.user(user_id(&ana)).await.unwrap().groups.is_empty());
    let rename = patch(&json!([{"op": "Replace", "path": "displayName", "value": "Sales EMEA"}]));
    directory.patch_group(sales_id, None, rename, MemberSelection::All).await.unwrap();
    assert_eq!(directory.user(user_id(&eva)).await.unwrap().groups[0].display, "Sales EMEA");
    directory.delete_user(user_id(&eva), None).await.unwrap();
    assert_eq!(directory.group(sales_id, MemberSelection::All).await.unwrap().document.get(&["members"]), None);
    directory.delete_group(sales_id, None).await.unwrap();
    assert_eq!(refused(directory.group(sales_id, MemberSelection::None).await).status, 404);
    assert_eq!(refused(directory.delete_group(sales_id, None).await).status, 404);
}

#[tokio::test]
async fn parallel_changes_of_one_user_are_all_applied() {
    let bench = Arc::new(bench().await);
    let ana = bench.directory.create_user(user(json!({"userName": "ana"}))).await.unwrap();
    let fields = ["title", "nickName", "displayName", "userType"];
    let changes: Vec<_> = fields
        .map(|field| {
            let (bench, id) = (Arc::clone(&bench), user_id(&ana));
            let request = patch(&json!([{"op": "replace", "path": field, "value": "x"}]));
            tokio::spawn(async move { bench.directory.patch_user(id, None, request).await })
        })
        .into();
    for change in changes {
        change.await.unwrap().unwrap();
    }
    let after = bench.directory.user(user_id(&ana)).await.unwrap();
    assert_eq!(after.version, 5);
    assert!(fields.iter().all(|field| after.document.get(&[field]) == Some(&json!("x"))));
}
