//! The report for people: what failed and why, what was skipped and why, the score.

use std::io::{self, Write};

use super::printable;
use crate::check::http::Exchange;
use crate::check::outcome::{Failure, Outcome, Report, Verdict};
use crate::check::test::Suite;

/// How much of a body is shown, in characters; the other formats have more.
const SHOWN: usize = 600;

/// All of it.
pub fn write(report: &Report, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for (area, outcomes) in parts(report) {
        let count = |is: fn(&Verdict) -> bool| outcomes.iter().filter(|outcome| is(&outcome.verdict)).count();
        let passed = count(|verdict| matches!(verdict, Verdict::Passed));
        let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
        let skipped = outcomes.len() - passed - failed;
        let mut words = vec![format!("{passed} passed")];
        words.extend((failed > 0).then(|| format!("{failed} FAILED")));
        words.extend((skipped > 0).then(|| format!("{skipped} skipped")));
        writeln!(out, "{area:18} {}", words.join(", "))?;
        for outcome in &outcomes {
            line(outcome, verbose, out)?;
        }
    }
    skipped(report, out)?;
    let seconds = report.took.as_secs_f64();
    writeln!(out, "\n{} requests to {} in {seconds:.1} s", report.requests, printable(&report.url))?;
    writeln!(out, "{}", report.score_line())
}

fn line(outcome: &Outcome, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let Outcome { name, title, meaning, .. } = outcome;
    match &outcome.verdict {
        Verdict::Failed(failure) => {
            writeln!(out, "  FAILED  {title}")?;
            writeln!(out, "          {name} ({})", source(outcome))?;
            for part in explain(failure) {
                writeln!(out, "          {part}")?;
            }
            writeln!(out, "          in Entra: {meaning}")
        }
        Verdict::Passed if verbose => writeln!(out, "  passed  {title} ({name})"),
        Verdict::Skipped { .. } if verbose => writeln!(out, "  skipped {title} ({name})"),
        _ => Ok(()),
    }
}

/// Where a test comes from; the RFC's sections name their document themselves.
pub fn source(outcome: &Outcome) -> String {
    match outcome.suite {
        Suite::Rfc => outcome.requirement.to_owned(),
        suite => format!("{suite}, {}", outcome.requirement),
    }
}

fn explain(failure: &Failure) -> Vec<String> {
    let mut lines = vec![printable(&failure.what).replace('\n', " ")];
    lines.extend(failure.exchange.as_ref().map(exchange_lines).unwrap_or_default());
    lines
}

/// Request and response, a line for each part.
pub fn exchange_lines(exchange: &Exchange) -> Vec<String> {
    let mut lines = vec![format!("> {}", exchange.request)];
    lines.extend(exchange.request_headers.iter().map(|header| format!("> {header}")));
    lines.extend(body(&exchange.request_body).map(|body| format!("> {body}")));
    let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
    lines.push(format!("< {status}"));
    lines.extend(exchange.response_headers.iter().map(|header| format!("< {header}")));
    lines.extend(body(&exchange.response_body).map(|body| format!("< {body}")));
    lines.iter().map(|line| printable(line).replace('\n', " ")).collect()
}

fn body(text: &str) -> Option<String> {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Some(format!("{} …", &text[..end])),
        None => (!text.is_empty()).then(|| text.to_owned()),
    }
}

/// Reasons for skipping, each once.
fn skipped(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for outcome in &report.outcomes {
        let Verdict::Skipped { reason } = &outcome.verdict else {
            continue;
        };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(outcome.name),
            None => reasons.push((reason, vec![outcome.name])),
        }
    }
    if !reasons.is_empty() {
        writeln!(out, "\nSkipped:")?;
    }
    reasons.iter().try_for_each(|(reason, names)| writeln!(out, "  {}: {}", printable(reason), names.join(", ")))
}

/// The outcomes of each area, in order.
pub fn parts(report: &Report) -> Vec<(&'static str, Vec<&Outcome>)> {
    let mut parts: Vec<(&'static str, Vec<&Outcome>)> = Vec::new();
    for outcome in &report.outcomes {
        match parts.iter_mut().find(|(area, _)| *area == outcome.area()) {
            Some((_, outcomes)) => outcomes.push(outcome),
            None => parts.push((outcome.area(), vec![outcome])),
        }
    }
    parts
}
