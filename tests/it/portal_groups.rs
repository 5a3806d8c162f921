//! Manage Groups and the links to it, as rendered by the server.

use serde_json::json;

use crate::support::{Answer, TestApp, UNKNOWN_ID, group, patch_of, user};

/// A company: Ana and Eva in Team, Team in Branch, Branch in All.
struct Company {
    app: TestApp,
    ana: String,
    team: String,
    branch: String,
    all: String,
}

impl Company {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let entra = app.entra();
        let mut document = user("ana@contoso.com");
        document["displayName"] = json!("Ana Ruiz");
        let ana = entra.create(&document).await;
        let eva = entra.create_user("eva@contoso.com").await;
        let mut team = group("Team <A&B>");
        team["externalId"] = json!("Ext-Team");
        let team = entra.post("/v2/scim/Groups", &team).await.created_id();
        let branch = entra.create_group("Branch").await;
        let all = entra.create_group("All").await;
        for (group, members) in [(&team, vec![&ana, &eva]), (&branch, vec![&team]), (&all, vec![&branch])] {
            let members: Vec<_> = members.iter().map(|member| json!({"value": member})).collect();
            let join = patch_of(&json!([{"op": "Add", "path": "members", "value": members}]));
            entra.patch(&format!("/v2/scim/Groups/{group}"), &join).await.expect(204);
        }
        Self { app, ana, team, branch, all }
    }

    async fn page(&self, path: &str) -> String {
        self.app.admin().await.page(path).await.expect(200).text().replace("<!>", "")
    }
}

/// Whether the page has a link with this path and text.
fn links(page: &str, path: &str, words: &str) -> bool {
    page.split("<a ").skip(1).any(|link| {
        let link = link.split("</a>").next().unwrap_or_default();
        link.contains(&format!("href=\"{path}\"")) && link.contains(&format!(">{words}"))
    })
}

#[tokio::test]
async fn the_list_shows_groups_with_their_size_and_is_searched_and_sorted() {
    let company = Company::new().await;
    let page = company.page("/groups").await;
    for (id, name) in [(&company.team, "Team &lt;A&amp;B&gt;"), (&company.branch, "Branch"), (&company.all, "All")] {
        assert!(links(&page, &format!("/groups/{id}"), name), "{name}: {page}");
    }
    assert!(page.contains("3 of 3 groups shown") && page.contains("2 members"), "{page}");
    for search in ["TEAM", "Ext-"] {
        let found = company.page(&format!("/groups?q={search}")).await;
        assert!(found.contains("1 of 1 group shown") && found.contains(&company.team), "{search}: {found}");
    }
    assert!(company.page("/groups?q=nothing").await.contains("No group matches"));
    let biggest = company.page("/groups?sort=-members").await;
    assert!(biggest.find(&company.team) < biggest.find(&company.branch), "{biggest}");
}

#[tokio::test]
async fn an_empty_group_list_says_where_groups_come_from() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    assert!(admin.page("/groups").await.text().contains("has not sent any yet"));
    app.settings(|settings| settings.provisioning = false).await;
    let page = admin.page("/groups").await.text();
    assert!(page.contains("Groups are created by your identity provider"), "{page}");
}

#[tokio::test]
async fn a_group_shows_its_members_groups_and_history() {
    let company = Company::new().await;
    let page = company.page(&format!("/groups/{}", company.team)).await;
    assert!(links(&page, &format!("/users/{}", company.ana), "Ana Ruiz"), "{page}");
    assert!(page.contains("2 of 2 members shown") && page.contains("eva@contoso.com"), "{page}");
    assert!(page.contains("Ext-Team"), "stored attributes are shown: {page}");
    assert!(links(&page, &format!("/groups/{}", company.branch), "Branch"), "{page}");
    assert!(links(&page, &format!("/groups/{}", company.all), "All (indirect)"), "{page}");
    let history = page.split("id=\"history\"").nth(1).unwrap().split("<script").next().unwrap();
    assert!(history.contains(">Create") && history.contains(">Update"), "{history}");
    assert!(history.contains("<ins>Ana Ruiz") && history.contains("<ins>eva@contoso.com"), "{history}");
    assert!(page.contains("creates and manages groups and their members"), "{page}");

    let branch = company.page(&format!("/groups/{}", company.branch)).await;
    assert!(links(&branch, &format!("/groups/{}", company.team), "Team &lt;A&amp;B&gt;"), "{branch}");

    let found = company.page(&format!("/groups/{}?q=eva", company.team)).await;
    assert!(found.contains("1 of 1 member shown"), "{found}");
    let found = company.page(&format!("/groups/{}?q=nobody", company.team)).await;
    assert!(found.contains("No member matches"), "{found}");

    company.app.settings(|settings| settings.provisioning = false).await;
    let page = company.page(&format!("/groups/{}", company.team)).await;
    assert!(!page.contains("so they are read-only here"), "{page}");
}

#[tokio::test]
async fn many_members_are_paged_and_their_changes_shortened() {
    let app = TestApp::new().await;
    let entra = app.entra();
    let mut members = Vec::new();
    for number in 100..220 {
        members.push(json!({"value": entra.create_user(&format!("user{number}")).await}));
    }
    let mut crowd = group("Crowd");
    crowd["members"] = json!(members);
    let crowd = entra.post("/v2/scim/Groups", &crowd).await.created_id();
    let admin = app.admin().await;
    let first = admin.page(&format!("/groups/{crowd}?before=7")).await.text();
    assert!(
        first.contains("25 of 120 members shown") && first.contains("user100") && !first.contains("user125"),
        "{first}"
    );
    let next =
        first.split("href=\"").find_map(|link| link.split('"').next().filter(|link| link.contains("page="))).unwrap();
    assert!(next.contains("before=7") && next.ends_with("#members"), "{next}");
    let second = admin.page(&next.replace("&amp;", "&").replace("#members", "")).await.text();
    assert!(second.contains("25 of 120 members shown") && second.contains("user149"), "{second}");
    let line = app.journal().await.into_iter().find(|entry| entry.entry.identity == "Crowd").unwrap();
    let page = admin.page(&format!("/logs/{}", line.entry.id)).await.text();
    assert!(page.contains("100 of 121 changes shown") && page.contains("user150"), "members have names: {page}");
}

#[tokio::test]
async fn users_and_entries_link_to_the_group() {
    let company = Company::new().await;
    let user = company.page(&format!("/users/{}", company.ana)).await;
    assert!(links(&user, &format!("/groups/{}", company.team), "Team &lt;A&amp;B&gt;"), "{user}");

    let entries = company.app.journal().await;
    let of_team = entries.iter().find(|entry| entry.entry.resource.as_ref().is_some_and(|it| it.id == company.team));
    let path = format!("/logs/{}", of_team.unwrap().entry.id);
    let entry = company.page(&path).await;
    assert!(entry.contains(&format!("href=\"/groups/{}\"", company.team)) && entry.contains("Open group"), "{entry}");
    company.app.entra().delete(&format!("/v2/scim/Groups/{}", company.team)).await.expect(204);
    let entry = company.page(&path).await;
    assert!(!entry.contains(&format!("href=\"/groups/{}\"", company.team)), "{entry}");
}

#[tokio::test]
async fn an_unknown_group_is_not_found() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for path in [format!("/groups/{UNKNOWN_ID}"), "/groups/nonsense".to_owned()] {
        let answer: Answer = admin.page(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("There is no such group"), "{path}");
        assert!(links(&answer.text(), "/groups", "Go to Manage Groups"), "{path}: {}", answer.text());
    }
}
