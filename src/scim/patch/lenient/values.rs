//! Values in another form than the schema has them.

use crate::scim::{
    ResourceType,
    document::value::{boolean, member},
    patch::{Op, Operation},
    schema::{Attribute, Kind},
};
use serde_json::{Value, json};

/// What a value is written to: an attribute as a whole, or one value of a multi-valued one.
#[derive(Clone, Copy)]
pub(super) struct ValueTarget<'a> {
    attribute: &'a Attribute,
    is_list: bool,
}

/// Rewrites the values an operation brings, one attribute at a time.
pub(super) fn rewrite_values(
    operation: &Operation,
    resource_type: &ResourceType,
    rewrite: fn(ValueTarget<'_>, &Value) -> Option<Value>,
) -> Option<Vec<Operation>> {
    let (Op::Add | Op::Replace, Some(value)) = (operation.op, &operation.value) else {
        return None;
    };
    let whole = |attribute| ValueTarget { attribute, is_list: attribute.multi_valued };
    let value = match &operation.path {
        Some(path) => {
            let leaf = resource_type.resolve(&path.attribute)?.leaf();
            let target = match (&path.filter, &path.sub_attribute) {
                (None, _) => whole(leaf),
                (Some(_), None) => ValueTarget { attribute: leaf, is_list: false },
                (Some(_), Some(name)) => whole(leaf.sub_attribute(name)?),
            };
            rewrite(target, value)
        }
        None => rewrite_object(value, |key, value| match resource_type.extension(key) {
            Some(extension) => rewrite_object(value, |name, value| rewrite(whole(extension.attribute(name)?), value)),
            None => rewrite(whole(resource_type.core_attribute(key)?), value),
        }),
    }?;
    Some(vec![Operation { value: Some(value), ..operation.clone() }])
}

fn rewrite_object(object: &Value, rewrite: impl Fn(&str, &Value) -> Option<Value>) -> Option<Value> {
    let object = object.as_object()?;
    let rewritten = |(key, value): (&String, &Value)| Some((key.clone(), rewrite(key, value)?));
    let rewritten: Vec<_> = object.iter().filter_map(rewritten).collect();
    if rewritten.is_empty() {
        return None;
    }
    let mut object = object.clone();
    object.extend(rewritten);
    Some(Value::Object(object))
}

/// One value where a list is expected: `{"op":"Add","path":"members","value":{"value":"2819c223-…"}}`.
pub(super) fn single_for_list(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    let single = match value {
        Value::String(text) => !text.is_empty(),
        Value::Null | Value::Array(_) => false,
        _ => true,
    };
    (target.is_list && single).then(|| json!([value]))
}

/// A boolean in quotation marks: `{"op":"Replace","path":"active","value":"False"}`.
pub(super) fn text_for_boolean(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    if target.attribute.kind == Kind::Boolean { value.as_str().and_then(boolean).map(Value::Bool) } else { None }
}

/// A bare id where an object is expected:
/// `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"26118915-…"}`.
pub(super) fn text_for_complex(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    (!target.is_list && target.attribute.sub_attribute("value").is_some()).then(|| json!({ "value": text }))
}

/// An empty text where the RFC would have null:
/// `{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""}`. For `active` and
/// for members it is left as it is and refused: one would give a disabled user access, the other empty a group.
pub(super) fn empty_text(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    let attribute = target.attribute;
    (!attribute.always_assigned && !attribute.lists_resources() && value == "").then_some(Value::Null)
}

/// A list of one where a single value is expected, as SCIM-SDK sends it:
/// `{"op":"replace","path":"preferredLanguage","value":["de"]}`; Entra once sent `[{"$ref":null,"value":"de"}]`.
pub(super) fn list_for_single(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    let is_single = !target.attribute.multi_valued && target.attribute.kind != Kind::Complex;
    match value.as_array()?.as_slice() {
        [value] if is_single => plain_value(value).or_else(|| (!value.is_array()).then(|| value.clone())),
        _ => None,
    }
}

/// Objects in a list of plain values, as Entra sends every multi-valued attribute:
/// `{"op":"Add","path":"urn:…:extension:acme:2.0:User:skills","value":[{"value":"1"}]}`.
pub(super) fn objects_for_plain_values(target: ValueTarget<'_>, value: &Value) -> Option<Value> {
    let values = value.as_array()?;
    if !target.is_list || target.attribute.kind == Kind::Complex || !values.iter().any(Value::is_object) {
        return None;
    }
    Some(values.iter().map(|value| plain_value(value).unwrap_or_else(|| value.clone())).collect())
}

fn plain_value(value: &Value) -> Option<Value> {
    member(value.as_object()?, "value").filter(|value| !value.is_object() && !value.is_array()).cloned()
}
