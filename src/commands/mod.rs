//! The commands of the command line. Each prints its result to standard output and a failure as one line to standard
//! error, with a non-zero exit code.

mod admin;
mod backup;
mod demo;
mod doctor;
mod health;
mod lock;
mod open;
mod restore;
mod schema;
mod serve;
mod settings;
mod tenant;
mod token;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand, error::ErrorKind};

use crate::{
    check::{self, CheckArgs},
    config::{ConfigArgs, LogArgs},
    entra::{self, SimulateArgs},
    scim::time::DateTime,
    telemetry,
};

/// A SCIM 2.0 endpoint and admin portal for employee provisioning
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the portal and the SCIM endpoint
    Serve(ConfigArgs),
    /// Create and manage administrators' accounts
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Create and list tenants: companies whose data is separate
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Create, list, rotate and revoke SCIM tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show, define and delete a tenant's custom schemas
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Show and change a tenant's settings
    Settings(settings::SettingsArgs),
    // The help text is at its arguments.
    Simulate(Box<SimulateArgs>),
    // The help text is at its arguments.
    Check(Box<CheckArgs>),
    /// Serve a temporary database with a sample company
    Demo(demo::DemoArgs),
    /// Copy the database and the key into a new folder, also while the server runs
    Backup(backup::BackupArgs),
    /// Verify a backup and restore it into an empty data folder
    Restore(restore::RestoreArgs),
    /// Check an installation, report problems and suggest fixes
    Doctor(Box<doctor::DoctorArgs>),
    /// Ask the running server whether it is ready
    Health(health::HealthArgs),
}

/// Why a command failed, in one line.
#[derive(Debug)]
pub struct Failure(String);

/// The result of a command.
type CommandResult = Result<ExitCode, Failure>;

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(&error),
    };
    let outcome = telemetry::start(&cli.log)
        .map_err(|error| Failure::new(format!("the log filter cannot be read: {error}")))
        .and_then(|()| execute(cli.command));
    outcome.unwrap_or_else(|failure| {
        // If standard error is closed, there is nowhere to report it.
        let _written = writeln!(io::stderr(), "rollcall: {failure}");
        ExitCode::FAILURE
    })
}

/// Prints requested help as it is, and a usage error in one line, with clap's exit code 2.
fn report_usage_error(error: &clap::Error) -> ExitCode {
    let help = [ErrorKind::DisplayHelp, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::DisplayVersion];
    // If the stream is closed, there is nowhere to report it.
    let _written = if help.contains(&error.kind()) {
        error.print()
    } else {
        writeln!(io::stderr(), "rollcall: {}; try --help", first_paragraph(&error.render().to_string()))
    };
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// clap's message without the usage that follows it, in one line.
fn first_paragraph(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let lines: Vec<_> = message.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ")
}

fn execute(command: Command) -> CommandResult {
    // These two are HTTP clients that block, so they run without the async runtime.
    match command {
        Command::Simulate(args) => return Ok(simulate(*args)),
        Command::Check(args) => return Ok(check(&args)),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Serve(args) => serve::serve(args).await,
            Command::Admin(command) => admin::run(command).await,
            Command::Tenant(command) => tenant::run(command).await,
            Command::Token(command) => token::run(command).await,
            Command::Schema(command) => schema::run(command).await,
            Command::Settings(args) => settings::run(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Backup(args) => backup::run(args).await,
            Command::Restore(args) => restore::run(args).await,
            Command::Doctor(args) => doctor::run(*args).await,
            Command::Health(args) => health::run(args).await,
            Command::Simulate(args) => Ok(simulate(*args)),
            Command::Check(args) => Ok(check(&args)),
        }
    })
}

/// Exit code 2 if the run could not be done, as documented in `simulate --help`.
fn simulate(args: SimulateArgs) -> ExitCode {
    match entra::run(args) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            let _written = writeln!(io::stderr(), "rollcall: {error}");
            ExitCode::from(2)
        }
    }
}

/// Exit code 2 if nothing could be tested, as documented in `check --help`.
fn check(args: &CheckArgs) -> ExitCode {
    match check::command(args) {
        Ok(report) => ExitCode::from(report.exit_code()),
        Err(error) => {
            let _written = writeln!(io::stderr(), "rollcall: {error}");
            ExitCode::from(2)
        }
    }
}

impl Failure {
    fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Prints a line on standard output.
fn print_line(line: impl fmt::Display) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| Failure::new(format!("cannot write to standard output: {error}")))
}

/// To the minute, in UTC: `2026-11-22 22:50Z`.
fn format_minute(time: DateTime) -> String {
    let text = time.to_string().replacen('T', " ", 1);
    text.get(..16).map(|minute| format!("{minute}Z")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// A command's own arguments and the global ones share names; each is parsed as its own type.
    #[test]
    fn arguments_of_check_and_simulate_are_parsed() {
        for line in [
            "rollcall check --url http://x/scim --token t",
            "rollcall check --url http://x/scim --token t --format junit --report r.xml --log-format json --only me",
            "rollcall simulate --url http://x/scim --token t --users u.json --report r.json --log-format json",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
