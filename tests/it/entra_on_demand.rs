//! The Entra simulator besides ordinary cycles: provision on demand, account discovery, deleted groups, a second matching
//! attribute, and one run at a time.

use std::io::Write;

use rollcall::entra::{CycleKind, Job, Task, simulate};
use serde_json::{Value, json};

use crate::entra_fake_service::error;
use crate::entra_tenant::{Tenant, user};

fn group(id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({"id": id})).collect();
    json!({"id": id, "displayName": name, "members": members})
}

fn on_demand(tenant: &Tenant, name: &str) -> Job {
    Job { task: Task::OnDemand(name.into()), verify: rollcall::entra::Verify::Off, ..tenant.job() }
}

#[test]
fn on_demand_provisions_one_user_in_the_older_dialect_regardless_of_the_flag() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({"jobTitle": "Boss"})), user("bob", json!({"manager": {"id": "ana"}}))]);
    let flagged = |job: Job| Job { flag: Some("aadOptscim062020".into()), ..job };
    tenant.run(&flagged(on_demand(&tenant, "ANA@x.org")));
    assert_eq!(tenant.records(), ["ana@x.org create success"]);
    assert!(tenant.fake.named("bob@x.org").is_none());
    assert_eq!(tenant.report()["cycle"]["kind"], "onDemand");

    tenant.users(&[user("ana", json!({"jobTitle": null})), user("bob", json!({"manager": {"id": "ana"}}))]);
    tenant.fake.take_requests();
    tenant.run(&flagged(on_demand(&tenant, "ana")));
    let requests = tenant.fake.take_requests();
    let patch = requests.iter().find(|request| request.method == "PATCH").unwrap();
    assert!(patch.path.ends_with("?aadOptscim062020"), "the Tenant URL stays as it is: {}", patch.path);
    insta::assert_snapshot!(patch.body["Operations"], @r#"[{"op":"Replace","path":"title","value":""}]"#);

    tenant.run(&flagged(on_demand(&tenant, "bob")));
    assert_eq!(tenant.records(), ["bob@x.org create success"], "with the manager");
    assert_eq!(tenant.report()["summary"]["managers"]["set"], 1);
    tenant.fake.take_requests();
    assert_eq!(tenant.run(&flagged(tenant.job())).exit_code(), 0, "the first cycle goes on from there");
    assert!(tenant.fake.take_requests().iter().all(|request| request.method == "GET"));
}

#[test]
fn on_demand_adds_five_members_and_the_next_cycle_the_rest() {
    let tenant = Tenant::new();
    let ids: Vec<String> = (0..8).map(|number| format!("u{number}")).collect();
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    tenant.users(&ids.iter().map(|id| user(id, json!({}))).collect::<Vec<_>>()).groups(&[group("g", "Tools", &[])]);
    tenant.run(&tenant.job());
    tenant.groups(&[group("g", "Tools", &members)]);
    tenant.run(&on_demand(&tenant, "Tools"));
    assert_eq!(tenant.report()["summary"]["members"]["added"], 5);
    assert_eq!(tenant.run(&tenant.job()).exit_code(), 0);
    assert_eq!(tenant.report()["summary"]["members"]["added"], 3);
    tenant.groups(&[group("g", "Tools", &[])]).run(&on_demand(&tenant, "Tools"));
    assert_eq!(tenant.report()["summary"]["members"]["removed"], 0, "no member is removed on demand");
}

#[test]
fn on_demand_prints_the_steps_and_refuses_unknown_objects() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]).groups(&[group("g", "Twin", &[]), group("h", "Twin", &[])]);
    let mut out = Vec::new();
    simulate(&on_demand(&tenant, "ana"), &mut out).unwrap();
    let shown = String::from_utf8(out).unwrap();
    assert!(shown.contains("Success: The user is in scope") && shown.contains("Success: Created"), "{shown}");
    for (name, why) in [("eve", "no user or group"), ("Twin", "use an object id")] {
        let refused = simulate(&on_demand(&tenant, name), &mut Vec::new()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

/// A refused token does not put the job into quarantine on demand, and a run on demand is no cycle.
#[test]
fn on_demand_does_not_affect_cycles_and_quarantine() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]);
    tenant.fake.respond_with(|_| Some(error(401, "who are you")));
    assert!(simulate(&on_demand(&tenant, "ana"), &mut Vec::new()).is_err());
    assert!(!tenant.file("state.json").exists());
    tenant.fake.respond_normally();
    tenant.run(&on_demand(&tenant, "ana"));
    let refused = simulate(&Job { cycle: CycleKind::Incremental, ..tenant.job() }, &mut Vec::new());
    assert!(refused.unwrap_err().to_string().contains("state of a finished cycle"), "it was no cycle");
}

