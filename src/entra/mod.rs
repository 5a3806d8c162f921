//! A simulator of Microsoft Entra's provisioning service: reads a directory that an administrator exported and runs the
//! cycles that Entra would run against any SCIM 2.0 service. It uses only HTTP and imports no other module of this crate,
//! so that it cannot share a bug with the server it tests.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use thiserror::Error;

use self::cycle::CycleContext;
use self::cycle::state::State;
use self::wire::patch::Dialect;

mod args;
mod cycle;
mod discovery;
mod failure;
mod listing;
mod mapping;
mod progress;
mod report;
mod scope;
mod source;
mod summary;
mod time;
mod transport;
mod verify;
mod wire;

pub use args::SimulateArgs;

/// The options of one run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The Tenant URL; a query in it is sent with each request, as Entra does.
    pub url: String,
    /// The SCIM bearer token.
    pub token: Bearer,
    /// The exported users: Microsoft Graph JSON (all pages, in order) or the admin centre's CSV.
    pub users: Vec<PathBuf>,
    /// The exported groups with their members, in Microsoft Graph JSON; may be empty.
    pub groups: Vec<PathBuf>,
    /// Read the users as CSV regardless of the file names.
    pub csv: bool,
    /// Scoping clauses such as `department=Sales`; a user has to match all of them.
    pub scope: Vec<String>,
    /// Changed or additional attribute mappings, `target=source`.
    pub mappings: Vec<String>,
    /// The target attributes that users are matched by; each is tried if the previous ones find no user.
    pub matching: Vec<String>,
    /// The feature flag added to the Tenant URL; `aadOptscim062020` switches to the standard PATCH dialect.
    pub flag: Option<String>,
    /// The file with the state between cycles; without it each run is an initial cycle.
    pub state: Option<PathBuf>,
    /// What to run.
    pub task: Task,
    /// Which cycle to run.
    pub cycle: CycleKind,
    /// Where to write the JSON report.
    pub report: Option<PathBuf>,
    /// Whether to read all resources afterwards and compare them with the directory.
    pub verify: Verify,
    /// Simulate a run this many days later; soft-deleted users are deleted after 30 days.
    pub advance_days: u32,
    /// Do not create users whose sign-in is blocked.
    pub skip_blocked: bool,
    /// Print only the summary, without a progress bar and lists.
    pub quiet: bool,
    /// How many users or groups are exported concurrently.
    pub concurrency: usize,
}

/// A bearer token; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer(String);

impl From<String> for Bearer {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Bearer(…)")
    }
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// One provisioning cycle.
    Cycle,
    /// One user or group, by object id, userPrincipalName or displayName: Entra's *Provision on demand*.
    OnDemand(String),
    /// Reads all accounts and lists those that match no user of the directory; changes nothing.
    Discover,
}

/// Which cycle to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CycleKind {
    /// All objects, after clearing pending retries and quarantine (Entra's "Restart provisioning").
    Initial,
    /// Only objects that changed since the last cycle, and those with a pending retry.
    Incremental,
    /// Incremental if the state has a finished cycle, otherwise initial.
    Auto,
}

/// How the directory and the server are compared after the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// No comparison.
    Off,
    /// All objects of the directory.
    Known,
    /// Additionally, the server must have no other objects.
    Exact,
}

/// The result of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Users created.
    pub created: usize,
    /// Users and groups that failed in this cycle or have a pending retry.
    pub failed: usize,
    /// Differences found by the comparison.
    pub differences: usize,
    /// Whether the job is in quarantine now.
    pub quarantined: bool,
    /// Requests sent.
    pub requests: u64,
}

impl Outcome {
    /// 0 when all objects were provisioned, 1 when any failed or differs.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.failed > 0 || self.differences > 0 || self.quarantined)
    }
}

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// An argument is invalid, or does not fit the export.
    #[error("{0}")]
    Usage(String),
    /// A file could not be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: String,
        /// The problem.
        why: String,
    },
    /// Test Connection failed.
    #[error("{0}")]
    Connection(String),
    /// The summary could not be printed.
    #[error("the summary could not be printed: {0}")]
    Output(#[from] std::io::Error),
}

impl Job {
    /// A job with Entra's defaults: initial or incremental depending on the state, one request at a time, no comparison.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>, users: impl Into<PathBuf>) -> Self {
        Self {
            url: url.into(),
            token: Bearer(token.into()),
            users: vec![users.into()],
            groups: Vec::new(),
            csv: false,
            scope: Vec::new(),
            mappings: Vec::new(),
            matching: vec!["userName".into()],
            flag: None,
            state: None,
            task: Task::Cycle,
            cycle: CycleKind::Auto,
            report: None,
            verify: Verify::Off,
            advance_days: 0,
            skip_blocked: false,
            quiet: false,
            concurrency: 1,
        }
    }
}

/// Runs the command and prints the summary on standard output.
pub fn run(args: SimulateArgs) -> Result<Outcome, SimulateError> {
    simulate(&args.into_job()?, &mut std::io::stdout().lock())
}

