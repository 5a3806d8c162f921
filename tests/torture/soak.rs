//! Half an hour at 60 % of what the machine can do: memory, open files and the write-ahead log do not grow.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::{
    Settings, Verdict,
    client::Client,
    clock::Stopwatch,
    kill::{self, told_once},
    observe,
    program::{Installation, Server},
    random::Random,
};

const CLIENTS: u32 = 8;
/// Beside those who change, so many read pages all the time: a reader keeps the write-ahead log from being begun anew.
const READERS: usize = 2;
const SAMPLE: Duration = Duration::from_secs(2);
/// The write-ahead log is never larger.
const LOG: u64 = 64 << 20;

pub fn run(settings: &Settings) -> Verdict {
    // The short form only shows that the test itself works.
    let length = if settings.long { Duration::from_mins(settings.soak_minutes) } else { Duration::from_secs(4) };
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let server = installation.serve();
    let mut clients = kill::clients(&server.http, CLIENTS as usize, &mut random);
    let mut last = observe::look(&installation.database(), clients.len(), 0).expect("a sound database").last;
    let trial = if settings.long { Duration::from_secs(10) } else { Duration::from_secs(1) };
    let reached = u32::try_from(work(&server, &mut clients, trial, None, &mut || {})).expect("not for days");
    // 60 % of that.
    let pause = trial * CLIENTS / reached * 5 / 3;
    let mut samples = Vec::new();
    let log = installation.database().with_extension("db-wal");
    let mut sample = || {
        let log = fs::metadata(&log).map_or(0, |log| log.len());
        samples.push(Sample { memory: server.memory(), handles: server.handles(), log });
    };
    let requests = work(&server, &mut clients, length, Some(pause), &mut sample);
    let seen = observe::look(&installation.database(), clients.len(), last).unwrap_or_else(|broken| panic!("{broken}"));
    last = seen.last;
    let acknowledged = told_once(&mut clients, &seen, 0);
    for (client, found) in clients.iter().zip(&seen.worlds) {
        assert_eq!(client.world, *found);
    }
    // Caches fill in the beginning: what counts is that the second half needs no more than the first.
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
    Verdict::new([
        ("seconds", length.as_secs()),
        ("requests a second at full speed", u64::from(reached) / trial.as_secs()),
        ("requests in the soak", requests as u64),
        ("changes acknowledged, each found", acknowledged as u64),
        ("MiB of memory at the most, first half", memory(first) / 1024),
        ("MiB of memory at the most, second half", memory(second) / 1024),
        ("open files at the most, first half", handles(first)),
        ("open files at the most, second half", handles(second)),
        ("MiB of write-ahead log at the most", log >> 20),
        ("rows of the journal", last.unsigned_abs()),
    ])
}

struct Sample {
    memory: u64,
    handles: usize,
    log: u64,
}

/// All clients work for so long, each with a pause between the beginnings of its requests. Gives how many changes were
/// asked for.
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
            let http = server.http.another();
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
