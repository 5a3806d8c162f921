//! Deviations of real clients, made RFC: one function each, with what was sent in its comment. What holds for values in
//! every body, PATCH or not, is in `document/value.rs`; here such a value is only noticed and made plain.

use super::{Op, Operation, PatchPath, PatchRequest};
use crate::scim::{
    AttributePath, Filter, ResourceType,
    document::value::{boolean, is_kept, member},
    filter::{Literal, Operator},
    schema::{Attribute, Kind, Mutability},
};
use serde_json::{Map, Value, json};
use std::fmt;

/// A way in which a client strays from the RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deviation {
    /// `"op":"Replace"`
    CapitalizedOp,
    /// `"path":"urn:…:User"`
    SchemaAsPath,
    /// `{"name.givenName":"Ana"}` without a path
    PathAsKey,
    /// `"path":"members","value":{"value":"…"}`
    SingleForList,
    /// `"path":"active","value":"False"`
    TextForBoolean,
    /// `"path":"…:manager","value":"26118915-…"`
    TextForComplex,
    /// `"value":""`
    EmptyText,
    /// `"op":"remove","path":"members","value":[…]`
    ListedValues,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CapitalizedOp => "op with a capital",
            Self::SchemaAsPath => "schema as path",
            Self::PathAsKey => "path as key",
            Self::SingleForList => "single value for a list",
            Self::TextForBoolean => "text for a boolean",
            Self::TextForComplex => "text for a complex value",
            Self::EmptyText => "empty text for nothing",
            Self::ListedValues => "remove with listed values",
        })
    }
}

/// What an operation becomes; none if it does not have the deviation.
type Rewrite = fn(&Operation, &ResourceType) -> Option<Vec<Operation>>;

const REWRITES: [(Deviation, Rewrite); 7] = [
    (Deviation::SchemaAsPath, schema_as_path),
    (Deviation::PathAsKey, path_as_key),
    (Deviation::ListedValues, listed_values),
    (Deviation::SingleForList, |operation, known| rewrite_values(operation, known, single_for_list)),
    (Deviation::TextForBoolean, |operation, known| rewrite_values(operation, known, text_for_boolean)),
    (Deviation::TextForComplex, |operation, known| rewrite_values(operation, known, text_for_complex)),
    (Deviation::EmptyText, |operation, known| rewrite_values(operation, known, empty_text)),
];

/// The request as the RFC would have it, with the deviations met added to its list.
#[must_use]
pub fn normalize(request: PatchRequest, resource_type: &ResourceType) -> PatchRequest {
    let PatchRequest { mut operations, mut deviations } = request;
    for (deviation, rewrite) in REWRITES {
        let mut met = false;
        operations = operations
            .into_iter()
            .flat_map(|operation| match rewrite(&operation, resource_type) {
                Some(rewritten) => {
                    met = true;
                    rewritten
                }
                None => vec![operation],
            })
            .collect();
        if met {
            deviations.push(deviation);
        }
    }
    PatchRequest { operations, deviations }
}

/// Entra without its flag capitalises the word: `{"op":"Replace","path":"displayName","value":"Ana R."}`.
pub(super) fn op_in_any_case(word: &str, deviations: &mut Vec<Deviation>) -> Option<Op> {
    let (name, op) = [("add", Op::Add), ("remove", Op::Remove), ("replace", Op::Replace)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))?;
    if word != name && !deviations.contains(&Deviation::CapitalizedOp) {
        deviations.push(Deviation::CapitalizedOp);
    }
    Some(op)
}

/// A schema where an attribute should be:
/// `{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"department":"Sales"}}`.
fn schema_as_path(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
    let path = operation.path.as_ref()?;
    let name = path.to_string();
    let extension = resource_type.extension(&name);
    match (operation.op, extension, &operation.value) {
        (Op::Remove, Some(extension), _) => {
            let removal = |attribute: &Attribute| {
                let urn = Some(extension.id.to_string());
                let path = AttributePath { urn, ..AttributePath::bare(&*attribute.name) };
                Operation { op: Op::Remove, path: Some(path.into()), value: None }
            };
            Some(extension.attributes.iter().map(removal).collect())
        }
        (op, Some(extension), Some(value)) => {
            Some(vec![Operation { op, path: None, value: Some(json!({ &*extension.id: value })) }])
        }
        (op @ (Op::Add | Op::Replace), None, Some(value)) if resource_type.schema.id.eq_ignore_ascii_case(&name) => {
            Some(vec![Operation { op, path: None, value: Some(value.clone()) }])
        }
        _ => None,
    }
}

/// Keys that are paths, among others that are not, as Entra with its flag sends them:
/// `{"op":"replace","value":{"displayName":"Ana R.","name.givenName":"Ana",
/// "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"4711"}}`.
///
/// They are put where they belong in the object, so that their order means nothing, as in any object. What has no place
/// in one, like `emails[type eq "work"].value`, becomes an operation of its own behind it. As in any object, what is
/// readOnly is passed over.
fn path_as_key(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
    let (None, Some(Value::Object(given))) = (&operation.path, &operation.value) else {
        return None;
    };
    let mut object = Map::new();
    let mut keyed = Vec::new();
    for (key, value) in given {
        match (resource_type.extension(key), value) {
            (Some(extension), Value::Object(given)) => {
                let (paths, names): (Map<_, _>, Map<_, _>) =
                    given.clone().into_iter().partition(|(name, _)| extension.attribute(name).is_none());
                object.insert(extension.id.to_string(), Value::Object(names));
                keyed.extend(paths.into_iter().filter_map(|(name, value)| {
                    Some((writable(&format!("{}:{name}", extension.id), resource_type)?, value))
                }));
            }
            _ => match writable(key, resource_type).filter(|_| resource_type.core_attribute(key).is_none()) {
                Some(path) => keyed.push((path, value.clone())),
                None => _ = object.insert(key.clone(), value.clone()),
            },
        }
    }
    if keyed.is_empty() {
        return None;
    }
    let mut rewritten = Vec::new();
    for (path, value) in keyed {
        if let Some(value) = placed(&mut object, &path, value, resource_type) {
            rewritten.push(Operation { op: operation.op, path: Some(path), value: Some(value) });
        }
    }
    if !object.is_empty() {
        rewritten.insert(0, Operation { value: Some(Value::Object(object)), ..operation.clone() });
    }
    Some(rewritten)
}

