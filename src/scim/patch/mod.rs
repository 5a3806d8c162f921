//! PATCH (RFC 7644 §3.5.2): the request as sent. `lenient` makes RFC of what clients send, `apply` obeys the RFC.

mod apply;
pub mod lenient;

pub use apply::apply;
pub use lenient::Deviation;

use super::{AttributePath, Filter, ScimError};
use serde_json::Value;

/// The message URN of a PATCH body.
pub const PATCH_OP_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A PATCH body.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// What to do, in order.
    pub operations: Vec<Operation>,
    /// Where the client strayed from the RFC, as far as it was noticed.
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

/// `attribute`, `attribute.sub`, `attribute[filter]` or `attribute[filter].sub`.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute; its `sub_attribute` is set only where there is no filter.
    pub attribute: AttributePath,
    /// Which values of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute of those values.
    pub sub_attribute: Option<String>,
}

/// What a tenant may choose about PATCH.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `replace` with a filter that matches nothing creates the value instead of answering `noTarget`.
    pub replace_without_match_creates: bool,
}

impl PatchRequest {
    /// Reads a PATCH body.
    pub fn read(_sent: &Value) -> Result<Self, ScimError> {
        todo!()
    }
}
