//! Operating an installation: serving, backup, restore, health.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use rollcall::server;

use crate::{
    commands::{company, rollcall, token},
    support::TestApp,
};

/// A server process on a separate port, killed when dropped.
struct RunningServer {
    process: Child,
    address: String,
}

impl RunningServer {
    fn start(folder: &Path) -> Self {
        Self::logging(folder, Stdio::null())
    }

    /// Starts the server with this log.
    fn logging(folder: &Path, log: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(["serve", "--addr", "127.0.0.1:0", "--log-format", "json"]);
        command.env_clear().env("ROLLCALL_DATA_DIR", folder);
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let output = lines
            .map(Result::unwrap)
            .find_map(|line| line.split_once("http://")?.1.strip_suffix("/v2/scim").map(str::to_owned));
        Self { process, address: output.expect("the server logs its address") }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_folder_has_one_server_and_other_commands_work() {
    let folder = company();
    let folder = folder.path();
    let server = RunningServer::start(folder);
    let us = format!("(process {})", server.process.id());
    rollcall(folder, &["serve", "--addr", "127.0.0.1:0"]).refused(1, &["another rollcall", &us, "--data-dir"]);
    token(folder, "Entra").success();
    rollcall(folder, &["tenant", "list"]).success();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy");
    rollcall(folder, &["backup", path(&copy)]).success();
    rollcall(&copy, &["health", "--addr", &server.address]).success();
    drop(server);
    RunningServer::start(folder);
}

#[test]
fn a_missing_server_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    rollcall(folder.path(), &["health", "--addr", "127.0.0.1:1"]).refused(1, &["does not answer at 127.0.0.1:1"]);
}

#[test]
fn a_backup_is_restored_only_into_an_empty_folder() {
    let folder = company();
    token(folder.path(), "Entra").success();
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let restore = |from: &Path, to: &Path| rollcall(to, &["restore", path(from)]);
    rollcall(folder.path(), &["backup", path(&at("backup"))]).success();

    let output = restore(&at("backup"), &at("restored")).success();
    assert!(output.contains("intact and belong together"), "{output}");
    assert!(rollcall(&at("restored"), &["token", "list"]).success().contains("Entra"));
    token(&at("restored"), "after the restore").success();
    let mode = |name: &str| fs::metadata(at("restored").join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("rollcall.db"), mode("secret.key")], [0o600, 0o600]);
    let left = fs::read_dir(at("restored")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with(".restore")), "no temporary files are left");

    restore(&at("backup"), folder.path()).refused(1, &["rollcall.db already exists", "nothing is overwritten"]);
    restore(&at("nowhere"), &at("new")).refused(1, &["there is no", "rollcall.db"]);
    assert!(!at("new").exists());
}

#[test]
fn a_restore_is_refused_while_a_server_runs() {
    let folder = company();
    let backup = folder.path().join("backup");
    rollcall(folder.path(), &["backup", path(&backup)]).success();
    let _server = RunningServer::start(folder.path());
    rollcall(folder.path(), &["restore", path(&backup)]).refused(1, &["another rollcall"]);
}

#[test]
fn an_incomplete_backup_is_not_restored() {
    let folder = company();
    token(folder.path(), "Entra").success();
    let place = tempfile::tempdir().unwrap();
    let (backup, target) = (place.path().join("backup"), place.path().join("target"));
    let refused = |words: &[&str]| {
        rollcall(&target, &["restore", path(&backup)]).refused(1, words);
        assert!(!target.join("rollcall.db").exists() && !target.join("secret.key").exists());
    };
    rollcall(folder.path(), &["backup", path(&backup)]).success();
    let (key, database) = (backup.join("secret.key"), backup.join("rollcall.db"));
    let (good_key, good_database) = (fs::read(&key).unwrap(), fs::read(&database).unwrap());

    fs::write(&key, "ab".repeat(32)).unwrap();
    refused(&["secret.key is not the key", "from the same backup"]);
    fs::write(&key, "short").unwrap();
    refused(&["the key in the backup cannot be used"]);
    fs::write(&key, &good_key).unwrap();
    fs::write(&database, &good_database[..good_database.len() / 2]).unwrap();
    refused(&["the database in the backup"]);
    fs::write(&database, "no database at all, but long enough to look at it twice".repeat(20)).unwrap();
    refused(&["cannot be read"]);
    fs::write(&database, &good_database).unwrap();
    rollcall(&target, &["restore", path(&backup)]).success();
}

