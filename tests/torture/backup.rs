//! A backup taken under load and restored elsewhere is the state of one moment.

use std::{fs, thread, time::Duration};

use crate::{
    Report, Settings,
    client::run_clients,
    clock::Stopwatch,
    kill::{self, read_back},
    model::ClientState,
    observe::{self, journal},
    power::reaches,
    program::Installation,
    random::Random,
};

const CLIENTS: usize = 4;

pub fn run(settings: &Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    let clock = Stopwatch::start();
    let now = || u64::try_from(clock.elapsed().as_nanos()).expect("not for centuries");
    let backups = settings.choose(3, 40);
    let taken = run_clients(&mut clients, now, |_| {
        let take = |number| {
            thread::sleep(Duration::from_millis(300));
            let place = installation.sibling(&format!("copy{number}"));
            let began = now();
            installation.run(&["backup", place.to_str().expect("UTF-8")]);
            (place, began, now())
        };
        (0..backups).map(take).collect::<Vec<_>>()
    });
    let requests = journal(&installation.database());
    let mut found_changes = 0;
    for (place, began, ended) in taken {
        let database = place.join("rollcall.db");
        let snapshot = observe::read_snapshot(&database, CLIENTS, 0).unwrap_or_else(|error| panic!("{error}"));
        for (client, found) in clients.iter().zip(&snapshot.states) {
            let least = client.steps.iter().filter(|step| step.answered <= began).count();
            let most = client.steps.iter().filter(|step| step.sent <= ended).count();
            let mut state = ClientState::default();
            for step in &client.steps[..least] {
                state.apply(&step.change);
            }
            let rest = client.steps[least..most].iter().cloned();
            assert!(
                reaches(state, rest, found),
                "the backup is not a state that existed between its start and its end"
            );
            found_changes += least;
        }
        let copied = journal(&database);
        assert_eq!(copied, requests[..copied.len()], "the journal of a backup is a prefix of the journal");
        let restored = installation.restored(&place);
        let server = restored.serve();
        for state in &snapshot.states {
            read_back(&server.http, state);
        }
        assert!(server.stop().success());
        fs::remove_dir_all(place).expect("a copy");
    }
    assert!(server.stop().success());
    Report::new([
        ("backups under load, each served from another folder", backups),
        ("changes acknowledged before, all found", found_changes),
        ("changes acknowledged in total", clients.iter().map(|client| client.steps.len()).sum()),
    ])
}
