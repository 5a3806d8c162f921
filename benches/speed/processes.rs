//! The processes that are measured: the release build, and the bare route it is compared with.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract, routing::get};
use tokio::time::sleep;

use crate::load::{as_float, ask_once};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rollcall");
/// The longest body of the bare route.
const LONGEST: usize = 1 << 20;

/// A process that is killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts `rollcall serve` on a data folder, and returns how long it took until it answered.
    pub async fn serve(data: &Path) -> (Self, Duration) {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let log = fs::File::create(data.join("log")).unwrap();
        let began = Instant::now();
        let child = Command::new(PROGRAM)
            // The journal's entries are old and must not be deleted during the measurement.
            .args(["serve", "--rate-limit", "0", "--journal-days", "3650", "--addr", &address.to_string()])
            .arg("--data-dir")
            .arg(data)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(1)).await;
        }
        let health = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        assert_eq!(ask_once(address, &health).await.0, 200);
        (Self { child, address }, began.elapsed())
    }

    /// Starts this program as the bare route.
    pub fn bare() -> Self {
        let program = env::current_exe().unwrap();
        let mut child = Command::new(program).arg("bare").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap() }
    }

    /// Processor time used so far.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // utime and stime are the 12th and 13th field after the name in parentheses, in 1/100 s.
        let behind = stat.rsplit_once(')').unwrap().1;
        let ticks: u64 = behind.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Peak memory in MiB (`VmHWM`).
    pub fn peak_memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        as_float(line.trim().trim_end_matches(" kB").parse().unwrap()) / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A route that returns as many bytes as its path says.
pub async fn answer_bare() {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let body = Bytes::from(vec![b'x'; LONGEST]);
    let constant = async move |extract::Path(size): extract::Path<usize>| body.slice(..size);
    axum::serve(listener, Router::new().route("/{size}", get(constant))).await.unwrap();
}
