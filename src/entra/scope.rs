//! Scoping filters: clauses on source attributes; a user has to match all of them.

use super::SimulateError;
use super::source::SourceUser;

/// Which users are in scope. `Debug` is part of the configuration's fingerprint in the state file.
#[derive(Debug, Clone, Default)]
pub struct Scope(Vec<Clause>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Clause {
    Equals(String, String),
    NotEquals(String, String),
    Includes(String, String),
    IsNotNull(String),
    IsNull(String),
}

impl Scope {
    /// Parses the clauses of the command line.
    pub fn parse(clauses: &[String]) -> Result<Self, SimulateError> {
        clauses.iter().map(|clause| Clause::parse(clause)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the user matches every clause.
    pub fn includes(&self, user: &SourceUser) -> bool {
        self.0.iter().all(|clause| clause.matches(user))
    }
}

impl Clause {
    fn parse(text: &str) -> Result<Self, SimulateError> {
        let clause = if let Some((attribute, value)) = text.split_once(['=', '~']) {
            let value = value.to_owned();
            let is_includes = text[attribute.len()..].starts_with('~');
            match attribute.strip_suffix('!') {
                _ if is_includes => Self::Includes(attribute.trim().to_owned(), value),
                Some(attribute) => Self::NotEquals(attribute.trim().to_owned(), value),
                None => Self::Equals(attribute.trim().to_owned(), value),
            }
        } else if let Some(attribute) = text.strip_prefix('!') {
            Self::IsNull(attribute.trim().to_owned())
        } else {
            Self::IsNotNull(text.trim().to_owned())
        };
        if clause.attribute().is_empty()
            || !clause.attribute().chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        {
            return Err(SimulateError::Usage(format!("`{text}` is not a scoping clause such as department=Sales")));
        }
        Ok(clause)
    }

    fn attribute(&self) -> &str {
        match self {
            Self::Equals(attribute, _)
            | Self::NotEquals(attribute, _)
            | Self::Includes(attribute, _)
            | Self::IsNotNull(attribute)
            | Self::IsNull(attribute) => attribute,
        }
    }

    /// Entra's EQUALS and NOT EQUALS are case-sensitive; INCLUDES is not.
    fn matches(&self, user: &SourceUser) -> bool {
        let value = user.get(self.attribute());
        match self {
            // The CSV writes True where Graph writes true.
            Self::Equals(_, wanted) if is_boolean(wanted) => {
                value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
            }
            Self::NotEquals(_, wanted) if is_boolean(wanted) => {
                !value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
            }
            Self::Equals(_, wanted) => value == Some(wanted),
            Self::NotEquals(_, wanted) => value != Some(wanted),
            Self::Includes(_, wanted) => {
                value.is_some_and(|value| value.to_lowercase().contains(&wanted.to_lowercase()))
            }
            Self::IsNotNull(_) => value.is_some(),
            Self::IsNull(_) => value.is_none(),
        }
    }
}

fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(clause: &str, expected: bool) {
        let user = [("department", "Sales"), ("jobTitle", "Sales Manager"), ("accountEnabled", "True")];
        let attributes = user.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let user = SourceUser { id: "1".into(), attributes };
        assert_eq!(Scope::parse(&[clause.to_owned()]).unwrap().includes(&user), expected, "{clause}");
    }

    #[test]
    fn clauses_match_or_not() {
        for clause in [
            "department=Sales",
            "department!=IT",
            "jobTitle~manager",
            "department",
            "!mail",
            "accountEnabled=true",
            "mail!=x",
        ] {
            check(clause, true);
        }
        for clause in [
            "department=sales",
            "department!=Sales",
            "jobTitle~x",
            "mail",
            "!department",
            "accountEnabled!=TRUE",
            "mail=x",
        ] {
            check(clause, false);
        }
    }

    #[test]
    fn an_invalid_clause_is_refused() {
        for clause in ["", "=x", "a b", "!", "a!~b"] {
            assert!(Scope::parse(&[clause.to_owned()]).is_err(), "{clause}");
        }
    }
}
