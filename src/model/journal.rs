//! The journal (Provisioning Logs): what was asked, by whom, what came of it. An entry is never changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::model::advice::{Advice, advice};
pub use crate::scim::schema::ResourceKind;

use crate::model::UnknownWord;
use crate::model::id::{AccountId, EntryId, TokenId};
use crate::scim::document::Change;
use crate::scim::time::DateTime;

/// What was done, in the words of Entra's own provisioning logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A resource was made.
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

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Done.
    Success,
    /// Refused or failed.
    Failure,
    /// Nothing was to do.
    Skipped,
    /// Done, with a remark.
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

/// Who asked.
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
    /// A caller who proved nothing.
    Anonymous,
    /// The command line.
    Command,
}

/// The resource an entry is about; it may be deleted by now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its SCIM id.
    pub id: String,
}

/// An entry about to be written; the store gives it its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewEntry {
    /// When the request was answered.
    pub at: DateTime,
    /// Whom it was about, readable: userName, displayName, or what was looked up.
    pub identity: String,
    /// What was done.
    pub action: Action,
    /// What came of it.
    pub status: Status,
    /// Who asked.
    pub actor: Actor,
    /// The HTTP method.
    pub method: String,
    /// The path with query, without secrets.
    pub path: String,
    /// The answer's HTTP status.
    pub http_status: u16,
    /// The answer's scimType.
    pub scim_type: Option<String>,
    /// The request's id, which the log also holds.
    pub request_id: String,
    /// The resource, where one is known.
    pub resource: Option<ResourceRef>,
    /// What the answer's error said.
    pub detail: Option<String>,
    /// The request's body, redacted.
    pub request: Option<Value>,
    /// The answer's body, redacted.
    pub response: Option<Value>,
    /// What changed in the resource.
    pub changes: Vec<Change>,
    /// The client's dialect, where one was recognised.
    pub dialect: Option<String>,
    /// A lookup that only tests the connection (checklist 124).
    pub probe: bool,
}

impl NewEntry {
    /// What tells of a deed that no resource is about: a token made, a setting saved.
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
    /// Whom it was about.
    pub identity: String,
    /// What was done.
    pub action: Action,
    /// What came of it.
    pub status: Status,
    /// Who asked.
    pub actor: Actor,
    /// The HTTP method.
    pub method: String,
    /// The path with query.
    pub path: String,
    /// The answer's HTTP status.
    pub http_status: u16,
    /// The answer's scimType.
    pub scim_type: Option<String>,
    /// The request's id.
    pub request_id: String,
    /// The resource, where one is known.
    pub resource: Option<ResourceRef>,
}

/// One entry with the whole exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryDetail {
    /// The row.
    pub entry: Entry,
    /// What the answer's error said.
    pub detail: Option<String>,
    /// The request's body, redacted.
    pub request: Option<Value>,
    /// The answer's body, redacted.
    pub response: Option<Value>,
    /// What changed in the resource.
    pub changes: Vec<Change>,
    /// The client's dialect.
    pub dialect: Option<String>,
    /// A lookup that only tests the connection.
    pub probe: bool,
}

/// What Provisioning Logs asks for; newest first.
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
    /// Only identities that begin so, in any letter case.
    pub identity: Option<String>,
    /// Leave out connection probes.
    pub hide_probes: bool,
    /// Only entries older than this one.
    pub before: Option<EntryId>,
    /// Most rows in the page; 0 means 50, and 1,000 is the most.
    pub limit: u32,
}
