//! Deviations of real clients, made RFC: one function each, with what was sent in its comment.

use super::PatchRequest;
use crate::scim::ResourceType;

/// A way in which a client strays from the RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deviation {
    /// `"op":"Replace"`
    CapitalizedOp,
}

/// The request as the RFC would have it, with the deviations met added to its list.
#[must_use]
pub fn normalize(_request: PatchRequest, _resource_type: &ResourceType) -> PatchRequest {
    todo!()
}
