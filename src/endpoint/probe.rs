//! Entra's **Test Connection**: a lookup of a random GUID that finds nothing (checklist 42, 124).

use axum::response::Response;
use uuid::Uuid;

use crate::scim::filter::{Filter, Literal, Operator};

/// An extension of the response to such a lookup.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What was looked up.
    pub looked_up: String,
}

/// Marks the response if filter and result are those of a connection test.
#[must_use]
pub fn mark(mut answer: Response, filter: Option<&Filter>, total: u64) -> Response {
    if let (0, Some(looked_up)) = (total, filter.and_then(random_guid)) {
        answer.extensions_mut().insert(Probe { looked_up });
    }
    answer
}

/// The GUID in `userName eq "<guid>"` or `displayName eq "<guid>"`. Not in `externalId`: that is usually matched with object
/// ids, which are GUIDs, so a lookup that finds nothing may be the first of a new user.
fn random_guid(filter: &Filter) -> Option<String> {
    let Filter::Compare { path, operator: Operator::Eq, value: Literal::String(value) } = filter else {
        return None;
    };
    let by_name = ["userName", "displayName"].iter().any(|name| path.attribute.eq_ignore_ascii_case(name));
    (by_name && path.sub_attribute.is_none() && Uuid::try_parse(value).is_ok()).then(|| value.clone())
}
