//! The Entra simulator: the requests it sends, and how it handles failures of the server.

use rollcall::entra::{CycleKind, Job, SimulateError, Verify, simulate};
use serde_json::json;

use crate::entra_fake_service::error;
use crate::entra_tenant::{Tenant, user};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn every_request_has_entras_format() {
    let tenant = Tenant::new();
    tenant
        .users(&[user("ana", json!({}))])
        .groups(&[json!({"id": "g", "displayName": "G", "members": [{"id": "ana"}]})]);
    let job = Job { flag: Some("aadOptscim062020".into()), ..tenant.job() };
    assert_eq!(tenant.run(&job).exit_code(), 0);
    let requests = tenant.fake.take_requests();
    for request in &requests {
        let line = format!("{} {}", request.method, request.path);
        assert!(!request.headers.contains_key("user-agent"), "{line}");
        assert_eq!(request.headers["authorization"], "Bearer secret", "{line}");
        assert_eq!(request.headers["accept"], "application/scim+json", "{line}");
        assert!(request.path.contains("?aadOptscim062020"), "{line}");
        let has_body = matches!(request.method.as_str(), "POST" | "PATCH");
        assert_eq!(request.headers.contains_key("content-type"), has_body, "{line}");
    }
    let guid = |path: &str| path.split('"').nth(1).map(str::len);
    assert!(requests[0].path.starts_with("/Users?aadOptscim062020&filter=userName eq \""));
    assert!(
        requests[1].path.starts_with("/Groups?aadOptscim062020&excludedAttributes=members&filter=displayName eq \"")
    );
    assert_eq!((guid(&requests[0].path), guid(&requests[1].path)), (Some(36), Some(36)));
    let lines: Vec<_> = requests[2..].iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    GET /Users?aadOptscim062020&filter=userName eq "ana@x.org"
    POST /Users?aadOptscim062020
    GET /Groups?aadOptscim062020&excludedAttributes=members&filter=displayName eq "G"
    POST /Groups?aadOptscim062020
    PATCH /Groups/t2?aadOptscim062020
    GET /Users?aadOptscim062020&startIndex=1&count=100
    GET /Groups?aadOptscim062020&startIndex=1&count=100
    "#);
}

#[test]
fn only_changes_are_sent_and_an_unchanged_directory_sends_nothing() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({"jobTitle": "Boss"})), user("bob", json!({}))]);
    assert_eq!(tenant.run(&tenant.job()).created, 2);
    tenant.users(&[user("ana", json!({"jobTitle": null, "mail": "ana@x.org"})), user("bob", json!({}))]);
    tenant.fake.take_lines();
    tenant.run(&Job { verify: Verify::Off, ..tenant.job() });
    let requests = tenant.fake.take_requests();
    insta::assert_snapshot!(requests.last().unwrap().body["Operations"], @r#"[{"op":"Replace","path":"title","value":""},{"op":"Add","path":"emails[type eq \"work\"].value","value":"ana@x.org"}]"#);
    assert_eq!(tenant.records(), ["ana@x.org update success"]);
    tenant.run(&Job { verify: Verify::Off, ..tenant.job() });
    assert_eq!(tenant.fake.take_lines().len(), 1, "only Test Connection");
}

#[test]
fn a_failure_is_retried_by_the_next_cycles_then_at_growing_intervals() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]);
    tenant.fake.respond_with(|request| (request.method == "POST").then(|| error(400, "too long")));
    let mut tried = Vec::new();
    for _ in 0..9 {
        let outcome = tenant.run(&tenant.job());
        assert_eq!((outcome.failed, outcome.differences, outcome.exit_code()), (1, 0, 1));
        tried.push(tenant.fake.take_lines().iter().any(|line| line.starts_with("POST")));
    }
    assert_eq!(tried, [true, true, true, true, true, false, true, false, false]);
    tenant.fake.respond_normally();
    assert_eq!(
        tenant.run(&Job { cycle: CycleKind::Initial, ..tenant.job() }).exit_code(),
        0,
        "a restart clears pending retries"
    );
}

