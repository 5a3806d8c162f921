//! What a PATCH costs, estimated before anything is done, so that a request that costs too much is refused at once.

use super::{Op, Operation, PatchRequest, elements};
use crate::scim::{Document, ResourceType};
use serde_json::Value;
use std::collections::HashMap;

/// The most that one request may cost, in comparisons. That takes about a second.
pub const MAX_COST: u64 = 4_000_000;

/// Bytes of text whose comparison costs as much again as a value without text.
const BYTES: u64 = 64;

/// The most comparisons that the operations make: values looked through, times the tests on each. One comparison takes 80 to
/// 250 ns; values with long texts count several times.
#[must_use]
pub fn cost(resource_type: &ResourceType, before: &Document, request: &PatchRequest) -> u64 {
    let mut estimate = Estimate { resource_type, before, weights: HashMap::new(), cost: 0 };
    for operation in &request.operations {
        estimate.add(operation);
    }
    estimate.cost
}

struct Estimate<'a> {
    resource_type: &'a ResourceType,
    before: &'a Document,
    /// By extension and attribute, what its values weigh: those stored and all that the operations so far may have added.
    weights: HashMap<(Option<&'a str>, &'a str), u64>,
    cost: u64,
}

impl<'a> Estimate<'a> {
    fn add(&mut self, operation: &Operation) {
        let Some(path) = &operation.path else {
            for (key, value) in operation.value.as_ref().and_then(Value::as_object).into_iter().flatten() {
                self.add_key(key, value);
            }
            return;
        };
        // What no schema knows is refused without looking at any value.
        if let Some(resolved) = self.resource_type.resolve(&path.attribute) {
            let tests = path.filter.as_ref().map_or(0, elements::tests_per_value) as u64;
            let value = operation.value.as_ref().filter(|_| operation.op != Op::Remove);
            self.write(resolved.extension, &resolved.attribute.name, tests, value);
        }
    }

    /// One key of a value without a path.
    fn add_key(&mut self, key: &str, value: &Value) {
        let resource_type = self.resource_type;
        if let Some(attribute) = resource_type.core_attribute(key) {
            self.write(None, &attribute.name, 0, Some(value));
        } else if let (Some(extension), Some(given)) = (resource_type.extension(key), value.as_object()) {
            for (name, value) in given {
                if let Some(attribute) = extension.attribute(name) {
                    self.write(Some(&extension.id), &attribute.name, 0, Some(value));
                }
            }
        }
    }

    fn write(&mut self, extension: Option<&'a str>, attribute: &'a str, tests: u64, value: Option<&Value>) {
        let stored = || match extension {
            Some(urn) => self.before.get(&[urn, attribute]),
            None => self.before.get(&[attribute]),
        };
        let weight_so_far = self.weights.entry((extension, attribute)).or_insert_with(|| stored().map_or(0, weight));
        self.cost = self.cost.saturating_add(weight_so_far.saturating_mul(1 + tests));
        *weight_so_far = weight_so_far.saturating_add(value.map_or(0, weight));
    }
}

/// How many values there are, a long text counted as several.
fn weight(value: &Value) -> u64 {
    match value {
        Value::Array(elements) => elements.iter().map(|element| 1 + text_length(element) / BYTES).sum(),
        single => 1 + text_length(single) / BYTES,
    }
}

/// In bytes.
fn text_length(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(text_length).sum(),
        Value::Object(parts) => parts.values().map(text_length).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
