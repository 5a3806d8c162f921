//! The report as JSON.

use std::io::{self, Write};

use serde_json::json;

use crate::check::outcome::Report;

/// Writes one object with the score and all tests.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = json!({
        "url": report.url,
        "score": report.score(),
        "passed": report.passed(),
        "failed": report.failed(),
        "skipped": report.skipped(),
        "requests": report.requests,
        "milliseconds": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        "tests": report.outcomes,
    });
    writeln!(out, "{document:#}")
}
