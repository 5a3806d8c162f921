//! The definition of a test: data where possible, otherwise code.

use serde::Serialize;

use super::failure::NotPassed;
use super::service::Feature;
use super::session::Session;

/// One test.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    /// `area.requirement`, unique; stable across releases.
    pub name: &'static str,
    /// The requirement in a sentence.
    pub title: &'static str,
    /// Its origin.
    pub suite: Suite,
    /// The section of the RFC, or the name within the suite.
    pub requirement: &'static str,
    /// The effect of a failure on provisioning from Entra.
    pub meaning: &'static str,
    /// The features that the service must have for the test to apply.
    pub required_features: &'static [Feature],
    /// The test itself.
    pub run: Run,
}

/// The origin of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Suite {
    /// RFC 7643, 7644, 9865 and the RFCs they refer to.
    #[serde(rename = "RFC")]
    Rfc,
    /// What Microsoft Entra's provisioning service sends.
    #[serde(rename = "Microsoft Entra")]
    Entra,
    /// Microsoft's SCIM Validator.
    #[serde(rename = "Microsoft SCIM Validator")]
    Validator,
    /// Microsoft's tests for its application gallery.
    #[serde(rename = "Microsoft Entra gallery")]
    Gallery,
    /// Okta's specification test and documented behavior.
    #[serde(rename = "Okta")]
    Okta,
}

impl std::fmt::Display for Suite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Rfc => "RFC",
            Self::Entra => "Microsoft Entra",
            Self::Validator => "Microsoft SCIM Validator",
            Self::Gallery => "Microsoft Entra gallery",
            Self::Okta => "Okta",
        })
    }
}

/// A test written as code.
pub type Code = fn(&mut Session) -> Result<(), NotPassed>;

/// What a test does.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// A function.
    Code(Code),
    /// A filter and the test users that it finds.
    Filter {
        /// The filter.
        filter: &'static str,
        /// The letters of the test users, see `session::test_users`.
        expected: &'static str,
    },
    /// One PATCH of a new user, in JSON.
    Patch {
        /// The user's attributes before.
        before: &'static str,
        /// The operations.
        operations: &'static str,
        /// The expected attributes afterwards.
        after: &'static str,
    },
    /// One PATCH of a new user that has to be refused with 400 and change nothing.
    RefusedPatch {
        /// The user's attributes before and after.
        before: &'static str,
        /// The operations.
        operations: &'static str,
    },
}

const fn test(suite: Suite, requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    Test { name, title, suite, requirement, meaning: "", required_features: &[], run }
}

/// A requirement of an RFC.
pub const fn rfc(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Rfc, requirement, name, title, run)
}

/// A behavior that Entra's service relies on.
pub const fn entra(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Entra, requirement, name, title, run)
}

/// A test of Microsoft's validator, by its name there.
pub const fn validator(requirement: &'static str, name: &'static str, title: &'static str, code: Code) -> Test {
    test(Suite::Validator, requirement, name, title, Run::Code(code)).meaning(
        "Microsoft requires its validator to pass, groups included, before an application is listed in the gallery.",
    )
}

/// A test of Microsoft's gallery, by its name there.
pub const fn gallery(requirement: &'static str, name: &'static str, title: &'static str, code: Code) -> Test {
    test(Suite::Gallery, requirement, name, title, Run::Code(code))
        .meaning("Microsoft will not list the application in its gallery.")
}

/// A step of Okta's test.
pub const fn okta(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Okta, requirement, name, title, run)
}

impl Test {
    /// Sets the effect of a failure on provisioning from Entra.
    pub const fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// Sets the features that the test needs.
    pub const fn requires(mut self, features: &'static [Feature]) -> Self {
        self.required_features = features;
        self
    }

    /// The part of the name before the dot.
    pub fn area(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}
