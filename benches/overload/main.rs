//! `cargo bench --features ssr --bench overload`: how a tenant that overloads the server affects another that sends 25 requests per
//! second. The real program, two tenants, clients on the same machine; every figure is also printed as a ratio to the quiet
//! tenant alone, measured in the same run.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use ureq::Agent;

/// The requests per second and tenant that Entra requires of an endpoint.
const QUIET_RATE: u32 = 25;
const MEASURED: Duration = Duration::from_secs(20);
const LOUD_CONNECTIONS: usize = 64;
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn main() {
    // `cargo test` runs benchmarks, too.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!(
        "{:<44} {:>8} {:>8} {:>7}   loud tenant",
        "quiet tenant, 25 requests per second", "p50 ms", "p99 ms", "ratio"
    );
    for (limit, pace, label) in [
        (500, Some(10 * QUIET_RATE), "loud sends ten times that, all served"),
        (500, None, "loud sends as much as it can, limit 500/s"),
        (0, None, "the same without a rate limit"),
    ] {
        let server = Server::start(limit);
        let quiet = Tenant::new(&server, "Quiet");
        let loud = Tenant::new(&server, "Loud");
        let alone = quiet.measure();
        alone.print("alone", None, "");
        let stop = AtomicBool::new(false);
        let (done, shed) = (AtomicU64::new(0), AtomicU64::new(0));
        let beside = thread::scope(|threads| {
            for number in 0..LOUD_CONNECTIONS {
                let (loud, stop, done, shed) = (&loud, &stop, &done, &shed);
                threads.spawn(move || loud.flood(number, pace, stop, done, shed));
            }
            let beside = quiet.measure();
            stop.store(true, Ordering::Relaxed);
            beside
        });
        let each_second = |count: &AtomicU64| count.load(Ordering::Relaxed) / MEASURED.as_secs();
        let loud = format!("{}/s done, {}/s answered 429", each_second(&done), each_second(&shed));
        beside.print(label, Some(&alone), &loud);
    }
}

/// The program, serving an empty data folder.
struct Server {
    process: Child,
    address: String,
    folder: tempfile::TempDir,
    /// Kept open, because the program ends when its output is closed.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(rate_limit: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program(folder.path());
        command.args(["serve", "--addr", "127.0.0.1:0", "--log", "error", "--rate-limit", &rate_limit.to_string()]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let tenant_url = |line: String| Some(line.split_once("http://")?.1.strip_suffix("/v2/scim")?.to_owned());
        let address = lines.find_map(|line| tenant_url(line.unwrap())).unwrap();
        Self { process, address, folder, _said: lines }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.env_clear().env("ROLLCALL_DATA_DIR", folder);
    command
}

/// The output of a command.
fn verb(folder: &Path, arguments: &[&str]) -> String {
    let mut command = program(folder);
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// One tenant's identity provider.
struct Tenant {
    users: String,
    token: String,
    ids: Vec<String>,
}

impl Tenant {
    fn new(server: &Server, name: &str) -> Self {
        let folder = server.folder.path();
        verb(folder, &["tenant", "create", "--name", name]);
        verb(folder, &["settings", "--tenant", name, "--provisioning", "on", "--user-name-limit", "0"]);
        let token = verb(folder, &["token", "create", "--tenant", name, "--name", "bench"]);
        let mut tenant = Self { users: format!("http://{}/v2/scim/Users", server.address), token, ids: Vec::new() };
        let agent = agent();
        tenant.ids = (0..100).map(|number| tenant.create(&agent, &format!("first-{number}")).unwrap()).collect();
        tenant
    }

    /// Of ten requests one is a create, three are patches, six are lookups. Returns the status.
    fn ask(&self, agent: &Agent, number: usize, name: &str) -> u16 {
        match number % 10 {
            0 => self.create(agent, name).map_or_else(|status| status, |_| 201),
            1..4 => {
                let change =
                    json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": name}]});
                let url = format!("{}/{}", self.users, self.ids[number % self.ids.len()]);
                let request = agent.patch(url).header("authorization", format!("Bearer {}", self.token));
                read(request.send_json(change)).0
            }
            _ => {
                let url = format!("{}?filter=userName%20eq%20%22first-{}%22", self.users, number % self.ids.len());
                read(agent.get(url).header("authorization", format!("Bearer {}", self.token)).call()).0
            }
        }
    }

    fn create(&self, agent: &Agent, name: &str) -> Result<String, u16> {
        let user = json!({"schemas": [USER], "userName": name, "active": true, "displayName": name,
            "emails": [{"type": "work", "value": format!("{name}@example.com")}]});
        let request = agent.post(&self.users).header("authorization", format!("Bearer {}", self.token));
        let (status, body) = read(request.send_json(user));
        if status == 201 { Ok(body["id"].as_str().unwrap().to_owned()) } else { Err(status) }
    }

    /// Response times at a constant rate; a late response does not delay the next request.
    fn measure(&self) -> Times {
        let count = usize::try_from(QUIET_RATE).unwrap() * usize::try_from(MEASURED.as_secs()).unwrap();
        let began = Instant::now();
        let times = thread::scope(|threads| {
            let workers: Vec<_> = (0..5)
                .map(|worker| {
                    threads.spawn(move || {
                        let agent = agent();
                        let mut times = Vec::new();
                        for number in (worker..count).step_by(5) {
                            let due = Duration::from_secs(1) / QUIET_RATE * u32::try_from(number).unwrap();
                            thread::sleep(due.saturating_sub(began.elapsed()));
                            let name = format!("quiet-{number}-{:?}", began.elapsed());
                            let status = self.ask(&agent, number, &name);
                            assert!(status < 300, "the quiet tenant was answered {status}");
                            times.push(began.elapsed().saturating_sub(due));
                        }
                        times
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        Times::of(times)
    }

    /// Sends requests as fast as they are answered, or at a pace: so many requests per second on all connections together.
    fn flood(&self, worker: usize, pace: Option<u32>, stop: &AtomicBool, done: &AtomicU64, shed: &AtomicU64) {
        let (agent, began) = (agent(), Instant::now());
        for number in (worker..).step_by(LOUD_CONNECTIONS) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if let Some(pace) = pace {
                let due = Duration::from_secs(1) / pace * u32::try_from(number).unwrap();
                thread::sleep(due.saturating_sub(began.elapsed()));
            }
            let counter = if self.ask(&agent, number, &format!("loud-{number}")) == 429 { shed } else { done };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, serde_json::Value) {
    let mut answer = answer.unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&body).unwrap_or_default())
}

struct Times {
    p50: Duration,
    p99: Duration,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { p50: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }

    fn print(&self, label: &str, alone: Option<&Self>, loud: &str) {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let ratio = alone.map_or(1.0, |alone| self.p99.as_secs_f64() / alone.p99.as_secs_f64());
        println!("{label:<44} {:>8.1} {:>8.1} {ratio:>7.1}   {loud}", millis(self.p50), millis(self.p99));
    }
}
