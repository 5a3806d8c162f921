//! One provisioning cycle, in Entra's order: deleted users, users, managers, groups, members. It decides what to change
//! and updates the state; `wire` builds the requests and `transport` sends them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::state::{Link, State};
use super::SimulateError;
use super::failure::Failure;
use super::mapping::Mappings;
use super::progress::Progress;
use super::report::{Record, Status};
use super::scope::Scope;
use super::source::{Directory, SourceUser};
use super::time;
use super::transport::Client;
use super::wire::patch::Dialect;

mod deleted_users;
pub mod groups;
pub mod lookup;
pub mod managers;
pub mod members;
pub mod quarantine;
pub mod state;
mod users;

/// The context that all parts of a cycle share.
pub struct CycleContext<'a> {
    /// The server.
    pub client: &'a Client,
    /// The PATCH dialect.
    pub dialect: Dialect,
    /// The mappings of users.
    pub mappings: &'a Mappings,
    /// The scoping filter.
    pub scope: &'a Scope,
    /// Whether unchanged objects are processed too.
    pub is_initial: bool,
    /// The object id of the object that is provisioned on demand; `None` in a cycle.
    pub on_demand: Option<&'a str>,
    /// The number of this cycle.
    pub cycle: u64,
    /// The time of this cycle in milliseconds since 1970.
    pub now: i64,
    /// Whether blocked users are not created.
    pub skip_blocked: bool,
    /// How many objects are exported concurrently.
    pub concurrency: usize,
    /// The progress bars.
    pub progress: &'a Progress,
    /// The state file.
    pub state_file: Option<&'a Path>,
    /// When the state was last saved.
    pub last_saved: Mutex<Instant>,
}

/// The result of a cycle.
#[derive(Debug, Default)]
pub struct CycleResult {
    /// One record per processed object.
    pub records: Vec<Record>,
    /// Changes of managers and members.
    pub references: ReferenceCounts,
}

/// The number of changes of managers and members.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ReferenceCounts {
    /// Managers set.
    pub managers_set: usize,
    /// Managers cleared.
    pub managers_cleared: usize,
    /// Users whose manager is not on the server.
    pub managers_waiting: usize,
    /// Members added.
    pub members_added: usize,
    /// Members removed.
    pub members_removed: usize,
    /// Members that are not on the server.
    pub members_waiting: usize,
    /// Changes that the server refused.
    pub failed: usize,
}

impl CycleContext<'_> {
    /// Whether a user should have an active account: users in scope (deleted users are not among the users).
    pub fn is_entitled(&self, user: &SourceUser) -> bool {
        self.scope.includes(user)
    }

    /// Whether this run processes an object.
    pub fn includes(&self, id: &str) -> bool {
        self.on_demand.is_none_or(|object| object == id)
    }

    /// Saves the state if the last save was some seconds ago.
    pub fn save_periodically(&self, state: &State) -> Result<(), SimulateError> {
        let mut saved = self.last_saved.lock().unwrap_or_else(PoisonError::into_inner);
        if saved.elapsed() < SAVED_EVERY {
            return Ok(());
        }
        *saved = time::instant();
        self.save(state)
    }

    /// Saves the state, if there is a state file.
    pub fn save(&self, state: &State) -> Result<(), SimulateError> {
        self.state_file.map_or(Ok(()), |path| state.save(path))
    }
}

/// Runs one cycle, or the part of it for one object. Failures of single objects are in the records; the state is saved
/// during the cycle and at its end.
pub fn run(context: &CycleContext<'_>, directory: &Directory, state: &mut State) -> Result<CycleResult, SimulateError> {
    let mut cycle = CycleResult::default();
    if context.on_demand.is_none() {
        deleted_users::disable_and_delete(context, directory, state, &mut cycle)?;
    }
    users::export(context, directory, state, &mut cycle)?;
    managers::export(context, directory, state, &mut cycle)?;
    groups::export(context, directory, state, &mut cycle)?;
    Ok(cycle)
}

/// How many objects are exported before their results are recorded.
const BATCH: usize = 200;

/// The minimum time between saves. An interrupted run loses no data, since users that were created are matched again.
const SAVED_EVERY: Duration = Duration::from_secs(5);

/// Does `work` for each item concurrently, and returns the results in the order of the items.
fn run_concurrently<T: Sync, R: Send>(concurrency: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if concurrency <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|threads| {
        for _ in 0..concurrency.min(items.len()) {
            threads.spawn(|| {
                while let Some((position, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                {
                    let result = work(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).insert(position, result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// Records the result of an export: clears or schedules a retry.
fn record_result(context: &CycleContext<'_>, record: &mut Record, link: &mut Link, result: Result<(), Failure>) {
    match result {
        Ok(()) => link.pending_retry = None,
        Err(failure) => {
            link.schedule_retry(context.cycle, &failure.to_string());
            record.fail(failure);
            if let Some(pending_retry) = &link.pending_retry {
                let description = format!(
                    "Failed {} time(s); it will be retried in cycle {}",
                    pending_retry.attempts, pending_retry.due_in_cycle
                );
                record.step(super::report::StepType::Export, Status::Warning, description);
            }
        }
    }
}

/// The object id that each id on the server is linked to.
fn owners(links: &BTreeMap<String, Link>) -> HashMap<String, String> {
    links.iter().filter_map(|(source, link)| Some((link.target.clone()?, source.clone()))).collect()
}
