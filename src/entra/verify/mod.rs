//! Compares the directory with the server, which is read page by page as Entra's account discovery does.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::cycle::CycleContext;
use super::cycle::state::State;
use super::listing;
use super::report::{Kind, Record};
use super::source::Directory;

mod groups;
mod users;

/// The result of the comparison.
#[derive(Debug, Default)]
pub struct Verification {
    /// Users on the server.
    pub users: usize,
    /// Groups on the server.
    pub groups: usize,
    /// The differences.
    pub differences: Vec<Difference>,
    /// Objects that are only on the server, unless they count as differences.
    pub unknown: Vec<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The user, group or list.
    pub identity: String,
    /// The attribute.
    pub attribute: String,
    /// The expected value from the directory.
    pub directory: Option<String>,
    /// The value on the server.
    pub server: Option<String>,
}

/// Compares the directory and the server.
pub fn verify(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &State,
    records: &[Record],
    exact: bool,
) -> Verification {
    let mut verified = Verification::default();
    users::verify(context, directory, state, records, exact, &mut verified);
    if let Some(groups) = &directory.groups {
        groups::verify(context, groups, state, exact, &mut verified);
    }
    verified
}

/// All resources of a type by id; problems with the list itself are differences.
fn read_all(context: &CycleContext<'_>, kind: Kind, verified: &mut Verification) -> HashMap<String, Value> {
    let listed = listing::read_all(context.client, context.progress, kind);
    for problem in listed.problems {
        verified.add(listing::path(kind), problem.attribute, Some(problem.expected), Some(problem.found));
    }
    listed.resources
}

impl Verification {
    fn add(&mut self, identity: &str, attribute: &str, directory: Option<String>, server: Option<String>) {
        self.differences.push(Difference {
            identity: identity.to_owned(),
            attribute: attribute.to_owned(),
            directory,
            server,
        });
    }

    /// Adds resources that no object of the directory is linked to. They are no error by default, since administrators may
    /// create accounts by hand.
    fn add_unknown(&mut self, on_server: &HashMap<String, Value>, seen: &BTreeSet<String>, name: &str, exact: bool) {
        let mut unknown: Vec<_> = on_server.iter().filter(|(id, _)| !seen.contains(*id)).collect();
        unknown.sort_by_key(|(id, _)| *id);
        for (id, resource) in unknown {
            let name = resource.get(name).and_then(Value::as_str).unwrap_or_default();
            if exact {
                self.add(name, "", None, Some(format!("id {id}")));
            } else {
                self.unknown.push(name.to_owned());
            }
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side =
            |value: &Option<String>| value.as_ref().map_or_else(|| "nothing".into(), |value| format!("{value:?}"));
        let space = if self.attribute.is_empty() { "" } else { " " };
        write!(
            formatter,
            "{}{space}{}: directory {}, server {}",
            self.identity,
            self.attribute,
            side(&self.directory),
            side(&self.server)
        )
    }
}
