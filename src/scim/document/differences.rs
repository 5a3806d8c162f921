//! What changed between two documents, for people to read.

use super::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet, VecDeque};

/// One attribute's way from one document to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// A path as an administrator would write it: `name.givenName`, `emails[type eq "work"].value`, `department`.
    pub attribute: String,
    /// The value before, none if there was none.
    pub old: Option<String>,
    /// The value after, none if it was cleared.
    pub new: Option<String>,
}

/// What changed between two documents of one resource.
#[must_use]
pub fn differences(before: &Document, after: &Document) -> Vec<Change> {
    let mut changes = Vec::new();
    compare_objects("", &before.0, &after.0, &mut changes);
    changes
}

fn compare_objects(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, changes: &mut Vec<Change>) {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    for name in after.keys().chain(gone) {
        // An extension's URN is left out: its attributes are found by their bare names.
        let path = match (path, name.contains(':')) {
            ("", true) => String::new(),
            ("", false) => name.clone(),
            _ => format!("{path}.{name}"),
        };
        compare_values(&path, before.get(name), after.get(name), changes);
    }
}

fn compare_values(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let nothing = Map::new();
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    match (before, after) {
        _ if before == after => {}
        (Some(Value::Array(_)), _) | (_, Some(Value::Array(_))) => {
            compare_lists(path, elements(before), elements(after), changes);
        }
        (Some(Value::Object(_)), _) | (_, Some(Value::Object(_))) => {
            let (before, after) = (object(before), object(after));
            compare_objects(path, before.as_ref().unwrap_or(&nothing), after.as_ref().unwrap_or(&nothing), changes);
        }
        _ => changes.push(Change { attribute: path.to_owned(), old: before.map(text), new: after.map(text) }),
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Pairs the values that became each other: first equal ones, which say nothing, then those of one type.
fn compare_lists(path: &str, before: &[Value], after: &[Value], changes: &mut Vec<Change>) {
    if path == "members" {
        return compare_members(before, after, changes);
    }
    let (gone, new) = (without(before, after), without(after, before));
    let mut gone_by_type: HashMap<&Value, VecDeque<usize>> = HashMap::new();
    for (index, old) in gone.iter().enumerate() {
        gone_by_type.entry(&old["type"]).or_default().push_back(index);
    }
    let mut is_paired = vec![false; gone.len()];
    for new in new {
        let paired = gone_by_type.get_mut(&new["type"]).and_then(VecDeque::pop_front);
        if let Some(index) = paired {
            is_paired[index] = true;
        }
        compare_elements(path, paired.map(|index| gone[index]), Some(new), changes);
    }
    for (old, _) in gone.iter().zip(is_paired).filter(|(_, is_paired)| !is_paired) {
        compare_elements(path, Some(old), None, changes);
    }
}

/// The elements of one list that the other does not have, counted.
fn without<'a>(one: &'a [Value], other: &[Value]) -> Vec<&'a Value> {
    let mut counts: HashMap<&Value, usize> = HashMap::new();
    for value in other {
        *counts.entry(value).or_default() += 1;
    }
    let mut left = Vec::new();
    for value in one {
        match counts.get_mut(value) {
            Some(count @ 1..) => *count -= 1,
            _ => left.push(value),
        }
    }
    left
}

fn compare_elements(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let Some(kind) = after.or(before).and_then(|element| element["type"].as_str()) else {
        return compare_values(path, before, after, changes);
    };
    let untyped = |element: Option<&Value>| {
        let mut parts = element.and_then(Value::as_object).cloned().unwrap_or_default();
        parts.shift_remove("type");
        parts
    };
    let path = format!("{path}[type eq {}]", Value::from(kind));
    let count = changes.len();
    compare_objects(&path, &untyped(before), &untyped(after), changes);
    if changes.len() == count {
        changes.push(Change {
            attribute: format!("{path}.type"),
            old: before.map(|_| kind.to_owned()),
            new: after.map(|_| kind.to_owned()),
        });
    }
}

/// A group may have thousands of members, and which are new or gone is all there is to say about them.
fn compare_members(before: &[Value], after: &[Value], changes: &mut Vec<Change>) {
    let ids = |members: &[Value]| members.iter().map(|member| text(&member["value"])).collect::<Vec<_>>();
    let (before, after) = (ids(before), ids(after));
    let (had, has): (HashSet<&String>, HashSet<&String>) = (before.iter().collect(), after.iter().collect());
    let change = |old: Option<&String>, new: Option<&String>| Change {
        attribute: "members".to_owned(),
        old: old.cloned(),
        new: new.cloned(),
    };
    changes.extend(after.iter().filter(|id| !had.contains(id)).map(|id| change(None, Some(id))));
    changes.extend(before.iter().filter(|id| !has.contains(id)).map(|id| change(Some(id), None)));
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
