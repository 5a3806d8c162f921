//! The endpoint over HTTP: Entra's requests, as fast as they are answered.

use std::{
    fs,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    installation::Installation,
    load::{self, Load, Request, as_float, ask_once},
    processes::Server,
    raw::Raw,
    sample_users::{self, id, user_name},
};

/// How long each load lasts, and each baseline.
const TIME: Duration = Duration::from_secs(4);
const BASE_TIME: Duration = Duration::from_secs(2);

pub fn heading() {
    println!(
        "\n{:26}{:>9}{:>10}{:>12}{:>8}{:>11}{:>9}{:>9}{:>8}{:>10}{:>9}",
        "32 connections",
        "users",
        "per second",
        "baseline",
        "ratio",
        "min/goal",
        "p50 ms",
        "p99 ms",
        "errors",
        "server µs",
        "bare µs"
    );
}

/// The baseline of a figure, measured immediately before it.
#[derive(Clone, Copy)]
enum Base {
    /// The bare route with a body of this size.
    Bare(usize),
    /// Raw SQLite inserting users, 64 per commit.
    Inserts,
    /// Raw SQLite updating users, 64 per commit.
    Updates,
}

struct Wire {
    size: u32,
    token: String,
    server: Server,
    bare: Server,
    raw: Mutex<Raw>,
}

/// Everything at one size.
pub async fn measure(size: u32) {
    let (installation, beside) = (Installation::copy(size), Installation::copy(size));
    let bytes = fs::metadata(installation.database()).unwrap().len();
    let (server, started) = Server::serve(installation.path()).await;
    let raw = Mutex::new(Raw::open(&beside.database(), size));
    let wire = Wire { size, token: installation.token.clone(), server, bare: Server::bare(), raw };
    wire.reads().await;
    wire.mix().await;
    let after_mix = wire.server.peak_memory();
    wire.writes().await;
    println!(
        "{:26}{size:>9}   start-up {} ms (at most 200), {:.0} MiB maximum after the mix (at most 100), {:.0} after all, \
         {:.1} KB of database per user",
        "server",
        started.as_millis(),
        after_mix,
        wire.server.peak_memory(),
        as_float(bytes) / 1024.0 / f64::from(size)
    );
}

impl Wire {
    async fn reads(&self) {
        let (size, hit) = (self.size, self.sample(&named(&user_name(7))).await);
        self.row("lookup by userName, hit", "15/25 %", Base::Bare(hit), move |of, turn| {
            of.get(&named(&user_name(spread(turn, size))))
        })
        .await;
        let miss = self.sample(&named("nobody")).await;
        self.row("lookup by userName, miss", "15/25 %", Base::Bare(miss), move |of, turn| {
            of.get(&named(&format!("nobody{turn}@contoso.example")))
        })
        .await;
        let one = self.sample(&format!("/Users/{}", id(7))).await;
        self.row("read by id", "15/25 %", Base::Bare(one), move |of, turn| {
            of.get(&format!("/Users/{}", id(spread(turn, size))))
        })
        .await;
        let page =
            move |turn: u64| format!("/Users?count=100&startIndex={}", 1 + spread(turn, size.min(10_000)) / 100 * 100);
        let hundred = self.sample(&page(0)).await;
        self.row("page of 100", "20/35 %", Base::Bare(hundred), move |of, turn| of.get(&page(turn))).await;
        let began = Instant::now();
        self.sample(&format!("/Users?count=100&startIndex={}", size - 100)).await;
        println!("{:26}{size:>9}   {} ms, the last page by startIndex", "", began.elapsed().as_millis());
    }

    async fn mix(&self) {
        let (size, one) = (self.size, self.sample(&format!("/Users/{}", id(7))).await);
        self.row("Entra mix", "9/15 %", Base::Bare(one), move |of, turn| match turn * 7 % 20 {
            0..6 => of.get(&named(&format!("nobody{turn}@contoso.example"))),
            6..12 => of.get(&named(&user_name(spread(turn, size)))),
            12..16 => of.get(&format!("/Users/{}", id(spread(turn, size)))),
            16..19 => of.patch(spread(turn, size), "title", &json!(format!("Mixed {turn}"))),
            _ => of.create(2_000_000 + u32::try_from(turn).unwrap()),
        })
        .await;
    }

    async fn writes(&self) {
        let size = self.size;
        let single = self.raw.lock().await.inserts(BASE_TIME, 1);
        println!("{:26}{size:>9}{single:>10.0}   one to a commit", "raw SQLite, users made");
        self.row("durable create", "30/50 %", Base::Inserts, |of, turn| {
            of.create(4_000_000 + u32::try_from(turn).unwrap())
        })
        .await;
        self.row("durable patch", "30/50 %", Base::Updates, move |of, turn| {
            of.patch(spread(turn, size), "title", &json!(format!("Turn {turn}")))
        })
        .await;
        // Each round over all users reverses the previous one.
        self.row("durable disable", "30/50 %", Base::Updates, move |of, turn| {
            let text = if (turn / u64::from(size)).is_multiple_of(2) { "False" } else { "True" };
            of.patch(spread(turn, size), "active", &json!(text))
        })
        .await;
    }

