//! Lookups on the server: Test Connection, matching, reading linked resources.

use serde_json::Value;

use crate::entra::failure::Failure;
use crate::entra::mapping::Mappings;
use crate::entra::report::Kind;
use crate::entra::time;
use crate::entra::transport::Client;
use crate::entra::wire::query;

/// Test Connection, also the first request of each cycle: a lookup of a user that does not exist.
pub fn test_connection(client: &Client, mappings: &Mappings, with_groups: bool) -> Result<(), Failure> {
    require_no_match(client, "/Users", &[], mappings.matching()[0].as_str())?;
    if with_groups {
        require_no_match(client, "/Groups", &[("excludedAttributes", "members")], "displayName")
    } else {
        Ok(())
    }
}

fn require_no_match(client: &Client, path: &str, parameters: &[(&str, &str)], attribute: &str) -> Result<(), Failure> {
    match lookup(client, path, parameters, attribute, &time::random_guid())?.len() {
        0 => Ok(()),
        found => Err(Failure::incompatible(format!(
            "{path} found {found} resources for a random GUID: the filter is ignored"
        ))),
    }
}

/// All resources with this value of an attribute.
fn lookup(
    client: &Client,
    path: &str,
    parameters: &[(&str, &str)],
    attribute: &str,
    value: &str,
) -> Result<Vec<Value>, Failure> {
    lookup_by_filter(client, path, parameters, &query::equals(attribute, value))
}

/// All resources that a filter finds.
pub fn lookup_by_filter(
    client: &Client,
    path: &str,
    parameters: &[(&str, &str)],
    filter: &str,
) -> Result<Vec<Value>, Failure> {
    let parameters: Vec<_> = parameters.iter().copied().chain([("filter", filter)]).collect();
    let mut answer = client.get(path, &parameters)?;
    let total = answer.get("totalResults").and_then(Value::as_u64);
    let total = total
        .ok_or_else(|| Failure::incompatible(format!("GET {path} answered without a number of `totalResults`")))?;
    let resources = match answer.get_mut("Resources").map(Value::take) {
        Some(Value::Array(resources)) => resources,
        None if total == 0 => Vec::new(),
        _ => {
            return Err(Failure::incompatible(format!("GET {path} answered without an array `Resources`")));
        }
    };
    Ok(resources)
}

/// The only resource with this value of the matching attribute.
pub fn find(client: &Client, kind: Kind, attribute: &str, value: &str) -> Result<Option<Value>, Failure> {
    let mut found = match kind {
        Kind::User => lookup(client, "/Users", &[], attribute, value)?,
        Kind::Group => lookup(client, "/Groups", &[("excludedAttributes", "members")], attribute, value)?,
    };
    if found.len() > 1 {
        let reason = format!(
            "{} resources on the server have {attribute} '{value}'; delete the duplicates or match by another attribute",
            found.len()
        );
        return Err(Failure::local("DuplicateTargetEntries", reason));
    }
    Ok(found.pop())
}

/// Reads a linked resource; `None` if it no longer exists.
pub fn read_existing(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Result<Option<Value>, Failure> {
    match client.get(path, parameters) {
        Err(failure) if failure.is_not_found() => Ok(None),
        other => other.map(Some),
    }
}

/// A resource's id.
pub fn id_of(resource: &Value) -> Result<String, Failure> {
    let id = resource.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| Failure::incompatible("the resource has no `id`".into()))
}
