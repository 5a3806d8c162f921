//! The report for programs.

use std::io::{self, Write};

use serde_json::json;

use crate::check::outcome::Report;

/// One object: the score and every test.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let whole = json!({
        "url": report.url,
        "score": report.score(),
        "passed": report.passed(),
        "failed": report.failed(),
        "skipped": report.skipped(),
        "requests": report.requests,
        "milliseconds": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        "tests": report.outcomes,
    });
    writeln!(out, "{whole:#}")
}
