//! The program under test: its data folder and its process.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{clock::Stopwatch, http::Http};

const PASSWORD: &str = "correct horse battery";
/// Much longer than anything should take.
const TIMEOUT: Duration = Duration::from_mins(1);
pub const EMAIL: &str = "ada@contoso.example";

/// An installation: a program, and a folder with a company that has provisioning turned on and one token.
pub struct Installation {
    pub program: PathBuf,
    pub folder: PathBuf,
    pub token: String,
    address: SocketAddr,
    place: TempDir,
}

impl Installation {
    pub fn new(program: &Path) -> Self {
        let place = tempfile::tempdir().expect("a folder for the test");
        let folder = place.path().join("data");
        let address = free_address();
        let mut made = Self { program: program.to_owned(), folder, token: String::new(), address, place };
        made.run(&["admin", "create", "--company", "Contoso", "--email", EMAIL]);
        made.run(&["settings", "--provisioning", "on"]);
        let token = made.run(&["token", "create", "--name", "torture"]);
        token.trim().clone_into(&mut made.token);
        made
    }

    /// The same installation with a copy of its folder, at another address.
    pub fn restored(&self, folder: &Path) -> Self {
        let (program, token) = (self.program.clone(), self.token.clone());
        let place = tempfile::tempdir().expect("a folder for the test");
        Self { program, folder: folder.to_owned(), token, address: free_address(), place }
    }

    /// Runs a command, which must succeed, and returns its output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the program runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// A command of the program on this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.with_settings(Command::new(&self.program));
        command.args(arguments);
        command
    }

    fn with_settings(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .env("ROLLCALL_DATA_DIR", &self.folder)
            .env("ROLLCALL_ADDR", self.address.to_string())
            .env("ROLLCALL_ADMIN_PASSWORD", PASSWORD)
            .env("ROLLCALL_RATE_LIMIT", "0")
            .env("ROLLCALL_LOG", "warn")
            .stdin(Stdio::null());
        command
    }

    /// Starts the server and waits until it answers.
    pub fn serve(&self) -> Server {
        let server = self.spawn(|_| {});
        server.wait_until_ready();
        server
    }

    /// Starts the server with a changed command; it may not answer yet.
    pub fn spawn(&self, change: impl FnOnce(&mut Command)) -> Server {
        let mut command = self.command(&["serve"]);
        change(&mut command);
        self.start(command)
    }

    /// Serves on a socket that is already open, passed as systemd does it.
    pub fn spawn_on(&self, socket: &TcpListener) -> Server {
        let mut command = self.with_settings(Command::new("/bin/sh"));
        let pass = r#"LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve 3<&0 </dev/null"#;
        command.args(["-c", pass]).arg(&self.program);
        command.stdin(OwnedFd::from(socket.try_clone().expect("one more file")));
        self.start(command)
    }

    fn start(&self, mut command: Command) -> Server {
        let log = File::options().append(true).create(true).open(self.log()).expect("a log");
        command.stdout(Stdio::null()).stderr(log);
        Server { process: command.spawn().expect("the program starts"), http: self.http() }
    }

    pub fn http(&self) -> Http {
        Http::new(self.address, &self.token)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join("rollcall.db")
    }

    /// A file next to the data folder.
    pub fn sibling(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The server's log so far.
    pub fn logged(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    fn log(&self) -> PathBuf {
        self.sibling("log")
    }
}

/// A free port, which is most likely still free when it is used.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

/// A server process; killed when it is dropped.
pub struct Server {
    process: Child,
    pub http: Http,
}

impl Server {
    pub fn wait_until_ready(&self) {
        let ready = || self.http.get("/readyz").map(|answer| answer.status) == Some(200);
        wait_until("the server answers", ready);
    }

    /// Sends SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill().expect("the process was running");
        self.process.wait().expect("it ends");
    }

    /// Sends SIGTERM and returns the exit status.
    pub fn stop(mut self) -> ExitStatus {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.process.wait().expect("it ends")
    }

    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().expect("the status of a child").is_none()
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Memory in use, in KiB.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("/proc has the memory use");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Open sockets.
    pub fn sockets(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("it runs").flatten();
        let targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// Open files and sockets.
    pub fn handles(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("it runs").count()
    }
}

/// Waits for a condition that must become true soon.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Stopwatch::start();
    while !condition() {
        assert!(began.elapsed() < TIMEOUT, "not within {} seconds: {what}", TIMEOUT.as_secs());
        thread::sleep(Duration::from_millis(5));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}