#[test]
fn an_interrupted_restore_can_be_repeated() {
    let folder = company();
    let backup = folder.path().join("backup");
    rollcall(folder.path(), &["backup", path(&backup)]).success();
    let target = tempfile::tempdir().unwrap();
    fs::copy(backup.join("secret.key"), target.path().join("secret.key")).unwrap();
    rollcall(target.path(), &["restore", path(&backup)]).success();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("secret.key"), "ab".repeat(32)).unwrap();
    rollcall(other.path(), &["restore", path(&backup)]).refused(1, &["secret.key already exists"]);
}

/// The folder of a server that was killed, with its last changes in the write-ahead log, can be restored from.
#[tokio::test]
async fn a_folder_with_a_write_ahead_log_is_restored_completely() {
    let folder = company();
    let copy = tempfile::tempdir().unwrap();
    let server = RunningServer::start(folder.path());
    token(folder.path(), "in the log").success();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    drop(server);
    assert!(fs::metadata(copy.path().join("rollcall.db-wal")).unwrap().len() > 0);
    let target = tempfile::tempdir().unwrap();
    rollcall(target.path(), &["restore", path(copy.path())]).success();
    assert!(rollcall(target.path(), &["token", "list"]).success().contains("in the log"));
}

#[test]
fn the_key_of_another_installation_is_refused() {
    let folder = company();
    token(folder.path(), "Entra").success();
    fs::write(folder.path().join("secret.key"), "ab".repeat(32)).unwrap();
    let expected = ["is not the key that the tokens", "restore the file", "rollcall token revoke --all"];
    rollcall(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).refused(1, &expected);
    token(folder.path(), "Okta").refused(1, &expected);
    rollcall(folder.path(), &["token", "revoke", "--all"]).success();
    token(folder.path(), "Okta").success();
}

/// The findings of `doctor`, by check.
fn doctor(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let ended = rollcall(folder, &[&["doctor", "--json", "--addr", "127.0.0.1:0"], arguments].concat());
    assert_eq!(ended.stderr, "");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let by_check = findings.map(|finding| (finding["check"].as_str().unwrap().to_owned(), finding.clone())).collect();
    (ended.code, Value::Object(by_check))
}

#[test]
fn doctor_finds_no_problem_in_a_new_installation() {
    let folder = company();
    token(folder.path(), "Entra").success();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    for depth in [&[][..], &["--full"]] {
        let (code, found) = doctor(folder.path(), depth);
        assert_eq!(code, 0, "{found:#}");
        for check in ["data folder", "owner", "writable", "modes", "database", "schema", "key", "clock", "server"] {
            assert_eq!(found[check]["state"], "ok", "{check}: {found:#}");
        }
    }
    let text = rollcall(folder.path(), &["doctor", "--addr", "127.0.0.1:0"]).success();
    assert!(text.lines().all(|line| line.starts_with("ok ") || line.starts_with("warning ")), "{text}");
}

