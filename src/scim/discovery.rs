//! What the service says about itself (RFC 7644 §4, RFC 7643 §5–7): exactly what it does.

use serde_json::Value;

/// `/ServiceProviderConfig`.
#[must_use]
pub fn service_provider_config(_base_url: &str) -> Value {
    todo!()
}

/// The resources of `/ResourceTypes`; each has its `id`.
#[must_use]
pub fn resource_types(_base_url: &str) -> Vec<Value> {
    todo!()
}

/// The resources of `/Schemas`; each has its URN as `id`.
#[must_use]
pub fn schemas(_base_url: &str) -> Vec<Value> {
    todo!()
}