#[test]
fn a_failure_has_entras_error_code() {
    for (status, code) in [
        (400, "SystemForCrossDomainIdentityManagementBadRequest"),
        (404, "InvalidAnchor"),
        (409, "EntryConflict"),
        (418, "WebExceptionProtocolError"),
        (500, "InternalServerError"),
    ] {
        let tenant = Tenant::new();
        tenant.users(&[user("ana", json!({}))]);
        tenant.fake.respond_with(move |request| (request.method == "POST").then(|| error(status, "the reason")));
        tenant.run(&tenant.job());
        let object = tenant.report()["objects"][0].clone();
        let info = &object["provisioningStatusInfo"]["errorInformation"];
        assert_eq!((info["errorCode"].as_str(), info["reason"].as_str()), (Some(code), Some("the reason")), "{status}");
    }
}

#[test]
fn a_deleted_user_is_disabled_and_deleted_after_thirty_days() {
    let tenant = Tenant::new();
    let (ana, bob) = (user("ana", json!({})), user("bob", json!({})));
    tenant.users(&[ana.clone(), bob.clone()]).run(&tenant.job());
    tenant.users(std::slice::from_ref(&bob)).run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org disable success"]);
    assert_eq!(tenant.fake.named("ana@x.org").unwrap()["active"], false);
    tenant.run(&Job { advance_days: 29, ..tenant.job() });
    assert_eq!(tenant.records(), [""; 0], "already disabled, and not due for deletion");
    assert_eq!(tenant.run(&Job { advance_days: 30, ..tenant.job() }).exit_code(), 0);
    assert_eq!(tenant.records(), ["ana@x.org delete success"]);
    assert!(tenant.fake.named("ana@x.org").is_none());
    tenant.users(&[ana, bob]).run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org create success"]);
}

#[test]
fn a_user_who_returns_in_time_is_restored() {
    let tenant = Tenant::new();
    let (ana, bob) = (user("ana", json!({"jobTitle": "Boss"})), user("bob", json!({})));
    tenant.users(&[ana.clone(), bob.clone()]).run(&tenant.job());
    tenant.users(std::slice::from_ref(&bob)).run(&tenant.job());
    let id = tenant.fake.named("ana@x.org").unwrap()["id"].clone();
    tenant.users(&[ana, bob]).run(&tenant.job());
    assert_eq!(tenant.report()["summary"]["users"]["restored"], 1);
    let restored = tenant.fake.named("ana@x.org").unwrap();
    assert_eq!((&restored["id"], &restored["active"], &restored["title"]), (&id, &json!(true), &json!("Boss")));
}

#[test]
fn a_user_in_the_recycle_bin_is_deleted_thirty_days_after_deletion() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({})), user("bob", json!({}))]).run(&tenant.job());
    tenant
        .users(&[user("ana", json!({"deletedDateTime": "2001-01-01T00:00:00Z"})), user("bob", json!({}))])
        .run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org delete success"]);
}

#[test]
fn a_user_out_of_scope_is_not_created_and_one_leaving_scope_is_disabled() {
    let tenant = Tenant::new();
    let job = Job { scope: vec!["department=IT".into()], ..tenant.job() };
    tenant.users(&[user("ana", json!({})), user("bob", json!({"department": "Sales"}))]).run(&job);
    assert_eq!(tenant.records(), ["ana@x.org create success", "bob@x.org other skipped"]);
    tenant.users(&[user("ana", json!({"department": "Sales"})), user("bob", json!({"department": "IT"}))]);
    assert_eq!(tenant.run(&job).differences, 0);
    assert_eq!(tenant.records(), ["ana@x.org disable success", "bob@x.org create success"]);
    assert_eq!(tenant.fake.named("ana@x.org").unwrap()["active"], false);
}

#[test]
fn blocked_users_are_created_disabled_or_skipped() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({"accountEnabled": false})), user("bob", json!({}))]);
    assert_eq!(tenant.run(&Job { skip_blocked: true, ..tenant.job() }).created, 1);
    assert_eq!(tenant.run(&Job { cycle: CycleKind::Initial, ..tenant.job() }).created, 1);
    assert_eq!(tenant.fake.named("ana@x.org").unwrap()["active"], false);
}

