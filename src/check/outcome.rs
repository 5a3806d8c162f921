//! The results of tests, and the score.

use std::time::Duration;

use serde::Serialize;

use super::failure::Failure;
use super::test::{Suite, Test};

/// The result of one test.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// `area.what_holds`
    pub name: &'static str,
    /// The requirement in a sentence.
    pub title: &'static str,
    /// The origin of the test.
    pub suite: Suite,
    /// The section of the RFC, or the name within the suite.
    pub requirement: &'static str,
    /// The effect of a failure on provisioning from Entra.
    pub meaning: &'static str,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The duration.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub took: Duration,
}

/// Whether a test passed.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Verdict {
    /// The requirement is met.
    Passed,
    /// The requirement is not met.
    Failed(Failure),
    /// The test does not apply.
    Skipped {
        /// The reason.
        reason: String,
    },
}

impl Outcome {
    /// The result of a test.
    pub(super) fn of(test: &Test, verdict: Verdict, took: Duration) -> Self {
        Self {
            name: test.name,
            title: test.title,
            suite: test.suite,
            requirement: test.requirement,
            meaning: test.meaning,
            verdict,
            took,
        }
    }

    /// The part of the name before the dot.
    #[must_use]
    pub fn area(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

/// A finished check.
#[derive(Debug, Clone)]
pub struct Report {
    /// The Tenant URL, without its query.
    pub url: String,
    /// All tests, in order.
    pub outcomes: Vec<Outcome>,
    /// Requests sent.
    pub requests: u64,
    /// The duration.
    pub took: Duration,
}

impl Report {
    /// Tests that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Passed)).count()
    }

    /// Tests that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_))).count()
    }

    /// Tests that did not apply.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.outcomes.len() - self.passed() - self.failed()
    }

    /// The percentage of applicable tests that passed, rounded down: 100 only if none failed.
    #[must_use]
    pub fn score(&self) -> usize {
        let applied = self.passed() + self.failed();
        (self.passed() * 100).checked_div(applied).unwrap_or(0)
    }

    /// 0 when all applicable tests passed, 1 when any failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.failed() > 0)
    }

    /// The score in one line: `score: 97% (128 of 132 tests passed, 10 skipped)`.
    #[must_use]
    pub fn score_line(&self) -> String {
        let (passed, failed, skipped) = (self.passed(), self.failed(), self.skipped());
        let tail = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        format!("score: {}% ({passed} of {} tests passed{tail})", self.score(), passed + failed)
    }
}

fn milliseconds<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::test::{Run, rfc};
    use super::*;

    fn report(passed: usize, failed: usize, skipped: usize) -> Report {
        let test = rfc("§1", "a.b", "Something holds", Run::Code(|_| Ok(())));
        let outcome = |verdict: &Verdict| Outcome::of(&test, verdict.clone(), Duration::ZERO);
        let fault = Verdict::Failed(Failure { what: "x".into(), exchange: None });
        let skip = Verdict::Skipped { reason: "y".into() };
        let outcomes = [(Verdict::Passed, passed), (fault, failed), (skip, skipped)];
        let outcomes = outcomes.iter().flat_map(|(verdict, times)| vec![outcome(verdict); *times]).collect();
        Report { url: "http://x".into(), outcomes, requests: 0, took: Duration::ZERO }
    }

    #[test]
    fn only_a_service_without_failures_scores_100() {
        assert_eq!(report(999, 1, 0).score_line(), "score: 99% (999 of 1000 tests passed)");
        assert_eq!(report(128, 0, 4).score_line(), "score: 100% (128 of 128 tests passed, 4 skipped)");
        assert_eq!((report(0, 0, 3).score(), report(3, 1, 1).exit_code(), report(3, 0, 1).exit_code()), (0, 1, 0));
    }
}
