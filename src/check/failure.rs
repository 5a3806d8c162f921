//! Why a test did not pass.

use serde::Serialize;

use super::exchange::Exchange;

/// A failed requirement.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What went wrong, for people.
    pub what: String,
    /// The exchange that showed it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// The early end of a test.
#[derive(Debug)]
pub enum NotPassed {
    /// It failed.
    Failed(Box<Failure>),
    /// It does not apply, for this reason.
    Skipped(String),
}

impl NotPassed {
    /// A failure.
    pub fn failed(what: impl Into<String>, exchange: Option<Exchange>) -> Self {
        Self::Failed(Box::new(Failure { what: what.into(), exchange }))
    }
}
