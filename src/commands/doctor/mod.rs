//! `doctor`: looks at an installation from the outside, as an operator would, and says of each thing how it is and what to
//! do about it. It changes nothing.

mod database;
mod folder;
mod network;

use std::{fmt, process::ExitCode};

use clap::Args;
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::{
    clock::Clock,
    commands::{CommandResult, lock, print_line},
    config::ConfigArgs,
    store::Depth,
};

/// What to look at: the settings that `serve` would be given.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Look at every index and reference of the database, too: minutes, where it is large
    #[arg(long)]
    full: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum FindingState {
    Ok,
    /// Works, but not as it should.
    Warning,
    /// Does not work.
    Broken,
}

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    state: FindingState,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    state: FindingState,
    findings: &'a [Finding],
}

/// Looks and tells. The exit code is 1 when something is broken.
pub async fn run(args: DoctorArgs) -> CommandResult {
    let folder = args.config.data.data_dir.clone();
    let mut findings = folder::check(&folder);
    // Who is not its owner would leave files behind that the server could not use.
    if findings.iter().all(|finding| finding.check != folder::OWNER || finding.state != FindingState::Broken) {
        let depth = if args.full { Depth::Full } else { Depth::Quick };
        findings.extend(database::check(&folder, depth, Clock::system().now()).await);
    }
    let serving = lock::holder(&folder);
    let config = args.config;
    findings.extend(spawn_blocking(move || network::check(config, serving)).await?);
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(FindingState::Ok);
    if args.json {
        let report = Report { version: env!("CARGO_PKG_VERSION"), state: worst, findings: &findings };
        print_line(serde_json::to_string_pretty(&report)?)?;
    } else {
        for finding in &findings {
            print_line(finding)?;
        }
    }
    Ok(if worst == FindingState::Broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: FindingState::Ok, found: found.into(), advice: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: FindingState::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    fn broken(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state: FindingState::Broken, found: found.into(), advice: Some(advice.into()) }
    }
}

/// `warning  proxies       No proxy is trusted. Set …`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            FindingState::Ok => "ok",
            FindingState::Warning => "warning",
            FindingState::Broken => "BROKEN",
        };
        write!(f, "{state:<8} {:<14} {}", self.check, self.found)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, " {advice}"))
    }
}
