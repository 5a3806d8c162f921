//! The journal (Provisioning Logs): requests, their callers and results. An entry is never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::model::advice::{Advice, advice};
pub use crate::scim::schema::ResourceKind;

use crate::model::UnknownWord;
use crate::model::id::{AccountId, EntryId, TokenId};
use crate::scim::document::Change;
use crate::scim::time::DateTime;

/// The action, in the terms of Entra's provisioning logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A resource was created.
    Create,
    /// A resource was changed.
    Update,
    /// `active` went from true to false.
    Disable,
    /// A resource was deleted.
    Delete,
    /// A resource was marked for deletion.
    StagedDelete,
    /// Anything else: lookups, failed authentication, settings.
    Other,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The request was fulfilled.
    Success,
    /// Rejected or failed.
    Failure,
    /// Nothing had to be changed.
    Skipped,
    /// Fulfilled, with a remark.
    Warning,
}

words!(Action {
    Create = "Create",
    Update = "Update",
    Disable = "Disable",
    Delete = "Delete",
    StagedDelete = "StagedDelete",
    Other = "Other",
});

words!(Status {
    Success = "Success",
    Failure = "Failure",
    Skipped = "Skipped",
    Warning = "Warning",
});

words!(ResourceKind {
    User = "User",
    Group = "Group",
});

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A SCIM client, by its token.
    Token {
        /// The token.
        id: TokenId,
        /// Its name at that time.
        name: String,
    },
    /// An administrator in the portal.
    Account {
        /// The account.
        id: AccountId,
        /// Its address at that time.
        email: String,
    },
    /// An unauthenticated caller.
    Anonymous,
    /// The command line.
    Command,
}

/// The resource of an entry. It may have been deleted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its SCIM id.
    pub id: String,
}

/// An entry to be written; the store assigns its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewEntry {
    /// When the request was answered.
    pub at: DateTime,
    /// The subject: userName, displayName, or the value looked up.
    pub identity: String,
    /// The action.
    pub action: Action,
    /// The result.
    pub status: Status,
    /// The caller.
    pub actor: Actor,
    /// The HTTP method.
    pub method: String,
    /// The path with query, without secrets.
    pub path: String,
    /// The HTTP status of the response.
    pub http_status: u16,
    /// The scimType of the response.
    pub scim_type: Option<String>,
    /// The request's id, which the log also holds.
    pub request_id: String,
    /// The resource, if it is known.
    pub resource: Option<ResourceRef>,
    /// The detail of the error.
    pub detail: Option<String>,
    /// The request body, redacted.
    pub request: Option<Value>,
    /// The response body, redacted.
    pub response: Option<Value>,
    /// What changed in the resource.
    pub changes: Vec<Change>,
    /// The client's dialect, if it was recognized.
    pub dialect: Option<String>,
    /// A lookup that only tests the connection (checklist 124).
    pub probe: bool,
}

impl NewEntry {
    /// An entry without a resource: a token created, a setting saved.
    #[must_use]
    pub fn other(at: DateTime, actor: Actor, identity: &str, detail: String) -> Self {
        Self {
            at,
            identity: identity.to_owned(),
            action: Action::Other,
            status: Status::Success,
            actor,
            method: String::new(),
            path: String::new(),
            http_status: 200,
            scim_type: None,
            request_id: String::new(),
            resource: None,
            detail: Some(detail),
            request: None,
            response: None,
            changes: Vec::new(),
            dialect: None,
            probe: false,
        }
    }
}

/// One row of Provisioning Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id; later entries have higher ones.
    pub id: EntryId,
    /// When the request was answered.
    pub at: DateTime,
    /// The subject.
    pub identity: String,
    /// The action.
    pub action: Action,
    /// The result.
    pub status: Status,
    /// The caller.
    pub actor: Actor,
    /// The HTTP method.
    pub method: String,
    /// The path with query.
    pub path: String,
    /// The HTTP status of the response.
    pub http_status: u16,
    /// The scimType of the response.
    pub scim_type: Option<String>,
    /// The request's id.
    pub request_id: String,
    /// The resource, if it is known.
    pub resource: Option<ResourceRef>,
}

/// One entry with request and response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryDetail {
    /// The row.
    pub entry: Entry,
    /// The detail of the error.
    pub detail: Option<String>,
    /// The request body, redacted.
    pub request: Option<Value>,
    /// The response body, redacted.
    pub response: Option<Value>,
    /// What changed in the resource.
    pub changes: Vec<Change>,
    /// The client's dialect.
    pub dialect: Option<String>,
    /// A lookup that only tests the connection.
    pub probe: bool,
}

/// A query of Provisioning Logs; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalQuery {
    /// Not before.
    pub from: Option<DateTime>,
    /// Before (exclusive).
    pub to: Option<DateTime>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only subjects with this prefix, in any letter case.
    pub identity: Option<String>,
    /// Exclude connection tests.
    pub hide_probes: bool,
    /// Only entries older than this one.
    pub before: Option<EntryId>,
    /// Most rows in the page; 0 means 50, and 1,000 is the most.
    pub limit: u32,
}
