//! A full disk, one that has become read-only, and I/O errors, under a server that goes on serving: changes are refused
//! with a status of their own and leave nothing behind, reads are answered, people are told, and all goes on by itself
//! when the disk is well again.

use std::{fs, thread, time::Duration};

use crate::{
    Settings, Verdict,
    client::{Client, together},
    disk::{Disk, FULL, Fault, NO_SYNC, NO_WRITE, READ_ONLY},
    kill::{self, read_back, told_once},
    observe,
    program::{EMAIL, Installation, Server, wait_until},
    random::Random,
};

const CLIENTS: usize = 4;
/// So much may be logged of a whole outage.
const LOG_LINES: usize = 20;

pub fn run(settings: &Settings) -> Verdict {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let disk = Disk::of(&installation);
    refuses_to_start(&installation, &disk);
    serves_without_a_log(&installation);
    let mut server = installation.spawn(|command| disk.under(command));
    server.wait_until_ready();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    let mut last = observe::look(&installation.database(), CLIENTS, 0).expect("a sound database").last;
    let rounds = settings.choose(1, 20);
    let (mut refused, mut acknowledged) = (0, 0);
    for fault in [FULL, READ_ONLY, NO_WRITE, NO_SYNC].repeat(rounds) {
        refused += outage(&installation, &mut server, &disk, &mut clients, fault);
        let seen = observe::look(&installation.database(), CLIENTS, last);
        let seen = seen.unwrap_or_else(|broken| panic!("{}: {broken}", fault.name));
        last = seen.last;
        acknowledged += told_once(&mut clients, &seen, 0);
        for (client, found) in clients.iter().zip(&seen.worlds) {
            assert_eq!(client.world, *found, "{}: nothing is lost, and nothing refused is there", fault.name);
            read_back(&server.http, found);
        }
    }
    assert!(server.stop().success());
    Verdict::new([
        ("outages, each survived by one process", 4 * rounds),
        ("changes refused, none of them made", refused),
        ("changes acknowledged, each found", acknowledged),
    ])
}

/// Clients work, the disk fails, and is well again. Gives how many changes were refused.
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
    let observer = server.http.another();
    together(
        clients,
        || 0,
        |_| {
            thread::sleep(Duration::from_millis(300));
            disk.fail(fault);
            wait_until(&format!("the health check tells of a disk that is {}", fault.name), || {
                observer.get("/readyz").is_some_and(|told| told.status == 503)
            });
            for _ in 0..10 {
                let read = observer.get("/v2/scim/Users?count=10").expect("reads are answered");
                assert_eq!(read.status, 200, "{}: {}", fault.name, read.text);
            }
            // A person at the portal, without script.
            let told = observer.form("/api/sign-in", &format!("email={EMAIL}&password=wrong")).expect("an answer");
            assert_eq!(told.status, 503, "{}: {}", fault.name, told.text);
            let words = if fault.full { "the server's disk is full" } else { "database is unavailable" };
            assert!(told.text.contains(words), "{}", told.text);
            let page = observer.get("/sign-in").expect("pages are shown");
            assert_eq!(page.status, 200, "{}: {}", fault.name, page.text);
            let group =
                serde_json::json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "no"});
            let refused = observer.send("POST", "/v2/scim/Groups", Some(&group)).expect("an answer");
            assert_eq!(refused.status, status, "{}: {}", fault.name, refused.text);
            thread::sleep(Duration::from_millis(300));
            disk.mend();
            wait_until(&format!("service resumes after a disk that was {}", fault.name), || {
                observer.get("/readyz").is_some_and(|told| told.status == 200)
            });
            thread::sleep(Duration::from_millis(200));
        },
    );
    assert!(server.is_running(), "{}: the process goes on", fault.name);
    let log = installation.logged();
    assert!(!log.contains("panicked"), "{log}");
    let lines: Vec<_> = log.lines().skip(lines_before).collect();
    assert!(lines.len() <= LOG_LINES, "{}: {} lines in the log, such as {:?}", fault.name, lines.len(), lines.last());
    clients.iter().map(|client| client.refused).sum::<usize>() - refused_before
}

/// A log that cannot be written, here for want of space, stops nothing.
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

/// On a folder that cannot be written there is no start, but a line that says why.
fn refuses_to_start(installation: &Installation, disk: &Disk) {
    for fault in [READ_ONLY, FULL] {
        disk.fail(fault);
        let mut command = installation.command(&["serve"]);
        disk.under(&mut command);
        let output = command.output().expect("the program runs");
        disk.mend();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.lines().count() == 1, "{}: {said}", fault.name);
        assert!(said.starts_with("rollcall: ") && !said.contains("panicked"), "{}: {said}", fault.name);
    }
}
