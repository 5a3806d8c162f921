//! One provisioning cycle, in Entra's order: connection, who is gone, users, managers, groups, members. It decides what is
//! to be done and remembers it; how it is written is `wire`'s, how it is sent `transport`'s.

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

/// What every part of a cycle needs to know.
pub struct CycleContext<'a> {
    /// The server.
    pub client: &'a Client,
    /// How PATCH is written.
    pub dialect: Dialect,
    /// The mappings of users.
    pub mappings: &'a Mappings,
    /// Who is in scope.
    pub scope: &'a Scope,
    /// Whether everything is looked at, changed or not.
    pub is_initial: bool,
    /// The one object that is provisioned on demand, by object id; `None` in a cycle.
    pub on_demand: Option<&'a str>,
    /// The number of this cycle.
    pub cycle: u64,
    /// The time of this cycle in milliseconds since 1970.
    pub now: i64,
    /// Whether blocked users are not created.
    pub skip_blocked: bool,
    /// How many objects are exported at a time.
    pub concurrency: usize,
    /// The bar.
    pub progress: &'a Progress,
    /// Where the state is kept.
    pub state_file: Option<&'a Path>,
    /// When it was last kept.
    pub last_saved: Mutex<Instant>,
}

/// What a cycle did.
#[derive(Debug, Default)]
pub struct CycleResult {
    /// One record per object that was looked at.
    pub records: Vec<Record>,
    /// Managers and members set or taken away, and those that wait for an object that is not there.
    pub references: ReferenceCounts,
}

/// Counts of references.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ReferenceCounts {
    /// Managers set.
    pub managers_set: usize,
    /// Managers cleared.
    pub managers_cleared: usize,
    /// Managers that are not on the server, by user: these wait.
    pub managers_waiting: usize,
    /// Members added.
    pub members_added: usize,
    /// Members removed.
    pub members_removed: usize,
    /// Members that are not on the server: these wait.
    pub members_waiting: usize,
    /// References the server refused.
    pub failed: usize,
}

impl CycleContext<'_> {
    /// Whether a user is to have a working account: in scope (who is in the recycle bin is not among the users).
    pub fn is_entitled(&self, user: &SourceUser) -> bool {
        self.scope.includes(user)
    }

    /// Whether an object is any of this run's business.
    pub fn includes(&self, id: &str) -> bool {
        self.on_demand.is_none_or(|object| object == id)
    }

    /// Keeps the state in passing: not so often that writing it takes longer than the work it keeps.
    pub fn save_periodically(&self, state: &State) -> Result<(), SimulateError> {
        let mut saved = self.last_saved.lock().unwrap_or_else(PoisonError::into_inner);
        if saved.elapsed() < SAVED_EVERY {
            return Ok(());
        }
        *saved = time::instant();
        self.save(state)
    }

    /// Keeps the state, when it is kept at all.
    pub fn save(&self, state: &State) -> Result<(), SimulateError> {
        self.state_file.map_or(Ok(()), |path| state.save(path))
    }
}

/// Runs one cycle, or the part of it that is about one object. Failures of single objects are in the records; the state is saved on the way and in the end.
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

/// How many objects are exported before their results are taken up.
const BATCH: usize = 200;

/// How much work an interrupted run may have to do again: nothing is lost, since who was created is matched.
const SAVED_EVERY: Duration = Duration::from_secs(5);

/// Does `work` for each item, several at a time, and gives the results in the order of the items.
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

/// Ends an export: notes a failure for a retry, or that there is nothing left to retry.
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

/// Whose resource each id on the server is.
fn owners(links: &BTreeMap<String, Link>) -> HashMap<String, String> {
    links.iter().filter_map(|(source, link)| Some((link.target.clone()?, source.clone()))).collect()
}
