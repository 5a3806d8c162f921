//! Documents: how they are stored, and what is read of them.

use std::fmt::Display;

use serde_json::Value;

use super::StoreError;
use crate::scim::document::{Document, Resource, Text};
use crate::scim::schema::{ResourceKind, ResourceType};

/// A document as it is stored.
pub(super) fn text(document: &Document, resource_type: &ResourceType) -> Result<String, StoreError> {
    Text::of(document, resource_type).map(|text| text.0).map_err(|why| StoreError::corrupt("documents", "new", why))
}

/// The resource with its document parsed, to be changed.
pub fn parse_document(resource: Resource<Text>) -> Result<Resource, StoreError> {
    let id = resource.id.clone();
    let table = match resource.kind {
        ResourceKind::User => "users",
        ResourceKind::Group => "groups",
    };
    resource.read().map_err(|why| StoreError::corrupt(table, id, why))
}

/// A stored document.
pub(super) fn read(table: &'static str, id: impl Display, text: &str) -> Result<Document, StoreError> {
    serde_json::from_str(text).map_err(|why| StoreError::corrupt(table, id, why))
}

/// An attribute of text as the client wrote it; empty without one.
pub(super) fn written(document: &Document, attribute: &str) -> String {
    document.get(&[attribute]).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The primary one of several values, else the first.
pub(super) fn preferred(several: &Value) -> String {
    let elements = several.as_array().map_or(&[][..], Vec::as_slice);
    let primary = elements.iter().find(|element| element["primary"] == true);
    primary.or_else(|| elements.first()).and_then(|element| element["value"].as_str()).unwrap_or_default().to_owned()
}
