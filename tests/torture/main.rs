//! Fault and crash tests: the program is killed, its disk fails, its clients misbehave. These tests access it over HTTP and
//! by reading its database, and share no code with it.
//!
//! `cargo test` runs a short form of each; `make torture` the long one. Arguments: `--long`, `--seed NUMBER`,
//! `--program FILE`, `--soak MINUTES`, and names of tests.
#![expect(clippy::print_stdout, reason = "it is a report")]

mod backup;
mod client;
mod clock;
mod disk;
mod faults;
mod floods;
mod http;
mod kill;
mod migration;
mod model;
mod observe;
mod power;
mod program;
mod random;
mod restart;
mod soak;

use clock::Stopwatch;

use std::{
    any::Any,
    env,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    process::ExitCode,
};

type Test = (&'static str, &'static str, fn(&Settings) -> Report);

/// The tests: name, what each shows, function.
const TESTS: &[Test] = &[
    ("kill", "killed at random moments, no acknowledged change is lost and none is half done", kill::run),
    ("power", "whatever a power failure leaves on the disk, acknowledged changes are present", power::run),
    (
        "faults",
        "a full, read-only or broken disk: changes are refused, the fault is reported, and service resumes without a restart",
        faults::run,
    ),
    ("migration", "killed while an old database is upgraded, the next start completes the upgrade", migration::run),
    ("restart", "restarted under load on a socket that is passed to it, no request fails", restart::run),
    ("backup", "a backup under load, restored elsewhere, is the state of one moment", backup::run),
    ("floods", "misbehaving clients use bounded memory and do not lock others out", floods::run),
    ("soak", "memory, open files and the write-ahead log do not grow", soak::run),
];

/// Settings of a run.
pub struct Settings {
    /// The program to test.
    pub program: PathBuf,
    /// The long form.
    pub long: bool,
    /// The random seed.
    pub seed: u64,
    /// How long the soak takes.
    pub soak_minutes: u64,
    names: Vec<String>,
}

/// The counts of a test. A test that fails panics.
pub struct Report(Vec<(&'static str, String)>);

impl Report {
    /// Creates a report of labelled counts.
    pub fn new<T: ToString>(counts: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        Self(counts.into_iter().map(|(name, count)| (name, count.to_string())).collect())
    }

    /// Adds the counts of another part of the same test.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl Settings {
    /// Arguments of the test runner that have no meaning here are ignored.
    fn read(mut arguments: impl Iterator<Item = String>) -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_rollcall"));
        let mut settings = Self { program, long: false, seed: 1, soak_minutes: 30, names: Vec::new() };
        while let Some(argument) = arguments.next() {
            match &*argument {
                "--long" => settings.long = true,
                "--program" => settings.program = arguments.next().expect("--program FILE").into(),
                "--seed" => settings.seed = number(arguments.next()),
                "--soak" => settings.soak_minutes = number(arguments.next()),
                flag if flag.starts_with('-') => {}
                name => settings.names.push(name.to_owned()),
            }
        }
        settings
    }

    /// An amount in the short form or in the long one.
    pub const fn choose(&self, short: usize, long: usize) -> usize {
        if self.long { long } else { short }
    }
}

fn number(argument: Option<String>) -> u64 {
    argument.and_then(|number| number.parse().ok()).expect("a number")
}

fn main() -> ExitCode {
    let settings = Settings::read(env::args().skip(1));
    let wanted = |name: &str| settings.names.is_empty() || settings.names.iter().any(|part| name.contains(&**part));
    let tests: Vec<_> = TESTS.iter().filter(|(name, ..)| wanted(name)).collect();
    println!("\nseed {} · {}", settings.seed, settings.program.display());
    let mut failed = 0;
    for (name, promise, run) in &tests {
        let began = Stopwatch::start();
        let verdict = panic::catch_unwind(AssertUnwindSafe(|| run(&settings)));
        println!("\n{name}: {promise}");
        if let Ok(Report(counts)) = &verdict {
            for (what, count) in counts {
                println!("  {count:>9}  {what}");
            }
        }
        match verdict {
            Ok(_) => println!("  {:>8}s  held", began.elapsed().as_secs()),
            Err(fault) => {
                failed += 1;
                println!("  {:>8}s  BROKEN: {}", began.elapsed().as_secs(), words(&*fault));
            }
        }
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    let (passed, passed_over) = (tests.len() - failed, TESTS.len() - tests.len());
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {passed_over} filtered out"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn words(fault: &dyn Any) -> &str {
    let text = fault.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| fault.downcast_ref::<&str>().copied()).unwrap_or("a panic")
}
