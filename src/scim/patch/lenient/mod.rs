//! Deviations of real clients from the RFC, rewritten as the RFC has them: one function each, with an example in its
//! comment; `docs/clients.md` says which client sends what. Rules for values in every body, PATCH or not, are in
//! `document/value.rs`; here such a value is only noticed and rewritten.

mod keys;
mod listed;
mod values;

use super::{Op, Operation, PatchRequest};
use crate::scim::ResourceType;
use keys::{path_as_key, schema_as_path};
use listed::listed_values;
use serde_json::Value;
use std::fmt;
use values::{
    empty_text, list_for_single, objects_for_plain_values, rewrite_values, single_for_list, text_for_boolean,
    text_for_complex,
};

/// A deviation of a client from the RFC.
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
    /// `"path":"title","value":["Dev"]`
    ListForSingle,
    /// `"path":"…:skills","value":[{"value":"1"}]`
    ObjectsForPlainValues,
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
            Self::ListForSingle => "list for a single value",
            Self::ObjectsForPlainValues => "objects for plain values",
        })
    }
}

/// Rewrites an operation; none if it does not have the deviation.
type Rewrite = fn(&Operation, &ResourceType) -> Option<Vec<Operation>>;

const REWRITES: [(Deviation, Rewrite); 9] = [
    (Deviation::SchemaAsPath, schema_as_path),
    (Deviation::PathAsKey, path_as_key),
    (Deviation::ListedValues, listed_values),
    (Deviation::SingleForList, |operation, known| rewrite_values(operation, known, single_for_list)),
    (Deviation::ListForSingle, |operation, known| rewrite_values(operation, known, list_for_single)),
    (Deviation::ObjectsForPlainValues, |operation, known| rewrite_values(operation, known, objects_for_plain_values)),
    (Deviation::TextForBoolean, |operation, known| rewrite_values(operation, known, text_for_boolean)),
    (Deviation::TextForComplex, |operation, known| rewrite_values(operation, known, text_for_complex)),
    (Deviation::EmptyText, |operation, known| rewrite_values(operation, known, empty_text)),
];

/// The request as the RFC has it, with the deviations found added to its list.
#[must_use]
pub fn normalize(request: PatchRequest, resource_type: &ResourceType) -> PatchRequest {
    let PatchRequest { mut operations, mut deviations } = request;
    for (deviation, rewrite) in REWRITES {
        let mut found = false;
        operations = operations
            .into_iter()
            .flat_map(|operation| match rewrite(&operation, resource_type) {
                Some(rewritten) => {
                    found = true;
                    rewritten
                }
                None => vec![operation],
            })
            .collect();
        if found {
            deviations.push(deviation);
        }
    }
    PatchRequest { operations, deviations }
}

/// The deviations in a body as it was sent: a PATCH, or else a resource.
#[must_use]
pub fn deviations(body: &Value, resource_type: &ResourceType) -> Vec<Deviation> {
    let request = PatchRequest::read(body).unwrap_or_else(|_| {
        let resource = Operation { op: Op::Replace, path: None, value: Some(body.clone()) };
        PatchRequest { operations: vec![resource], deviations: Vec::new() }
    });
    normalize(request, resource_type).deviations
}

/// Entra without its flag capitalises the word: `{"op":"Replace","path":"displayName","value":"Ana R."}`.
pub(in crate::scim::patch) fn op_in_any_case(word: &str, deviations: &mut Vec<Deviation>) -> Option<Op> {
    let (name, op) = [("add", Op::Add), ("remove", Op::Remove), ("replace", Op::Replace)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))?;
    if word != name && !deviations.contains(&Deviation::CapitalizedOp) {
        deviations.push(Deviation::CapitalizedOp);
    }
    Some(op)
}
