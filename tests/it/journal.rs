//! The content of Provisioning Logs: every change and every refusal, no ordinary read, no secret (checklist 104, 122–124).

use rollcall::model::journal::{Action, Actor, Status};
use serde_json::json;

use crate::support::{ERROR, TestApp, UNKNOWN_ID, blank_entry, patch_of, user};

#[tokio::test]
async fn changes_are_journaled_with_old_and_new_values() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    let one = format!("/v2/scim/Users/{id}?aadOptscim062020");
    app.entra().patch(&one, &patch_of(&json!([{"op": "replace", "path": "title", "value": "CEO"}]))).await.expect(200);
    app.entra().patch(&one, &patch_of(&json!([{"op": "replace", "path": "active", "value": false}]))).await.expect(200);
    app.entra().delete(&one).await.expect(204);
    let journal = app.journal().await;
    let actions: Vec<_> = journal.iter().rev().map(|entry| (entry.entry.action, entry.entry.status)).collect();
    let done = |action| (action, Status::Success);
    assert_eq!(actions, [Action::Create, Action::Update, Action::Disable, Action::Delete].map(done));
    let update = &journal[2];
    assert_eq!(update.entry.identity, "ana");
    assert_eq!(update.entry.resource.as_ref().map(|resource| resource.id.as_str()), Some(id.as_str()));
    assert!(matches!(&update.entry.actor, Actor::Token { name, .. } if name == "Entra"));
    assert_eq!((update.changes[0].attribute.as_str(), update.changes[0].new.as_deref()), ("title", Some("CEO")));
    assert_eq!(update.dialect.as_deref(), Some("Entra with aadOptscim062020"));
    assert_eq!(update.request.as_ref().unwrap()["Operations"][0]["value"], "CEO");
    assert_eq!(update.entry.path, one);
    assert_eq!(journal[3].dialect.as_deref(), Some("RFC 7644"));
}

#[tokio::test]
async fn refused_writes_are_journaled_and_ordinary_reads_are_not() {
    let app = TestApp::new().await;
    let id = app.entra().create_user("ana").await;
    for path in [
        "/Users",
        &format!("/Users/{id}"),
        &format!("/Users/{UNKNOWN_ID}"),
        "/Groups",
        "/Schemas",
        "/Users?filter=userName eq \"ana\"",
        &format!("/Users?filter=externalId eq \"{UNKNOWN_ID}\""),
    ] {
        app.entra().get(&format!("/v2/scim{path}")).await;
    }
    assert_eq!(app.journal().await.len(), 1, "only the create");

    let one = format!("/v2/scim/Users/{id}");
    app.entra().post("/v2/scim/Users", &user("ANA")).await.expect_error(409, Some("uniqueness"));
    app.entra().post("/v2/scim/Users", &user(&"x".repeat(31))).await.expect_error(400, Some("invalidValue"));
    app.entra()
        .patch(&one, &patch_of(&json!([{"op": "remove", "path": "userName"}])))
        .await
        .expect_error(400, Some("mutability"));
    app.entra().header("content-type", "text/plain").put(&one, &user("ana")).await;
    app.entra().delete(&format!("/v2/scim/Users/{UNKNOWN_ID}")).await.expect_error(404, None);
    app.entra().get("/v2/scim/Users?filter=nonsense").await.expect_error(400, Some("invalidFilter"));
    app.entra().get("/v2/scim/nowhere").await.expect_error(404, None);
    app.anon().post("/v2/scim/Users", &user("ben")).await.expect_error(401, None);
    let mut journal = app.journal().await;
    journal.reverse();
    let lines: Vec<_> = journal[1..]
        .iter()
        .map(|entry| (entry.entry.http_status, entry.entry.action, entry.entry.identity.clone()))
        .collect();
    let ana = || "ana".to_owned();
    assert_eq!(
        lines,
        [
            (409, Action::Create, "ANA".to_owned()),
            (400, Action::Create, "x".repeat(31)),
            (400, Action::Update, ana()),
            (415, Action::Update, ana()),
            (404, Action::Delete, String::new()),
            (400, Action::Other, String::new()),
            (404, Action::Other, String::new()),
            (401, Action::Create, String::new()),
        ]
    );
    assert!(journal[1..].iter().all(|entry| entry.entry.status == Status::Failure));
    let duplicate = &journal[1];
    assert_eq!(duplicate.entry.scim_type.as_deref(), Some("uniqueness"));
    assert_eq!(duplicate.request.as_ref().unwrap()["userName"], "ANA");
    assert_eq!(duplicate.response.as_ref().unwrap()["schemas"], json!([ERROR]));
    assert!(duplicate.detail.as_ref().unwrap().contains("userName"));
    let anonymous = journal.last().unwrap();
    assert_eq!(
        (&anonymous.entry.actor, &anonymous.request),
        (&Actor::Anonymous, &None),
        "a stranger's body is not read"
    );
}

/// Checklist 124.
#[tokio::test]
async fn connection_probes_are_recognised() {
    let app = TestApp::new().await;
    let guid = "a3f1c0de-5b52-4a0e-9f6b-0d8f4b3b7c11";
    app.entra().get(&format!("/v2/scim/Users?filter=userName+eq+\"{guid}\"")).await.expect(200);
    app.entra()
        .get(&format!("/v2/scim/Groups?excludedAttributes=members&filter=displayName+eq+\"{guid}\""))
        .await
        .expect(200);
    let journal = app.journal().await;
    assert_eq!(journal.len(), 2);
    assert!(
        journal
            .iter()
            .all(|entry| entry.probe && entry.entry.identity == guid && entry.entry.status == Status::Success)
    );
    app.settings(|settings| settings.user_name_limit = 0).await;
    app.entra().create_user(guid).await;
    app.entra().get(&format!("/v2/scim/Users?filter=userName+eq+\"{guid}\"")).await.expect(200);
    assert_eq!(app.journal().await.len(), 3, "a lookup with a match is not a connection test");
}

/// Unauthenticated clients must not be able to fill the disk.
#[tokio::test]
async fn unauthenticated_requests_create_a_bounded_number_of_entries() {
    let app = TestApp::new().await;
    for _ in 0..50 {
        app.anon().get("/v2/scim/Users").await.expect_error(401, None);
        app.anon().get("/v2/scim/Schemas?filter=id pr").await.expect_error(403, None);
    }
    assert_eq!(app.journal().await.len(), 30);
    app.state.clock.advance_seconds(10);
    app.anon().get("/v2/scim/Users").await.expect_error(401, None);
    assert_eq!(app.journal().await.len(), 31);
}

/// With several tenants it is unknown to which one the request belongs.
#[tokio::test]
async fn with_several_tenants_unknown_tokens_are_in_no_journal() {
    let app = TestApp::new().await;
    app.other_tenant().await;
    app.anon().get("/v2/scim/Users").await.expect_error(401, None);
    assert!(app.journal().await.is_empty());
}

/// On one thread nothing is written before this test waits.
#[tokio::test]
async fn provisioning_logs_report_dropped_entries() {
    let app = TestApp::new().await;
    let (admin, entry) = (app.admin().await, blank_entry(&app.state));
    assert!(!admin.page("/logs").await.text().contains("missing here"));
    for _ in 0..1_024 + 10 {
        app.state.store.append_later(app.tenant, &entry).unwrap();
    }
    let page = admin.page("/logs").await;
    assert!(page.text().contains("10 refused requests or connection tests are missing here"), "{}", page.text());
    assert!(
        !app.other_admin().await.page("/logs").await.text().contains("missing here"),
        "each tenant sees only its own"
    );
}
