//! Which attributes of a resource an answer shows (RFC 7644 §3.9).

use super::{AttributePath, ResourceType, ScimError};
use serde_json::Value;

/// A choice of attributes.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Projection {
    /// What is returned by default.
    #[default]
    Default,
    /// `attributes`: only these, and what is always returned.
    Only(Vec<AttributePath>),
    /// `excludedAttributes`: all but these.
    Without(Vec<AttributePath>),
}

impl Projection {
    /// Reads the two query parameters, each a list with commas.
    pub fn read(_attributes: Option<&str>, _excluded: Option<&str>) -> Result<Self, ScimError> {
        todo!()
    }

    /// The rendered resource with the chosen attributes.
    #[must_use]
    pub fn apply(&self, _resource_type: &ResourceType, _resource: Value) -> Value {
        todo!()
    }
}
