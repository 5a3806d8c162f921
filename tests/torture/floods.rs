//! Clients that misbehave, all kinds at once: thousands that connect and say nothing, bodies sent by half, headers without
//! end, requests piled up without reading, large answers never taken. Meanwhile a client that behaves is served, memory
//! stays bounded, and in the end every connection is gone.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::json;

use crate::{
    Settings, Verdict,
    clock::Stopwatch,
    program::{Installation, Server, wait_until},
};

/// The longest that a client that behaves waits for anything meanwhile.
const PATIENCE: Duration = Duration::from_secs(15);
/// The most memory that all of it may take, in KiB.
const MEMORY: u64 = 400 * 1024;
/// Users, so that a page of them is large.
const USERS: usize = 200;

pub fn run(settings: &Settings) -> Verdict {
    let installation = Installation::new(&settings.program);
    let server = installation.serve();
    fill(&server);
    let (memory_before, sockets_before) = (server.memory(), server.sockets());
    let (address, token) = (installation.address(), &*installation.token);
    let size = settings.choose(1, 5);

    let mut held = Vec::new();
    let idle = 600 * size;
    for _ in 0..idle {
        held.push(connect(address));
    }
    let half = 100 * size;
    for _ in 0..half {
        let announced = format!(
            "POST /v2/scim/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/scim+json\r\nContent-Length: 100000\r\n\r\n"
        );
        held.push(sent(address, (announced.clone() + &" ".repeat(50_000)).as_bytes()));
    }
    let endless = 100 * size;
    for _ in 0..endless {
        held.push(sent(
            address,
            ("GET / HTTP/1.1\r\nHost: x\r\nX-Endless: ".to_owned() + &"x".repeat(200_000)).as_bytes(),
        ));
    }
    let page = format!("GET /v2/scim/Users?count=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    let untaken = 60 * size;
    for _ in 0..untaken {
        held.push(sent(address, page.as_bytes()));
    }
    let piled = 20;
    for _ in 0..piled {
        held.push(sent(address, page.repeat(100).as_bytes()));
    }

    let mut slowest = Duration::ZERO;
    let mut most = 0;
    let requests = settings.choose(60, 600);
    let behaved = server.http.another();
    for number in 0..requests {
        let began = Stopwatch::start();
        let ask = || behaved.get("/v2/scim/Users?filter=userName%20eq%20%22u1%22").expect("who behaves is served");
        let mut answer = ask();
        // Its own tenant's flood may make it wait a moment.
        while answer.status == 429 {
            answer = ask();
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        if number % 10 == 0 {
            let made =
                behaved.send("POST", "/v2/scim/Users", Some(&user(&format!("late{number}")))).expect("an answer");
            assert_eq!(made.status, 201, "{}", made.text);
        }
        slowest = slowest.max(began.elapsed());
        most = most.max(server.memory());
    }
    assert!(slowest < PATIENCE, "who behaved waited for {slowest:?}");
    assert!(most < MEMORY, "{most} KiB of memory, {memory_before} before");

    let mut outlasted = 0;
    if settings.long {
        // Without a word from the clients every connection ends by itself.
        outlasted = held.len();
        wait_until("the time limits end what is held", || server.sockets() <= sockets_before + 10);
        assert!(behaved.get("/readyz").is_some_and(|answer| answer.status == 200));
    }
    let connections = held.len();
    drop(held);
    wait_until("the connections are gone", || server.sockets() <= sockets_before + 10);
    assert!(!installation.logged().contains("panicked"));
    let text = |number: usize| number.to_string();
    Verdict::new([
        ("connections held at once", text(connections)),
        ("of them without a word", text(idle)),
        ("with half a body", text(half)),
        ("with an endless header", text(endless)),
        ("with a page never taken", text(untaken)),
        ("with 100 requests piled up", text(piled)),
        ("ended by the server's time limits", text(outlasted)),
        ("requests of who behaved, all answered", text(requests)),
        ("ms, the slowest of them", slowest.as_millis().to_string()),
        ("MiB of memory before", (memory_before / 1024).to_string()),
        ("MiB at the most", (most / 1024).to_string()),
    ])
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).expect("it accepts")
}

/// A connection into which as much of `bytes` was put as it takes without being read from.
fn sent(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(address);
    stream.set_write_timeout(Some(Duration::from_millis(100))).expect("a socket");
    let _as_far_as_it_goes = stream.write_all(bytes);
    stream
}

fn fill(server: &Server) {
    for number in 0..USERS {
        let mut user = user(&format!("u{number}"));
        user["title"] = json!("t".repeat(1_000));
        let answer = server.http.send("POST", "/v2/scim/Users", Some(&user)).expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
}

fn user(name: &str) -> serde_json::Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}
