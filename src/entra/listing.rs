//! Reads all resources page by page with `startIndex` and `count`, as Entra's account discovery does.

use std::collections::HashMap;

use serde_json::Value;

use super::progress::Progress;
use super::report::Kind;
use super::transport::Client;

/// The page size.
const PAGE: u64 = 100;

/// All resources of a type.
#[derive(Debug, Default)]
pub struct ResourceList {
    /// The resources by id.
    pub resources: HashMap<String, Value>,
    /// Problems with the list itself.
    pub problems: Vec<ListProblem>,
}

/// A problem with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProblem {
    /// The attribute, or the list itself.
    pub attribute: &'static str,
    /// The expected value.
    pub expected: String,
    /// The actual value.
    pub found: String,
}

/// The endpoint of a resource type.
pub const fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "/Users",
        Kind::Group => "/Groups",
    }
}

/// Reads all resources of a type.
pub fn read_all(client: &Client, progress: &Progress, kind: Kind) -> ResourceList {
    let mut listed = ResourceList::default();
    let mut start = 1;
    let mut known = 0;
    let mut bar = None;
    loop {
        let page = match client.get(path(kind), &[("startIndex", &start.to_string()), ("count", &PAGE.to_string())]) {
            Ok(page) => page,
            Err(failure) => {
                listed.add_problem("the list", "200", failure.to_string());
                return listed;
            }
        };
        let total = page.get("totalResults").and_then(Value::as_u64).unwrap_or(0);
        let bar = bar.get_or_insert_with(|| progress.bar("Reading back", usize::try_from(total).unwrap_or(0)));
        let resources = page.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        bar.inc(resources.len() as u64);
        for resource in resources {
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
            if listed.resources.insert(id.to_owned(), resource.clone()).is_some() {
                listed.add_problem("the list", "each resource once", format!("{id} twice"));
            }
        }
        start += resources.len() as u64;
        let all = listed.resources.len();
        // Stop if a page contains only known resources: such a server would never reach the end.
        if all == known || start > total {
            if all as u64 != total {
                listed.add_problem("totalResults", &all.to_string(), total.to_string());
            }
            return listed;
        }
        known = all;
    }
}

impl ResourceList {
    fn add_problem(&mut self, attribute: &'static str, expected: &str, found: String) {
        self.problems.push(ListProblem { attribute, expected: expected.to_owned(), found });
    }
}
