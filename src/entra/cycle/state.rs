//! The state between cycles, and its file, which is replaced atomically.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::entra::SimulateError;

/// The version of the file format.
const FORMAT: u32 = 1;

/// The state between cycles.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct State {
    format: u32,
    /// The Tenant URL of this state.
    pub tenant_url: String,
    /// Fingerprint of mappings and scope; a change starts an initial cycle.
    pub configuration: String,
    /// Cycles run so far.
    pub cycles: u64,
    /// The start of the last finished cycle in milliseconds since 1970; `None` before the first.
    pub watermark: Option<i64>,
    /// Set while the job is in quarantine.
    pub quarantine: Option<Quarantine>,
    /// Users by object id.
    pub users: BTreeMap<String, Link>,
    /// Groups by object id.
    pub groups: BTreeMap<String, Link>,
}

/// The link between an object of the directory and its resource on the server.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its last known name.
    pub identity: String,
    /// Its id on the server, if it was provisioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Fingerprint of the values last exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exported: Option<String>,
    /// The last known id of the manager on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// The members of a group that were exported, as ids of the server.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<String>,
    /// When it was deleted in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_deleted: Option<i64>,
    /// The pending retry after a failure.
    #[serde(rename = "escrow", default, skip_serializing_if = "Option::is_none")]
    pub pending_retry: Option<PendingRetry>,
}

/// A failed export that will be retried. Entra's documentation calls these escrows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRetry {
    /// The number of failures so far.
    pub attempts: u32,
    /// The first cycle that retries.
    pub due_in_cycle: u64,
    /// The last failure.
    pub reason: String,
    /// Whether only a manager or member failed and all other attributes were exported.
    #[serde(default)]
    pub is_reference: bool,
}

/// The quarantine of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The start, in milliseconds since 1970.
    pub since: i64,
    /// The next attempt.
    pub next_try: i64,
    /// The reason.
    pub reason: String,
    /// Whether the token was refused, so that a valid token ends the quarantine at once.
    pub about_credentials: bool,
}

impl Link {
    /// Schedules a retry in the next cycle; from the fifth failure on the interval doubles, up to about a day.
    pub fn schedule_retry(&mut self, cycle: u64, reason: &str) {
        let attempts = self.pending_retry.as_ref().map_or(0, |pending_retry| pending_retry.attempts) + 1;
        let wait = 1_u64 << attempts.saturating_sub(RETRIED_AT_ONCE).min(6);
        self.pending_retry = Some(PendingRetry {
            attempts,
            due_in_cycle: cycle + wait.min(CYCLES_A_DAY),
            reason: reason.to_owned(),
            is_reference: false,
        });
    }

    /// Schedules a retry of a reference only.
    pub fn schedule_reference_retry(&mut self, cycle: u64, reason: &str) {
        self.schedule_retry(cycle, reason);
        if let Some(pending_retry) = &mut self.pending_retry {
            pending_retry.is_reference = true;
        }
    }

    /// Whether a retry is pending and not due yet.
    pub fn is_waiting(&self, cycle: u64) -> bool {
        self.pending_retry.is_some() && !self.is_due(cycle)
    }

    /// Whether a retry is due.
    pub fn is_due(&self, cycle: u64) -> bool {
        self.pending_retry.as_ref().is_some_and(|pending_retry| pending_retry.due_in_cycle <= cycle)
    }
}

/// After how many failures the next cycle retries at once.
const RETRIED_AT_ONCE: u32 = 4;
/// A cycle runs about every 40 minutes.
const CYCLES_A_DAY: u64 = 36;

impl State {
    /// Reads the state of a Tenant URL; without a file the state is empty.
    pub fn load(path: &Path, tenant_url: &str) -> Result<Self, SimulateError> {
        let refuse = |why: String| SimulateError::File { path: path.display().to_string(), why };
        let fresh = Self { format: FORMAT, tenant_url: tenant_url.to_owned(), ..Self::default() };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(fresh),
            Err(error) => return Err(refuse(error.to_string())),
        };
        let state: Self =
            serde_json::from_slice(&bytes).map_err(|error| refuse(format!("this is not a state file: {error}")))?;
        if state.format != FORMAT {
            return Err(refuse(format!("this state file has format {}, expected {FORMAT}", state.format)));
        }
        if state.tenant_url != tenant_url {
            return Err(refuse(format!(
                "this is the state of {}; use a separate file for {tenant_url}",
                state.tenant_url
            )));
        }
        Ok(state)
    }

    /// Locks the state for this run until the returned file is dropped. The lock is a separate file, since each save replaces
    /// the state file.
    pub fn lock(path: &Path) -> Result<File, SimulateError> {
        let refuse = |why: String| SimulateError::File { path: path.display().to_string(), why };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".lock");
        let file = File::options().create(true).truncate(false).write(true).open(beside);
        let file = file.map_err(|error| refuse(format!("the state cannot be locked: {error}")))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(refuse("another run is using this state; wait until it ends".into())),
            Err(TryLockError::Error(error)) => Err(refuse(format!("the state cannot be locked: {error}"))),
        }
    }

    /// An empty state that is not saved.
    pub fn in_memory(tenant_url: &str) -> Self {
        Self { format: FORMAT, tenant_url: tenant_url.to_owned(), ..Self::default() }
    }

    /// Saves the state, replacing the file atomically.
    pub fn save(&self, path: &Path) -> Result<(), SimulateError> {
        write_atomically(path, &serde_json::to_vec(self).expect("a state has only text keys"))
    }

    /// The number of objects with a pending retry.
    pub fn pending_retries(&self) -> usize {
        self.users.values().chain(self.groups.values()).filter(|link| link.pending_retry.is_some()).count()
    }

    /// Clears pending retries, quarantine and the watermark for a restart. The links stay.
    pub fn restart(&mut self) {
        self.quarantine = None;
        self.watermark = None;
        for link in self.users.values_mut().chain(self.groups.values_mut()) {
            link.pending_retry = None;
            link.exported = None;
        }
    }
}

/// Replaces a file atomically.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), SimulateError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    });
    written.map_err(|error| SimulateError::File { path: path.display().to_string(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_intervals_grow_up_to_a_day() {
        let mut link = Link::default();
        let mut cycle = 1;
        let mut waits = Vec::new();
        for _ in 0..11 {
            link.schedule_retry(cycle, "no");
            let due = link.pending_retry.as_ref().unwrap().due_in_cycle;
            assert!(!link.is_due(due - 1) && link.is_due(due));
            waits.push(due - cycle);
            cycle = due;
        }
        assert_eq!(waits, [1, 1, 1, 1, 2, 4, 8, 16, 32, 36, 36]);
    }

    #[test]
    fn a_state_is_saved_and_belongs_to_one_tenant_url() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut state = State::load(&path, "https://a/scim").unwrap();
        state.users.insert("1".into(), Link { identity: "ana".into(), target: Some("9".into()), ..Link::default() });
        state.save(&path).unwrap();
        assert_eq!(State::load(&path, "https://a/scim").unwrap().users, state.users);
        assert!(State::load(&path, "https://b/scim").unwrap_err().to_string().contains("https://a/scim"));
        std::fs::write(&path, "{").unwrap();
        assert!(State::load(&path, "https://a/scim").is_err());
    }
}
