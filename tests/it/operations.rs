//! What an operator does to a whole installation: serve it, copy it, put it back, ask how it is.

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

/// The program, serving on a port of its own until it is dropped.
struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    fn start(folder: &Path) -> Self {
        Self::logging(folder, Stdio::null())
    }

    /// With its log written there.
    fn logging(folder: &Path, log: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(["serve", "--addr", "127.0.0.1:0", "--log-format", "json"]);
        command.env_clear().env("ROLLCALL_DATA_DIR", folder);
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said = lines
            .map(Result::unwrap)
            .find_map(|line| line.split_once("http://")?.1.strip_suffix("/v2/scim").map(str::to_owned));
        Self { process, address: said.expect("a server says where it serves") }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_folder_is_served_once_while_the_other_verbs_go_on() {
    let folder = company();
    let folder = folder.path();
    let server = Serving::start(folder);
    let us = format!("(process {})", server.process.id());
    rollcall(folder, &["serve", "--addr", "127.0.0.1:0"]).refused(1, &["another rollcall", &us, "--data-dir"]);
    token(folder, "Entra").well();
    rollcall(folder, &["tenant", "list"]).well();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy");
    rollcall(folder, &["backup", path(&copy)]).well();
    rollcall(&copy, &["health", "--addr", &server.address]).well();
    drop(server);
    Serving::start(folder);
}

#[test]
fn a_server_that_is_not_there_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    rollcall(folder.path(), &["health", "--addr", "127.0.0.1:1"]).refused(1, &["does not answer at 127.0.0.1:1"]);
}

#[test]
fn a_backup_is_restored_into_an_empty_folder_and_nowhere_else() {
    let folder = company();
    token(folder.path(), "Entra").well();
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let restore = |from: &Path, to: &Path| rollcall(to, &["restore", path(from)]);
    rollcall(folder.path(), &["backup", path(&at("backup"))]).well();

    let said = restore(&at("backup"), &at("restored")).well();
    assert!(said.contains("sound and fit each other"), "{said}");
    assert!(rollcall(&at("restored"), &["token", "list"]).well().contains("Entra"));
    token(&at("restored"), "after the restore").well();
    let mode = |name: &str| fs::metadata(at("restored").join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("rollcall.db"), mode("secret.key")], [0o600, 0o600]);
    let left = fs::read_dir(at("restored")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with(".restore")), "nothing is left lying about");

    restore(&at("backup"), folder.path()).refused(1, &["rollcall.db is there already", "nothing is ever overwritten"]);
    restore(&at("nowhere"), &at("new")).refused(1, &["there is no", "rollcall.db"]);
    assert!(!at("new").exists());
}

#[test]
fn a_restore_is_refused_while_somebody_serves_the_folder() {
    let folder = company();
    let backup = folder.path().join("backup");
    rollcall(folder.path(), &["backup", path(&backup)]).well();
    let _server = Serving::start(folder.path());
    rollcall(folder.path(), &["restore", path(&backup)]).refused(1, &["another rollcall"]);
}

#[test]
fn half_a_backup_is_not_put_in_place() {
    let folder = company();
    token(folder.path(), "Entra").well();
    let place = tempfile::tempdir().unwrap();
    let (backup, target) = (place.path().join("backup"), place.path().join("target"));
    let refused = |words: &[&str]| {
        rollcall(&target, &["restore", path(&backup)]).refused(1, words);
        assert!(!target.join("rollcall.db").exists() && !target.join("secret.key").exists());
    };
    rollcall(folder.path(), &["backup", path(&backup)]).well();
    let (key, database) = (backup.join("secret.key"), backup.join("rollcall.db"));
    let (good_key, good_database) = (fs::read(&key).unwrap(), fs::read(&database).unwrap());

    fs::write(&key, "ab".repeat(32)).unwrap();
    refused(&["secret.key is not the key", "from one backup"]);
    fs::write(&key, "short").unwrap();
    refused(&["the key in the backup cannot be used"]);
    fs::write(&key, &good_key).unwrap();
    fs::write(&database, &good_database[..good_database.len() / 2]).unwrap();
    refused(&["the database in the backup"]);
    fs::write(&database, "no database at all, but long enough to look at it twice".repeat(20)).unwrap();
    refused(&["cannot be read"]);
    fs::write(&database, &good_database).unwrap();
    rollcall(&target, &["restore", path(&backup)]).well();
}

#[test]
fn a_restore_that_was_interrupted_can_be_made_again() {
    let folder = company();
    let backup = folder.path().join("backup");
    rollcall(folder.path(), &["backup", path(&backup)]).well();
    let target = tempfile::tempdir().unwrap();
    fs::copy(backup.join("secret.key"), target.path().join("secret.key")).unwrap();
    rollcall(target.path(), &["restore", path(&backup)]).well();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("secret.key"), "ab".repeat(32)).unwrap();
    rollcall(other.path(), &["restore", path(&backup)]).refused(1, &["secret.key is there already"]);
}

/// The folder of a server that was killed, its last changes still in the write-ahead log, is a backup, too.
#[tokio::test]
async fn a_folder_with_a_write_ahead_log_is_restored_whole() {
    let folder = company();
    let copy = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path());
    token(folder.path(), "in the log").well();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    drop(server);
    assert!(fs::metadata(copy.path().join("rollcall.db-wal")).unwrap().len() > 0);
    let target = tempfile::tempdir().unwrap();
    rollcall(target.path(), &["restore", path(copy.path())]).well();
    assert!(rollcall(target.path(), &["token", "list"]).well().contains("in the log"));
}

