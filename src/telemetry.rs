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
    // sqlx logs every statement's text at debug. Statements contain no values, so operators may turn that on.
    let filter = EnvFilter::try_new(&args.filter)?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // A failed write cannot be reported: standard error is the stream that failed, and writing to it would panic.
    let lines = lines.log_internal_errors(false);
    // A second start in one process, as in tests, has no effect.
    let _already_started = match args.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Shortest time between two writes of a rate-limited line.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Limits how often one log line is written, so that a fault which every request meets does not fill the log.
#[derive(Debug)]
pub struct RateLimitedLog(Mutex<Option<Instant>>);

impl RateLimitedLog {
    /// Make one `static` for each line.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether the line may be written now: at most once in ten seconds.
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
