//! What happened to each object, in the shape and the words of Entra's provisioning logs (`provisioningObjectSummary`).

use serde::Serialize;
use serde_json::{Value, json};

use super::failure::Failure;
use super::wire::patch::Change;

/// One line of the provisioning log.
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
    /// What was to be done.
    pub action: Action,
    /// How it ended.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// What changed on the server.
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
    /// Looked at, with nothing to be done.
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
    /// Nothing to do.
    Skipped,
    /// Done in part; the rest waits for another object.
    Warning,
}

/// One step of the way from the directory to the server.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    name: &'static str,
    provisioning_step_type: StepType,
    status: Status,
    description: String,
}

/// Microsoft Graph's kinds of steps.
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
    /// A manager or members turned into ids of the server.
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
    /// Before.
    pub old_value: Option<String>,
    /// After.
    pub new_value: Option<String>,
}

impl std::fmt::Display for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}: {}", self.status, self.description)
    }
}

impl Record {
    /// A record that has got as far as being imported.
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

    /// Nothing to do, and why, in Entra's word for it.
    pub fn skip(&mut self, reason: &str) {
        self.status = Status::Skipped;
        self.step(StepType::Processing, Status::Skipped, reason);
    }

    /// Written to the server.
    pub fn done(&mut self, action: Action, description: impl Into<String>) {
        self.action = action;
        self.status = Status::Success;
        self.step(StepType::Export, Status::Success, description);
    }

    /// Refused.
    pub fn fail(&mut self, failure: Failure) {
        self.status = Status::Failure;
        self.step(StepType::Export, Status::Failure, failure.to_string());
        self.failure = Some(failure);
    }

    /// Notes changed attributes.
    pub fn add_changes(&mut self, changes: &[Change<'_>]) {
        self.modified.extend(changes.iter().map(|change| ModifiedProperty {
            display_name: change.target.to_string(),
            old_value: change.old.as_ref().map(text_of_value),
            new_value: change.new.as_ref().map(text_of_value),
        }));
    }

    /// The record as Entra's provisioning log has it.
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

/// A value as a person would write it.
pub fn text_of_value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
