//! Reads everything back by paging through the lists, as Entra's account discovery does, and compares it with the directory.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::cycle::Context;
use super::cycle::state::State;
use super::report::{Kind, Record};
use super::source::Directory;

mod groups;
mod users;

/// How many resources are asked for at once.
const PAGE: u64 = 100;

/// What came of reading everything back.
#[derive(Debug, Default)]
pub struct Verified {
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
    context: &Context<'_>,
    directory: &Directory,
    state: &State,
    records: &[Record],
    exact: bool,
) -> Verified {
    let mut verified = Verified::default();
    users::verify(context, directory, state, records, exact, &mut verified);
    if let Some(groups) = &directory.groups {
        groups::verify(context, groups, state, exact, &mut verified);
    }
    verified
}

/// All resources of a type by id, page by page; what is wrong with the paging itself is a difference too.
fn read_all(context: &Context<'_>, kind: Kind, verified: &mut Verified) -> HashMap<String, Value> {
    let path = if kind == Kind::User { "/Users" } else { "/Groups" };
    let mut all = HashMap::new();
    let mut start = 1;
    let mut known = 0;
    let mut bar = None;
    loop {
        let page = match context.client.get(path, &[("startIndex", &start.to_string()), ("count", &PAGE.to_string())]) {
            Ok(page) => page,
            Err(failure) => {
                verified.add(path, "the list", Some("200".into()), Some(failure.to_string()));
                return all;
            }
        };
        let total = page.get("totalResults").and_then(Value::as_u64).unwrap_or(0);
        let bar = bar.get_or_insert_with(|| context.progress.part("Reading back", usize::try_from(total).unwrap_or(0)));
        let resources = page.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        bar.inc(resources.len() as u64);
        for resource in resources {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
            if all.insert(id.to_owned(), resource.clone()).is_some() {
                verified.add(path, "the list", Some("each resource once".into()), Some(format!("{id} twice")));
            }
        }
        start += resources.len() as u64;
        // A page of nothing but known resources would go on for ever.
        if all.len() == known || start > total {
            if all.len() as u64 != total {
                verified.add(path, "totalResults", Some(all.len().to_string()), Some(total.to_string()));
            }
            return all;
        }
        known = all.len();
    }
}

impl Verified {
    fn add(&mut self, identity: &str, attribute: &str, directory: Option<String>, server: Option<String>) {
        self.differences.push(Difference {
            identity: identity.to_owned(),
            attribute: attribute.to_owned(),
            directory,
            server,
        });
    }

    /// What nobody in the directory is linked to: by itself no fault, since accounts may be made by hand.
    fn strangers(&mut self, on_server: &HashMap<String, Value>, seen: &BTreeSet<String>, name: &str, exact: bool) {
        let mut strangers: Vec<_> = on_server.iter().filter(|(id, _)| !seen.contains(*id)).collect();
        strangers.sort_by_key(|(id, _)| *id);
        for (id, resource) in strangers {
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
