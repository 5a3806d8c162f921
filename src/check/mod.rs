//! The readiness score: plays the tests of Microsoft's validator and gallery, Okta's steps, both of Entra's dialects and
//! the musts of the RFCs against any SCIM 2.0 service, and deletes what it made. It sees only HTTP and imports nothing of
//! ours, so that it cannot share a mistake with the server it tries.

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
    /// The Tenant URL; text after `?` comes back in the query of each request, as it does in Entra.
    pub url: String,
    /// The SCIM bearer token.
    pub token: Bearer,
    /// The domain of the userNames that are made up, `rc1a2b3c.1@example.com`; services that know their customers'
    /// domains refuse others.
    pub domain: String,
    /// How long one answer may take.
    pub timeout: Duration,
    /// Only the tests whose names begin with one of these; all when empty.
    pub only: Vec<String>,
    /// A further header of each request, name and value.
    pub header: Option<(&'static str, String)>,
}

/// A bearer token; it does not print.
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
    /// The defaults: all tests, people of example.com, 30 seconds for an answer.
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

/// What whoever started the check can show meanwhile.
#[derive(Debug)]
pub enum Event<'a> {
    /// The service answers; so many tests are to come.
    Started {
        /// Tests in all, those that will be skipped included.
        total: usize,
    },
    /// A test is over.
    Done(&'a Outcome),
}

/// Why the check could not be done at all.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The arguments do not fit together.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no SCIM service at the address, or it does not let us in.
    #[error("{0}")]
    Connection(String),
    /// Whoever started the check has stopped it.
    #[error("the check was stopped")]
    Stopped,
    /// The report could not be printed.
    #[error("the report could not be printed: {0}")]
    Output(#[from] std::io::Error),
}

/// Checks a service. Blocks for as long as it takes, some hundred requests; tells `observer` of each test, and cleans up
/// and stops when that wants no more.
///
/// Everything it makes carries a name of this run and is deleted after the test that made it, whatever became of it.
///
/// # Errors
/// When the options make no sense, nothing that speaks SCIM answers, or the observer has stopped it.
pub fn run(options: &Options, observer: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>) -> Result<Report, CheckError> {
    let tests = suite::select_tests(&options.only)?;
    let is_plain = |letter: char| letter.is_alphanumeric() || letter == '.' || letter == '-';
    if options.domain.is_empty() || !options.domain.chars().all(is_plain) {
        return Err(CheckError::Usage(format!("{} is no domain such as example.com", options.domain)));
    }
    let started = clock::now();
    let http = http::HttpClient::new(options)?;
    let mut session = Session::new(http, &options.domain);
    let service = preflight::connect(&mut session)?;
    session.service = service;
    // The clean-up is a test, too.
    let mut wanted = observer(Event::Started { total: tests.len() + 1 });
    let mut outcomes = Vec::with_capacity(tests.len() + 1);
    for test in tests {
        if wanted.is_break() {
            break;
        }
        let outcome = runner::run_test(&mut session, test);
        wanted = observer(Event::Done(&outcome));
        outcomes.push(outcome);
    }
    let outcome = runner::clean_up(&mut session);
    if wanted.is_break() {
        return Err(CheckError::Stopped);
    }
    let _too_late = observer(Event::Done(&outcome));
    outcomes.push(outcome);
    Ok(Report {
        url: session.http.base().to_owned(),
        outcomes,
        requests: session.http.requests_sent(),
        took: started.elapsed(),
    })
}
