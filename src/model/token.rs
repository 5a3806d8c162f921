//! A tenant's SCIM bearer tokens as an administrator sees them: everything but the secret.

use serde::{Deserialize, Serialize};

use crate::model::id::TokenId;
use crate::scim::time::DateTime;

/// The most characters in a token's name.
pub const LONGEST_NAME: usize = 60;
/// How long before its expiry a token is reported.
const WARNING: i64 = 30 * DAY;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// One token. Its secret was shown once and is stored only as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id, which is not secret.
    pub id: TokenId,
    /// The name it was given.
    pub name: String,
    /// The account or command that created it.
    pub created_by: String,
    /// When it was created.
    pub created: DateTime,
    /// When a request last used it, to the minute.
    pub last_used: Option<DateTime>,
    /// When it expires; `None` is never.
    pub expires: Option<DateTime>,
    /// When it was revoked.
    pub revoked: Option<DateTime>,
    /// The token that replaces it, after a rotation.
    pub rotated_to: Option<TokenId>,
}

/// The state of a token at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenState {
    /// Active.
    Active,
    /// Active, and expires within 30 days.
    ExpiringSoon,
    /// Replaced by another, active until then.
    RotatingOut {
        /// The end of the overlap.
        until: DateTime,
    },
    /// Expired.
    Expired,
    /// Revoked.
    Revoked,
}

impl Token {
    /// The state at `now`.
    #[must_use]
    pub fn state(&self, now: DateTime) -> TokenState {
        if self.revoked.is_some() {
            return TokenState::Revoked;
        }
        match self.expires {
            Some(end) if end <= now => TokenState::Expired,
            Some(until) if self.rotated_to.is_some() => TokenState::RotatingOut { until },
            Some(end) if end.as_millis() - now.as_millis() <= WARNING => TokenState::ExpiringSoon,
            _ => TokenState::Active,
        }
    }

    /// Whether the token is accepted at `now`.
    #[must_use]
    pub fn works(&self, now: DateTime) -> bool {
        !matches!(self.state(now), TokenState::Expired | TokenState::Revoked)
    }
}

/// Why a name cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Only white space.
    #[error("the token's name is empty")]
    Empty,
    /// More than [`LONGEST_NAME`] characters.
    #[error("the token's name has more than {LONGEST_NAME} characters")]
    TooLong,
    /// Line breaks and other control characters, which would garble lists and logs.
    #[error("the token's name has control characters in it")]
    Control,
}

/// A token's name, trimmed.
///
/// # Errors
/// When the name cannot be used.
pub fn checked_name(name: &str) -> Result<&str, NameError> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(NameError::Empty),
        length if length > LONGEST_NAME => Err(NameError::TooLong),
        _ if name.contains(char::is_control) => Err(NameError::Control),
        _ => Ok(name),
    }
}

/// An action on a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// It was created.
    Created,
    /// It was replaced by another.
    Rotated(Overlap),
    /// It was revoked.
    Revoked,
}

impl TokenAction {
    /// The action as a sentence for the journal.
    #[must_use]
    pub fn sentence(self, name: &str) -> String {
        match self {
            Self::Created => format!("Created the token {name:?}."),
            Self::Rotated(overlap) => {
                format!("Rotated the token {name:?}; the old one remains active for: {}.", overlap.label())
            }
            Self::Revoked => format!("Revoked the token {name:?}."),
        }
    }
}

/// The lifetime of a new token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifetime {
    /// 30 days.
    Days30,
    /// 90 days.
    Days90,
    /// 180 days.
    Days180,
    /// A year.
    #[default]
    Year1,
    /// Two years.
    Years2,
    /// It never expires.
    Never,
}

impl Lifetime {
    /// All choices, shortest first.
    pub const ALL: [Self; 6] = [Self::Days30, Self::Days90, Self::Days180, Self::Year1, Self::Years2, Self::Never];

    /// The expiry of a token created at `now`.
    #[must_use]
    pub fn end(self, now: DateTime) -> Option<DateTime> {
        let days = match self {
            Self::Days30 => 30,
            Self::Days90 => 90,
            Self::Days180 => 180,
            Self::Year1 => 365,
            Self::Years2 => 730,
            Self::Never => return None,
        };
        Some(DateTime::from_millis(now.as_millis() + days * DAY))
    }

    /// The choice in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Days30 => "30 days",
            Self::Days90 => "90 days",
            Self::Days180 => "180 days",
            Self::Year1 => "1 year",
            Self::Years2 => "2 years",
            Self::Never => "never",
        }
    }
}

/// How long the old token remains active after a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlap {
    /// Not at all.
    None,
    /// An hour.
    Hour1,
    /// A day.
    #[default]
    Hours24,
    /// A week.
    Days7,
}

impl Overlap {
    /// All choices, shortest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Hour1, Self::Hours24, Self::Days7];

    /// The expiry of the old token when it is rotated at `now`.
    #[must_use]
    pub fn end(self, now: DateTime) -> DateTime {
        let length = match self {
            Self::None => 0,
            Self::Hour1 => HOUR,
            Self::Hours24 => DAY,
            Self::Days7 => 7 * DAY,
        };
        DateTime::from_millis(now.as_millis() + length)
    }

    /// The choice in words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hour1 => "1 hour",
            Self::Hours24 => "24 hours",
            Self::Days7 => "7 days",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_control_characters_are_rejected() {
        assert_eq!(checked_name("  Entra (production)  "), Ok("Entra (production)"));
        assert_eq!(checked_name(&"é".repeat(LONGEST_NAME)).map(|name| name.chars().count()), Ok(LONGEST_NAME));
        assert_eq!(checked_name(&"é".repeat(LONGEST_NAME + 1)), Err(NameError::TooLong));
        assert_eq!(checked_name(" \t"), Err(NameError::Empty));
        for name in ["a\nb", "a\u{1b}[2Jb", "a\u{0}b", "a\u{85}b"] {
            assert_eq!(checked_name(name), Err(NameError::Control), "{name:?}");
        }
    }
}