/// Runs one cycle, provisions one object or discovers accounts, and writes a summary to `out`.
pub fn simulate(job: &Job, out: &mut dyn Write) -> Result<Outcome, SimulateError> {
    let started = time::instant();
    let directory = source::read(&job.users, &job.groups, job.csv)?;
    let scope = scope::Scope::parse(&job.scope)?;
    let mappings = mapping::Mappings::new(&job.mappings, &job.matching, &directory.attributes)?;
    let client = transport::Client::new(&job.url, job.flag.as_deref(), &job.token.0, job.concurrency)?;
    let progress = progress::Progress::new(job.quiet);
    let _lock = job.state.as_deref().map(State::lock).transpose()?;
    let mut state = match &job.state {
        Some(path) => State::load(path, client.base())?,
        None => State::in_memory(client.base()),
    };
    let on_demand = match &job.task {
        Task::Cycle => None,
        Task::OnDemand(name) => Some(find_object(&directory, name)?),
        Task::Discover => {
            let found = discovery::discover(&client, &progress, (&directory, &scope, &mappings), &state);
            return write_discovery(job, &client, &found, out);
        }
    };
    // Time never goes back: cycles after one run "30 days later" are not earlier than it.
    let now = (time::now() + i64::from(job.advance_days) * time::DAY).max(state.watermark.unwrap_or(i64::MIN));
    // On demand, Entra reads the object regardless of its state, and ignores a quarantine.
    let is_initial = on_demand.is_some() || prepare_state(job, &scope, &mappings, &mut state, now)?;
    test_connection(job, &client, &mappings, &mut state, now)?;
    state.cycles += u64::from(on_demand.is_none());
    let context = CycleContext {
        client: &client,
        // On demand, Entra does not use the flag.
        dialect: if on_demand.is_some() { Dialect::Legacy } else { client.dialect() },
        on_demand,
        mappings: &mappings,
        scope: &scope,
        is_initial,
        cycle: state.cycles,
        now,
        skip_blocked: job.skip_blocked,
        concurrency: job.concurrency.max(1),
        progress: &progress,
        state_file: job.state.as_deref(),
        last_saved: Mutex::new(started),
    };
    let cycle = cycle::run(&context, &directory, &mut state)?;
    let failures = cycle.records.iter().filter(|record| record.status == report::Status::Failure).count();
    if on_demand.is_none() {
        match cycle::quarantine::reason_to_enter(failures, cycle.references.failed, cycle.records.len()) {
            Some(reason) => cycle::quarantine::enter(&mut state, reason, false, now),
            None => state.quarantine = None,
        }
        state.watermark = Some(now);
    }
    context.save(&state)?;
    let exported = (client.requests(), started.elapsed());
    let verified = match job.verify {
        Verify::Off => None,
        how => Some(verify::verify(&context, &directory, &state, &cycle.records, how == Verify::Exact)),
    };
    let run = summary::RunSummary {
        job,
        client: &client,
        context: &context,
        directory: &directory,
        state: &state,
        cycle: &cycle,
        exported,
        verified,
    };
    if let Some(path) = &job.report {
        cycle::state::write_atomically(path, run.report().to_string().as_bytes())?;
    }
    run.print(out)?;
    Ok(run.outcome())
}

/// The object id of the only user or group with this name.
fn find_object<'a>(directory: &'a source::Directory, name: &str) -> Result<&'a str, SimulateError> {
    match directory.objects_named(name)[..] {
        [only] => Ok(only),
        [] => Err(SimulateError::Usage(format!("no user or group of the export has the name {name}"))),
        ref several => Err(SimulateError::Usage(format!(
            "{} objects of the export have the name {name}: use an object id",
            several.len()
        ))),
    }
}

fn write_discovery(
    job: &Job,
    client: &transport::Client,
    found: &discovery::AccountDiscovery,
    out: &mut dyn Write,
) -> Result<Outcome, SimulateError> {
    if let Some(path) = &job.report {
        cycle::state::write_atomically(path, found.report(client).to_string().as_bytes())?;
    }
    found.print(out, client, !job.quiet)?;
    Ok(Outcome { differences: found.problems.len(), requests: client.requests(), ..Outcome::default() })
}

/// Prepares the state for the cycle and decides whether it is an initial one; fails while quarantine forbids a cycle.
fn prepare_state(
    job: &Job,
    scope: &scope::Scope,
    mappings: &mapping::Mappings,
    state: &mut State,
    now: i64,
) -> Result<bool, SimulateError> {
    let configuration = time::fingerprint(&format!("{scope:?}\n{mappings}"));
    let is_new = state.watermark.is_none();
    // Entra starts an initial cycle when mappings or scoping filters have changed.
    let is_changed = state.configuration != configuration;
    let is_initial = match job.cycle {
        CycleKind::Initial => true,
        CycleKind::Auto => is_new || is_changed,
        CycleKind::Incremental if is_new => {
            return Err(SimulateError::Usage(
                "an incremental cycle needs the state of a finished cycle: use --state".into(),
            ));
        }
        CycleKind::Incremental => is_changed,
    };
    state.configuration = configuration;
    // Links from an interrupted initial cycle stay; only a requested restart clears pending retries.
    if job.cycle == CycleKind::Initial {
        state.restart();
    }
    match cycle::quarantine::reason_not_to_run(state.quarantine.as_ref(), now) {
        Some(why) => Err(SimulateError::Connection(why)),
        None => Ok(is_initial),
    }
}

/// Test Connection; the run is aborted if it fails.
fn test_connection(
    job: &Job,
    client: &transport::Client,
    mappings: &mapping::Mappings,
    state: &mut State,
    now: i64,
) -> Result<(), SimulateError> {
    let Err(failure) = cycle::lookup::test_connection(client, mappings, !job.groups.is_empty()) else {
        return Ok(());
    };
    if failure.is_about_credentials() && job.task == Task::Cycle {
        cycle::quarantine::enter(state, failure.to_string(), true, now);
        if let Some(path) = &job.state {
            state.save(path)?;
        }
    }
    Err(SimulateError::Connection(format!("Test Connection failed: {failure}")))
}
