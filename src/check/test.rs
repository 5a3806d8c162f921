//! What a test is: data wherever that reads better than code.

use serde::Serialize;

use super::failure::NotPassed;
use super::service::Feature;
use super::session::Session;

/// One test.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    /// `area.what_holds`, unique; never changed once it is out.
    pub name: &'static str,
    /// What holds, for people.
    pub title: &'static str,
    /// Where it comes from.
    pub suite: Suite,
    /// Section, or number or name within the suite.
    pub requirement: &'static str,
    /// What a failure means to whoever provisions from Entra.
    pub meaning: &'static str,
    /// What the service has to offer for the test to apply.
    pub required_features: &'static [Feature],
    /// The test itself.
    pub run: Run,
}

/// Where a test comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Suite {
    /// RFC 7643, 7644, 9865 and those they build on.
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
    /// Okta's specification test and habits.
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

/// A test that is code.
pub type Code = fn(&mut Session) -> Result<(), NotPassed>;

/// What a test does.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// Anything.
    Code(Code),
    /// A filter over the cast, and whom it finds.
    Filter {
        /// The filter.
        filter: &'static str,
        /// Letters of the cast.
        expected: &'static str,
    },
    /// One PATCH of a new user: JSON texts.
    Patch {
        /// The user's attributes before.
        before: &'static str,
        /// The operations.
        operations: &'static str,
        /// What holds afterwards.
        after: &'static str,
    },
    /// One PATCH of a new user that has to be refused with 400, and change nothing.
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

/// A must of an RFC.
pub const fn rfc(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Rfc, requirement, name, title, run)
}

/// What Entra's service relies on.
pub const fn entra(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Entra, requirement, name, title, run)
}

/// A test of Microsoft's validator, by its name there.
pub const fn validator(requirement: &'static str, name: &'static str, title: &'static str, code: Code) -> Test {
    test(Suite::Validator, requirement, name, title, Run::Code(code)).meaning(
        "Microsoft asks for a clean run of its validator, groups included, before an application enters the gallery.",
    )
}

/// A test of Microsoft's gallery, by its name there.
pub const fn gallery(requirement: &'static str, name: &'static str, title: &'static str, code: Code) -> Test {
    test(Suite::Gallery, requirement, name, title, Run::Code(code))
        .meaning("Microsoft does not list the application in its gallery.")
}

/// A step of Okta's.
pub const fn okta(requirement: &'static str, name: &'static str, title: &'static str, run: Run) -> Test {
    test(Suite::Okta, requirement, name, title, run)
}

impl Test {
    /// What a failure means in Entra.
    pub const fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// What has to be offered.
    pub const fn requires(mut self, features: &'static [Feature]) -> Self {
        self.required_features = features;
        self
    }

    /// The part of the name before the dot.
    pub fn area(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}
