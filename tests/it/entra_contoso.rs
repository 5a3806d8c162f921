//! A sample company provisioned into the service by the Entra simulator: 1,000 users and 40 groups on the first day, the
//! changes on the second, in both PATCH dialects of Entra.

use std::path::{Path, PathBuf};

use rollcall::entra::{Job, Outcome, Verify, simulate};
use rollcall::server;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::support::TestApp;

/// The service on a free port, and a folder for the simulator's state.
struct Company {
    app: TestApp,
    url: String,
    folder: tempfile::TempDir,
    flag: Option<&'static str>,
}

impl Company {
    async fn new(flag: Option<&'static str>) -> Self {
        let app = TestApp::with(|config| config.rate_limit = 0).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v2/scim", listener.local_addr().unwrap());
        tokio::spawn(server::run(app.state.clone(), listener, std::future::pending()));
        Self { app, url, folder: tempfile::tempdir().unwrap(), flag }
    }

    fn job(&self, day: u8) -> Job {
        Job {
            groups: vec![sample(&format!("groups.day{day}.graph.json"))],
            flag: self.flag.map(str::to_owned),
            state: Some(self.folder.path().join("state.json")),
            report: Some(self.report_file()),
            verify: Verify::Exact,
            concurrency: 4,
            quiet: true,
            ..Job::new(&self.url, self.app.token(), sample(&format!("users.day{day}.graph.json")))
        }
    }

    async fn run(&self, job: Job) -> (Outcome, Value) {
        let report = self.report_file();
        let run = move || {
            let mut out = Vec::new();
            let outcome = simulate(&job, &mut out).unwrap();
            assert_eq!(outcome.differences, 0, "{}", String::from_utf8_lossy(&out));
            (outcome, serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap())
        };
        spawn_blocking(run).await.unwrap()
    }

    fn report_file(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/contoso").join(name)
}

/// Every failure of a report mentions the limit.
#[track_caller]
fn check_failures(report: &Value, expected: usize) {
    let failed = |object: &&Value| object["provisioningStatusInfo"]["status"] == "failure";
    let failures: Vec<_> = report["objects"].as_array().unwrap().iter().filter(failed).collect();
    assert_eq!(failures.len(), expected);
    for failure in failures {
        let error = &failure["provisioningStatusInfo"]["errorInformation"];
        assert_eq!((&error["httpStatus"], &error["scimType"]), (&400.into(), &"invalidValue".into()), "{failure}");
        assert!(error["reason"].as_str().unwrap().contains("30 characters"), "{failure}");
    }
}

async fn two_days(flag: Option<&'static str>) {
    let company = Company::new(flag).await;
    let (first, report) = company.run(company.job(1)).await;
    assert_eq!((first.created, first.failed, first.exit_code()), (937, 63, 1));
    check_failures(&report, 63);
    let (second, report) = company.run(company.job(2)).await;
    assert_eq!((second.created, second.failed), (25, 62));
    check_failures(&report, 62);
    let summary = &report["summary"];
    let numbers = ["users", "groups", "managers", "members"].map(|part| format!("{part} {}", summary[part])).join("\n");
    insta::allow_duplicates! {
        insta::assert_snapshot!(numbers, @r#"
        users {"created":25,"deleted":0,"disabled":27,"failed":62,"restored":1,"skipped":1,"updated":60}
        groups {"created":0,"deleted":0,"disabled":0,"failed":0,"restored":0,"skipped":0,"updated":28}
        managers {"set":41,"cleared":0,"waiting":57}
        members {"added":25,"removed":72,"waiting":150}
        "#);
    }
    company.app.settings(|settings| settings.user_name_limit = 0).await;
    let (raised, _) = company.run(company.job(2)).await;
    assert_eq!((raised.created, raised.exit_code()), (62, 0), "with the limit raised, the next cycle provisions them");
    let (unchanged, _) = company.run(Job { verify: Verify::Off, ..company.job(2) }).await;
    assert_eq!((unchanged.requests, unchanged.exit_code()), (2, 0), "only Test Connection");
    let (later, report) = company.run(Job { advance_days: 31, ..company.job(2) }).await;
    assert_eq!((&report["summary"]["users"]["deleted"], later.exit_code()), (&17.into(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_days_are_provisioned_without_the_flag() {
    two_days(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_days_are_provisioned_with_the_flag() {
    two_days(Some("aadOptscim062020")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_from_the_csv_are_matched_by_the_graph_export() {
    let company = Company::new(None).await;
    company.app.settings(|settings| settings.user_name_limit = 0).await;
    let csv = Job { users: vec![sample("users.day1.portal.csv")], groups: Vec::new(), state: None, ..company.job(1) };
    let (outcome, _) = company.run(csv).await;
    assert_eq!((outcome.created, outcome.exit_code()), (1000, 0));
    let graph = Job { groups: Vec::new(), state: None, ..company.job(1) };
    let by_mail = Job { matching: vec!["emails[type eq \"work\"].value".into()], scope: vec!["mail".into()], ..graph };
    let (outcome, report) = company.run(Job { verify: Verify::Known, ..by_mail }).await;
    assert_eq!((outcome.created, &report["summary"]["users"]["updated"]), (0, &971.into()));
}
