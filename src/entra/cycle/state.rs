//! What is remembered between cycles, and how it is kept in a file that is whole or not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::entra::SimulateError;

/// The format of the file that this program writes.
const FORMAT: u32 = 1;

/// Everything remembered between cycles.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct State {
    format: u32,
    /// The Tenant URL this is about.
    pub tenant_url: String,
    /// Fingerprint of mappings and scope; when they change, everything is looked at anew.
    pub configuration: String,
    /// Cycles run so far.
    pub cycles: u64,
    /// When the last finished cycle began, in milliseconds since 1970. None until one is finished.
    pub watermark: Option<i64>,
    /// Set while the job is in quarantine.
    pub quarantine: Option<Quarantine>,
    /// Users by object id.
    pub users: BTreeMap<String, Link>,
    /// Groups by object id.
    pub groups: BTreeMap<String, Link>,
}

/// What is known of one object of the directory.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its name when last seen.
    pub identity: String,
    /// Its id on the server, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Fingerprint of what was last exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exported: Option<String>,
    /// The manager's id on the server, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// A group's members on the server, as far as they were exported.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<String>,
    /// Since when it is gone from the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_deleted: Option<i64>,
    /// Set while it waits for a retry.
    #[serde(rename = "escrow", default, skip_serializing_if = "Option::is_none")]
    pub pending_retry: Option<PendingRetry>,
}

/// A failed export that is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRetry {
    /// How often it failed.
    pub attempts: u32,
    /// The first cycle that tries again.
    pub due_in_cycle: u64,
    /// The last failure, for people.
    pub reason: String,
    /// Whether only a reference failed: everything else arrived.
    #[serde(default)]
    pub is_reference: bool,
}

/// The job in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Since when, in milliseconds since 1970.
    pub since: i64,
    /// The next try.
    pub next_try: i64,
    /// Why.
    pub reason: String,
    /// Whether it is the token's fault, so that a working token ends it at once.
    pub about_credentials: bool,
}

impl Link {
    /// Notes a failure. The next cycle tries again; from the fifth failure on the waits double, up to about one a day.
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

    /// Notes that the server refused only a reference.
    pub fn schedule_reference_retry(&mut self, cycle: u64, reason: &str) {
        self.schedule_retry(cycle, reason);
        if let Some(pending_retry) = &mut self.pending_retry {
            pending_retry.is_reference = true;
        }
    }

    /// Whether it waits for a retry that is not due yet.
    pub fn is_waiting(&self, cycle: u64) -> bool {
        self.pending_retry.is_some() && !self.is_due(cycle)
    }

    /// Whether a retry is due.
    pub fn is_due(&self, cycle: u64) -> bool {
        self.pending_retry.as_ref().is_some_and(|pending_retry| pending_retry.due_in_cycle <= cycle)
    }
}

/// How many failures are retried by the very next cycle.
const RETRIED_AT_ONCE: u32 = 4;
/// A cycle runs about every 40 minutes.
const CYCLES_A_DAY: u64 = 36;

impl State {
    /// Reads the state of a Tenant URL; no file is an empty state.
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
            return Err(refuse(format!("this state file has format {}, this program knows {FORMAT}", state.format)));
        }
        if state.tenant_url != tenant_url {
            return Err(refuse(format!(
                "this is the state of {}; give {tenant_url} a file of its own",
                state.tenant_url
            )));
        }
        Ok(state)
    }

    /// Keeps the state for one run alone, as long as what it gives lives. What is locked stands beside the file, since the
    /// file itself is put in place anew each time.
    pub fn lock(path: &Path) -> Result<File, SimulateError> {
        let refuse = |why: String| SimulateError::File { path: path.display().to_string(), why };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".lock");
        let file = File::options().create(true).truncate(false).write(true).open(beside);
        let file = file.map_err(|error| refuse(format!("the state cannot be locked: {error}")))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(refuse("another run is working with this state; wait for its end".into()))
            }
            Err(TryLockError::Error(error)) => Err(refuse(format!("the state cannot be locked: {error}"))),
        }
    }

    /// An empty state that is not kept.
    pub fn in_memory(tenant_url: &str) -> Self {
        Self { format: FORMAT, tenant_url: tenant_url.to_owned(), ..Self::default() }
    }

    /// Writes the file anew beside the old one, then puts it in its place.
    pub fn save(&self, path: &Path) -> Result<(), SimulateError> {
        write_atomically(path, &serde_json::to_vec(self).expect("a state has only text keys"))
    }

    /// Objects that wait for a retry.
    pub fn pending_retries(&self) -> usize {
        self.users.values().chain(self.groups.values()).filter(|link| link.pending_retry.is_some()).count()
    }

    /// Forgets what a restart forgets: pending retries, quarantine and the watermark. The links stay.
    pub fn restart(&mut self) {
        self.quarantine = None;
        self.watermark = None;
        for link in self.users.values_mut().chain(self.groups.values_mut()) {
            link.pending_retry = None;
            link.exported = None;
        }
    }
}

/// Writes a file so that it is always whole: the old one or the new one.
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
    fn retries_wait_longer_and_longer_up_to_a_day() {
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
    fn a_state_is_read_back_and_belongs_to_one_tenant_url() {
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
