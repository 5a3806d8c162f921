//! One tenant never sees, finds, changes or learns of another's rows, on any route (checklist P).

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
    // The same names are free there, and nothing crosses over through members or managers.
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
