//! PATCH (RFC 7644 §3.5.2): the request as sent. `lenient` rewrites clients' deviations, `apply` follows the RFC.

mod apply;
mod cost;
mod elements;
pub mod lenient;
mod parts;
mod path;
mod schemas;
mod target;
mod window;

#[cfg(test)]
mod tests;

pub use apply::apply;
pub use cost::{MAX_COST, cost};
pub use lenient::Deviation;
pub use path::PatchPath;
pub use window::members_named;

use super::{
    ScimError,
    document::value::{member, schemas},
};
use serde_json::Value;

/// The message URN of a PATCH body.
pub const PATCH_OP_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The most operations in one request, as sent and as the RFC would have it.
pub const MAX_OPERATIONS: usize = 2_000;

/// A PATCH body.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// What to do, in order.
    pub operations: Vec<Operation>,
    /// The client's deviations from the RFC, as far as they were noticed.
    pub deviations: Vec<Deviation>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where; none means the resource itself.
    pub path: Option<PatchPath>,
    /// With what.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds or merges.
    Add,
    /// Takes away.
    Remove,
    /// Replaces.
    Replace,
}

/// How a PATCH is applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options<'a> {
    /// `replace` with a filter that matches nothing creates the value instead of answering `noTarget`.
    pub replace_without_match_creates: bool,
    /// The Tenant URL, which a member's `$ref` begins with.
    pub base_url: &'a str,
}

impl PatchRequest {
    /// Reads a PATCH body. §3.5.2: it "MUST contain the 'schemas' attribute with the URI" of the message, and
    /// "Operations", "an array of one or more PATCH operations". Unknown members are ignored.
    pub fn read(sent: &Value) -> Result<Self, ScimError> {
        let sent = sent.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object."))?;
        if !schemas(sent)?.iter().any(|urn| urn.eq_ignore_ascii_case(PATCH_OP_URN)) {
            return Err(ScimError::invalid_syntax(format!("`schemas` must list `{PATCH_OP_URN}`.")));
        }
        let operations = member(sent, "Operations").and_then(Value::as_array).filter(|listed| !listed.is_empty());
        let operations = operations.ok_or_else(|| {
            ScimError::invalid_syntax("The body needs `Operations`: a list of one operation or more.")
        })?;
        check_count(operations.len())?;
        let mut request = Self { operations: Vec::with_capacity(operations.len()), deviations: Vec::new() };
        for operation in operations {
            request.operations.push(read_operation(operation, &mut request.deviations)?);
        }
        Ok(request)
    }
}

fn check_count(operations: usize) -> Result<(), ScimError> {
    if operations > MAX_OPERATIONS { Err(ScimError::too_many_operations(MAX_OPERATIONS)) } else { Ok(()) }
}

fn read_operation(sent: &Value, deviations: &mut Vec<Deviation>) -> Result<Operation, ScimError> {
    let sent = sent.as_object().ok_or_else(|| ScimError::invalid_syntax("Each operation must be a JSON object."))?;
    let op = member(sent, "op")
        .and_then(Value::as_str)
        .and_then(|word| lenient::op_in_any_case(word, deviations))
        .ok_or_else(|| ScimError::invalid_syntax("Each operation needs an `op`: `add`, `remove` or `replace`."))?;
    let path = match member(sent, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.is_empty() => None,
        Some(Value::String(path)) => Some(path.parse()?),
        Some(path) => return Err(ScimError::invalid_path(path, "it must be a text")),
    };
    Ok(Operation { op, path, value: member(sent, "value").cloned() })
}
