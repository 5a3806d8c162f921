//! Bearer tokens: rotation, revocation, expiry (checklist 2, 102).

use rollcall::{
    model::{
        id::TokenId,
        token::{Lifetime, Overlap},
    },
    store::NewToken,
};

use crate::support::{NOW, TestApp};

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
    assert!(app.state.store.revoke_token(app.tenant, token.id, app.state.clock.now()).await.unwrap());
    let refused = app.entra().get("/v2/scim/Users").await;
    let unknown = app.anon().bearer("x").get("/v2/scim/Users").await;
    assert_eq!(
        refused.expect_error(401, None),
        unknown.expect_error(401, None),
        "no difference that helps an attacker"
    );
    assert_eq!(refused.headers.get("www-authenticate"), unknown.headers.get("www-authenticate"));
    let journal = app.journal().await;
    assert!(format!("{:?}", journal[1].entry.actor).contains("Entra"), "the administrator sees which token it was");
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let app = TestApp::new().await;
    let (secret, hash) = app.state.new_token();
    let new = new_token(&app, hash.0, Lifetime::Days30);
    app.state.store.create_token(app.tenant, &new, app.state.clock.now()).await.unwrap();
    let caller = app.anon().bearer(secret.reveal());
    app.state.clock.advance_seconds(30 * 86_400 - 1);
    caller.get("/v2/scim/Users").await.expect(200);
    app.state.clock.advance_seconds(1);
    caller.get("/v2/scim/Users").await.expect_error(401, None);
    caller.get("/v2/scim/Schemas").await.expect_error(401, None);
}

#[tokio::test]
async fn a_rotated_token_lives_on_for_the_overlap_and_no_longer() {
    let app = TestApp::new().await;
    let old = app.state.store.tokens(app.tenant).await.unwrap().remove(0);
    let (secret, hash) = app.state.new_token();
    let now = app.state.clock.now();
    let new = new_token(&app, hash.0, Lifetime::Year1);
    assert!(app.state.store.rotate_token(app.tenant, old.id, &new, Overlap::Hour1.end(now), now).await.unwrap());
    let caller = app.anon().bearer(secret.reveal());
    app.entra().get("/v2/scim/Users").await.expect(200);
    caller.get("/v2/scim/Users").await.expect(200);
    app.state.clock.advance_seconds(3600);
    app.entra().get("/v2/scim/Users").await.expect_error(401, None);
    caller.get("/v2/scim/Users").await.expect(200);
}

#[tokio::test]
async fn neither_token_nor_its_checksum_is_kept_in_clear() {
    let app = TestApp::new().await;
    app.entra().create_user("ana").await;
    app.anon().bearer(&format!("{}x", app.token())).get("/v2/scim/Users").await.expect_error(401, None);
    let disk = app.bytes_on_disk();
    let secret = &app.token().as_bytes()[14..];
    assert!(!disk.windows(secret.len()).any(|window| window == secret));
}
