//! Bearer tokens: rotation, revocation, expiry (checklist 2, 102).

use rollcall::{
    auth::token::PlainToken,
    model::{
        id::TokenId,
        journal::{Actor, Advice, Status, advice},
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

/// A token pasted wrongly: 401 as before, but response and journal say what is wrong with the form, not that another is needed.
#[tokio::test]
async fn a_token_sent_in_a_wrong_form_is_recognized() {
    let app = TestApp::new().await;
    app.other_tenant().await;
    let token = app.token();
    let (begin, end) = token.split_at(30);
    for (sent, expected) in [
        (format!("Bearer Bearer {token}"), "\"Bearer\" comes before it twice"),
        (format!("bearer bearer:{token}"), "\"Bearer\" comes before it twice"),
        (token.to_owned(), "\"Bearer\" is missing before it"),
        (format!("Token {token}"), "before it is not \"Bearer\""),
        (format!("Bearer: {token}"), "before it is not \"Bearer\""),
        (format!("Bearer \"{token}\""), "in quotes"),
        (format!("\"Bearer {token}\""), "in quotes"),
        (format!("Bearer “{token}”"), "in quotes"),
        (format!("Bearer {token}\\n"), "a line break"),
        (format!("Bearer {token}%0D%0A"), "a line break"),
        (format!("Bearer {begin} {end}"), "a line break or a blank within it"),
        (format!("Bearer\t{token}"), "a blank that is not plain"),
        (format!("Bearer {token}\u{a0}"), "a blank that is not plain"),
        (format!("Bearer \u{feff}{token}"), "a blank that is not plain"),
        (format!("Bearer {token},"), "other characters"),
        (format!("Bearer <{token}>"), "other characters"),
        (format!("Bearer {token}{token}"), "other characters"),
        (format!("Bearer {}", &token[3..]), "its first characters are missing"),
    ] {
        let answer = app.anon().header("authorization", &sent).get("/v2/scim/Users").await;
        let detail = answer.expect_error(401, None);
        assert!(detail.contains("the right token, but") && detail.contains(expected), "{sent}: {detail}");
        let entry = app.journal().await.remove(0);
        assert_eq!(entry.detail.as_ref(), Some(&detail), "{sent}");
        assert!(format!("{:?}", entry.entry.actor).contains("Entra"), "{sent}: the journal names the token");
        let Advice { what_went_wrong, what_to_do } = advice(&entry);
        assert!(what_went_wrong.contains(expected) && !what_to_do.contains("Generate"), "{sent}: {what_to_do}");
        assert!(!format!("{entry:?}").contains(&token[20..40]), "{sent}: the secret is not journaled");
        app.state.clock.advance_seconds(2);
    }
}

/// A damaged token cannot be looked up. It is journaled where the tenant is certain: in an installation that has only one.
#[tokio::test]
async fn a_cut_token_is_recognized_by_its_form() {
    let app = TestApp::new().await;
    let token = app.token();
    let altered = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for (sent, expected) in [
        (&token[..token.len() - 1], "cut"),
        (&token[..20], "cut"),
        (&token[..14], "cut"),
        (&altered, "its checksum is wrong"),
    ] {
        let answer = app.anon().bearer(sent).get("/v2/scim/Users").await;
        let detail = answer.expect_error(401, None);
        assert!(detail.contains(expected), "{sent}: {detail}");
        let entry = app.journal().await.remove(0);
        assert_eq!(entry.detail, Some(detail));
        let Advice { what_went_wrong, what_to_do } = advice(&entry);
        assert!(what_went_wrong.contains(expected) && !what_to_do.contains("Generate"), "{sent}: {what_to_do}");
    }
}

#[tokio::test]
async fn the_form_of_a_token_that_does_not_work_is_not_commented_on() {
    let app = TestApp::new().await;
    let unknown = PlainToken::generate();
    let plain = app.anon().bearer("x").get("/v2/scim/Users").await.expect_error(401, None);
    let sent = format!("Bearer Bearer {}", unknown.reveal());
    let answer = app.anon().header("authorization", &sent).get("/v2/scim/Users").await;
    assert_eq!(answer.expect_error(401, None), plain);
    let token = app.state.store.tokens(app.tenant).await.unwrap().remove(0);
    let now = app.state.clock.now();
    assert!(app.state.store.revoke_token(app.tenant, token.id, &blank_entry(&app.state), now).await.unwrap());
    let sent = format!("Bearer Bearer {}", app.token());
    let answer = app.anon().header("authorization", &sent).get("/v2/scim/Users").await;
    assert_eq!(answer.expect_error(401, None), plain);
}
