//! `remove` with a list of values.

use crate::scim::{
    AttributePath, Filter, ResourceType,
    document::value::{is_kept, member},
    filter::{Literal, Operator},
    patch::{Op, Operation, PatchPath},
    schema::Attribute,
};
use serde_json::Value;

/// What to remove given as values, as Entra without its flag does. By the RFC alone the group would be emptied:
/// `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"2819c223-…"}]}`.
pub(super) fn listed_values(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
    let (Op::Remove, Some(path), Some(value)) = (operation.op, &operation.path, &operation.value) else {
        return None;
    };
    let attribute = resource_type.resolve(&path.attribute)?.leaf();
    if path.filter.is_some() || !attribute.multi_valued || value.is_null() {
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
    let equal = |name: &str, literal: Literal| Filter::Compare {
        path: AttributePath::bare(name),
        operator: Operator::Eq,
        value: literal,
    };
    let parts = match listed {
        Value::String(text) => return Some(equal("value", Literal::String(text.clone()))),
        Value::Object(parts) => parts,
        _ => return None,
    };
    if let Some(Value::String(text)) = member(parts, "value") {
        return Some(equal("value", Literal::String(text.clone())));
    }
    let mut terms = Vec::new();
    for (name, value) in parts {
        match value {
            Value::Null => {}
            _ if !attribute.sub_attribute(name).is_some_and(|part| is_kept(attribute, part)) => {}
            Value::String(text) => terms.push(equal(name, Literal::String(text.clone()))),
            Value::Bool(truth) => terms.push(equal(name, Literal::Bool(*truth))),
            _ => return None,
        }
    }
    match terms.len() {
        0 | 1 => terms.pop(),
        _ => Some(Filter::And(terms)),
    }
}
