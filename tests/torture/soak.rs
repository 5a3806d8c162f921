//! Half an hour at 60 % of the maximum throughput: memory, open files and the write-ahead log do not grow.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::{
    Report, Settings,
    client::Client,
    clock::Stopwatch,
    kill::{self, check_journal},
    observe,
    program::{Installation, Server},
    random::Random,
};

const CLIENTS: u32 = 8;
/// Clients that read pages all the time: a reader prevents the write-ahead log from being restarted.
const READERS: usize = 2;
const SAMPLE: Duration = Duration::from_secs(2);
/// The maximum size of the write-ahead log.
const LOG: u64 = 64 << 20;

pub fn run(settings: &Settings) -> Report {
    // The short form only tests the test.
    let length = if settings.long { Duration::from_mins(settings.soak_minutes) } else { Duration::from_secs(4) };
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS as usize, &mut random);
    let mut last = observe::read_snapshot(&installation.database(), clients.len(), 0).expect("a sound database").last;
    let trial = if settings.long { Duration::from_secs(10) } else { Duration::from_secs(1) };
    let reached = u32::try_from(work(&server, &mut clients, trial, None, &mut || {})).expect("not within days");
    // 60 % of that.
    let pause = trial * CLIENTS / reached * 5 / 3;
    let mut samples = Vec::new();
    let log = installation.database().with_extension("db-wal");
    let mut sample = || {
        let log = fs::metadata(&log).map_or(0, |log| log.len());
        samples.push(Sample { memory: server.memory(), handles: server.handles(), log });
    };
    let requests = work(&server, &mut clients, length, Some(pause), &mut sample);
    let snapshot =
        observe::read_snapshot(&installation.database(), clients.len(), last).unwrap_or_else(|error| panic!("{error}"));
    last = snapshot.last;
    let acknowledged = check_journal(&mut clients, &snapshot, 0);
    for (client, found) in clients.iter().zip(&snapshot.states) {
        assert_eq!(client.state, *found);
    }
    // Caches fill at first, so the second half is compared with the first.
    let (first, second) = samples.split_at(samples.len() / 2);
    let most = |samples: &[Sample], what: fn(&Sample) -> u64| samples.iter().map(what).max().unwrap_or(0);
    let memory = |samples: &[Sample]| most(samples, |sample| sample.memory);
    let handles = |samples: &[Sample]| most(samples, |sample| sample.handles as u64);
    let log = most(&samples, |sample| sample.log);
    if settings.long {
        let allowed = memory(first) + memory(first) / 10 + 4 * 1024;
        assert!(memory(second) <= allowed, "memory grew from {} to {} KiB", memory(first), memory(second));
    }
    assert!(handles(second) <= handles(first) + 4, "open files grew from {} to {}", handles(first), handles(second));
    assert!(log <= LOG, "the write-ahead log has {log} bytes");
    assert!(server.stop().success());
    Report::new([
        ("seconds", length.as_secs()),
        ("requests per second at full speed", u64::from(reached) / trial.as_secs()),
        ("requests in the soak", requests as u64),
        ("changes acknowledged, all found", acknowledged as u64),
        ("maximum MiB of memory, first half", memory(first) / 1024),
        ("maximum MiB of memory, second half", memory(second) / 1024),
        ("maximum open files, first half", handles(first)),
        ("maximum open files, second half", handles(second)),
        ("maximum MiB of write-ahead log", log >> 20),
        ("rows of the journal", last.unsigned_abs()),
    ])
}

struct Sample {
    memory: u64,
    handles: usize,
    log: u64,
}

/// Runs all clients for a while, each with an interval between its requests. Returns how many requests were sent.
fn work(
    server: &Server,
    clients: &mut [Client],
    length: Duration,
    pause: Option<Duration>,
    sample: &mut dyn FnMut(),
) -> usize {
    let (stop, requests) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (stop, requests) = (&stop, &requests);
        for client in clients {
            scope.spawn(move || {
                let began = Stopwatch::start();
                let mut sent = 0;
                while !stop.load(Ordering::Relaxed) {
                    client.once(&|| 0);
                    client.steps.clear();
                    requests.fetch_add(1, Ordering::Relaxed);
                    sent += 1;
                    if let Some(pause) = pause {
                        thread::sleep((pause * sent).saturating_sub(began.elapsed()));
                    }
                }
            });
        }
        for _ in 0..READERS {
            let http = server.http.separate();
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let page = http.get("/v2/scim/Users?count=200").expect("an answer");
                    assert_eq!(page.status, 200, "{}", page.text);
                    thread::sleep(pause.unwrap_or_default());
                }
            });
        }
        let began = Stopwatch::start();
        while began.elapsed() < length {
            thread::sleep(SAMPLE.min(length / 2));
            sample();
        }
        stop.store(true, Ordering::Relaxed);
    });
    requests.into_inner()
}
