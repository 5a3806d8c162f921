//! Kill -9 at random moments under a mixed load. What a kill does not show is whether the disk has what the kernel was
//! given: that is `power`.

use std::{thread, time::Duration};

use serde_json::json;

use crate::{
    Settings, Verdict,
    client::{Client, together},
    http::Http,
    model::{SHARED, World},
    observe::{self, Seen},
    program::{Installation, Server},
    random::Random,
};

const CLIENTS: usize = 4;
/// After so many kills the next installation is begun, so that the journal stays quick to look through.
const KILLS_EACH: usize = 50;

pub fn run(settings: &Settings) -> Verdict {
    let mut random = Random::new(settings.seed);
    let kills = settings.choose(12, 500);
    let mut counts = Counts::default();
    while counts.kills < kills {
        one_installation(settings, &mut random, kills.min(counts.kills + KILLS_EACH), &mut counts);
    }
    Verdict::new([
        ("kills", counts.kills),
        ("of them while starting", counts.while_starting),
        ("changes acknowledged, each found", counts.acknowledged),
        ("changes in doubt", counts.in_doubt),
        ("of them made, each wholly", counts.made),
        ("users' groups read back", counts.read_back),
    ])
}

#[derive(Default)]
struct Counts {
    kills: usize,
    while_starting: usize,
    acknowledged: usize,
    in_doubt: usize,
    made: usize,
    read_back: usize,
}

fn one_installation(settings: &Settings, random: &mut Random, until: usize, counts: &mut Counts) {
    let installation = Installation::new(&settings.program);
    let mut server = installation.serve();
    let mut clients = clients(&server.http, CLIENTS, random);
    let mut last = observe::look(&installation.database(), CLIENTS, 0).expect("a sound database").last;
    while counts.kills < until {
        let pause = Duration::from_millis(20 + random.next() % 300);
        together(
            &mut clients,
            || 0,
            |_| {
                thread::sleep(pause);
                server.kill();
            },
        );
        counts.kills += 1;
        if random.chance(20) {
            // Once more, while it recovers.
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
    observe::look(&installation.database(), CLIENTS, last).expect("a sound database");
}

/// Everything acknowledged is there, everything else wholly or not at all, and the journal tells each change once.
fn check(installation: &Installation, server: &Server, clients: &mut [Client], last: i64, counts: &mut Counts) -> i64 {
    let seen = observe::look(&installation.database(), clients.len(), last).unwrap_or_else(|broken| panic!("{broken}"));
    let mut made = 0;
    for (client, found) in clients.iter_mut().zip(&seen.worlds) {
        counts.in_doubt += client.doubt.len();
        made += client.settle(found, &seen.ids).unwrap_or_else(|lost| panic!("{lost}"));
    }
    counts.acknowledged += told_once(clients, &seen, made);
    counts.made += made;
    for world in &seen.worlds {
        counts.read_back += read_back(&server.http, world);
    }
    seen.last
}

/// The journal tells of each request as many changes as it was told were made; and beside them of `made` more, those
/// that were made and never answered. Gives how many were acknowledged.
pub fn told_once(clients: &mut [Client], seen: &Seen, made: usize) -> usize {
    let mut told = seen.told.clone();
    let mut acknowledged = 0;
    for client in clients {
        for (request, changes) in client.acknowledged.drain(..) {
            assert_eq!(told.remove(&request).unwrap_or(0), changes, "the journal on request {request}");
            acknowledged += changes;
        }
    }
    assert_eq!(told.values().sum::<usize>(), made, "the journal on what was never answered: {told:?}");
    acknowledged
}

/// `User.groups` says what the groups say. Gives how many users were read.
pub fn read_back(http: &Http, world: &World) -> usize {
    let Some(name) = world.users.keys().next() else { return 0 };
    let prefix = name.split('-').next().unwrap_or_default();
    let path = format!("/v2/scim/Users?filter=userName%20sw%20%22{prefix}-%22&count=200");
    let page = http.get(&path).expect("an answer").json();
    let users = page["Resources"].as_array().unwrap_or_else(|| panic!("a page, not {page}"));
    assert_eq!(users.len(), world.users.len());
    for user in users {
        let name = user["userName"].as_str().expect("a userName");
        let mut said: Vec<&str> =
            user["groups"].as_array().into_iter().flatten().filter_map(|group| group["display"].as_str()).collect();
        said.sort_unstable();
        let in_groups =
            world.groups.iter().filter(|(_, group)| group.members.contains(name)).map(|(group, _)| &**group);
        let mut are: Vec<&str> = in_groups.chain(world.shared.contains(name).then_some(SHARED)).collect();
        are.sort_unstable();
        assert_eq!(said, are, "the groups of {name}");
    }
    users.len()
}

/// New clients, who know of the group that all of them share.
pub fn clients(http: &Http, count: usize, random: &mut Random) -> Vec<Client> {
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": SHARED});
    let answer = http.send("POST", "/v2/scim/Groups", Some(&group)).expect("an answer");
    let id = answer.json()["id"].as_str().unwrap_or_else(|| panic!("a group: {}", answer.text)).to_owned();
    let mut clients: Vec<_> = (0..count).map(|index| Client::new(index, http.another(), random.split())).collect();
    for client in &mut clients {
        client.ids.insert(SHARED.to_owned(), id.clone());
    }
    clients
}
