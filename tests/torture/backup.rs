//! A backup taken while clients work, restored elsewhere: it is the state of one moment.

use std::{fs, thread, time::Duration};

use crate::{
    Settings, Verdict,
    client::together,
    clock::Stopwatch,
    kill::{self, read_back},
    model::World,
    observe::{self, journal},
    power::reaches,
    program::Installation,
    random::Random,
};

const CLIENTS: usize = 4;

pub fn run(settings: &Settings) -> Verdict {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS, &mut random);
    let clock = Stopwatch::start();
    let now = || u64::try_from(clock.elapsed().as_nanos()).expect("not for centuries");
    let backups = settings.choose(3, 40);
    let taken = together(&mut clients, now, |_| {
        let take = |number| {
            thread::sleep(Duration::from_millis(300));
            let place = installation.beside(&format!("copy{number}"));
            let began = now();
            installation.run(&["backup", place.to_str().expect("UTF-8")]);
            (place, began, now())
        };
        (0..backups).map(take).collect::<Vec<_>>()
    });
    let told = journal(&installation.database());
    let mut found_changes = 0;
    for (place, began, ended) in taken {
        let database = place.join("rollcall.db");
        let seen = observe::look(&database, CLIENTS, 0).unwrap_or_else(|broken| panic!("{broken}"));
        for (client, found) in clients.iter().zip(&seen.worlds) {
            let least = client.steps.iter().filter(|step| step.answered <= began).count();
            let most = client.steps.iter().filter(|step| step.sent <= ended).count();
            let mut world = World::default();
            for step in &client.steps[..least] {
                world.apply(&step.change);
            }
            let rest = client.steps[least..most].iter().cloned();
            assert!(
                reaches(world, rest, found),
                "a backup is no state that there was between its beginning and its end"
            );
            found_changes += least;
        }
        let copied = journal(&database);
        assert_eq!(copied, told[..copied.len()], "the journal of a backup begins as the journal does");
        let restored = installation.restored(&place);
        let server = restored.serve();
        for world in &seen.worlds {
            read_back(&server.http, world);
        }
        assert!(server.stop().success());
        fs::remove_dir_all(place).expect("a copy");
    }
    assert!(server.stop().success());
    Verdict::new([
        ("backups under load, each served from elsewhere", backups),
        ("changes acknowledged before, each found", found_changes),
        ("changes acknowledged in all", clients.iter().map(|client| client.steps.len()).sum()),
    ])
}
