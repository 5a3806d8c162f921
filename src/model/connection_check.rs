//! A check of the connection, as an administrator sees it: how far it is, and what it found.

use serde::{Deserialize, Serialize};

use crate::scim::time::DateTime;

/// The check that a tenant's administrators started last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionCheck {
    /// Who started it.
    pub by: String,
    /// When.
    pub started: DateTime,
    /// How far it is.
    pub stage: Stage,
    /// Tests in all; 0 until the first request is answered.
    pub total: usize,
    /// What came of the tests so far, by area, in the order they are played in.
    pub areas: Vec<Area>,
    /// What failed so far.
    pub failures: Vec<FailedTest>,
    /// Why tests were skipped; known in the end.
    pub skips: Vec<SkippedTests>,
    /// The address that was spoken to.
    pub address: String,
    /// The address that identity providers use, and what answers there; known before the first test.
    pub front: Option<PublicUrlProbe>,
}

/// How far a check is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Tests are being played.
    Running,
    /// All tests were played.
    Finished {
        /// When.
        at: DateTime,
        /// Percent of the tests that apply and passed, rounded down.
        score: usize,
        /// Requests sent.
        requests: u64,
    },
    /// It came to no end.
    BrokenOff {
        /// When.
        at: DateTime,
        /// Why, in a sentence.
        why: String,
    },
}

/// What came of the tests of one area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Its name, the part of its tests' names before the dot.
    pub name: String,
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that do not apply.
    pub skipped: usize,
}

/// One test that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTest {
    /// `area.what_holds`
    pub name: String,
    /// What should hold.
    pub title: String,
    /// The requirement: a section, or a suite and its test.
    pub requirement: String,
    /// What went wrong.
    pub what: String,
    /// What it means to whoever provisions from Entra.
    pub meaning: String,
    /// The exchange that showed it, line by line.
    pub exchange: Vec<String>,
}

/// Tests that were skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedTests {
    /// The reason.
    pub reason: String,
    /// The tests' names.
    pub tests: Vec<String>,
}

/// What answers at the address that identity providers use, asked from the server itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicUrlProbe {
    /// The address.
    pub url: String,
    /// What is wrong there, in words; none when this service answers.
    pub problem: Option<String>,
}

impl ConnectionCheck {
    /// Tests that are over.
    #[must_use]
    pub fn done(&self) -> usize {
        self.areas.iter().map(|area| area.passed + area.failed + area.skipped).sum()
    }

    /// Whether it is still under way.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }
}
