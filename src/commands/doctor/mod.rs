//! `doctor`: checks an installation and reports for each check the result and, where needed, advice. It changes nothing.

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

/// The settings to check, the same as for `serve`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Also verify every index and reference of the database; takes minutes if it is large
    #[arg(long)]
    full: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum FindingState {
    Ok,
    /// Works, but not as it should.
    Warning,
    /// Does not work.
    Broken,
}

/// One check, with its result and advice.
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

/// Runs the checks and prints the findings. The exit code is 1 if something is broken.
pub async fn run(args: DoctorArgs) -> CommandResult {
    let folder = args.config.data.data_dir.clone();
    let mut findings = folder::check(&folder);
    // Opening the database as another user could leave files that the server cannot use.
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
