//! Bearer tokens.

use rollcall::model::id::TokenId;
use rollcall::model::journal::{Action, JournalQuery, NewEntry};
use rollcall::model::token::{Lifetime, Overlap, TokenState};
use rollcall::store::{NewToken, Store, StoreError};

use super::{at, entry, id, open_with_tenant};

const DAY: i64 = 86_400_000;

/// The journal entry of each change.
fn token_entry() -> NewEntry {
    entry(Action::Other, "token")
}

fn token(number: u8) -> NewToken {
    NewToken {
        id: TokenId(id(number.into())),
        name: format!("token {number}"),
        hash: [number; 32],
        created_by: "admin".into(),
        expires: Lifetime::default().end(at(0)),
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_with_tenant_and_settings() {
    let (_folder, store, tenant) = open_with_tenant().await;
    store.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    assert!(matches!(
        store.create_token(tenant, &NewToken { hash: [1; 32], ..token(2) }, &token_entry(), at(0)).await,
        Err(StoreError::Duplicate)
    ));
    let found = store.token_by_hash(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((found.tenant, found.settings.user_name_limit, found.token.name.as_str()), (tenant, 30, "token 1"));
    assert_eq!(found.token.state(at(0)), TokenState::Active);
    assert_eq!(found.token.state(at(336 * DAY)), TokenState::ExpiringSoon);
    assert_eq!(found.token.state(at(365 * DAY)), TokenState::Expired);
    assert_eq!(store.token_by_hash(&[2; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn use_is_recorded_once_a_minute() {
    let (_folder, store, tenant) = open_with_tenant().await;
    store.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    for (when, noted) in [(1, 1), (59_000, 1), (60_001, 60_001)] {
        store.touch_token(tenant, token(1).id, at(when)).await.unwrap();
        assert_eq!(store.tokens(tenant).await.unwrap()[0].last_used, Some(at(noted)));
    }
}

#[tokio::test]
async fn a_token_is_revoked_once_and_only_by_its_tenant() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let other = store.create_tenant("Fabrikam", at(0)).await.unwrap().id;
    store.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    assert!(!store.revoke_token(other, token(1).id, &token_entry(), at(1)).await.unwrap());
    assert!(store.tokens(other).await.unwrap().is_empty());
    assert!(store.revoke_token(tenant, token(1).id, &token_entry(), at(1)).await.unwrap());
    assert!(!store.revoke_token(tenant, token(1).id, &token_entry(), at(2)).await.unwrap());
    let found = store.token_by_hash(&[1; 32]).await.unwrap().unwrap();
    assert!(!found.token.works(at(1)));
    assert_eq!(found.token.revoked, Some(at(1)));
}

/// Tokens are cached; this second store acts like the command line, which is another process.
#[tokio::test]
async fn changes_of_tokens_and_settings_by_another_process_apply_to_the_next_query() {
    let (folder, store, tenant) = open_with_tenant().await;
    let elsewhere = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    let found = async || store.token_by_hash(&[1; 32]).await.unwrap();
    assert_eq!(found().await, None);
    elsewhere.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    assert!(!found().await.unwrap().settings.provisioning);
    elsewhere.change_settings(tenant, |settings| settings.provisioning = true, &token_entry()).await.unwrap();
    assert!(found().await.unwrap().settings.provisioning);
    assert!(elsewhere.rotate_token(tenant, token(1).id, &token(2), &token_entry(), at(9), at(1)).await.unwrap());
    assert_eq!(found().await.unwrap().token.expires, Some(at(9)));
    assert!(elsewhere.revoke_token(tenant, token(1).id, &token_entry(), at(2)).await.unwrap());
    assert_eq!(found().await.unwrap().token.revoked, Some(at(2)));
    store.touch_token(tenant, token(1).id, at(3)).await.unwrap();
    assert_eq!(found().await.unwrap().token.last_used, Some(at(3)));
}

#[tokio::test]
async fn rotation_keeps_the_old_token_for_the_overlap() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let other = store.create_tenant("Fabrikam", at(0)).await.unwrap().id;
    store.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    let end = Overlap::Hours24.end(at(10));
    assert!(!store.rotate_token(other, token(1).id, &token(2), &token_entry(), end, at(10)).await.unwrap());
    assert!(store.rotate_token(tenant, token(1).id, &token(2), &token_entry(), end, at(10)).await.unwrap());
    assert!(
        !store.rotate_token(tenant, token(1).id, &token(3), &token_entry(), end, at(10)).await.unwrap(),
        "rotated already"
    );
    let tokens = store.tokens(tenant).await.unwrap();
    assert_eq!(tokens.len(), 2);
    let old = tokens.iter().find(|found| found.id == token(1).id).unwrap();
    assert_eq!(old.state(at(11)), TokenState::RotatingOut { until: end });
    assert_eq!(old.rotated_to, Some(token(2).id));
    assert_eq!(old.state(end), TokenState::Expired);
    assert!(tokens.iter().all(|found| found.works(at(11))));
}

#[tokio::test]
async fn rotation_never_prolongs_the_old_token() {
    let (_folder, store, tenant) = open_with_tenant().await;
    store.create_token(tenant, &NewToken { expires: Some(at(5)), ..token(1) }, &token_entry(), at(0)).await.unwrap();
    assert!(store.rotate_token(tenant, token(1).id, &token(2), &token_entry(), at(100), at(1)).await.unwrap());
    let old = store.token_by_hash(&[1; 32]).await.unwrap().unwrap().token;
    assert_eq!(old.expires, Some(at(5)));
}

#[tokio::test]
async fn a_token_action_is_journaled_only_if_it_is_done() {
    let (_folder, store, tenant) = open_with_tenant().await;
    let entries = async || store.entries(tenant, &JournalQuery::default()).await.unwrap().items.len();
    store.create_token(tenant, &token(1), &token_entry(), at(0)).await.unwrap();
    assert!(store.create_token(tenant, &token(1), &token_entry(), at(0)).await.is_err());
    assert_eq!(entries().await, 1);
    assert!(store.rotate_token(tenant, token(1).id, &token(2), &token_entry(), at(9), at(1)).await.unwrap());
    assert!(!store.rotate_token(tenant, token(1).id, &token(3), &token_entry(), at(9), at(1)).await.unwrap());
    assert_eq!(entries().await, 2);
    assert!(store.revoke_token(tenant, token(1).id, &token_entry(), at(2)).await.unwrap());
    assert!(!store.revoke_token(tenant, token(1).id, &token_entry(), at(2)).await.unwrap());
    assert_eq!(entries().await, 3);
}

#[test]
fn a_new_token_does_not_print_its_hash() {
    let printed = format!("{:?}", NewToken { hash: [171; 32], ..token(1) });
    assert!(printed.contains("token 1") && !printed.contains("171"), "{printed}");
}
