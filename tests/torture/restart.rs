//! Restarts under load, as an upgrade with `rollcall.socket`: the socket outlives the program, and requests wait in its queue
//! while none serves.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    Report, Settings,
    clock::Stopwatch,
    http::Http,
    program::{Installation, wait_until},
};

const CLIENTS: usize = 6;
/// Requests answered between two restarts.
const BETWEEN: usize = 200;

pub fn run(settings: &Settings) -> Report {
    let installation = Installation::new(&settings.program);
    let socket = TcpListener::bind(installation.address()).expect("the address is free");
    let mut server = installation.spawn_on(&socket);
    let restarts = settings.choose(3, 50);
    let (answered, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let waits = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (http, answered, over) = (installation.http(), &answered, &over);
                scope.spawn(move || send_until(over, answered, number, &http))
            })
            .collect();
        for _ in 0..restarts {
            let enough = answered.load(Ordering::Relaxed) + BETWEEN;
            wait_until("requests are answered", || answered.load(Ordering::Relaxed) >= enough);
            assert!(server.stop().success(), "a stop is no failure");
            server = installation.spawn_on(&socket);
        }
        server.wait_until_ready();
        over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("no request fails")).collect::<Vec<_>>()
    });
    let longest = waits.into_iter().max().unwrap_or_default();
    Report::new([
        ("restarts", restarts),
        ("requests, all answered", answered.into_inner()),
        ("ms, the longest wait for an answer", usize::try_from(longest.as_millis()).unwrap_or(usize::MAX)),
    ])
}

/// Writes and reads; every other client opens a connection for each request. Returns the longest wait.
fn send_until(over: &AtomicBool, answered: &AtomicUsize, number: usize, http: &Http) -> Duration {
    let mut longest = Duration::ZERO;
    for round in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let http = if number.is_multiple_of(2) { http.clone() } else { http.separate() };
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("client{number}-{round}"),
        });
        let began = Stopwatch::start();
        let made = http.send("POST", "/v2/scim/Users", Some(&user)).expect("an answer to POST");
        longest = longest.max(began.elapsed());
        assert_eq!(made.status, 201, "{}", made.text);
        let began = Stopwatch::start();
        let read = http.get("/v2/scim/Users?count=1").expect("an answer to GET");
        longest = longest.max(began.elapsed());
        assert_eq!(read.status, 200, "{}", read.text);
        answered.fetch_add(2, Ordering::Relaxed);
    }
    longest
}
