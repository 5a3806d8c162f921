//! Log lines for operators, on standard error, so that standard output belongs to commands. Bodies, tokens, passwords
//! and e-mail addresses are never logged.

use std::{
    io::{self, IsTerminal},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
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

/// How often a line is written that every request may cause while something is amiss.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Keeps one line of the log from being written for every request: what fills a disk must not fill the log as well.
#[derive(Debug)]
pub struct RateLimitedLog(Mutex<Option<Instant>>);

impl RateLimitedLog {
    /// One for each line.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether the line may be written now: not within ten seconds of the last time.
    #[must_use]
    pub fn permits(&self) -> bool {
        self.permits_at(Instant::now())
    }

    fn permits_at(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now - last < LOG_INTERVAL) {
            return false;
        }
        *last = Some(now);
        true
    }
}

impl Default for RateLimitedLog {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_once_in_ten_seconds() {
        let (line, now) = (RateLimitedLog::new(), Instant::now());
        assert!(line.permits_at(now) && !line.permits_at(now));
        assert!(line.permits_at(now + LOG_INTERVAL) && !line.permits_at(now + LOG_INTERVAL));
    }
}