/// The path that a key is, if it leads to something a client may write.
fn writable(key: &str, resource_type: &ResourceType) -> Option<PatchPath> {
    let path: PatchPath = key.parse().ok()?;
    let resolved = resource_type.resolve(&path.attribute)?;
    let read_only = [resolved.attribute, resolved.leaf()].map(|found| found.mutability).contains(&Mutability::ReadOnly);
    (!read_only).then_some(path)
}

/// Puts a value where its path leads within an object; gives it back if there is no such place.
fn placed(
    object: &mut Map<String, Value>,
    path: &PatchPath,
    value: Value,
    resource_type: &ResourceType,
) -> Option<Value> {
    let Some(resolved) = resource_type.resolve(&path.attribute) else { return Some(value) };
    let attribute = resolved.attribute;
    if path.filter.is_some() || (resolved.sub_attribute.is_some() && attribute.multi_valued) {
        return Some(value);
    }
    let steps = [resolved.extension, Some(&*attribute.name), resolved.sub_attribute.map(|part| &*part.name)];
    let mut steps: Vec<&str> = steps.into_iter().flatten().collect();
    let last = steps.pop();
    let mut place = object;
    for step in steps {
        let name = place.keys().find(|key| key.eq_ignore_ascii_case(step)).cloned().unwrap_or_else(|| step.to_owned());
        match place.entry(name).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(inner) => place = inner,
            _ => return Some(value),
        }
    }
    let last = last.unwrap_or_default();
    place.retain(|key, _| !key.eq_ignore_ascii_case(last));
    place.insert(last.to_owned(), value);
    None
}

/// What to remove given as values, as Entra without its flag does. By the RFC alone the group would be emptied:
/// `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"2819c223-…"}]}`.
fn listed_values(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
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

/// What a value is for: an attribute as a whole, or one value of a multi-valued one.
#[derive(Clone, Copy)]
struct Slot<'a> {
    attribute: &'a Attribute,
    is_list: bool,
}

/// Rewrites the values an operation brings, one attribute at a time.
fn rewrite_values(
    operation: &Operation,
    resource_type: &ResourceType,
    rewrite: fn(Slot<'_>, &Value) -> Option<Value>,
) -> Option<Vec<Operation>> {
    let (Op::Add | Op::Replace, Some(value)) = (operation.op, &operation.value) else {
        return None;
    };
    let whole = |attribute| Slot { attribute, is_list: attribute.multi_valued };
    let value = match &operation.path {
        Some(path) => {
            let leaf = resource_type.resolve(&path.attribute)?.leaf();
            let slot = match (&path.filter, &path.sub_attribute) {
                (None, _) => whole(leaf),
                (Some(_), None) => Slot { attribute: leaf, is_list: false },
                (Some(_), Some(name)) => whole(leaf.sub_attribute(name)?),
            };
            rewrite(slot, value)
        }
        None => rewrite_object(value, |key, value| match resource_type.extension(key) {
            Some(extension) => rewrite_object(value, |name, value| rewrite(whole(extension.attribute(name)?), value)),
            None => rewrite(whole(resource_type.core_attribute(key)?), value),
        }),
    }?;
    Some(vec![Operation { value: Some(value), ..operation.clone() }])
}

fn rewrite_object(object: &Value, rewrite: impl Fn(&str, &Value) -> Option<Value>) -> Option<Value> {
    let mut rewritten = object.as_object()?.clone();
    let mut met = false;
    for (key, value) in &mut rewritten {
        if let Some(new) = rewrite(key, value) {
            *value = new;
            met = true;
        }
    }
    met.then_some(Value::Object(rewritten))
}

/// One value where a list is expected: `{"op":"Add","path":"members","value":{"value":"2819c223-…"}}`.
fn single_for_list(slot: Slot<'_>, value: &Value) -> Option<Value> {
    let single = value.is_object() || value.as_str().is_some_and(|text| !text.is_empty());
    (slot.is_list && single).then(|| json!([value]))
}

/// A boolean in quotation marks: `{"op":"Replace","path":"active","value":"False"}`.
fn text_for_boolean(slot: Slot<'_>, value: &Value) -> Option<Value> {
    if slot.attribute.kind == Kind::Boolean { value.as_str().and_then(boolean).map(Value::Bool) } else { None }
}

/// A bare id where an object is expected:
/// `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"26118915-…"}`.
fn text_for_complex(slot: Slot<'_>, value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    (!slot.is_list && slot.attribute.sub_attribute("value").is_some()).then(|| json!({ "value": text }))
}

/// An empty text where the RFC would have null:
/// `{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""}`.
fn empty_text(slot: Slot<'_>, value: &Value) -> Option<Value> {
    (slot.attribute.kind != Kind::Boolean && value == "").then_some(Value::Null)
}
