//! A group in types, for the portal and for tests. The directory itself works on documents.

use super::{Document, Meta, ScimError, schema};
use serde::{Deserialize, Serialize};

/// A group as a client reads or writes it (RFC 7643 §4.2).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Group {
    /// The URNs of the schemas in use.
    pub schemas: Vec<String>,
    /// Made by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The client's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name to show.
    pub display_name: String,
    /// Who is in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Made by the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// One member of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The member's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where the member is found.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `User` or `Group`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The member's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl Group {
    /// The group as the directory takes it.
    pub fn into_document(mut self) -> Result<Document, ScimError> {
        self.schemas = vec![schema::GROUP_URN.to_owned()];
        let sent = serde_json::to_value(self).map_err(|error| ScimError::invalid_syntax(error.to_string()))?;
        Ok(Document::read(schema::group(), &sent)?.document)
    }
}
