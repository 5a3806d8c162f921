//! The load: 32 clients, each with a persistent connection, each sending its next request as soon as the
//! last one is answered. It implements HTTP/1.1 itself to use as little processor time as possible.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const CLIENTS: usize = 32;
/// Not counted.
pub const WARM_UP: Duration = Duration::from_millis(500);

/// One request, as it is sent.
pub struct Request {
    pub text: Vec<u8>,
    /// The expected status.
    pub expected: u16,
}

/// The result of a load.
pub struct Load {
    pub requests: u64,
    pub per_second: f64,
    pub median: Duration,
    pub p99: Duration,
    pub errors: u64,
    /// The first error.
    pub error: Option<String>,
}

/// Loads a server for a while. `make` returns the request of a number; numbers increase over all clients.
pub async fn put(server: SocketAddr, time: Duration, make: impl Fn(u64) -> Request + Send + Sync + 'static) -> Load {
    let (make, turns) = (Arc::new(make), Arc::new(AtomicU64::new(0)));
    let from = Instant::now() + WARM_UP;
    let until = from + time;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (make, turns) = (Arc::clone(&make), Arc::clone(&turns));
        clients.spawn(async move {
            let mut connection = Connection::open(server).await;
            let (mut times, mut errors) = (Vec::new(), Vec::new());
            loop {
                let request = make(turns.fetch_add(1, Ordering::Relaxed));
                let began = Instant::now();
                if began >= until {
                    return (times, errors);
                }
                let answered = connection.ask(&request.text).await;
                if began < from {
                    continue;
                }
                if answered == Some(request.expected) {
                    times.push(began.elapsed());
                } else {
                    errors.push(format!("{answered:?} {}", String::from_utf8_lossy(&connection.read)));
                    connection = Connection::open(server).await;
                }
            }
        });
    }
    let (mut times, mut errors) = (Vec::new(), Vec::new());
    for (its_times, its_errors) in clients.join_all().await {
        times.extend(its_times);
        errors.extend(its_errors);
    }
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let requests = times.len() as u64;
    let per_second = as_float(requests) / time.as_secs_f64();
    let (count, error) = (errors.len() as u64, errors.into_iter().next());
    Load { requests, per_second, median: at(50), p99: at(99), errors: count, error }
}

/// One complete response: status, headers and body.
pub async fn ask_once(server: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    (status(&answer).unwrap(), String::from_utf8_lossy(&answer).into_owned())
}

#[expect(clippy::cast_precision_loss, reason = "a count of requests is far below 2^52")]
pub fn as_float(count: u64) -> f64 {
    count as f64
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(1 << 18) }
    }

    /// The status of the response; `None` if the connection failed.
    async fn ask(&mut self, request: &[u8]) -> Option<u16> {
        self.stream.write_all(request).await.ok()?;
        self.read.clear();
        let mut whole = None;
        while whole.is_none_or(|whole| self.read.len() < whole) {
            if self.stream.read_buf(&mut self.read).await.ok()? == 0 {
                return None;
            }
            whole = whole.or_else(|| length(&self.read));
        }
        status(&self.read)
    }
}

fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// The length of headers and body, once the headers are complete.
fn length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let header = std::str::from_utf8(&answer[..end]).ok()?;
    let body =
        header.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(Some(0), |it| it.parse().ok());
    Some(end + body?)
}
