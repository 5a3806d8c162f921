//! The journal.

use rollcall::model::id::{AccountId, EntryId, TenantId, TokenId};
use rollcall::model::journal::{Action, Actor, JournalQuery, NewEntry, ResourceKind, ResourceRef, Status};
use rollcall::scim::document::Change;
use rollcall::store::Store;
use serde_json::json;

use super::{at, entry, id, open_with_tenant};

async fn fill(store: &Store, tenant: TenantId) {
    for number in 0..30 {
        let entry = NewEntry {
            at: at(number * 1_000),
            identity: format!("{}{number}@contoso.com", if number % 2 == 0 { "Ana" } else { "Eva" }),
            status: if number % 10 == 3 { Status::Failure } else { Status::Success },
            probe: number % 15 == 14,
            ..entry(if number % 6 == 0 { Action::Disable } else { Action::Update }, "u")
        };
        store.append(tenant, &entry).await.unwrap();
    }
}

#[track_caller]
fn check(found: &[String], expected: &[i64]) {
    let numbers: Vec<i64> = found
        .iter()
        .map(|identity| identity.trim_start_matches(char::is_alphabetic).split('@').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, expected);
}

async fn entries(store: &Store, tenant: TenantId, query: JournalQuery) -> Vec<String> {
    let page = store.entries(tenant, &query).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    assert_eq!((page.more, page.next), (false, None));
    page.items.into_iter().map(|entry| entry.identity).collect()
}

#[tokio::test]
async fn every_filter_finds_its_entries() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    let all = JournalQuery { limit: 100, ..Default::default() };
    let failed = JournalQuery { status: Some(Status::Failure), ..all.clone() };
    check(&entries(&store, tenant, failed.clone()).await, &[23, 13, 3]);
    let disabled = JournalQuery { action: Some(Action::Disable), status: Some(Status::Success), ..all.clone() };
    check(&entries(&store, tenant, disabled).await, &[24, 18, 12, 6, 0]);
    let dated = JournalQuery { from: Some(at(5_000)), to: Some(at(8_000)), ..all.clone() };
    check(&entries(&store, tenant, dated).await, &[7, 6, 5]);
    let named = JournalQuery { identity: Some("aNA2".into()), ..all.clone() };
    check(&entries(&store, tenant, named).await, &[28, 26, 24, 22, 20, 2]);
    let both = JournalQuery { identity: Some("eva".into()), to: Some(at(14_000)), ..failed };
    check(&entries(&store, tenant, both).await, &[13, 3]);
    let shown = entries(&store, tenant, JournalQuery { hide_probes: true, ..all }).await;
    assert_eq!(shown.len(), 28);
    let strange = JournalQuery { identity: Some("' or 1=1 --".into()), ..Default::default() };
    assert!(entries(&store, tenant, strange).await.is_empty());
}

#[tokio::test]
async fn pages_have_no_gap_or_overlap() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    // Entries with the same time stay in order.
    for _ in 0..5 {
        store.append(tenant, &NewEntry { at: at(29_000), ..entry(Action::Update, "u") }).await.unwrap();
    }
    let mut query = JournalQuery { limit: 8, ..Default::default() };
    let mut seen: Vec<EntryId> = Vec::new();
    loop {
        let page = store.entries(tenant, &query).await.unwrap();
        assert_eq!(page.total, 35);
        seen.extend(page.items.iter().map(|entry| entry.id));
        let Some(next) = page.next else { break };
        query.before = Some(next.parse().unwrap());
    }
    assert_eq!(seen.len(), 35);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    let gone = JournalQuery { before: Some(EntryId(99)), ..Default::default() };
    assert!(store.entries(tenant, &gone).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_entry_is_read_back_completely() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let actors = [
        Actor::Token { id: TokenId(id(5)), name: "Entra".into() },
        Actor::Account { id: AccountId(7), email: "a@b.c".into() },
        Actor::Anonymous,
        Actor::Command,
    ];
    for actor in actors {
        let change = Change { attribute: "title".into(), old: None, new: Some("Dr".into()) };
        let new = NewEntry {
            actor,
            scim_type: Some("uniqueness".into()),
            detail: Some("taken".into()),
            response: Some(json!({"status": "409"})),
            changes: vec![change],
            dialect: Some("entra".into()),
            probe: true,
            ..entry(Action::StagedDelete, "u")
        };
        let entry_id = store.append(tenant, &new).await.unwrap();
        let read = store.entry(tenant, entry_id).await.unwrap().unwrap();
        assert_eq!((read.entry.actor, read.entry.action, read.entry.at), (new.actor, new.action, new.at));
        assert_eq!((read.entry.scim_type, read.entry.resource), (new.scim_type, new.resource));
        assert_eq!((read.detail, read.request, read.response), (new.detail, new.request, new.response));
        assert_eq!((read.changes, read.dialect, read.probe), (new.changes, new.dialect, new.probe));
    }
    assert_eq!(store.entry(tenant, EntryId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn a_timeline_is_of_one_resource() {
    let (_folder, store, tenant) = open_with_tenant().await;
    for number in 0..10 {
        let resource = if number % 2 == 0 { "one" } else { "two" };
        let new = NewEntry { at: at(number), identity: number.to_string(), ..entry(Action::Update, resource) };
        store.append(tenant, &new).await.unwrap();
    }
    let one = ResourceRef { kind: ResourceKind::User, id: "one".into() };
    let page = store.timeline(tenant, &one, None, 3).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|entry| entry.entry.identity.as_str()).collect();
    assert_eq!(seen, ["8", "6", "4"]);
    let before = page.next.unwrap().parse().unwrap();
    let page = store.timeline(tenant, &one, Some(before), 3).await.unwrap();
    assert_eq!((page.items.len(), page.next), (2, None));
    let group = ResourceRef { kind: ResourceKind::Group, ..one };
    assert!(store.timeline(tenant, &group, None, 3).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn old_entries_are_purged() {
    let (_folder, store, tenant) = open_with_tenant().await;
    fill(&store, tenant).await;
    assert_eq!(store.purge_journal(at(20_000)).await.unwrap(), 20);
    assert_eq!(store.purge_journal(at(20_000)).await.unwrap(), 0);
    assert_eq!(store.entries(tenant, &JournalQuery::default()).await.unwrap().total, 10);
}
