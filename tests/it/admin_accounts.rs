//! Administrators' accounts as an operator manages them on the command line, beside a running server.

use rollcall::model::journal::{Actor, JournalQuery};
use rollcall::store::SignInLimit;

use crate::commands::{CommandOutput, company, rollcall, rollcall_with_input};
use crate::support::{EMAIL, PASSWORD, TestApp};

const NEW_PASSWORD: &str = "einundzwanzig Gabeln";

fn admin(app: &TestApp, arguments: &[&str]) -> CommandOutput {
    rollcall(app.folder(), &[&["admin"], arguments].concat())
}

fn create_second(app: &TestApp) {
    let arguments = ["admin", "create", "--tenant", "Contoso", "--email", "bo@contoso.example", "--name", "Bo"];
    rollcall_with_input(app.folder(), &arguments, &format!("{PASSWORD}\n")).success();
}

/// Journal entries of commands on accounts: command and identity.
async fn account_entries(app: &TestApp) -> Vec<(String, String)> {
    let page = app.state.store.entries(app.tenant, &JournalQuery::default()).await.unwrap();
    let mut entries = Vec::new();
    for row in page.items {
        let entry = app.state.store.entry(app.tenant, row.id).await.unwrap().unwrap().entry;
        if entry.actor == Actor::Command && entry.path.starts_with("admin ") {
            entries.push((entry.path, entry.identity));
        }
    }
    entries
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_replaces_the_old_one() {
    let app = TestApp::new().await;
    let session = app.admin().await;
    session.page("/users").await.expect(200);
    let arguments = ["admin", "set-password", "--email", "ADMIN@contoso.example"];
    rollcall_with_input(app.folder(), &arguments, "short\n").refused(1, &["at least 12 characters"]);
    session.page("/users").await.expect(200);
    let output = rollcall_with_input(app.folder(), &arguments, &format!("{NEW_PASSWORD}\n")).success();
    assert_eq!(output, format!("Set the password of {EMAIL} and ended its sessions\n"));
    assert_eq!(session.page("/users").await.status, 302);
    assert_eq!(session.form("/api/generate-token", &[("name", "x"), ("lifetime", "Year1")]).await.status, 401);
    assert_eq!(app.sign_in(EMAIL, PASSWORD).await.session_cookie(), None);
    let cookie = app.sign_in(EMAIL, NEW_PASSWORD).await.session_cookie().unwrap();
    app.anon().cookie(&cookie).page("/users").await.expect(200);
    assert_eq!(account_entries(&app).await, [("admin set-password".to_owned(), EMAIL.to_owned())]);
}

#[tokio::test]
async fn signing_out_ends_all_sessions_of_one_account() {
    let app = TestApp::new().await;
    create_second(&app);
    let (one, two) = (app.admin().await, app.admin().await);
    let other = app.sign_in("bo@contoso.example", PASSWORD).await.session_cookie().unwrap();
    let other = app.anon().cookie(&other);
    assert_eq!(admin(&app, &["sign-out", "--email", EMAIL]).success(), format!("Ended all sessions of {EMAIL}\n"));
    assert_eq!((one.page("/users").await.status.as_u16(), two.page("/users").await.status.as_u16()), (302, 302));
    other.page("/users").await.expect(200);
    app.admin().await.page("/users").await.expect(200);
    assert_eq!(account_entries(&app).await, [("admin sign-out".to_owned(), EMAIL.to_owned())]);
}

#[tokio::test]
async fn a_removed_account_cannot_be_used_and_the_last_one_is_protected() {
    let app = TestApp::new().await;
    // Another tenant's account does not count.
    app.other_admin().await;
    let session = app.admin().await;
    let remove = |arguments: &[&str]| admin(&app, &[&["remove", "--email", EMAIL], arguments].concat());
    remove(&[]).refused(1, &["the last account of Contoso", "--force"]);
    session.page("/users").await.expect(200);
    create_second(&app);
    assert_eq!(remove(&[]).success(), format!("Removed the account {EMAIL}\n"));
    assert_eq!(session.page("/users").await.status, 302);
    assert_eq!(app.sign_in(EMAIL, PASSWORD).await.session_cookie(), None);
    remove(&[]).refused(1, &["no account \"Admin@Contoso.example\"", "rollcall admin list"]);
    admin(&app, &["remove", "--email", "bo@contoso.example", "--force"]).success();
    let expected = [("admin remove", "bo@contoso.example"), ("admin remove", EMAIL)];
    assert_eq!(account_entries(&app).await, expected.map(|(path, email)| (path.to_owned(), email.to_owned())));
    // A new account with the same address does not revive the sessions of the old one.
    let arguments = ["admin", "create", "--email", EMAIL, "--tenant", "Contoso"];
    rollcall_with_input(app.folder(), &arguments, &format!("{PASSWORD}\n")).success();
    assert_eq!(session.page("/users").await.status, 302);
    app.admin().await.page("/users").await.expect(200);
}

#[tokio::test]
async fn an_unlocked_account_can_sign_in_again() {
    let app = TestApp::new().await;
    create_second(&app);
    for _ in 0..5 {
        app.sign_in(EMAIL, "wrong password").await;
        app.sign_in("bo@contoso.example", "wrong password").await;
    }
    // A known browser's count, with a limit of one.
    let key = format!("browser 0123 {}", EMAIL.to_lowercase());
    let now = app.state.clock.now();
    let limits = [SignInLimit { key, limit: 1 }];
    let attempt = async || app.state.store.begin_sign_in(&limits, (now, now), now).await.unwrap();
    assert!(attempt().await.is_some() && attempt().await.is_none());
    assert_eq!(app.sign_in(EMAIL, PASSWORD).await.session_cookie(), None);
    assert_eq!(admin(&app, &["unlock", "--email", EMAIL]).success(), format!("Unlocked the account {EMAIL}\n"));
    assert!(app.sign_in(EMAIL, PASSWORD).await.session_cookie().is_some());
    assert!(attempt().await.is_some());
    assert_eq!(app.sign_in("bo@contoso.example", PASSWORD).await.session_cookie(), None, "other accounts stay locked");
    assert_eq!(account_entries(&app).await, [("admin unlock".to_owned(), EMAIL.to_owned())]);
}

#[tokio::test]
async fn a_tenants_accounts_are_listed() {
    let app = TestApp::new().await;
    create_second(&app);
    app.other_admin().await;
    admin(&app, &["list"]).refused(1, &["2 tenants", "--tenant"]);
    let list = admin(&app, &["list", "--tenant", "Contoso"]).success();
    let lines: Vec<_> = list.lines().collect();
    assert!(lines[0].starts_with("CREATED") && lines.len() == 3, "{list}");
    let columns = |line: &str| {
        line.split("  ").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).skip(1).collect::<Vec<_>>()
    };
    assert_eq!(columns(lines[1]), ["never", EMAIL, "Ada Admin"], "{list}");
    assert_eq!(columns(lines[2]), ["never", "bo@contoso.example", "Bo"], "{list}");
}

#[test]
fn an_unknown_account_is_an_error() {
    let folder = company();
    for command in ["remove", "set-password", "sign-out", "unlock"] {
        let arguments = ["admin", command, "--email", "eve@contoso.example"];
        rollcall(folder.path(), &arguments).refused(1, &["no account \"eve@contoso.example\"", "rollcall admin list"]);
    }
}
