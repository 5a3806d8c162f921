//! The verbs of the command line. Each says what it did on standard output, and what stopped it in one line on standard
//! error, with an exit code of its own.

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
    /// Make administrators' accounts
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Make and list tenants: the companies that are served apart from one another
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Make, list, rotate and revoke SCIM tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show, define and delete a tenant's own extension schemas
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
    /// Show and change a tenant's settings
    Settings(settings::SettingsArgs),
    // Its help stands at its arguments.
    Simulate(Box<SimulateArgs>),
    // Its help stands at its arguments.
    Check(Box<CheckArgs>),
    /// Serve a throw-away database with a sample company in it
    Demo(demo::DemoArgs),
    /// Copy database and key into a new folder, while serving goes on
    Backup(backup::BackupArgs),
    /// Put a backup into an empty data folder, once it has proved sound
    Restore(restore::RestoreArgs),
    /// Look at an installation and say what is wrong with it, and what to do
    Doctor(Box<doctor::DoctorArgs>),
    /// Ask the running server whether it is ready
    Health(health::HealthArgs),
}

/// Why a command did not do what it should: one line for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

/// What a command ends with.
type CommandResult = Result<ExitCode, Failure>;

/// Reads the command line and does what it says.
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
        // Where standard error is closed there is nobody left to tell.
        let _written = writeln!(io::stderr(), "rollcall: {failure}");
        ExitCode::FAILURE
    })
}

/// Help that was asked for is printed as it is; what cannot be read is said in one line, with clap's exit code, 2.
fn report_usage_error(error: &clap::Error) -> ExitCode {
    let help = [ErrorKind::DisplayHelp, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::DisplayVersion];
    // Where nobody listens any more there is nobody left to tell.
    let _written = if help.contains(&error.kind()) {
        error.print()
    } else {
        writeln!(io::stderr(), "rollcall: {}; try --help", first_paragraph(&error.render().to_string()))
    };
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// What clap says before it goes on about usage, in one line.
fn first_paragraph(told: &str) -> String {
    let told = told.strip_prefix("error: ").unwrap_or(told);
    let lines: Vec<_> = told.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ")
}

fn execute(command: Command) -> CommandResult {
    // These two are outsiders, and block.
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

/// Exit code 2 when the run could not be done, as the simulator's own help says.
fn simulate(args: SimulateArgs) -> ExitCode {
    match entra::run(args) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            let _written = writeln!(io::stderr(), "rollcall: {error}");
            ExitCode::from(2)
        }
    }
}

/// Exit code 2 when nothing could be tested, as the check's own help says.
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
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    /// Arguments of a verb and those that all verbs have are found by name, and read as what they are.
    #[test]
    fn the_outsiders_arguments_can_be_read() {
        for line in [
            "rollcall check --url http://x/scim --token t",
            "rollcall check --url http://x/scim --token t --format junit --report r.xml --log-format json --only me",
            "rollcall simulate --url http://x/scim --token t --users u.json --report r.json --log-format json",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }
}
