//! Bulk requests (RFC 7644 §3.7), and the references of their operations to each other with `bulkId:`.

use super::{
    ScimError,
    document::value::{member, schemas},
};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// The message URN of a bulk request.
pub const BULK_REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The message URN of its answer.
pub const BULK_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// How many operations one request may have.
pub const MAX_OPERATIONS: usize = 1_000;
/// How many bytes it may have; no other body may have more either.
pub const MAX_PAYLOAD_SIZE: usize = 1_048_576;
/// Precedes a `bulkId` in the place of a resource's id.
const BULK_ID_PREFIX: &str = "bulkId:";

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// After how many errors to stop; none means never.
    pub fail_on_errors: Option<u64>,
    /// What to do.
    pub operations: Vec<BulkOperation>,
}

/// One operation, as sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BulkOperation {
    /// `POST`, `PUT`, `PATCH` or `DELETE`, in capitals; anything else is to be refused.
    pub method: String,
    /// The name under which other operations mean the resource that this one makes.
    pub bulk_id: Option<String>,
    /// The version the resource must still have.
    pub version: Option<String>,
    /// The path below the Tenant URL.
    pub path: String,
    /// The body.
    pub data: Option<Value>,
}

impl BulkRequest {
    /// Reads the body. An operation that is wrong in itself is refused when it is performed, and does not affect the others.
    pub fn read(sent: &Value) -> Result<Self, ScimError> {
        let sent = sent.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object."))?;
        if !schemas(sent)?.iter().any(|urn| urn.eq_ignore_ascii_case(BULK_REQUEST_URN)) {
            return Err(ScimError::invalid_syntax(format!("`schemas` must list `{BULK_REQUEST_URN}`.")));
        }
        let fail_on_errors = match member(sent, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => match number.as_u64() {
                Some(number) if number > 0 => Some(number),
                _ => return Err(ScimError::invalid_value("failOnErrors", "it must be a whole number above 0")),
            },
        };
        let operations = member(sent, "Operations").and_then(Value::as_array);
        let operations =
            operations.ok_or_else(|| ScimError::invalid_syntax("The body needs a list of `Operations`."))?;
        if operations.len() > MAX_OPERATIONS {
            return Err(ScimError::too_many_operations(MAX_OPERATIONS));
        }
        let operations = operations.iter().map(BulkOperation::read).collect::<Result<_, _>>()?;
        Ok(Self { fail_on_errors, operations })
    }
}

impl BulkRequest {
    /// The operation that makes each `bulkId`: the first that claims it.
    #[must_use]
    pub fn creators(&self) -> HashMap<&str, usize> {
        let mut creators = HashMap::new();
        for (index, operation) in self.operations.iter().enumerate().filter(|(_, operation)| operation.method == "POST")
        {
            if let Some(bulk_id) = &operation.bulk_id {
                creators.entry(bulk_id.as_str()).or_insert(index);
            }
        }
        creators
    }

    /// The order in which to do the operations: as sent, but what makes a resource before what refers to it. Where that
    /// is circular, one reference points to a later operation.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let creators = self.creators();
        let needs = |index: usize| -> Vec<usize> {
            let references = self.operations[index].references();
            references.iter().rev().filter_map(|bulk_id| creators.get(bulk_id.as_str()).copied()).collect()
        };
        let mut order = Vec::with_capacity(self.operations.len());
        let mut met = vec![false; self.operations.len()];
        for first in 0..self.operations.len() {
            if std::mem::replace(&mut met[first], true) {
                continue;
            }
            // Each entry: an operation, and its dependencies that have not been visited.
            let mut stack = vec![(first, needs(first))];
            while let Some((index, open)) = stack.last_mut() {
                match open.pop() {
                    Some(needed) if !std::mem::replace(&mut met[needed], true) => stack.push((needed, needs(needed))),
                    Some(_) => {}
                    None => {
                        order.push(*index);
                        stack.pop();
                    }
                }
            }
        }
        order
    }
}