#[test]
fn a_deleted_group_is_removed_and_can_be_restored_with_its_members() {
    for in_export in [true, false] {
        let tenant = Tenant::new();
        let (tools, other) = (group("g", "Tools", &["ana"]), group("h", "Other", &[]));
        tenant.users(&[user("ana", json!({}))]).groups(&[tools.clone(), other.clone()]).run(&tenant.job());
        let mut deleted = tools.clone();
        deleted["deletedDateTime"] = json!("2001-01-01T00:00:00Z");
        let gone = if in_export { vec![deleted, other.clone()] } else { vec![other.clone()] };
        assert_eq!(tenant.groups(&gone).run(&tenant.job()).exit_code(), 0);
        assert_eq!(tenant.records(), ["Tools delete success"]);
        assert!(tenant.fake.named("Tools").is_none());
        assert_eq!(tenant.run(&tenant.job()).exit_code(), 0);
        assert_eq!(tenant.records(), [""; 0], "it is deleted once");

        // Deleted in 2001 it cannot be restored any more; deleted now it can.
        assert_eq!(tenant.groups(&[tools, other]).run(&tenant.job()).exit_code(), 0);
        assert_eq!(tenant.records(), ["Tools create success"]);
        let summary = tenant.report()["summary"].clone();
        let (restored, created) = if in_export { (0, 1) } else { (1, 0) };
        assert_eq!(
            (&summary["groups"]["restored"], &summary["groups"]["created"]),
            (&json!(restored), &json!(created))
        );
        assert_eq!(summary["members"]["added"], 1);
        assert_eq!(tenant.fake.named("Tools").unwrap()["members"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn a_second_matching_attribute_is_used_if_the_first_finds_no_user() {
    let tenant = Tenant::new();
    tenant.fake.change_resources(|resources| {
        resources.insert("Users/1".into(), json!({"id": "1", "userName": "old@x.org", "externalId": "ana"}));
        resources.insert("Users/2".into(), json!({"id": "2", "userName": "bob@x.org", "externalId": "else"}));
    });
    tenant.users(&[user("ana", json!({})), user("bob", json!({})), user("cy", json!({}))]);
    let job = Job { matching: vec!["userName".into(), "externalId".into()], ..tenant.job() };
    assert_eq!(tenant.run(&job).exit_code(), 0);
    assert_eq!(tenant.records(), ["ana@x.org update success", "bob@x.org update success", "cy@x.org create success"]);
    assert_eq!(tenant.fake.named("ana@x.org").unwrap()["id"], "1");
    let lookups: Vec<_> = tenant.fake.take_lines().into_iter().filter(|line| line.contains("cy")).collect();
    assert_eq!(
        lookups[..2],
        [r#"GET /Users?filter=userName eq "cy@x.org""#, r#"GET /Users?filter=externalId eq "cy""#]
    );
}

#[test]
fn discovery_lists_accounts_that_match_no_user_and_changes_nothing() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({})), user("bob", json!({"department": "Sales"}))]).run(&tenant.job());
    tenant.fake.change_resources(|resources| {
        resources.get_mut("Users/t1").unwrap()["userName"] = json!("renamed@x.org");
        for number in 0..250 {
            resources.insert(
                format!("Users/x{number}"),
                json!({"id": format!("x{number}"), "userName": format!("x{number}")}),
            );
        }
        resources.insert("Users/z".into(), json!({"id": "z", "userName": "ROOT", "active": false}));
    });
    tenant.users(&[
        user("ana", json!({})),
        user("bob", json!({"department": "Sales"})),
        user("x7", json!({"userPrincipalName": "X7"})),
    ]);
    tenant.fake.take_requests();
    let job = Job { task: Task::Discover, scope: vec!["department=IT".into()], quiet: false, ..tenant.job() };
    let mut out = Vec::new();
    assert_eq!(simulate(&job, &mut out).unwrap().exit_code(), 0);
    assert!(tenant.fake.take_requests().iter().all(|request| request.method == "GET"));
    let shown = String::from_utf8(out).unwrap();
    assert!(shown.contains("ROOT (id z, inactive)") && shown.contains("x249 (id x249)"), "{shown}");
    assert!(!shown.contains("    x7 "), "{shown}");
    let accounts = tenant.report()["discovery"]["accounts"].clone();
    let accounts = accounts.as_array().unwrap();
    let found = |id: &str| accounts.iter().find(|account| account["id"] == id).unwrap()["matched"].clone();
    assert_eq!(accounts.len(), 253);
    assert_eq!(found("t1"), json!({"id": "ana", "identity": "ana@x.org", "inScope": true}), "by its link");
    assert_eq!(found("t2")["inScope"], false);
    assert_eq!((found("x7")["id"].clone(), found("x8"), found("z")), (json!("x7"), Value::Null, Value::Null));
}

#[test]
fn a_second_run_with_the_same_state_is_refused() {
    let tenant = Tenant::new();
    tenant.users(&[user("ana", json!({}))]);
    let (job, second) = (tenant.job(), tenant.job());
    let mut refusals = std::fs::File::create(tenant.file("refusals")).unwrap();
    tenant.fake.respond_with(move |request| {
        if request.method == "POST" {
            // During the first run.
            let refused = simulate(&second, &mut Vec::new()).unwrap_err();
            refusals.write_all(refused.to_string().as_bytes()).unwrap();
        }
        None
    });
    assert_eq!(simulate(&job, &mut Vec::new()).unwrap().created, 1);
    let refused = std::fs::read_to_string(tenant.file("refusals")).unwrap();
    assert!(refused.contains("another run is using this state"), "{refused}");
    tenant.fake.respond_normally();
    assert_eq!(tenant.run(&job).exit_code(), 0, "the lock is released afterwards");
}
