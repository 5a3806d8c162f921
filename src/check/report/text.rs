//! The report as text: failures, skipped tests with their reasons, and the score.

use std::io::{self, Write};

use super::printable;
use crate::check::exchange::Exchange;
use crate::check::failure::Failure;
use crate::check::outcome::{Outcome, Report, Verdict};
use crate::check::test::Suite;

/// How many characters of a body are shown; the other formats have more.
const LONGEST_BODY: usize = 600;

/// Writes the report.
pub fn write(report: &Report, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for (area, outcomes) in by_area(report) {
        let count = |is: fn(&Verdict) -> bool| outcomes.iter().filter(|outcome| is(&outcome.verdict)).count();
        let passed = count(|verdict| matches!(verdict, Verdict::Passed));
        let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
        let skipped = outcomes.len() - passed - failed;
        let mut words = vec![format!("{passed} passed")];
        words.extend((failed > 0).then(|| format!("{failed} FAILED")));
        words.extend((skipped > 0).then(|| format!("{skipped} skipped")));
        writeln!(out, "{area:18} {}", words.join(", "))?;
        for outcome in &outcomes {
            write_outcome(outcome, verbose, out)?;
        }
    }
    write_skipped(report, out)?;
    let seconds = report.took.as_secs_f64();
    writeln!(out, "\n{} requests to {} in {seconds:.1} s", report.requests, printable(&report.url))?;
    writeln!(out, "{}", report.score_line())
}

fn write_outcome(outcome: &Outcome, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let Outcome { name, title, meaning, .. } = outcome;
    match &outcome.verdict {
        Verdict::Failed(failure) => {
            writeln!(out, "  FAILED  {title}")?;
            writeln!(out, "          {name} ({})", outcome.source())?;
            for part in std::iter::once(failure.line()).chain(failure.exchange_lines()) {
                writeln!(out, "          {part}")?;
            }
            writeln!(out, "          in Entra: {meaning}")
        }
        Verdict::Passed if verbose => writeln!(out, "  passed  {title} ({name})"),
        Verdict::Skipped { .. } if verbose => writeln!(out, "  skipped {title} ({name})"),
        _ => Ok(()),
    }
}

impl Outcome {
    /// The origin of the test; requirements of an RFC include its number.
    #[must_use]
    pub fn source(&self) -> String {
        match self.suite {
            Suite::Rfc => self.requirement.to_owned(),
            suite => format!("{suite}, {}", self.requirement),
        }
    }
}

impl Failure {
    /// What went wrong, in one line for a terminal.
    #[must_use]
    pub fn line(&self) -> String {
        printable(&self.what).replace('\n', " ")
    }

    /// The lines of the request and the response; long bodies are cut.
    #[must_use]
    pub fn exchange_lines(&self) -> Vec<String> {
        self.exchange.as_ref().map(exchange_lines).unwrap_or_default()
    }
}

fn exchange_lines(exchange: &Exchange) -> Vec<String> {
    let mut lines = vec![format!("> {}", exchange.request)];
    lines.extend(exchange.request_headers.iter().map(|header| format!("> {header}")));
    lines.extend(body(&exchange.request_body).map(|body| format!("> {body}")));
    let status = exchange.status.map_or("no response".to_owned(), |status| status.to_string());
    lines.push(format!("< {status}"));
    lines.extend(exchange.response_headers.iter().map(|header| format!("< {header}")));
    lines.extend(body(&exchange.response_body).map(|body| format!("< {body}")));
    lines.iter().map(|line| printable(line).replace('\n', " ")).collect()
}

fn body(text: &str) -> Option<String> {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_BODY) {
        Some((end, _)) => Some(format!("{} …", &text[..end])),
        None => (!text.is_empty()).then(|| text.to_owned()),
    }
}

fn write_skipped(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let reasons = report.skipped_by_reason();
    if !reasons.is_empty() {
        writeln!(out, "\nSkipped:")?;
    }
    reasons.iter().try_for_each(|(reason, names)| writeln!(out, "  {}: {}", printable(reason), names.join(", ")))
}

impl Report {
    /// The reasons for skipping, each with the names of its tests.
    #[must_use]
    pub fn skipped_by_reason(&self) -> Vec<(&str, Vec<&'static str>)> {
        let mut reasons: Vec<(&str, Vec<&'static str>)> = Vec::new();
        for outcome in &self.outcomes {
            let Verdict::Skipped { reason } = &outcome.verdict else {
                continue;
            };
            match reasons.iter_mut().find(|(known, _)| known == reason) {
                Some((_, names)) => names.push(outcome.name),
                None => reasons.push((reason, vec![outcome.name])),
            }
        }
        reasons
    }
}

/// The outcomes of each area, in order.
pub fn by_area(report: &Report) -> Vec<(&'static str, Vec<&Outcome>)> {
    let mut parts: Vec<(&'static str, Vec<&Outcome>)> = Vec::new();
    for outcome in &report.outcomes {
        match parts.iter_mut().find(|(area, _)| *area == outcome.area()) {
            Some((_, outcomes)) => outcomes.push(outcome),
            None => parts.push((outcome.area(), vec![outcome])),
        }
    }
    parts
}
