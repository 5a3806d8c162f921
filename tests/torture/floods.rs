//! Misbehaving clients of all kinds at once: thousands that connect and send nothing, half a body or an endless header,
//! pipeline requests without reading, or never read a large response. Meanwhile a normal client is served, memory
//! stays bounded, and in the end every connection is closed.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::json;

use crate::{
    Report, Settings,
    clock::Stopwatch,
    program::{Installation, Server, wait_until},
};

/// The maximum response time for the normal client.
const MAX_WAIT: Duration = Duration::from_secs(15);
/// The maximum memory use, in KiB.
const MEMORY: u64 = 400 * 1024;
/// The number of users, for large pages.
const USERS: usize = 200;

pub fn run(settings: &Settings) -> Report {
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
    let behaved = server.http.separate();
    for number in 0..requests {
        let began = Stopwatch::start();
        let ask =
            || behaved.get("/v2/scim/Users?filter=userName%20eq%20%22u1%22").expect("the normal client is served");
        let mut answer = ask();
        // It shares the limits of its tenant with the flood.
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
    assert!(slowest < MAX_WAIT, "the normal client waited for {slowest:?}");
    assert!(most < MEMORY, "{most} KiB of memory, {memory_before} before");

    let mut outlasted = 0;
    if settings.long {
        // The server closes every connection without any action of the clients.
        outlasted = held.len();
        wait_until("the timeouts close the connections", || server.sockets() <= sockets_before + 10);
        assert!(behaved.get("/readyz").is_some_and(|answer| answer.status == 200));
    }
    let connections = held.len();
    drop(held);
    wait_until("the connections are closed", || server.sockets() <= sockets_before + 10);
    assert!(!installation.logged().contains("panicked"));
    let text = |number: usize| number.to_string();
    Report::new([
        ("connections open at once", text(connections)),
        ("of them without any data", text(idle)),
        ("with half a body", text(half)),
        ("with an endless header", text(endless)),
        ("with a page never read", text(untaken)),
        ("with 100 pipelined requests", text(piled)),
        ("closed by the server's timeouts", text(outlasted)),
        ("requests of the normal client, all answered", text(requests)),
        ("ms, the slowest of them", slowest.as_millis().to_string()),
        ("MiB of memory before", (memory_before / 1024).to_string()),
        ("MiB maximum", (most / 1024).to_string()),
    ])
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).expect("it accepts")
}

/// A connection on which as much of `bytes` was sent as possible without reading.
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
