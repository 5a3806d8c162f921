//! Which values of a multi-valued attribute are the same one.
//!
//! RFC 7643 §2.4: "Service providers […] SHOULD NOT return the same (type, value) combination more than once per
//! attribute". So `primary` does not count, and `display` does not where there is a `value`; letter case counts where the
//! schema says so. Of a list of resources only the `value` counts.

use crate::scim::{
    compare::{self, Rule},
    schema::{Attribute, Kind},
};
use serde_json::Value;
use std::collections::HashMap;

/// Up to so many values are compared with each other; more of them are looked up by their key.
pub(in crate::scim) const PAIRWISE_LIMIT: usize = 16;

/// Keeps each value once, where the first of its kind was, as the last one has it.
pub(in crate::scim) fn merge_equal(attribute: &Attribute, elements: &mut Vec<Value>) {
    if elements.len() <= PAIRWISE_LIMIT {
        let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
        for element in elements.drain(..) {
            match kept.iter_mut().find(|other| is_same(attribute, other, &element)) {
                Some(other) => overlay(attribute, other, element),
                None => kept.push(element),
            }
        }
        *elements = kept;
        return;
    }
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    let mut by_key = HashMap::with_capacity(elements.len());
    for element in elements.drain(..) {
        let index = *by_key.entry(key(attribute, &element)).or_insert(kept.len());
        match kept.get_mut(index) {
            Some(other) => overlay(attribute, other, element),
            None => kept.push(element),
        }
    }
    *elements = kept;
}

/// Updates a value with the parts of the same value sent again. Members are not changed.
pub(in crate::scim) fn overlay(attribute: &Attribute, value: &mut Value, newer: Value) {
    match (value, newer) {
        _ if attribute.lists_resources() => {}
        (Value::Object(parts), Value::Object(newer)) => parts.extend(newer),
        (value, newer) => *value = newer,
    }
}

/// Whether two canonical values are the same one.
pub(in crate::scim) fn is_same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    if attribute.lists_resources() {
        return identity(one) == identity(other);
    }
    if attribute.kind != Kind::Complex {
        return is_same_plain(attribute, Some(one), Some(other));
    }
    distinguishing_parts(attribute, one).all(|part| is_same_plain(part, one.get(&*part.name), other.get(&*part.name)))
}

fn is_same_plain(attribute: &Attribute, one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => {
            one == other
                || match Rule::of(attribute) {
                    Some(Rule::Fold) if one.is_ascii() && other.is_ascii() => one.eq_ignore_ascii_case(other),
                    Some(rule) => rule.key(one) == rule.key(other),
                    None => false,
                }
        }
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            one == other || !(one.is_i64() && other.is_i64()) && one.as_f64() == other.as_f64()
        }
        (one, other) => one == other,
    }
}

/// What makes two entries of a list of resources the same one.
pub(in crate::scim) fn identity(element: &Value) -> String {
    compare::fold(element["value"].as_str().unwrap_or_default())
}

/// A text that two canonical values share if and only if they are the same one. No text holds U+0000.
pub(in crate::scim) fn key(attribute: &Attribute, element: &Value) -> String {
    if attribute.lists_resources() {
        return identity(element);
    }
    if attribute.kind != Kind::Complex {
        return plain_key(attribute, element);
    }
    let mut key = String::new();
    for part in distinguishing_parts(attribute, element) {
        if let Some(value) = element.get(&*part.name) {
            key.push_str(&part.name);
            key.push('\0');
            key.push_str(&plain_key(part, value));
        }
        key.push('\0');
    }
    key
}

fn plain_key(attribute: &Attribute, value: &Value) -> String {
    match value {
        Value::String(text) => compare::key(attribute, text),
        Value::Number(number) if attribute.kind == Kind::Decimal => number.as_f64().unwrap_or_default().to_string(),
        value => value.to_string(),
    }
}

fn distinguishing_parts<'a>(attribute: &'a Attribute, element: &Value) -> impl Iterator<Item = &'a Attribute> {
    let has_value = element.get("value").is_some();
    attribute.sub_attributes.iter().filter(move |part| part.name != "primary" && !(has_value && part.name == "display"))
}
