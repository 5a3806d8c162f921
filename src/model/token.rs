//! A tenant's SCIM bearer tokens as an administrator sees them: everything but the secret.

use serde::{Deserialize, Serialize};

use crate::model::id::TokenId;
use crate::scim::time::DateTime;

/// The most characters in a token's name.
pub const LONGEST_NAME: usize = 60;
/// How long before its end a token is warned about.
const WARNING: i64 = 30 * DAY;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// One token. Its secret was shown once and is stored as a keyed hash only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id, which is no secret.
    pub id: TokenId,
    /// The name its maker gave it.
    pub name: String,
    /// The account (or command) that made it.
    pub created_by: String,
    /// When it was made.
    pub created: DateTime,
    /// When a request last came with it, to the minute.
    pub last_used: Option<DateTime>,
    /// When it stops working; `None` is never.
    pub expires: Option<DateTime>,
    /// When it was revoked.
    pub revoked: Option<DateTime>,
    /// The token that takes its place, once rotated.
    pub rotated_to: Option<TokenId>,
}

/// What a token is good for at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenState {
    /// Works.
    Active,
    /// Works, and ends within 30 days.
    ExpiringSoon,
    /// Replaced by another, works until then.
    RotatingOut {
        /// The end of the overlap.
        until: DateTime,
    },
    /// Past its end.
    Expired,
    /// Taken back.
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

    /// Whether a request bearing this token is let in at `now`.
    #[must_use]
    pub fn works(&self, now: DateTime) -> bool {
        !matches!(self.state(now), TokenState::Expired | TokenState::Revoked)
    }
}

/// Why a token cannot be called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but space.
    #[error("the token's name is empty")]
    Empty,
    /// More than [`LONGEST_NAME`] characters.
    #[error("the token's name has more than {LONGEST_NAME} characters")]
    TooLong,
    /// Line breaks and the like, which would garble lists and logs.
    #[error("the token's name has control characters in it")]
    Control,
}

/// A token's name as typed, made tidy.
///
/// # Errors
/// When a token cannot be called so.
pub fn checked_name(name: &str) -> Result<&str, NameError> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(NameError::Empty),
        length if length > LONGEST_NAME => Err(NameError::TooLong),
        _ if name.contains(char::is_control) => Err(NameError::Control),
        _ => Ok(name),
    }
}

/// What can be done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// It was made.
    Created,
    /// Another took its place.
    Rotated(Overlap),
    /// It was taken back.
    Revoked,
}

impl TokenAction {
    /// The deed as the journal tells it, whoever did it.
    #[must_use]
    pub fn sentence(self, name: &str) -> String {
        match self {
            Self::Created => format!("Made the token {name:?}."),
            Self::Rotated(overlap) => {
                format!("Rotated the token {name:?}; the old one works on for: {}.", overlap.label())
            }
            Self::Revoked => format!("Revoked the token {name:?}."),
        }
    }
}

/// How long a new token lives.
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
    /// No end.
    Never,
}

impl Lifetime {
    /// All choices, shortest first.
    pub const ALL: [Self; 6] = [Self::Days30, Self::Days90, Self::Days180, Self::Year1, Self::Years2, Self::Never];

    /// The end of a token made at `now`.
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

/// How long the old token lives on after a rotation.
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

    /// The end of the old token when it is rotated at `now`.
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
    fn a_name_is_tidied_and_what_would_garble_a_list_is_refused() {
        assert_eq!(checked_name("  Entra (production)  "), Ok("Entra (production)"));
        assert_eq!(checked_name(&"é".repeat(LONGEST_NAME)).map(|name| name.chars().count()), Ok(LONGEST_NAME));
        assert_eq!(checked_name(&"é".repeat(LONGEST_NAME + 1)), Err(NameError::TooLong));
        assert_eq!(checked_name(" \t"), Err(NameError::Empty));
        for name in ["a\nb", "a\u{1b}[2Jb", "a\u{0}b", "a\u{85}b"] {
            assert_eq!(checked_name(name), Err(NameError::Control), "{name:?}");
        }
    }
}
