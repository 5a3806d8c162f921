//! Whether a resource matches a filter, in memory. The store answers the same question in SQL.

use super::Filter;
use crate::scim::ResourceType;
use serde_json::Value;

/// Whether a rendered resource matches. The filter should have passed [`Filter::check`].
#[must_use]
pub fn matches(_filter: &Filter, _resource_type: &ResourceType, _resource: &Value) -> bool {
    todo!()
}
