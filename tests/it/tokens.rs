//! Bearer tokens: rotation, revocation, expiry (checklist 2, 102).

use rollcall::{
    model::{
        id::TokenId,
        journal::{Actor, Status},
        token::{Lifetime, Overlap},
    },
    store::NewToken,
};

use crate::support::{EMAIL, NOW, TestApp, blank_entry};

fn new_token(app: &TestApp, hash: [u8; 32], lifetime: Lifetime) -> NewToken {
    NewToken {
        id: TokenId(app.state.clock.new_id()),
        name: "second".to_owned(),
        hash,
        created_by: "test".to_owned(),
        expires: lifetime.end(app.state.clock.now()),
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_on_the_next_request_and_named_in_the_journal() {
    let app = TestApp::new().await;
    app.entra().get("/v2/scim/Users").await.expect(200);
    let token = app.state.store.tokens(app.tenant).await.unwrap().remove(0);
    assert_eq!(token.last_used.unwrap().to_string(), NOW);
    assert!(
        app.state
            .store
            .revoke_token(app.tenant, token.id, &blank_entry(&app.state), app.state.clock.now())
            .await
            .unwrap()
    );
    let refused = app.entra().get("/v2/scim/Users").await;
    let unknown = app.anon().bearer("x").get("/v2/scim/Users").await;
    assert_eq!(
        refused.expect_error(401, None),
        unknown.expect_error(401, None),
        "no difference that helps an attacker"
    );
    assert_eq!(refused.headers.get("www-authenticate"), unknown.headers.get("www-authenticate"));
    let journal = app.journal().await;
    assert!(format!("{:?}", journal[1].entry.actor).contains("Entra"), "the journal names the token");
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let app = TestApp::new().await;
    let (secret, hash) = app.state.new_token();
    let new = new_token(&app, hash.0, Lifetime::Days30);
    app.state.store.create_token(app.tenant, &new, &blank_entry(&app.state), app.state.clock.now()).await.unwrap();
    let caller = app.anon().bearer(secret.reveal());
    app.state.clock.advance_seconds(30 * 86_400 - 1);
    caller.get("/v2/scim/Users").await.expect(200);
    app.state.clock.advance_seconds(1);
    caller.get("/v2/scim/Users").await.expect_error(401, None);
    caller.get("/v2/scim/Schemas").await.expect_error(401, None);
}

#[tokio::test]
async fn a_rotated_token_works_until_the_overlap_ends() {
    let app = TestApp::new().await;
    let old = app.state.store.tokens(app.tenant).await.unwrap().remove(0);
    let (secret, hash) = app.state.new_token();
    let now = app.state.clock.now();
    let new = new_token(&app, hash.0, Lifetime::Year1);
    let entry = blank_entry(&app.state);
    assert!(
        app.state.store.rotate_token(app.tenant, old.id, &new, &entry, Overlap::Hour1.end(now), now).await.unwrap()
    );
    let caller = app.anon().bearer(secret.reveal());
    app.entra().get("/v2/scim/Users").await.expect(200);
    caller.get("/v2/scim/Users").await.expect(200);
    app.state.clock.advance_seconds(3600);
    app.entra().get("/v2/scim/Users").await.expect_error(401, None);
    caller.get("/v2/scim/Users").await.expect(200);
}

#[tokio::test]
async fn neither_a_token_nor_its_checksum_is_stored_in_clear() {
    let app = TestApp::new().await;
    app.entra().create_user("ana").await;
    app.anon().bearer(&format!("{}x", app.token())).get("/v2/scim/Users").await.expect_error(401, None);
    let disk = app.bytes_on_disk();
    let secret = &app.token().as_bytes()[14..];
    assert!(!disk.windows(secret.len()).any(|window| window == secret));
}

/// Checklist 104: Provisioning Logs name the actor and the action, not the secret.
#[tokio::test]
async fn token_actions_are_journaled_without_secrets() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let made = admin.form("/api/generate-token", &[("name", "Okta"), ("lifetime", "Days90")]).await.expect(200).json();
    let find = async |name: &str| {
        let tokens = app.state.store.tokens(app.tenant).await.unwrap();
        tokens.into_iter().find(|token| token.name == name && token.rotated_to.is_none()).unwrap().id.to_string()
    };
    let first = find("Okta").await;
    let rotated = admin.form("/api/rotate-token", &[("token", &first), ("overlap", "Hour1")]).await.expect(200).json();
    admin.form("/api/revoke-token", &[("token", &first)]).await.expect(200);
    let journal = app.journal().await;
    let entry: Vec<_> = journal.iter().rev().map(|entry| entry.detail.as_deref().unwrap()).collect();
    assert_eq!(
        entry,
        [
            "Created the token \"Okta\".",
            "Rotated the token \"Okta\"; the old one remains active for: 1 hour.",
            "Revoked the token \"Okta\"."
        ]
    );
    for entry in &journal {
        assert!(matches!(&entry.entry.actor, Actor::Account { email, .. } if email == EMAIL), "{entry:?}");
        assert_eq!((entry.entry.identity.as_str(), entry.entry.status), ("Okta", Status::Success));
        for secret in [&made, &rotated] {
            assert!(!format!("{entry:?}").contains(&secret["secret"].as_str().unwrap()[14..]));
        }
    }
    admin.form("/api/revoke-token", &[("token", &first)]).await;
    admin.form("/api/generate-token", &[("name", "two\nlines")]).await;
    assert_eq!(app.journal().await.len(), 3, "refused actions are not journaled");
}