#[test]
fn doctor_reports_problems_and_what_to_do() {
    let folder = company();
    let folder = folder.path();
    token(folder, "Entra").success();
    let broken = |check: &str, arguments: &[&str], words: &str| {
        let (code, found) = doctor(folder, arguments);
        let text = format!("{} {}", found[check]["found"], found[check]["advice"]);
        assert_eq!((code, found[check]["state"].as_str()), (1, Some("broken")), "{found:#}");
        assert!(text.contains(words), "{text}");
    };
    broken("settings", &["--public-url", "http://roll.example"], "plain http");
    broken("settings", &["--public-url", "https://roll.example/portal"], "without a path");
    broken("proxies", &["--trusted-proxies", "0.0.0.0"], "the proxy's own address");

    let (key, database) = (folder.join("secret.key"), folder.join("rollcall.db"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    broken("modes", &[], "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "ab".repeat(32)).unwrap();
    broken("key", &[], "same backup");
    fs::remove_file(&key).unwrap();
    broken("key", &[], "missing");
    fs::write(&database, "torn").unwrap();
    broken("database", &[], "rollcall restore");
}

#[test]
fn doctor_distinguishes_a_working_server_from_one_that_hangs() {
    let folder = company();
    let server = RunningServer::start(folder.path());
    let ask = |addr: &str| rollcall(folder.path(), &["doctor", "--json", "--addr", addr]);
    let well = ask(&server.address).success();
    assert!(well.contains(&format!("(process {}) and answers", server.process.id())), "{well}");
    let elsewhere = ask("127.0.0.1:1");
    assert_eq!(elsewhere.code, 1);
    assert!(elsewhere.stdout.contains("does not answer at 127.0.0.1:1"), "{}", elsewhere.stdout);
}

/// Damage that a quick check does not find: an index without an entry for a row.
#[tokio::test]
async fn a_full_check_finds_damage_that_a_quick_one_does_not() {
    let folder = company();
    let options = SqliteConnectOptions::new().filename(folder.path().join("rollcall.db"));
    let mut db = options.connect().await.unwrap();
    // A row with a dangling reference, created without foreign key checks.
    db.execute("pragma foreign_keys = off").await.unwrap();
    db.execute("insert into settings (tenant_id) values (99)").await.unwrap();
    db.close().await.unwrap();
    assert_eq!(doctor(folder.path(), &[]).1["database"]["state"], "ok");
    let (code, found) = doctor(folder.path(), &["--full"]);
    assert_eq!((code, &found["database"]["state"]), (1, &Value::from("broken")), "{found:#}");
}

/// The response, the log and the journal have the same id.
#[tokio::test]
async fn log_and_journal_contain_the_request_id() {
    let folder = company();
    let secret = token(folder.path(), "Entra").success();
    rollcall(folder.path(), &["settings", "--provisioning", "on"]).success();
    let log = folder.path().join("log");
    let server = RunningServer::logging(folder.path(), File::create(&log).unwrap().into());
    let url = format!("http://{}/v2/scim/Users", server.address);
    let sent = tokio::task::spawn_blocking(move || {
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana"});
        ureq::post(&url).header("authorization", format!("Bearer {}", secret.trim())).send_json(user)
    });
    let answer = sent.await.unwrap().unwrap();
    assert_eq!(answer.status(), 201);
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let lines = fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged = lines.iter().find(|line| line["request.id"] == *id).unwrap();
    assert_eq!((&logged["http.path"], &logged["http.status"]), (&json!("/v2/scim/Users"), &json!(201)));
    assert!(!lines.iter().any(|line| line.to_string().contains("ana")), "names are not logged");
    drop(server);
    let mut db = SqliteConnectOptions::new().filename(folder.path().join("rollcall.db")).connect().await.unwrap();
    let journaled: Vec<(String,)> =
        sqlx::query_as("select identity from journal where request_id = $1").bind(id).fetch_all(&mut db).await.unwrap();
    assert_eq!(journaled, [("ana".to_owned(),)]);
}

/// While Leptos lists the routes of the portal, resources do not load, in the whole process.
#[tokio::test]
async fn a_page_loads_while_another_router_is_created() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let state = app.state.clone();
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&done);
    let making = std::thread::spawn(move || {
        while !seen.load(Ordering::Relaxed) {
            drop(server::router(&state));
        }
    });
    for _ in 0..300 {
        admin.page("/users").await.expect(200);
    }
    done.store(true, Ordering::Relaxed);
    making.join().unwrap();
}

/// Otherwise a client that is throttled or has a wrong token would see a broken connection instead of the response.
#[tokio::test]
async fn a_refused_request_does_not_break_its_connection() {
    let folder = company();
    let server = RunningServer::start(folder.path());
    let address = server.address.clone();
    let asking = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(&address).unwrap();
        for _ in 0..2 {
            let head = format!("POST /v2/scim/Users HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n");
            connection.write_all(head.as_bytes()).unwrap();
            // The body is sent after the response could arrive.
            std::thread::sleep(Duration::from_millis(100));
            connection.write_all(b"{}").unwrap();
            let mut answer = BufReader::new(connection.try_clone().unwrap());
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                assert_ne!(answer.read_until(b'\n', &mut head).unwrap(), 0, "the connection was closed");
            }
            let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 401"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            answer.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
        }
    });
    asking.await.unwrap();
}

/// RFC 9110 §10.1.1: a final status is sent without waiting for a body that the client has announced but not sent.
#[tokio::test]
async fn a_refused_request_with_expect_is_answered_without_its_body() {
    let folder = company();
    let server = RunningServer::start(folder.path());
    let address = server.address.clone();
    let asking = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(&address).unwrap();
        // Shorter than the time for which the server reads the body of a refused request.
        connection.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        let head = format!(
            "POST /v2/scim/Users HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut status = [0; 12];
        connection.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 401");
    });
    asking.await.unwrap();
}
