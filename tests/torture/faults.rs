//! A full disk, a read-only one, and I/O errors under a running server: changes are refused with a specific status and
//! have no effect, reads are answered, the portal reports the fault, and service resumes without a restart when the disk
//! works again.

use std::{fs, thread, time::Duration};

use crate::{
    Report, Settings,
    client::{Client, run_clients},
    disk::{Disk, FULL, Fault, NO_SYNC, NO_WRITE, READ_ONLY},
    kill::{self, check_journal, read_back},
    observe,
    program::{EMAIL, Installation, Server, wait_until},
    random::Random,
};

const CLIENTS: usize = 4;
/// The maximum number of log lines for an outage.
const LOG_LINES: usize = 20;

pub fn run(settings: &Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let disk = Disk::of(&installation);
    refuses_to_start(&installation, &disk);
    serves_without_a_log(&installation);
    let mut server = installation.spawn(|command| disk.attach(command));
    server.wait_until_ready();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    let mut last = observe::read_snapshot(&installation.database(), CLIENTS, 0).expect("a sound database").last;
    let rounds = settings.choose(1, 20);
    let (mut refused, mut acknowledged) = (0, 0);
    for fault in [FULL, READ_ONLY, NO_WRITE, NO_SYNC].repeat(rounds) {
        refused += outage(&installation, &mut server, &disk, &mut clients, fault);
        let snapshot = observe::read_snapshot(&installation.database(), CLIENTS, last);
        let snapshot = snapshot.unwrap_or_else(|error| panic!("{}: {error}", fault.name));
        last = snapshot.last;
        acknowledged += check_journal(&mut clients, &snapshot, 0);
        for (client, found) in clients.iter().zip(&snapshot.states) {
            assert_eq!(client.state, *found, "{}: acknowledged changes are present, refused ones are not", fault.name);
            read_back(&server.http, found);
        }
    }
    assert!(server.stop().success());
    Report::new([
        ("outages, each survived by one process", 4 * rounds),
        ("changes refused, none of them made", refused),
        ("changes acknowledged, all found", acknowledged),
    ])
}

/// Clients run while the disk fails and works again. Returns how many changes were refused.
fn outage(
    installation: &Installation,
    server: &mut Server,
    disk: &Disk,
    clients: &mut [Client],
    fault: Fault,
) -> usize {
    let refused_before: usize = clients.iter().map(|client| client.refused).sum();
    let lines_before = installation.logged().lines().count();
    let status = if fault.full { 507 } else { 503 };
    let observer = server.http.separate();
    run_clients(
        clients,
        || 0,
        |_| {
            thread::sleep(Duration::from_millis(300));
            disk.fail(fault);
            wait_until(&format!("the health check reports the disk fault {}", fault.name), || {
                observer.get("/readyz").is_some_and(|response| response.status == 503)
            });
            for _ in 0..10 {
                let read = observer.get("/v2/scim/Users?count=10").expect("reads are answered");
                assert_eq!(read.status, 200, "{}: {}", fault.name, read.text);
            }
            // An administrator without scripts.
            let response = observer.form("/api/sign-in", &format!("email={EMAIL}&password=wrong")).expect("an answer");
            assert_eq!(response.status, 503, "{}: {}", fault.name, response.text);
            let words = if fault.full { "the server's disk is full" } else { "database is unavailable" };
            assert!(response.text.contains(words), "{}", response.text);
            let page = observer.get("/sign-in").expect("pages are shown");
            assert_eq!(page.status, 200, "{}: {}", fault.name, page.text);
            let group =
                serde_json::json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "no"});
            let refused = observer.send("POST", "/v2/scim/Groups", Some(&group)).expect("an answer");
            assert_eq!(refused.status, status, "{}: {}", fault.name, refused.text);
            thread::sleep(Duration::from_millis(300));
            disk.repair();
            wait_until(&format!("service resumes after the disk fault {}", fault.name), || {
                observer.get("/readyz").is_some_and(|response| response.status == 200)
            });
            thread::sleep(Duration::from_millis(200));
        },
    );
    assert!(server.is_running(), "{}: the process keeps running", fault.name);
    let log = installation.logged();
    assert!(!log.contains("panicked"), "{log}");
    let lines: Vec<_> = log.lines().skip(lines_before).collect();
    assert!(lines.len() <= LOG_LINES, "{}: {} lines in the log, such as {:?}", fault.name, lines.len(), lines.last());
    clients.iter().map(|client| client.refused).sum::<usize>() - refused_before
}

/// A log that cannot be written, here because the device is full, does not affect service.
fn serves_without_a_log(installation: &Installation) {
    let mut server = installation.spawn(|command| {
        let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        command.env("ROLLCALL_LOG", "trace").stderr(full);
    });
    server.wait_until_ready();
    let answer = server.http.get("/v2/scim/Users").expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(server.is_running() && server.stop().success());
}

/// If the folder cannot be written, the start fails with one line that says why.
fn refuses_to_start(installation: &Installation, disk: &Disk) {
    for fault in [READ_ONLY, FULL] {
        disk.fail(fault);
        let mut command = installation.command(&["serve"]);
        disk.attach(&mut command);
        let output = command.output().expect("the program runs");
        disk.repair();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.lines().count() == 1, "{}: {said}", fault.name);
        assert!(said.starts_with("rollcall: ") && !said.contains("panicked"), "{}: {said}", fault.name);
    }
}