#[test]
fn managers_are_set_after_users_and_wait_for_missing_ones() {
    for flag in [None, Some("aadOptscim062020".to_owned())] {
        let tenant = Tenant::new();
        let job = Job { flag, ..tenant.job() };
        let boss = |id: &str| json!({"manager": {"id": id}});
        tenant.fake.respond_with(|request| {
            (request.method == "POST" && request.body["userName"] == "cy@x.org").then(|| error(400, "no"))
        });
        tenant.users(&[
            user("ana", boss("bob")),
            user("bob", boss("ana")),
            user("cy", boss("nobody")),
            user("dan", boss("cy")),
        ]);
        assert_eq!(tenant.run(&job).differences, 0);
        let managers = &tenant.report()["summary"]["managers"];
        assert_eq!((&managers["set"], &managers["waiting"]), (&json!(2), &json!(1)));
        tenant.fake.respond_normally();
        tenant.users(&[
            user("ana", json!({})),
            user("bob", boss("ana")),
            user("cy", json!({})),
            user("dan", boss("cy")),
        ]);
        assert_eq!(tenant.run(&job).exit_code(), 0);
        let managers = &tenant.report()["summary"]["managers"];
        assert_eq!((&managers["set"], &managers["cleared"], &managers["waiting"]), (&json!(1), &json!(1), &json!(0)));
        let id = |name: &str| tenant.fake.named(name).unwrap()["id"].clone();
        let manager = |name: &str| {
            let manager = tenant.fake.named(name).unwrap()[ENTERPRISE]["manager"].clone();
            if manager.is_object() { manager["value"].clone() } else { manager }
        };
        assert_eq!((manager("bob@x.org"), manager("dan@x.org")), (id("ana@x.org"), id("cy@x.org")));
        assert!(["", "null"].contains(&manager("ana@x.org").as_str().unwrap_or("null")));
    }
}

#[test]
fn groups_are_created_renamed_and_deleted_with_their_members() {
    for flag in [None, Some("aadOptscim062020".to_owned())] {
        let tenant = Tenant::new();
        let group = |id: &str, name: &str, members: &[&str]| json!({"id": id, "displayName": name, "members": members.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()});
        tenant.users(&[user("ana", json!({})), user("bob", json!({})), user("cy", json!({}))]);
        tenant.groups(&[group("g", "Tools \"beta\" \\", &["ana", "bob", "gone"]), group("h", "Empty", &[])]);
        let job = Job { flag, ..tenant.job() };
        assert_eq!(tenant.run(&job).exit_code(), 0);
        tenant.groups(&[group("g", "Tools", &["bob", "cy"])]);
        assert_eq!(tenant.run(&job).exit_code(), 0);
        let members = &tenant.report()["summary"]["members"];
        assert_eq!((&members["added"], &members["removed"]), (&json!(1), &json!(1)));
        assert_eq!(tenant.records(), ["Empty delete success", "Tools update success"]);
        assert!(tenant.fake.named("Empty").is_none());
    }
}

#[test]
fn a_throttled_request_waits_as_requested() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]);
    let mut refusals = 2;
    tenant.fake.respond_with(move |request| {
        let is_refused = request.method == "POST" && refusals > 0;
        refusals -= i32::from(is_refused);
        is_refused.then(|| (429, "retry-after: 0\r\n".into(), json!({"status": "429", "detail": "slow down"})))
    });
    let outcome = tenant.run(&tenant.job());
    assert_eq!((outcome.created, outcome.failed), (1, 0));
    assert_eq!(tenant.report()["summary"]["throttled"], 2);
}

#[test]
fn refused_credentials_start_quarantine_and_valid_ones_end_it() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]);
    tenant.fake.respond_with(|_| Some(error(401, "who are you")));
    let refused = simulate(&tenant.job(), &mut Vec::new()).unwrap_err();
    assert!(
        matches!(&refused, SimulateError::Connection(why) if why.contains("401 Unauthorized: who are you")),
        "{refused}"
    );
    let state = std::fs::read_to_string(tenant.file("state.json")).unwrap();
    assert!(state.contains("\"about_credentials\":true") && !state.contains("secret"), "{state}");
    tenant.fake.respond_normally();
    assert!(!tenant.run(&tenant.job()).quarantined);
}