impl BulkOperation {
    fn read(sent: &Value) -> Result<Self, ScimError> {
        let sent =
            sent.as_object().ok_or_else(|| ScimError::invalid_syntax("Each operation must be a JSON object."))?;
        let text = |name| member(sent, name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            method: text("method").unwrap_or_default().to_ascii_uppercase(),
            bulk_id: text("bulkId").filter(|id| !id.is_empty()),
            version: text("version"),
            path: text("path").unwrap_or_default(),
            data: member(sent, "data").filter(|data| !data.is_null()).cloned(),
        })
    }

    /// The `bulkId`s it refers to, each once, in the order in which they are met.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut met = HashSet::new();
        let mut note = |id: &str| {
            if met.insert(id.to_owned()) {
                found.push(id.to_owned());
            }
            None
        };
        replaced(&self.path, &mut note);
        if let Some(data) = &self.data {
            each_text(data, &mut |text| _ = replaced(text, &mut note));
        }
        found
    }

    /// The same with ids in the place of references; what `id_of` does not know stays as it is.
    #[must_use]
    pub fn resolved(&self, id_of: impl Fn(&str) -> Option<String>) -> Self {
        let mut resolved = self.clone();
        let resolve = |text: &mut String| {
            if let Some(new) = replaced(text, &mut |id| id_of(id)) {
                *text = new;
            }
        };
        resolve(&mut resolved.path);
        if let Some(data) = &mut resolved.data {
            each_text_mut(data, &mut |text| resolve(text));
        }
        resolved
    }

    /// Removes the members with such ids from the group that it creates; they are added later.
    pub fn take_members(&mut self, is_late: impl Fn(&str) -> bool) -> Vec<Value> {
        let members = self.data.as_mut().and_then(Value::as_object_mut);
        let members = members.and_then(|data| data.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("members")));
        let Some((_, Value::Array(members))) = members else { return Vec::new() };
        let late = |element: &Value| {
            let parts = element.as_object();
            let id = parts.and_then(|parts| member(parts, "value")).unwrap_or(element);
            id.as_str().is_some_and(&is_late)
        };
        members.extract_if(.., |element| late(element)).collect()
    }
}

/// The outcome of one operation (§3.7.3).
#[must_use]
pub fn operation_response(
    operation: &BulkOperation,
    status: u16,
    location: Option<String>,
    version: Option<String>,
) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            answer.insert(name.to_owned(), Value::String(value));
        }
    };
    say("location", location);
    say("method", Some(operation.method.clone()));
    say("bulkId", operation.bulk_id.clone());
    say("version", version);
    say("status", Some(status.to_string()));
    answer
}

/// The whole answer.
#[must_use]
pub fn response(operations: &[Map<String, Value>]) -> Value {
    json!({"schemas": [BULK_RESPONSE_URN], "Operations": operations})
}

/// The text with what `id_of` knows in the place of references; none if nothing is to be replaced.
///
/// A text that begins with the prefix is a reference as a whole, whatever is in the `bulkId`; within a text (the filter of a
/// path, a `$ref`) a reference ends where neither letter, digit nor `-._~` follows.
fn replaced(text: &str, id_of: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    if let Some(id) = text.strip_prefix(BULK_ID_PREFIX) {
        return id_of(id);
    }
    let mut result = String::new();
    let mut rest = text;
    let mut met = false;
    while let Some((before, after)) = rest.split_once(BULK_ID_PREFIX) {
        let end = after.find(|next: char| !next.is_ascii_alphanumeric() && !"-._~".contains(next));
        let (id, behind) = after.split_at(end.unwrap_or(after.len()));
        result.push_str(before);
        match id_of(id) {
            Some(new) => {
                result.push_str(&new);
                met = true;
            }
            None => result.extend([BULK_ID_PREFIX, id]),
        }
        rest = behind;
    }
    result.push_str(rest);
    met.then_some(result)
}

fn each_text(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(elements) => elements.iter().for_each(|element| each_text(element, visit)),
        Value::Object(parts) => parts.values().for_each(|part| each_text(part, visit)),
        _ => {}
    }
}

