//! The pages. Each composes components and works without scripts.

mod accounts;
mod connection_check;
mod console;
mod groups;
mod journal;
mod list_footer;
mod not_found;
mod provisioning;
mod resource;
mod schemas;
mod settings;
mod sort_order;
mod tokens;
mod users;
mod when_loaded;

pub use accounts::{SetUpPage, SignInPage};
pub use connection_check::ConnectionCheckPage;
pub use console::ConsoleFrame;
pub use groups::{GroupPage, GroupsPage};
pub use journal::{EntryPage, JournalPage};
pub use not_found::NotFoundPage;
pub use provisioning::ProvisioningPage;
pub use schemas::{SchemaPage, SchemasPage};
pub use settings::{GroupSettingsPage, SecurityPage};
pub use users::{EditUserPage, NewUserPage, UserPage, UsersPage};

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::location::Url;

use crate::portal::error::PortalError;

/// The error of a server action. After a plain form post it comes from the URL.
fn action_error<S>(action: ServerAction<S>) -> Signal<Option<PortalError>>
where
    S: ServerFn<Error = PortalError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| value.as_ref().and_then(|result| result.as_ref().err().cloned()))
    })
}

/// The error message of a form.
fn form_message(problem: Signal<Option<PortalError>>) -> Signal<Option<String>> {
    Signal::derive(move || problem.with(|problem| problem.as_ref().map(|problem| problem.message.clone())))
}

/// The error message of one field of a form.
fn field_error(problem: Signal<Option<PortalError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || problem.with(|problem| problem.as_ref().and_then(|problem| problem.field_error(field))))
}

/// A path with a query of the parameters that are not empty.
fn address(path: &str, parameters: &[(&str, String)]) -> String {
    let filled = parameters.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = filled.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The value of a query parameter, encoded equally on both sides: the server's router encodes the unreserved characters
/// of RFC 3986 §2.3, too, the browser's does not.
fn percent_encoded(value: &str) -> String {
    let unreserved = [("%2D", "-"), ("%2E", "."), ("%5F", "_"), ("%7E", "~")];
    unreserved.iter().fold(Url::escape(value), |text, (code, letter)| text.replace(code, letter))
}

/// A count with its noun, as in `1,004 users`.
fn pluralize(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", with_separators(count), if count == 1 { one } else { many })
}

/// A count, as in `1,004`.
fn with_separators(count: u64) -> String {
    let digits = count.to_string();
    let mut with_separators = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            with_separators.push(',');
        }
        with_separators.push(digit);
    }
    with_separators
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(pluralize(0, "user", "users"), "0 users");
        assert_eq!(pluralize(1, "user", "users"), "1 user");
        assert_eq!(pluralize(1004, "user", "users"), "1,004 users");
        assert_eq!(pluralize(123_456, "user", "users"), "123,456 users");
    }

    #[test]
    fn empty_parameters_are_omitted() {
        assert_eq!(address("/users", &[("q", String::new())]), "/users");
        assert_eq!(address("/users", &[("q", "a b&c".to_owned()), ("x", "1".to_owned())]), "/users?q=a%20b%26c&x=1");
    }
}