#[test]
fn a_server_that_finds_users_for_a_random_guid_fails_test_connection() {
    for (answer, why) in [
        (json!({"totalResults": 1, "Resources": [{"id": "1"}]}), "the filter is ignored"),
        (json!({"Resources": []}), "totalResults"),
        (json!("hello"), "totalResults"),
    ] {
        let tenant = Tenant::new();
        tenant.users(&[user("ana", json!({}))]);
        tenant.fake.respond_with(move |_| Some((200, String::new(), answer.clone())));
        let refused = simulate(&tenant.job(), &mut Vec::new()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn duplicate_names_are_failures() {
    let tenant = Tenant::new();
    let twin = user("bob", json!({"userPrincipalName": "ANA@x.org"}));
    tenant.users(&[user("ana", json!({})), twin]).run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org create success", "ANA@x.org other failure DuplicateSourceEntries"]);
    let tenant = Tenant::new();
    tenant.fake.change_resources(|resources| {
        for id in ["1", "2"] {
            resources.insert(format!("Users/{id}"), json!({"id": id, "userName": "ana@x.org"}));
        }
    });
    tenant.users(&[user("ana", json!({}))]).run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org create failure DuplicateTargetEntries"]);
}

#[test]
fn existing_users_are_matched_and_users_deleted_on_the_server_are_created_again() {
    let tenant = Tenant::new();
    tenant.fake.change_resources(|resources| {
        resources.insert("Users/1".into(), json!({"id": "1", "userName": "ana@x.org", "title": "Old"}));
    });
    tenant.users(&[user("ana", json!({"jobTitle": "New"}))]).run(&tenant.job());
    assert_eq!(tenant.records(), ["ana@x.org update success"]);
    tenant.fake.change_resources(std::collections::BTreeMap::clear);
    tenant.users(&[user("ana", json!({"jobTitle": "Newer"}))]);
    assert_eq!(tenant.run(&tenant.job()).exit_code(), 0);
    assert_eq!(tenant.records(), ["ana@x.org create success"]);
}

#[test]
fn the_comparison_finds_missing_changed_and_additional_users() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({"jobTitle": "Boss"})), user("bob", json!({}))]);
    tenant.run(&tenant.job());
    tenant.fake.change_resources(|resources| {
        resources.get_mut("Users/t1").unwrap()["title"] = json!("Clerk");
        resources.remove("Users/t2");
        resources.insert("Users/t3".into(), json!({"id": "t3", "userName": "eve"}));
    });
    let mut out = Vec::new();
    let outcome = simulate(&tenant.job(), &mut out).unwrap();
    assert_eq!((outcome.differences, outcome.exit_code()), (3, 1));
    let lines = String::from_utf8(out).unwrap();
    let lines: Vec<_> = lines.lines().filter(|line| line.contains("Differs")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Differs   ana@x.org title: directory "Boss", server "Clerk"
    Differs   bob@x.org: directory "id t2", server nothing
    Differs   eve: directory nothing, server "id t3"
    "#);
    assert_eq!(tenant.run(&Job { verify: Verify::Known, ..tenant.job() }).differences, 2);
}

#[test]
fn an_incomplete_export_is_refused_before_anything_is_sent() {
    let tenant = Tenant::new();
    for (text, why) in [
        (r#"{"value":[]}"#, "disable all users"),
        (r#"{"value":[{"id":"1"}],"@odata.nextLink":"https://…"}"#, "further pages"),
        (r#"[{"id":"1"},{"id":"1"}]"#, "occurs twice"),
    ] {
        std::fs::write(tenant.file("users.json"), text).unwrap();
        let refused = simulate(&tenant.job(), &mut Vec::new()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(tenant.fake.take_lines().is_empty());
}

#[test]
fn an_export_without_managers_clears_no_manager() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({})), user("bob", json!({"manager": {"id": "ana"}}))]).run(&tenant.job());
    let csv = "userPrincipalName,id,displayName,accountEnabled,department\nana@x.org,ana,Ana,True,IT\nbob@x.org,bob,Bob,True,IT\n";
    std::fs::write(tenant.file("users.csv"), format!("\u{feff}{csv}")).unwrap();
    let job = Job { users: vec![tenant.file("users.csv")], ..tenant.job() };
    assert_eq!(tenant.run(&job).exit_code(), 0);
    assert_eq!(tenant.fake.named("bob@x.org").unwrap()[ENTERPRISE]["manager"], "t1");
}

#[test]
fn concurrent_exports_have_the_same_result() {
    let tenant = Tenant::new();
    let users: Vec<_> = (0..450).map(|number| user(&format!("u{number}"), json!({"manager": {"id": "u0"}}))).collect();
    tenant.users(&users);
    let outcome = tenant.run(&Job { concurrency: 8, ..tenant.job() });
    assert_eq!((outcome.created, outcome.exit_code()), (450, 0));
    assert_eq!(tenant.records().len(), 450);
}
