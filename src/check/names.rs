//! Unique names for test resources: each starts with the prefix of this run.

use std::fmt;

use super::clock;

/// Generates the names of one run.
#[derive(Debug)]
pub struct UniqueNames {
    prefix: String,
    domain: String,
    counter: u32,
}

impl UniqueNames {
    /// Names of a new run.
    pub fn new(domain: &str) -> Self {
        let random: String = clock::random_guid().chars().filter(char::is_ascii_hexdigit).take(6).collect();
        Self { prefix: format!("rc{random}"), domain: domain.to_owned(), counter: 0 }
    }

    /// The prefix of all names of this run.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A userName, 22 to 24 characters with the default domain: some services allow at most 30.
    pub fn user_name(&mut self) -> String {
        self.counter += 1;
        format!("{}.{}@{}", self.prefix, self.counter, self.domain)
    }

    /// A displayName for a group.
    pub fn group_name(&mut self) -> String {
        self.text("Group")
    }

    /// A text that occurs nowhere else.
    pub fn text(&mut self, kind: impl fmt::Display) -> String {
        self.counter += 1;
        format!("{} {kind} {}", self.prefix, self.counter)
    }

    /// Whether a name is from this run.
    pub fn is_from_this_run(&self, name: &str) -> bool {
        let head = name.get(..self.prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(&self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_recognized_by_their_run() {
        let mut names = UniqueNames::new("example.com");
        let (first, second) = (names.user_name(), names.user_name());
        assert!(first != second && first.chars().count() <= 24, "{first}");
        assert!(
            names.is_from_this_run(&first)
                && names.is_from_this_run(&first.to_uppercase())
                && names.is_from_this_run(&names.prefix.clone())
        );
        assert!(
            !names.is_from_this_run("ana@example.com") && !names.is_from_this_run("") && !names.is_from_this_run("é")
        );
        assert!(!UniqueNames::new("example.com").is_from_this_run(&first), "another run has another prefix");
    }
}
