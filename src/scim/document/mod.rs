//! Resources as JSON, read and written through their schema.

mod differences;
pub(in crate::scim) mod equality;
mod mutability;
pub(in crate::scim) mod read;
pub(in crate::scim) mod render;
mod text;
pub(in crate::scim) mod value;

#[cfg(test)]
mod tests;

pub use differences::{Change, differences};
pub use text::Text;

use super::{DateTime, ResourceKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// The attributes of a resource that belong to the client, as canonical JSON: canonical spelling, only what the schema
/// knows, nothing empty. Without `id`, `meta`, `schemas`, `groups` and `password`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

/// A document as a client sent it, with the one attribute that is never kept in it.
#[derive(Clone, Default, PartialEq)]
pub struct Incoming {
    /// Everything that is stored and returned.
    pub document: Document,
    /// A new password, if one was sent; none leaves the old one.
    pub password: Option<String>,
}

/// A resource as the store keeps it, with its document parsed or, as [`Text`], as JSON text.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource<D = Document> {
    /// Made by the server, never changed, never used again.
    pub id: String,
    /// What kind of resource it is.
    pub kind: ResourceKind,
    /// When it was made.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
    /// The compare-and-swap counter; starts at 1.
    pub version: u64,
    /// The client's attributes. A group's document includes its `members`.
    pub document: D,
    /// A user's groups, derived from memberships; empty for a group.
    pub groups: Vec<Membership>,
}

/// One group of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The group's id.
    pub value: String,
    /// The group's displayName.
    pub display: String,
    /// Whether the user is in it by name or through another group.
    #[serde(rename = "type")]
    pub kind: MembershipKind,
}

/// Whether a user is in a group by name or through another group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MembershipKind {
    /// The group names the user.
    Direct,
    /// The group names a group the user is in.
    Indirect,
}

impl Document {
    /// The value at canonical steps, e.g. `&["name", "givenName"]`.
    #[must_use]
    pub fn get(&self, steps: &[&str]) -> Option<&Value> {
        let (first, rest) = steps.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, step| value.get(step))
    }

    /// Whether the user may use the service: only `active` false says no.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.get(&["active"]) != Some(&Value::Bool(false))
    }

    /// The JSON object.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The JSON object, to change: for the store, which keeps a group's members elsewhere.
    pub fn as_map_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// The JSON object as a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl<D> Resource<D> {
    /// `meta.location`: where the resource is found.
    #[must_use]
    pub fn location(&self, base_url: &str) -> String {
        format!("{base_url}{}/{}", self.kind.endpoint(), self.id)
    }

    /// `meta.version`: a weak entity tag.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

impl From<Document> for Incoming {
    fn from(document: Document) -> Self {
        Self { document, password: None }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("document", &self.document).finish_non_exhaustive()
    }
}
