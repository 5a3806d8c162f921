//! The report as `JUnit` XML, one suite for each area.

use std::io::{self, Write};

use super::text::by_area;
use crate::check::outcome::{Outcome, Report, Verdict};

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = |outcomes: &[&Outcome]| {
        let failed = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_))).count();
        let skipped = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Skipped { .. })).count();
        let seconds: f64 = outcomes.iter().map(|outcome| outcome.took.as_secs_f64()).sum();
        format!("tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{seconds:.3}\"", outcomes.len())
    };
    let all: Vec<_> = report.outcomes.iter().collect();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"rollcall check {}\" {}>", escape(&report.url), counts(&all))?;
    for (area, outcomes) in by_area(report) {
        writeln!(out, "  <testsuite name=\"{}\" {}>", escape(area), counts(&outcomes))?;
        for outcome in outcomes {
            write_test_case(outcome, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn write_test_case(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let (name, title) = (escape(outcome.name), escape(outcome.title));
    let class = escape(&outcome.source());
    let seconds = outcome.took.as_secs_f64();
    write!(out, "    <testcase name=\"{name}: {title}\" classname=\"{class}\" time=\"{seconds:.3}\"")?;
    match &outcome.verdict {
        Verdict::Passed => writeln!(out, "/>"),
        Verdict::Skipped { reason } => writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(reason)),
        Verdict::Failed(failure) => {
            let text = format!("In Entra: {}\n{}", outcome.meaning, failure.exchange_lines().join("\n"));
            writeln!(out, "><failure message=\"{}\">{}</failure></testcase>", escape(&failure.what), escape(&text))
        }
    }
}

/// Escapes for XML 1.0, which cannot represent most control characters.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_well_formed_xml() {
        assert_eq!(escape("<a b=\"c\">&\u{0}\u{1b}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}\u{fffd}&#10;");
    }
}
