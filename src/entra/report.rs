//! The result for each object, in the format of Entra's provisioning logs (`provisioningObjectSummary`).

use serde::Serialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::wire::patch::Change;

/// One entry of the provisioning log.
#[derive(Debug, Clone)]
pub struct Record {
    /// User or group.
    pub kind: Kind,
    /// Object id in the directory.
    pub source_id: String,
    /// Name in the directory.
    pub identity: String,
    /// Id on the server, once known.
    pub target_id: Option<String>,
    /// The action.
    pub action: Action,
    /// The status.
    pub status: Status,
    /// The failure, if any.
    pub failure: Option<Failure>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The attributes that changed on the server.
    pub modified: Vec<ModifiedProperty>,
    /// Whether a disabled user was enabled again, or a group came back from the recycle bin.
    pub is_restored: bool,
}

/// A resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Kind {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
}

/// Entra's actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// A new resource.
    Create,
    /// Changed attributes.
    Update,
    /// `active` set to false.
    Disable,
    /// Deleted for good.
    Delete,
    /// Processed without a change.
    Other,
}

/// Entra's statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Done.
    Success,
    /// Not done.
    Failure,
    /// Nothing to change.
    Skipped,
    /// Partly done; the rest waits for another object.
    Warning,
}

/// One step of provisioning an object.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    name: &'static str,
    provisioning_step_type: StepType,
    status: Status,
    description: String,
}

/// The types of steps in Microsoft Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StepType {
    /// Read from the directory.
    Import,
    /// In scope or not.
    Scoping,
    /// Looked up on the server.
    Matching,
    /// Compared.
    Processing,
    /// A manager or members resolved to ids of the server.
    ReferenceResolution,
    /// Written to the server.
    Export,
}

/// One attribute that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifiedProperty {
    /// The target attribute.
    pub display_name: String,
    /// The value before.
    pub old_value: Option<String>,
    /// The value after.
    pub new_value: Option<String>,
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}: {}", self.status, self.description)
    }
}

impl Record {
    /// A record of an imported object.
    pub fn new(kind: Kind, source_id: &str, identity: &str) -> Self {
        let mut record = Self {
            kind,
            source_id: source_id.to_owned(),
            identity: identity.to_owned(),
            target_id: None,
            action: Action::Other,
            status: Status::Skipped,
            failure: None,
            steps: Vec::new(),
            modified: Vec::new(),
            is_restored: false,
        };
        record.step(StepType::Import, Status::Success, format!("Received {kind:?} '{identity}' from the directory"));
        record
    }

    /// Adds a step.
    pub fn step(&mut self, kind: StepType, status: Status, description: impl Into<String>) {
        let name = match (kind, self.action) {
            (StepType::Import, _) => "EntryImport",
            (StepType::Scoping, _) => "EntrySynchronizationScoping",
            (StepType::Matching, _) => "EntryImportByMatchingAttribute",
            (StepType::Processing, _) => "EntrySynchronizationProcessing",
            (StepType::ReferenceResolution, _) => "EntryReferenceResolution",
            (StepType::Export, Action::Create) => "EntryExportAdd",
            (StepType::Export, Action::Delete) => "EntryExportDelete",
            (StepType::Export, _) => "EntryExportUpdate",
        };
        self.steps.push(Step { name, provisioning_step_type: kind, status, description: description.into() });
    }

    /// Marks the object as skipped, with Entra's reason.
    pub fn skip(&mut self, reason: &str) {
        self.status = Status::Skipped;
        self.step(StepType::Processing, Status::Skipped, reason);
    }

    /// Marks the object as written to the server.
    pub fn done(&mut self, action: Action, description: impl Into<String>) {
        self.action = action;
        self.status = Status::Success;
        self.step(StepType::Export, Status::Success, description);
    }

    /// Marks the object as failed.
    pub fn fail(&mut self, failure: Failure) {
        self.status = Status::Failure;
        self.step(StepType::Export, Status::Failure, failure.to_string());
        self.failure = Some(failure);
    }

    /// Adds changed attributes.
    pub fn add_changes(&mut self, changes: &[Change<'_>]) {
        self.modified.extend(changes.iter().map(|change| ModifiedProperty {
            display_name: change.target.to_string(),
            old_value: change.old.as_ref().map(text_of_value),
            new_value: change.new.as_ref().map(text_of_value),
        }));
    }

    /// The record in the format of Entra's provisioning log.
    pub fn to_json(&self) -> Value {
        let kind = format!("{:?}", self.kind);
        json!({
            "provisioningAction": self.action,
            "provisioningStatusInfo": {"status": self.status, "errorInformation": self.failure},
            "sourceIdentity": {"id": self.source_id, "displayName": self.identity, "identityType": kind},
            "targetIdentity": {"id": self.target_id, "identityType": kind},
            "provisioningSteps": self.steps,
            "modifiedProperties": self.modified,
        })
    }
}

/// A value as text; strings without quotes.
pub fn text_of_value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
