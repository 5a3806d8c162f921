//! One tenant never sees, finds, changes or learns of another's rows, on any route (checklist P).

use rollcall::model::journal::JournalQuery;
use serde_json::json;

use crate::support::{TestApp, group, patch_of, user};

#[tokio::test]
async fn another_tenants_resources_do_not_exist() {
    let app = TestApp::new().await;
    let other = app.other_tenant().await;
    let ana = app.entra().create_user("ana").await;
    let sales = app.entra().create_group("Sales").await;
    let join = patch_of(&json!([{"op": "add", "path": "members", "value": [{"value": ana}]}]));
    app.entra().patch(&format!("/v2/scim/Groups/{sales}"), &join).await.expect(204);
    let before = (app.entra().user(&ana).await, app.entra().group(&sales).await);

    let title = patch_of(&json!([{"op": "add", "value": {"displayName": "stolen"}}]));
    for (one, replacement) in
        [(format!("/v2/scim/Users/{ana}"), user("ana")), (format!("/v2/scim/Groups/{sales}"), group("Sales"))]
    {
        other.get(&one).await.expect_error(404, None);
        other.put(&one, &replacement).await.expect_error(404, None);
        other.patch(&one, &title).await.expect_error(404, None);
        other.delete(&one).await.expect_error(404, None);
    }
    for list in [
        "/Users",
        "/Groups",
        &format!("/Users?filter=id eq \"{ana}\""),
        "/Users?filter=userName eq \"ana\"",
        &format!("/Groups?filter=members eq \"{ana}\""),
    ] {
        let answer = other.get(&format!("/v2/scim{list}")).await.expect(200).json();
        assert_eq!(answer["totalResults"], 0, "{list}");
    }
    // The same names are free there, and members and managers cannot refer to another tenant.
    let namesake = other.create_user("ana").await;
    other.create_group("Sales").await;
    let mut sent = group("Thieves");
    sent["members"] = json!([{"value": ana}]);
    let answer = other.post("/v2/scim/Groups", &sent).await;
    assert!(
        answer.status == 400 || answer.json().get("members").is_none_or(|members| !members.to_string().contains("ana")),
        "{}",
        answer.text()
    );
    assert_eq!(other.user(&namesake).await.get("groups"), None);

    assert_eq!((app.entra().user(&ana).await, app.entra().group(&sales).await), before);
    assert_eq!(app.entra().found("userName pr").await, ["ana"]);
    // The other tenant's refusals are in the other tenant's journal.
    assert!(app.journal().await.iter().all(|entry| entry.entry.http_status < 400));
}

/// The portal's pages and server functions, called by one tenant's administrator with the ids of another's rows.
#[tokio::test]
async fn the_portal_does_not_show_another_tenants_rows() {
    let app = TestApp::new().await;
    let other = app.other_tenant().await;
    let victim = other.create_user("fabrikam-secret").await;
    other.post("/v2/scim/Users", &user("FABRIKAM-SECRET")).await.expect_error(409, Some("uniqueness"));
    let mut sent = group("Fabrikam spies");
    sent["members"] = json!([{"value": victim}]);
    let spies = other.post("/v2/scim/Groups", &sent).await.created_id();
    let before = other.user(&victim).await;
    let store = &app.state.store;
    let tenant = store.tenants().await.unwrap().pop().unwrap().id;
    assert_ne!(tenant, app.tenant);
    let token = store.tokens(tenant).await.unwrap().remove(0);
    let entries = store.entries(tenant, &JournalQuery::default()).await.unwrap().items;
    let entry = entries.into_iter().find(|entry| entry.identity == "Fabrikam spies").unwrap();
    let settings = store.settings(tenant).await.unwrap();
    // Users can be changed in the portal only with this off.
    app.settings(|settings| settings.provisioning = false).await;

    let admin = app.admin().await;
    for page in [
        "/users",
        &format!("/users/{victim}"),
        &format!("/users/{victim}/edit"),
        "/groups",
        "/groups?q=spies",
        &format!("/groups/{spies}"),
        &format!("/groups/{spies}?q=x"),
        "/logs",
        &format!("/logs/{}", entry.id),
        "/settings/security/provisioning",
    ] {
        let answer = admin.page(page).await;
        assert!(!answer.text().to_lowercase().contains("fabrikam"), "{page}");
        assert_eq!(
            answer.status == 404,
            page.contains(&victim) || page.contains(&spies) || page.ends_with(&entry.id.to_string()),
            "{page}: {}",
            answer.status
        );
    }
    let mut refused = 0;
    for (path, _) in leptos::server_fn::axum::server_fn_paths() {
        if ["/api/sign-out", "/api/sign-in", "/api/set-up"].contains(&path) {
            continue;
        }
        for id in [victim.clone(), spies.clone(), entry.id.to_string(), token.id.to_string()] {
            let fields = [
                ("kind", "Group"),
                ("search", ""),
                ("id", id.as_str()),
                ("token", &id),
                ("version", "1"),
                ("overlap", "None"),
                ("lifetime", "Year1"),
                ("user[user_name]", "mine"),
                ("name", "mine"),
            ];
            let answer = admin.form(path, &fields).await;
            assert!(!answer.text().to_lowercase().contains("fabrikam"), "{path}");
            refused += usize::from(answer.status == 404);
        }
    }
    assert!(refused >= 6, "{refused}");
    assert_eq!(other.user(&victim).await, before);
    assert_eq!(store.tokens(tenant).await.unwrap().len(), 1);
    assert_eq!(store.tokens(tenant).await.unwrap()[0].revoked, None);
    assert_eq!(store.settings(tenant).await.unwrap(), settings);
}
