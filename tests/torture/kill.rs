//! Kill -9 at random moments under a mixed load. A kill does not show whether data has reached the disk: `power` does.

use std::{thread, time::Duration};

use serde_json::json;

use crate::{
    Report, Settings,
    client::{Client, run_clients},
    http::Http,
    model::{ClientState, SHARED},
    observe::{self, Snapshot},
    program::{Installation, Server},
    random::Random,
};

const CLIENTS: usize = 4;
/// Kills per installation, so that reading the journal stays fast.
const KILLS_EACH: usize = 50;

pub fn run(settings: &Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let kills = settings.choose(12, 500);
    let mut counts = Counts::default();
    while counts.kills < kills {
        one_installation(settings, &mut random, kills.min(counts.kills + KILLS_EACH), &mut counts);
    }
    Report::new([
        ("kills", counts.kills),
        ("of them during start-up", counts.while_starting),
        ("changes acknowledged, all found", counts.acknowledged),
        ("changes without a response", counts.unanswered),
        ("of them made, each completely", counts.made),
        ("users' groups read back", counts.read_back),
    ])
}

#[derive(Default)]
struct Counts {
    kills: usize,
    while_starting: usize,
    acknowledged: usize,
    unanswered: usize,
    made: usize,
    read_back: usize,
}

fn one_installation(settings: &Settings, random: &mut Random, until: usize, counts: &mut Counts) {
    let installation = Installation::new(&settings.program);
    let mut server = installation.serve();
    let mut clients = clients(&server.http, CLIENTS, random);
    let mut last = observe::read_snapshot(&installation.database(), CLIENTS, 0).expect("a sound database").last;
    while counts.kills < until {
        let pause = Duration::from_millis(20 + random.next() % 300);
        run_clients(
            &mut clients,
            || 0,
            |_| {
                thread::sleep(pause);
                server.kill();
            },
        );
        counts.kills += 1;
        if random.chance(20) {
            // Again, during recovery.
            server = installation.spawn(|_| {});
            thread::sleep(Duration::from_millis(random.next() % 200));
            server.kill();
            counts.kills += 1;
            counts.while_starting += 1;
        }
        server = installation.serve();
        last = check(&installation, &server, &mut clients, last, counts);
    }
    let log = installation.logged();
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
    assert!(server.stop().success());
    observe::read_snapshot(&installation.database(), CLIENTS, last).expect("a sound database");
}

/// Every acknowledged change is present, any other completely or not at all, and the journal has each change once.
fn check(installation: &Installation, server: &Server, clients: &mut [Client], last: i64, counts: &mut Counts) -> i64 {
    let snapshot =
        observe::read_snapshot(&installation.database(), clients.len(), last).unwrap_or_else(|error| panic!("{error}"));
    let mut made = 0;
    for (client, found) in clients.iter_mut().zip(&snapshot.states) {
        counts.unanswered += client.unanswered.len();
        made += client.reconcile(found, &snapshot.ids).unwrap_or_else(|lost| panic!("{lost}"));
    }
    counts.acknowledged += check_journal(clients, &snapshot, made);
    counts.made += made;
    for state in &snapshot.states {
        counts.read_back += read_back(&server.http, state);
    }
    snapshot.last
}

/// The journal has for each request as many changes as were acknowledged, and `made` others, which were made but not
/// answered. Returns how many were acknowledged.
pub fn check_journal(clients: &mut [Client], snapshot: &Snapshot, made: usize) -> usize {
    let mut journaled = snapshot.journaled.clone();
    let mut acknowledged = 0;
    for client in clients {
        for (request, changes) in client.acknowledged.drain(..) {
            assert_eq!(journaled.remove(&request).unwrap_or(0), changes, "journal entries of request {request}");
            acknowledged += changes;
        }
    }
    assert_eq!(journaled.values().sum::<usize>(), made, "journal entries of unanswered requests: {journaled:?}");
    acknowledged
}

/// Checks that `User.groups` agrees with the groups. Returns how many users were read.
pub fn read_back(http: &Http, state: &ClientState) -> usize {
    let Some(name) = state.users.keys().next() else { return 0 };
    let prefix = name.split('-').next().unwrap_or_default();
    let path = format!("/v2/scim/Users?filter=userName%20sw%20%22{prefix}-%22&count=200");
    let page = http.get(&path).expect("an answer").json();
    let users = page["Resources"].as_array().unwrap_or_else(|| panic!("a page, not {page}"));
    assert_eq!(users.len(), state.users.len());
    for user in users {
        let name = user["userName"].as_str().expect("a userName");
        let mut said: Vec<&str> =
            user["groups"].as_array().into_iter().flatten().filter_map(|group| group["display"].as_str()).collect();
        said.sort_unstable();
        let in_groups =
            state.groups.iter().filter(|(_, group)| group.members.contains(name)).map(|(group, _)| &**group);
        let mut are: Vec<&str> = in_groups.chain(state.shared.contains(name).then_some(SHARED)).collect();
        are.sort_unstable();
        assert_eq!(said, are, "the groups of {name}");
    }
    users.len()
}

/// New clients, and the group that they share.
pub fn clients(http: &Http, count: usize, random: &mut Random) -> Vec<Client> {
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": SHARED});
    let answer = http.send("POST", "/v2/scim/Groups", Some(&group)).expect("an answer");
    let id = answer.json()["id"].as_str().unwrap_or_else(|| panic!("a group: {}", answer.text)).to_owned();
    let mut clients: Vec<_> = (0..count).map(|index| Client::new(index, http.separate(), random.split())).collect();
    for client in &mut clients {
        client.ids.insert(SHARED.to_owned(), id.clone());
    }
    clients
}
