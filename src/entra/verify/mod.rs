//! Reads everything back by paging through the lists, as Entra's account discovery does, and compares it with the directory.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::cycle::CycleContext;
use super::cycle::state::State;
use super::listing;
use super::report::{Kind, Record};
use super::source::Directory;

mod groups;
mod users;

/// What came of reading everything back.
#[derive(Debug, Default)]
pub struct Verification {
    /// Users read.
    pub users: usize,
    /// Groups read.
    pub groups: usize,
    /// What is not as it should be, in words.
    pub differences: Vec<Difference>,
    /// What is on the server and unknown to the directory, when that does not count as a difference.
    pub unknown: Vec<String>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// User or group; `None` for the list as a whole.
    pub identity: String,
    /// Which attribute.
    pub attribute: String,
    /// What the directory says.
    pub directory: Option<String>,
    /// What the server says.
    pub server: Option<String>,
}

/// Compares directory and server.
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

/// All resources of a type by id; what is wrong with the list itself is a difference too.
fn read_all(context: &CycleContext<'_>, kind: Kind, verified: &mut Verification) -> HashMap<String, Value> {
    let listed = listing::read_all(context.client, context.progress, kind);
    for fault in listed.problems {
        verified.add(listing::path(kind), fault.attribute, Some(fault.expected), Some(fault.found));
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

    /// What nobody in the directory is linked to: by itself no fault, since accounts may be made by hand.
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