#[test]
fn the_key_of_another_installation_stops_what_needs_it() {
    let folder = company();
    token(folder.path(), "Entra").well();
    fs::write(folder.path().join("secret.key"), "ab".repeat(32)).unwrap();
    let told = ["is not the key that the tokens", "put the file back", "rollcall token revoke --all"];
    rollcall(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).refused(1, &told);
    token(folder.path(), "Okta").refused(1, &told);
    rollcall(folder.path(), &["token", "revoke", "--all"]).well();
    token(folder.path(), "Okta").well();
}

/// The doctor's findings, by check.
fn doctor(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let ended = rollcall(folder, &[&["doctor", "--json", "--addr", "127.0.0.1:0"], arguments].concat());
    assert_eq!(ended.complained, "");
    let report: Value = serde_json::from_str(&ended.said).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let by_check = findings.map(|finding| (finding["check"].as_str().unwrap().to_owned(), finding.clone())).collect();
    (ended.code, Value::Object(by_check))
}

#[test]
fn the_doctor_finds_nothing_wrong_with_a_new_installation() {
    let folder = company();
    token(folder.path(), "Entra").well();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    for depth in [&[][..], &["--full"]] {
        let (code, found) = doctor(folder.path(), depth);
        assert_eq!(code, 0, "{found:#}");
        for check in ["data folder", "owner", "writable", "modes", "database", "schema", "key", "clock", "server"] {
            assert_eq!(found[check]["state"], "ok", "{check}: {found:#}");
        }
    }
    let told = rollcall(folder.path(), &["doctor", "--addr", "127.0.0.1:0"]).well();
    assert!(told.lines().all(|line| line.starts_with("ok ") || line.starts_with("warning ")), "{told}");
}

#[test]
fn the_doctor_says_what_is_broken_and_what_to_do() {
    let folder = company();
    let folder = folder.path();
    token(folder, "Entra").well();
    let broken = |check: &str, arguments: &[&str], words: &str| {
        let (code, found) = doctor(folder, arguments);
        let told = format!("{} {}", found[check]["found"], found[check]["advice"]);
        assert_eq!((code, found[check]["state"].as_str()), (1, Some("broken")), "{found:#}");
        assert!(told.contains(words), "{told}");
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
fn the_doctor_tells_a_server_that_serves_from_one_that_hangs() {
    let folder = company();
    let server = Serving::start(folder.path());
    let ask = |addr: &str| rollcall(folder.path(), &["doctor", "--json", "--addr", addr]);
    let well = ask(&server.address).well();
    assert!(well.contains(&format!("(process {}) and answers", server.process.id())), "{well}");
    let elsewhere = ask("127.0.0.1:1");
    assert_eq!(elsewhere.code, 1);
    assert!(elsewhere.said.contains("does not answer at 127.0.0.1:1"), "{}", elsewhere.said);
}

/// Damage that a quick look passes over: an index that lacks a row.
#[tokio::test]
async fn a_full_look_finds_what_a_quick_one_does_not() {
    let folder = company();
    let options = SqliteConnectOptions::new().filename(folder.path().join("rollcall.db"));
    let mut db = options.connect().await.unwrap();
    // A row that nothing refers to, made with the guard lifted.
    db.execute("pragma foreign_keys = off").await.unwrap();
    db.execute("insert into settings (tenant_id) values (99)").await.unwrap();
    db.close().await.unwrap();
    assert_eq!(doctor(folder.path(), &[]).1["database"]["state"], "ok");
    let (code, found) = doctor(folder.path(), &["--full"]);
    assert_eq!((code, &found["database"]["state"]), (1, &Value::from("broken")), "{found:#}");
}

/// One id: in the answer, in the log, in the journal.
#[tokio::test]
async fn a_request_is_found_by_its_id_in_the_log_and_in_the_journal() {
    let folder = company();
    let secret = token(folder.path(), "Entra").well();
    rollcall(folder.path(), &["settings", "--provisioning", "on"]).well();
    let log = folder.path().join("log");
    let server = Serving::logging(folder.path(), File::create(&log).unwrap().into());
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
    let told = lines.iter().find(|line| line["request.id"] == *id).unwrap();
    assert_eq!((&told["http.path"], &told["http.status"]), (&json!("/v2/scim/Users"), &json!(201)));
    assert!(!lines.iter().any(|line| line.to_string().contains("ana")), "names are not logged");
    drop(server);
    let mut db = SqliteConnectOptions::new().filename(folder.path().join("rollcall.db")).connect().await.unwrap();
    let journaled: Vec<(String,)> =
        sqlx::query_as("select identity from journal where request_id = $1").bind(id).fetch_all(&mut db).await.unwrap();
    assert_eq!(journaled, [("ana".to_owned(),)]);
}

/// Leptos looks through the portal for its pages, and lets nothing load meanwhile, in the whole process.
#[tokio::test]
async fn a_page_loads_while_another_router_is_made() {
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

/// Otherwise a client that is told to wait, or that its token is wrong, finds a broken connection instead of the answer.
#[tokio::test]
async fn a_refused_request_leaves_its_connection_whole() {
    let folder = company();
    let server = Serving::start(folder.path());
    let address = server.address.clone();
    let asking = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(&address).unwrap();
        for _ in 0..2 {
            let head = format!("POST /v2/scim/Users HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n");
            connection.write_all(head.as_bytes()).unwrap();
            // The body comes later than the answer could.
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
