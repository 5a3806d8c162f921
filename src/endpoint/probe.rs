//! Test Connection: a lookup of a random GUID that is meant to find nothing (checklist 42, 124).

use axum::response::Response;
use uuid::Uuid;

use crate::scim::filter::{Filter, Literal, Operator};

/// Carried by an answer that answers a probe.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What was looked up.
    pub looked_up: String,
}

/// Marks the answer when filter and result are those of a probe.
#[must_use]
pub fn mark(mut answer: Response, filter: Option<&Filter>, total: u64) -> Response {
    if let (0, Some(looked_up)) = (total, filter.and_then(random_guid)) {
        answer.extensions_mut().insert(Probe { looked_up });
    }
    answer
}

/// The GUID of `userName eq "<guid>"` or `displayName eq "<guid>"`. `externalId` is left out: by default it is matched
/// with object ids, which are GUIDs too, and a first lookup that finds nothing is then no probe.
fn random_guid(filter: &Filter) -> Option<String> {
    let Filter::Compare { path, operator: Operator::Eq, value: Literal::String(value) } = filter else {
        return None;
    };
    let by_name = ["userName", "displayName"].iter().any(|name| path.attribute.eq_ignore_ascii_case(name));
    (by_name && path.sub_attribute.is_none() && Uuid::try_parse(value).is_ok()).then(|| value.clone())
}
