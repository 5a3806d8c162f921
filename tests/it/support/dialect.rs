//! Entra's PATCH requests: the two dialects of checklist I and J.

use serde_json::{Map, Value, json};

use super::{Answer, Client, patch_of};

/// The two dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Without a flag, and always from "provision on demand".
    Older,
    /// With `?aadOptscim062020` after the Tenant URL.
    Flagged,
}

impl Dialect {
    pub const BOTH: [Self; 2] = [Self::Older, Self::Flagged];

    /// Sends a PATCH in this dialect to `/Users/…` or `/Groups/…`.
    pub async fn patch(self, client: &Client, path: &str, operations: &Value) -> Answer {
        let flag = if self == Self::Flagged { "?aadOptscim062020" } else { "" };
        client.patch(&format!("/v2/scim{path}{flag}"), &patch_of(operations)).await
    }

    /// One operation on one path.
    pub fn operation(self, op: &str, path: &str, value: &Value) -> Value {
        json!({"op": self.op(op), "path": path, "value": self.value(value)})
    }

    /// Several attributes at once: one operation each, or with the flag one object, except for value paths.
    pub fn several(self, op: &str, changes: &[(&str, Value)]) -> Value {
        if self == Self::Older {
            return changes.iter().map(|(path, value)| self.operation(op, path, value)).collect();
        }
        let (by_path, plain): (Vec<_>, Vec<_>) = changes.iter().partition(|(path, _)| path.contains('['));
        let mut operations: Vec<_> = by_path.iter().map(|(path, value)| self.operation(op, path, value)).collect();
        let object: Map<String, Value> =
            plain.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        operations.push(json!({"op": self.op(op), "value": object}));
        Value::Array(operations)
    }

    /// Removes a member.
    pub fn without_member(self, id: &str) -> Value {
        match self {
            Self::Older => json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": id}]}]),
            Self::Flagged => json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
        }
    }

    fn op(self, op: &str) -> String {
        match self {
            Self::Older => format!("{}{}", op[..1].to_uppercase(), &op[1..]),
            Self::Flagged => op.to_owned(),
        }
    }

    /// Without the flag booleans are sent as text.
    fn value(self, value: &Value) -> Value {
        match value {
            Value::Bool(truth) if self == Self::Older => json!(if *truth { "True" } else { "False" }),
            _ => value.clone(),
        }
    }
}

/// The value at a path such as `emails[type eq "work"].value`, `name.givenName` or `urn:…:User:department`, or null.
/// Independent of the service's own paths.
pub fn at(resource: &Value, path: &str) -> Value {
    let (resource, path) = match path.rfind("User:") {
        Some(end) if path.starts_with("urn:") => (&resource[&path[..end + 4]], &path[end + 5..]),
        _ => (resource, path),
    };
    let Some((attribute, rest)) = path.split_once('[') else {
        return path.split('.').fold(resource, |value, name| &value[name]).clone();
    };
    let (filter, rest) = rest.split_once(']').unwrap();
    let (name, wanted) = filter.split_once(" eq ").unwrap();
    let wanted: Value = serde_json::from_str(wanted).unwrap();
    let alike = |element: &&Value| element[name] == wanted || (wanted == "True" && element[name] == true);
    let found = resource[attribute].as_array().and_then(|elements| elements.iter().find(alike));
    found.map_or(Value::Null, |element| element[rest.trim_start_matches('.')].clone())
}
