//! The readiness check: Rollcall itself scores 100%, and other servers are refused with one line.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::time::Duration;

use rollcall::check::{CheckError, Event, Options, Report, Verdict, run};
use rollcall::server;
use tokio::task::spawn_blocking;

use crate::support::TestApp;

/// Starts the service on a free port.
async fn serve(app: &TestApp) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2/scim", listener.local_addr().unwrap());
    tokio::spawn(server::run(app.state.clone(), listener, std::future::pending()));
    url
}

/// Names and reasons of failed tests.
pub fn failures(report: &Report) -> Vec<String> {
    let failed = report.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Failed(failure) => Some(format!("{}: {}", outcome.name, failure.what)),
        _ => None,
    });
    failed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rollcall_passes_all_tests_it_declares_and_everything_is_deleted() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let stays = app.entra().create_user("stays@contoso.example").await;
    let url = serve(&app).await;
    let options = Options::new(url, app.token());
    let report = spawn_blocking(move || {
        let (mut announced, mut reported) = (0, 0);
        let report = run(&options, &mut |event| {
            match event {
                Event::Started { total } => announced = total,
                Event::Done(_) => reported += 1,
            }
            ControlFlow::Continue(())
        });
        let report = report.unwrap();
        assert_eq!((announced, reported), (report.outcomes.len(), report.outcomes.len()));
        report
    });
    let report = report.await.unwrap();
    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!((report.score(), report.exit_code()), (100, 0));
    assert!(report.passed() > 200, "{}", report.score_line());
    let skipped = report.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Skipped { reason } => Some(reason.as_str()),
        _ => None,
    });
    for reason in skipped {
        assert!(reason.contains("does not declare"), "{reason}");
    }
    let users = app.entra().get("/v2/scim/Users").await.json();
    assert_eq!((&users["totalResults"], &users["Resources"][0]["id"]), (&1.into(), &stays.into()));
    assert_eq!(app.entra().get("/v2/scim/Groups").await.json()["totalResults"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_ends_the_check_before_any_test() {
    let app = TestApp::new().await;
    let url = serve(&app).await;
    let why = refusal(Options::new(url, "rollcall_scim_wrong")).await;
    assert!(why.contains("rejects this token (401)") && !why.contains("rollcall_scim_wrong"), "{why}");
}

/// The error of a check that could not run.
async fn refusal(options: Options) -> String {
    let done = spawn_blocking(move || run(&options, &mut |_| ControlFlow::Continue(())));
    done.await.unwrap().unwrap_err().to_string()
}

/// Starts a server that always sends the same response.
fn fixed_response(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scim", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 4096];
            // The client may have closed the connection.
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[tokio::test]
async fn a_server_without_scim_is_reported_in_one_line() {
    let page = fixed_response(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
    );
    let away = fixed_response(
        "HTTP/1.1 302 X\r\nlocation: https://sso.example/login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let other = fixed_response(
        "HTTP/1.1 404 X\r\ncontent-type: application/json\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{\"error\":\"nix\"}",
    );
    let nonsense = fixed_response("I am no web server\r\n\r\n");
    let cases = [
        (page, "is not a SCIM service: /Users answers 200 with a web page"),
        (away, "redirects to https://sso.example/login (302)"),
        (other, "is not a SCIM service: /Users answers 404 with JSON that is not a list of users"),
        (nonsense, "cannot be reached"),
        ("http://127.0.0.1:9/scim".into(), "cannot be reached"),
        ("ftp://example.com".into(), "is not a Tenant URL"),
        ("https://".into(), "is not a Tenant URL"),
        ("http://exa mple/scim".into(), "is not a Tenant URL"),
        (String::new(), "is not a Tenant URL"),
    ];
    for (url, expected) in cases {
        let why = refusal(Options::new(&url, "secret-token")).await;
        assert!(why.contains(expected) && !why.contains('\n') && !why.contains("secret-token"), "{url}: {why}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_respond_in_time_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/scim", listener.local_addr().unwrap());
    let why = refusal(Options { timeout: Duration::from_millis(50), ..Options::new(url, "secret-token") }).await;
    assert!(why.contains("cannot be reached: timeout"), "{why}");
    drop(listener);
}

#[test]
fn invalid_arguments_are_refused_before_anything_is_sent() {
    let url = "http://127.0.0.1:9/scim";
    let usage =
        |options: &Options| matches!(run(options, &mut |_| ControlFlow::Continue(())), Err(CheckError::Usage(_)));
    assert!(usage(&Options::new(url, "")) && usage(&Options::new(url, "two words")) && usage(&Options::new(url, "ü")));
    assert!(usage(&Options { domain: "a\" or \"b".into(), ..Options::new(url, "t") }));
    assert!(usage(&Options { only: vec!["nonsense".into()], ..Options::new(url, "t") }));
    assert!(!format!("{:?}", Options::new(url, "secret-token")).contains("secret-token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_the_score_writes_the_report_and_exits_as_documented() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let (url, token) = (serve(&app).await, app.token().to_owned());
    let done = spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.xml");
        let written = report.to_str().unwrap();
        let arguments =
            ["--url", &url, "--only", "me", "--only", "okta.list", "--format", "junit", "--report", written];
        let (code, said, _) = command(&arguments, &token);
        assert_eq!(code, 0, "{said}");
        assert!(said.ends_with("score: 100% (3 of 3 tests passed)\n"), "{said}");
        let xml = std::fs::read_to_string(report).unwrap();
        assert!(xml.contains("<testcase name=\"okta.list") && !xml.contains(&token), "{xml}");

        let (code, said, _) = command(&["--url", &url, "--only", "me", "--format", "json"], &token);
        let json: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, &json["score"], &json["tests"][0]["status"]), (0, &100.into(), &"passed".into()));

        let (code, said, complained) = command(&["--url", &url], "rollcall_scim_wrong");
        assert_eq!((code, said.as_str(), complained.lines().count()), (2, "", 1), "{complained}");
        let (_, help, _) = command(&["--help"], "");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("Exits with 0 when all applicable tests passed, 1 when a test failed, 2 when"), "{help}");
    });
    done.await.unwrap();
}

/// Exit code, standard output and standard error of the program.
fn command(arguments: &[&str], token: &str) -> (i32, String, String) {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"));
    let output = program.arg("check").args(arguments).env("ROLLCALL_CHECK_TOKEN", token).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
