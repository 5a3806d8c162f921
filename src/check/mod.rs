//! The readiness check: runs the tests of Microsoft's validator and gallery, Okta's test, both PATCH dialects of Entra and
//! the requirements of the RFCs against any SCIM 2.0 service, and deletes what it created. It uses only HTTP and imports
//! no other module of this crate, so that it cannot share a bug with the server it tests.

use std::ops::ControlFlow;
use std::time::Duration;

use thiserror::Error;

use self::session::Session;

mod answer;
mod args;
mod clock;
mod command;
mod compare;
mod exchange;
mod failure;
mod http;
mod names;
mod outcome;
mod preflight;
mod reachability;
mod report;
mod request;
mod runner;
mod service;
mod session;
mod suite;
mod test;

pub use args::{CheckArgs, Format};
pub use command::run as command;
pub use exchange::Exchange;
pub use failure::Failure;
pub use outcome::{Outcome, Report, Verdict};
pub use reachability::{Reachability, reachability};
pub use test::Suite;

/// What to check, as plain values.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Tenant URL; a query in it is sent with each request, as Entra does.
    pub url: String,
    /// The SCIM bearer token.
    pub token: Bearer,
    /// The domain of the test userNames (`rc1a2b3c.1@example.com`), for services that accept only known domains.
    pub domain: String,
    /// The timeout of one request.
    pub timeout: Duration,
    /// Run only the tests whose names start with one of these; empty runs all.
    pub only: Vec<String>,
    /// An additional header for each request, name and value.
    pub header: Option<(&'static str, String)>,
}

/// A bearer token; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer(String);

impl From<String> for Bearer {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Bearer(…)")
    }
}

impl Options {
    /// The defaults: all tests, userNames at example.com, a timeout of 30 seconds.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: Bearer(token.into()),
            domain: "example.com".into(),
            timeout: Duration::from_secs(30),
            only: Vec::new(),
            header: None,
        }
    }
}

/// The progress of a check.
#[derive(Debug)]
pub enum Event<'a> {
    /// The service is reachable and the tests begin.
    Started {
        /// The number of tests, including those that will be skipped.
        total: usize,
    },
    /// A test has ended.
    Done(&'a Outcome),
}

/// Why the check could not run.
#[derive(Debug, Error)]
pub enum CheckError {
    /// An argument is invalid.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// The problem.
        why: String,
    },
    /// There is no SCIM service at the address, or it rejects the token.
    #[error("{0}")]
    Connection(String),
    /// The observer stopped the check.
    #[error("the check was stopped")]
    Stopped,
    /// The report could not be printed.
    #[error("the report could not be printed: {0}")]
    Output(#[from] std::io::Error),
}

/// Checks a service. Blocks until all tests have run, about a thousand requests. Reports each test to `observer`; when the
/// observer breaks, the check deletes what it created and stops.
///
/// All resources it creates have a name of this run and are deleted after their test, whether it passed or not.
///
/// # Errors
/// When an option is invalid, no SCIM service answers, or the observer stops the check.
pub fn run(options: &Options, observer: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>) -> Result<Report, CheckError> {
    let tests = suite::select_tests(&options.only)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || letter == '.' || letter == '-';
    if options.domain.is_empty() || !options.domain.chars().all(is_plain) {
        return Err(CheckError::Usage(format!("{} is not a domain such as example.com", options.domain)));
    }
    let started = clock::now();
    let http = http::HttpClient::new(options)?;
    let mut session = Session::new(http, &options.domain);
    let service = preflight::connect(&mut session)?;
    session.service = service;
    // The clean-up counts as a test.
    let mut progress = observer(Event::Started { total: tests.len() + 1 });
    let mut outcomes = Vec::with_capacity(tests.len() + 1);
    for test in tests {
        if progress.is_break() {
            break;
        }
        let outcome = runner::run_test(&mut session, test);
        progress = observer(Event::Done(&outcome));
        outcomes.push(outcome);
    }
    let outcome = runner::clean_up(&mut session);
    if progress.is_break() {
        return Err(CheckError::Stopped);
    }
    let _ = observer(Event::Done(&outcome));
    outcomes.push(outcome);
    Ok(Report {
        url: session.http.base().to_owned(),
        outcomes,
        requests: session.http.requests_sent(),
        took: started.elapsed(),
    })
}
