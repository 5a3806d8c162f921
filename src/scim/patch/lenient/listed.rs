//! `remove` with a list of values.

use crate::scim::{
    AttributePath, Filter, ResourceType,
    document::value::{is_kept, member},
    filter::{Literal, Operator},
    patch::{Op, Operation, PatchPath},
    schema::{Attribute, Kind},
};
use serde_json::Value;

/// What to remove given as values, as Entra without its flag does. By the RFC alone the group would be emptied:
/// `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"2819c223-…"}]}`.
pub(super) fn listed_values(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
    let (Op::Remove, Some(path), Some(value)) = (operation.op, &operation.path, &operation.value) else {
        return None;
    };
    let attribute = resource_type.resolve(&path.attribute)?.leaf();
    // A bare text may not be the id of a member, and a request that is not understood must not be answered as done.
    let is_unclear = value.is_null() || attribute.lists_resources() && value.is_string();
    if path.filter.is_some() || !attribute.multi_valued || is_unclear {
        return None;
    }
    let listed = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    let mut filters: Vec<Filter> = listed.iter().map(|listed| equal_to(attribute, listed)).collect::<Option<_>>()?;
    let filter = match filters.len() {
        0 => return Some(Vec::new()),
        1 => filters.remove(0),
        _ => Filter::Or(filters),
    };
    Some(vec![Operation {
        op: Op::Remove,
        path: Some(PatchPath { filter: Some(filter), ..path.clone() }),
        value: None,
    }])
}

/// The filter for one listed value: by its `value`, or else by everything said of it.
fn equal_to(attribute: &Attribute, listed: &Value) -> Option<Filter> {
    let value_part = attribute.sub_attribute("value").unwrap_or(attribute);
    let parts = match listed {
        Value::Object(parts) => parts,
        plain => return equal("value", value_part, plain),
    };
    match member(parts, "value") {
        None | Some(Value::Null) => {}
        Some(value) => return equal("value", value_part, value),
    }
    let mut terms = Vec::new();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_null()) {
        let part = attribute.sub_attribute(name);
        // A member may be named by the `$ref` that is shown of it, though clients cannot set one.
        let is_known =
            |part: &&Attribute| is_kept(attribute, part) || attribute.lists_resources() && part.name == "$ref";
        if let Some(part) = part.filter(is_known) {
            terms.push(equal(name, part, value)?);
        }
    }
    match terms.len() {
        0 | 1 => terms.pop(),
        _ => Some(Filter::And(terms)),
    }
}

fn equal(name: &str, part: &Attribute, value: &Value) -> Option<Filter> {
    let value = match (part.kind, value) {
        (_, Value::String(text)) if !text.is_empty() => Literal::String(text.clone()),
        (Kind::Integer | Kind::Decimal, Value::Number(number)) => Literal::Number(number.clone()),
        (Kind::Boolean, Value::Bool(truth)) => Literal::Bool(*truth),
        _ => return None,
    };
    Some(Filter::Compare { path: AttributePath::bare(name), operator: Operator::Eq, value })
}