fn each_text_mut(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_text_mut(element, visit)),
        Value::Object(parts) => parts.values_mut().for_each(|part| each_text_mut(part, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &str, data: Value) -> BulkOperation {
        BulkOperation { method: "PATCH".into(), path: path.into(), data: Some(data), ..BulkOperation::default() }
    }

    /// RFC 7644 §3.7.2
    #[test]
    fn references_are_found_and_replaced_wherever_they_stand() {
        let sent = operation(
            "/Groups/bulkId:g",
            json!({
                "members": [{"value": "bulkId:a b", "$ref": "../Users/bulkId:c"}],
                "Operations": [{"path": "members[value eq \"bulkId:d\" or value eq \"bulkId:e\"]"}],
                "displayName": "no bulkID:x",
                "again": "bulkId:e",
            }),
        );
        assert_eq!(sent.references(), ["g", "a b", "c", "d", "e"]);
        let resolved = sent.resolved(|id| (id != "e").then(|| format!("<{id}>")));
        let expected = json!({
            "members": [{"value": "<a b>", "$ref": "../Users/<c>"}],
            "Operations": [{"path": "members[value eq \"<d>\" or value eq \"bulkId:e\"]"}],
            "displayName": "no bulkID:x",
            "again": "bulkId:e",
        });
        assert_eq!((resolved.path.as_str(), resolved.data), ("/Groups/<g>", Some(expected)));
    }

    #[test]
    fn what_makes_a_resource_comes_before_what_refers_to_it() {
        let order = |operations: &[(&str, &[&str])]| {
            let post = |(bulk_id, references): &(&str, &[&str])| BulkOperation {
                method: "POST".into(),
                bulk_id: Some((*bulk_id).into()),
                data: Some(references.iter().map(|id| format!("bulkId:{id}")).collect()),
                ..BulkOperation::default()
            };
            let operations = operations.iter().map(post).collect();
            BulkRequest { fail_on_errors: None, operations }.order()
        };
        assert_eq!(order(&[("a", &[]), ("b", &["a"]), ("c", &[])]), [0, 1, 2]);
        assert_eq!(order(&[("a", &["c"]), ("b", &[]), ("c", &["d"]), ("d", &[])]), [3, 2, 0, 1]);
        assert_eq!(order(&[("a", &["b"]), ("b", &["a"])]), [1, 0]);
        assert_eq!(order(&[("a", &["a", "?"]), ("a", &["a"])]), [0, 1]);
        let names: Vec<String> = (0..=MAX_OPERATIONS).map(|number| number.to_string()).collect();
        let references: Vec<[&str; 1]> = names[1..].iter().map(|name| [name.as_str()]).collect();
        let chain: Vec<(&str, &[&str])> =
            names.iter().zip(&references).map(|(name, next)| (name.as_str(), &next[..])).collect();
        assert_eq!(order(&chain), (0..MAX_OPERATIONS).rev().collect::<Vec<_>>());
    }

    #[test]
    fn late_members_are_taken_out() {
        let mut sent = operation("/Groups", json!({"Members": [{"Value": "a"}, {"value": "b"}, "a", {}]}));
        assert_eq!(sent.take_members(|id| id == "a"), [json!({"Value": "a"}), json!("a")]);
        assert_eq!(sent.data, Some(json!({"Members": [{"value": "b"}, {}]})));
        assert!(operation("/Users", json!({"members": 7})).take_members(|_| true).is_empty());
    }

    /// RFC 7644 §3.7; checklist 95, 97
    #[test]
    fn the_request_is_read_whole_or_not_at_all() {
        let operations = |count: usize| json!({"schemas": [BULK_REQUEST_URN], "Operations": vec![json!({"method": "delete", "path": "/Users/1"}); count]});
        let read = BulkRequest::read(&operations(MAX_OPERATIONS)).unwrap();
        assert_eq!((read.operations.len(), read.operations[0].method.as_str()), (MAX_OPERATIONS, "DELETE"));
        assert_eq!(BulkRequest::read(&operations(MAX_OPERATIONS + 1)).unwrap_err().status, 413);
        for wrong in [
            json!({"Operations": []}),
            json!({"schemas": [BULK_REQUEST_URN]}),
            json!({"schemas": [BULK_REQUEST_URN], "Operations": [7]}),
            json!({"schemas": [BULK_REQUEST_URN], "Operations": [], "failOnErrors": 0}),
            json!({"schemas": [BULK_REQUEST_URN], "Operations": [], "failOnErrors": "1"}),
            json!([]),
        ] {
            assert_eq!(BulkRequest::read(&wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
