//! Log lines for operators, on standard error, so that standard output belongs to commands. Bodies, tokens, passwords
//! and e-mail addresses are never logged.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

use crate::config::{LogArgs, LogFormat};

/// Starts logging for the rest of the process.
///
/// # Errors
/// When the filter cannot be read.
pub fn start(args: &LogArgs) -> Result<(), ParseError> {
    // sqlx tells of every statement at debug, with its text; ours carry no values, so that is left to the operator.
    let filter = EnvFilter::try_new(&args.filter)?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // A line that cannot be written is lost. To say so would need the same stream, and end in a panic.
    let lines = lines.log_internal_errors(false);
    // A second start in one process (a test) keeps the first.
    let _already_started = match args.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}