    async fn row(
        &self,
        what: &str,
        goal: &str,
        base: Base,
        make: impl Fn(&Requests, u64) -> Request + Send + Sync + 'static,
    ) {
        let requests = Arc::new(Requests::of(self));
        let beside = Arc::clone(&requests);
        let (base, beside) = match base {
            Base::Inserts => (self.raw.lock().await.inserts(BASE_TIME, 64), None),
            Base::Updates => (self.raw.lock().await.updates(BASE_TIME, 64), None),
            Base::Bare(size) => {
                let get = move |_| beside.send("GET", &format!("/{size}"), None, 200);
                let (load, used) = put(&self.bare, BASE_TIME, get).await;
                (load.per_second, Some(used))
            }
        };
        let (load, used) = put(&self.server, TIME, move |turn| make(&requests, turn)).await;
        print(what, self.size, (base, beside), goal, &load, used);
    }

    /// The length of a response body.
    async fn sample(&self, path: &str) -> usize {
        let request = String::from_utf8(Requests::of(self).get(path).text).unwrap().replacen(
            "\r\n",
            "\r\nConnection: close\r\n",
            1,
        );
        let (status, answer) = ask_once(self.server.address, &request).await;
        assert_eq!(status, 200, "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.len()
    }
}

/// Loads a server; also returns the server's processor time in microseconds per request.
async fn put(server: &Server, time: Duration, make: impl Fn(u64) -> Request + Send + Sync + 'static) -> (Load, f64) {
    let before = server.processor_time();
    let load = load::put(server.address, time, make).await;
    let used = server.processor_time().saturating_sub(before).as_secs_f64();
    // The processor time includes the requests of the warm-up.
    let whole = as_float(load.requests) * (time + load::WARM_UP).as_secs_f64() / time.as_secs_f64();
    (load, used * 1e6 / whole)
}

fn print(what: &str, size: u32, (base, beside): (f64, Option<f64>), goal: &str, load: &Load, used: f64) {
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{what:26}{size:>9}{:>10.0}{base:>12.0}{:>7.1}%{goal:>11}{:>9.1}{:>9.1}{:>8}{used:>10.0}{:>9}",
        load.per_second,
        100.0 * load.per_second / base,
        millis(load.median),
        millis(load.p99),
        load.errors,
        beside.map(|beside| format!("{beside:.0}")).unwrap_or_default()
    );
    if let Some(error) = &load.error {
        println!("{:26}{size:>9}   one of the errors: {error}", "");
    }
}

/// Numbers distributed over `size`.
pub fn spread(turn: u64, size: u32) -> u32 {
    u32::try_from(turn.wrapping_mul(2_654_435_761) % u64::from(size)).unwrap()
}

fn named(user_name: &str) -> String {
    filtered("/Users", &format!("userName eq \"{user_name}\""))
}

/// The path of a filtered list.
pub fn filtered(endpoint: &str, filter: &str) -> String {
    let encoded = [(" ", "%20"), ("\"", "%22"), ("[", "%5B"), ("]", "%5D"), ("+", "%2B")];
    encoded.iter().fold(format!("{endpoint}?filter={filter}"), |path, (sign, code)| path.replace(sign, code))
}

/// A number that is replaced in a prepared text.
const NUMBER_PLACEHOLDER: u32 = 9_876_543;

/// Builds requests.
pub struct Requests {
    token: String,
    host: SocketAddr,
    create_template: String,
}

impl Requests {
    pub fn new(token: String, host: SocketAddr) -> Self {
        Self { token, host, create_template: sample_users::document(NUMBER_PLACEHOLDER).to_string() }
    }

    fn of(wire: &Wire) -> Self {
        Self::new(wire.token.clone(), wire.server.address)
    }

    pub fn get(&self, path: &str) -> Request {
        self.send("GET", &format!("/v2/scim{path}"), None, 200)
    }

    fn create(&self, number: u32) -> Request {
        let body = self.create_template.replace(&NUMBER_PLACEHOLDER.to_string(), &format!("{number:07}"));
        self.send("POST", "/v2/scim/Users", Some(&body), 201)
    }

    fn patch(&self, number: u32, path: &str, value: &Value) -> Request {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "Replace", "path": path, "value": value}],
        });
        self.send("PATCH", &format!("/v2/scim/Users/{}", id(number)), Some(&body.to_string()), 200)
    }

    fn send(&self, method: &str, path: &str, body: Option<&str>, expected: u16) -> Request {
        let Self { token, host, .. } = self;
        let body = body.unwrap_or_default();
        let typed = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Type: application/scim+json\r\nContent-Length: {}\r\n", body.len())
        };
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Accept: application/scim+json\r\n{typed}\r\n{body}"
        );
        Request { text: text.into_bytes(), expected }
    }
}
