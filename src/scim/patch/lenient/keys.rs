//! Paths as keys, and schemas as keys or paths.

use crate::scim::{
    AttributePath, ResourceType,
    document::read::unfold_core,
    patch::{Op, Operation, PatchPath},
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value, json};

/// A schema where an attribute should be:
/// `{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"department":"Sales"}}`.
pub(super) fn schema_as_path(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
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
            let writable = |attribute: &&Attribute| attribute.mutability != Mutability::ReadOnly;
            Some(extension.attributes.iter().filter(writable).map(removal).collect())
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
pub(super) fn path_as_key(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<Operation>> {
    let (None, Some(Value::Object(given))) = (&operation.path, &operation.value) else {
        return None;
    };
    if let Some(given) = unfold_core(resource_type, given) {
        let unfolded = Operation { value: Some(Value::Object(given)), ..operation.clone() };
        return Some(path_as_key(&unfolded, resource_type).unwrap_or_else(|| vec![unfolded]));
    }
    let is_path = |(key, value): (&String, &Value)| match (resource_type.extension(key), value) {
        (Some(extension), Value::Object(given)) => given.keys().any(|name| extension.attribute(name).is_none()),
        _ => resource_type.core_attribute(key).is_none() && writable(key, resource_type).is_some(),
    };
    // Mostly there is none, and nothing to copy.
    if !given.iter().any(is_path) {
        return None;
    }
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

/// Sets a value at its path within an object; returns it if the path does not lead to a place there.
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
