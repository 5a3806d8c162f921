//! The summary of a run as text and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::cycle::state::State;
use super::cycle::{CycleContext, CycleResult};
use super::report::{Action, Kind, Record, Status};
use super::source::Directory;
use super::transport::Client;
use super::verify::Verification;
use super::wire::patch::Dialect;
use super::{Job, Outcome, time};

/// Puts text from a server or directory on one line and replaces control characters, for a terminal.
pub fn printable(text: &str) -> String {
    let words: Vec<_> = text.split(char::is_whitespace).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// How many failures of one kind are listed on the terminal; the report has all of them.
const LISTED: usize = 10;

/// A finished run.
pub struct RunSummary<'a> {
    /// The options.
    pub job: &'a Job,
    /// The connection.
    pub client: &'a Client,
    /// The context of the cycle.
    pub context: &'a CycleContext<'a>,
    /// The directory.
    pub directory: &'a Directory,
    /// The state after the run.
    pub state: &'a State,
    /// The result of the cycle.
    pub cycle: &'a CycleResult,
    /// Requests and duration of the cycle, without the comparison.
    pub exported: (u64, Duration),
    /// The result of the comparison.
    pub verified: Option<Verification>,
}

/// The number of objects of one type, by result.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    created: usize,
    updated: usize,
    disabled: usize,
    restored: usize,
    deleted: usize,
    skipped: usize,
    failed: usize,
}

impl Counts {
    fn of(records: &[Record], kind: Kind) -> Self {
        let mut counts = Self::default();
        for record in records.iter().filter(|record| record.kind == kind) {
            let count = match (record.status, record.action) {
                (Status::Failure, _) => &mut counts.failed,
                (Status::Skipped, _) | (_, Action::Other) => &mut counts.skipped,
                (_, Action::Create | Action::Update) if record.is_restored => &mut counts.restored,
                (_, Action::Create) => &mut counts.created,
                (_, Action::Disable) => &mut counts.disabled,
                (_, Action::Delete) => &mut counts.deleted,
                (_, Action::Update) => &mut counts.updated,
            };
            *count += 1;
        }
        counts
    }

    fn all(self) -> [(&'static str, usize); 7] {
        [
            ("created", self.created),
            ("updated", self.updated),
            ("disabled", self.disabled),
            ("restored", self.restored),
            ("deleted", self.deleted),
            ("skipped", self.skipped),
            ("failed", self.failed),
        ]
    }
}

impl RunSummary<'_> {
    /// The result of the run.
    pub fn outcome(&self) -> Outcome {
        let failed = self.cycle.records.iter().filter(|record| record.status == Status::Failure).count();
        Outcome {
            created: Counts::of(&self.cycle.records, Kind::User).created,
            failed: failed.max(self.state.pending_retries()),
            differences: self.verified.as_ref().map_or(0, |verified| verified.differences.len()),
            quarantined: self.state.quarantine.is_some(),
            requests: self.client.requests(),
        }
    }

    /// Prints the summary.
    pub fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let dialect = match self.context.dialect {
            Dialect::Legacy => "PATCH without the flag",
            Dialect::Standard => "PATCH with aadOptscim062020",
        };
        let base = self.client.base();
        if self.context.on_demand.is_some() {
            writeln!(out, "Provisioned on demand, {base} — {dialect}")?;
            self.print_steps(out)?;
        } else {
            writeln!(out, "Provisioning cycle {} ({}), {base} — {dialect}", self.context.cycle, self.kind())?;
        }
        if !self.job.quiet {
            self.print_failures(out)?;
        }
        writeln!(out)?;
        let headings = Counts::default().all().map(|(heading, _)| format!("{heading:>10}")).concat();
        writeln!(out, "  {:8}{:>10}{headings}", "", "directory")?;
        self.print_counts(out, "Users", self.directory.users.len(), Kind::User)?;
        if let Some(groups) = &self.directory.groups {
            self.print_counts(out, "Groups", groups.len(), Kind::Group)?;
        }
        self.print_references(out)?;
        let (requests, elapsed) = self.exported;
        let seconds = elapsed.as_secs_f64();
        writeln!(out, "  Requests  {requests} in {seconds:.1} s, {} throttled", self.client.throttled())?;
        let waiting = self.state.pending_retries();
        if waiting > 0 {
            writeln!(out, "  Retries   {waiting} object(s) pending for a later cycle")?;
        }
        if let Some(quarantine) = &self.state.quarantine {
            writeln!(
                out,
                "  The job is in QUARANTINE: {}; next attempt {}",
                quarantine.reason,
                time::print(quarantine.next_try)
            )?;
        }
        self.print_verified(out)
    }

    /// The report: context, numbers, and one record per object.
    pub fn report(&self) -> Value {
        let (requests, elapsed) = self.exported;
        let counts = |kind| Counts::of(&self.cycle.records, kind).all().into_iter().collect::<BTreeMap<_, _>>();
        let references = &self.cycle.references;
        json!({
            "cycle": {
                "number": self.context.cycle, "kind": self.kind(), "at": time::print(self.context.now),
                "tenantUrl": self.client.base(), "dialect": format!("{:?}", self.context.dialect).to_lowercase(),
            },
            "summary": {
                "users": counts(Kind::User), "groups": counts(Kind::Group),
                "managers": {"set": references.managers_set, "cleared": references.managers_cleared, "waiting": references.managers_waiting},
                "members": {"added": references.members_added, "removed": references.members_removed, "waiting": references.members_waiting},
                "waitingForRetry": self.state.pending_retries(),
                "requests": requests, "seconds": elapsed.as_secs_f64(), "throttled": self.client.throttled(),
            },
            "quarantine": self.state.quarantine,
            "objects": self.cycle.records.iter().map(Record::to_json).collect::<Vec<_>>(),
            "verify": self.verified.as_ref().map(|verified| json!({
                "users": verified.users, "groups": verified.groups, "unknownToDirectory": verified.unknown,
                "differences": verified.differences.iter().map(|difference| json!({
                    "identity": difference.identity, "attribute": difference.attribute,
                    "directory": difference.directory, "server": difference.server,
                })).collect::<Vec<_>>(),
            })),
        })
    }

    fn kind(&self) -> &'static str {
        match (self.context.on_demand, self.context.is_initial) {
            (Some(_), _) => "onDemand",
            (None, true) => "initial",
            (None, false) => "incremental",
        }
    }

    /// The steps of the object, as the admin center shows them after "Provision on demand".
    fn print_steps(&self, out: &mut dyn Write) -> io::Result<()> {
        for record in &self.cycle.records {
            writeln!(out, "\n  {:?} {}", record.kind, printable(&record.identity))?;
            for step in &record.steps {
                writeln!(out, "    {}", printable(&step.to_string()))?;
            }
        }
        Ok(())
    }

    /// Prints failures grouped by reason, ignoring digits in it.
    fn print_failures(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut kinds: BTreeMap<String, (BTreeSet<String>, Vec<&str>)> = BTreeMap::new();
        for record in &self.cycle.records {
            if let Some(failure) = &record.failure {
                let reason = failure.to_string();
                let kind = reason.replace(|letter: char| letter.is_ascii_digit(), "");
                let (reasons, identities) = kinds.entry(kind).or_default();
                reasons.insert(reason);
                identities.push(&record.identity);
            }
        }
        for (reasons, identities) in kinds.into_values() {
            let example = if reasons.len() > 1 { " such as" } else { "" };
            let reason = reasons.first().map_or("", String::as_str);
            writeln!(out, "\n  Failed, {} ×{example} {}", identities.len(), printable(reason))?;
            for identity in identities.iter().take(LISTED) {
                writeln!(out, "    {}", printable(identity))?;
            }
            if identities.len() > LISTED {
                let hint = if self.job.report.is_some() { "see the report" } else { "--report FILE lists all" };
                writeln!(out, "    … and {} more ({hint})", identities.len() - LISTED)?;
            }
        }
        Ok(())
    }

    fn print_counts(&self, out: &mut dyn Write, name: &str, in_directory: usize, kind: Kind) -> io::Result<()> {
        let counts = Counts::of(&self.cycle.records, kind).all().map(|(_, count)| format!("{count:>10}")).concat();
        writeln!(out, "  {name:8}{in_directory:>10}{counts}")
    }

    fn print_references(&self, out: &mut dyn Write) -> io::Result<()> {
        let references = &self.cycle.references;
        if self.context.mappings.manager().is_some() {
            let (set, cleared, waiting) =
                (references.managers_set, references.managers_cleared, references.managers_waiting);
            writeln!(
                out,
                "  Managers  {set} set, {cleared} cleared, {waiting} waiting for a user who is not on the server"
            )?;
        }
        if self.directory.groups.is_some() {
            let (added, removed, waiting) =
                (references.members_added, references.members_removed, references.members_waiting);
            writeln!(
                out,
                "  Members   {added} added, {removed} removed, {waiting} waiting for a member that is not on the server"
            )?;
        }
        Ok(())
    }

    fn print_verified(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(verified) = &self.verified else {
            return Ok(());
        };
        for difference in &verified.differences {
            writeln!(out, "  Differs   {}", printable(&difference.to_string()))?;
        }
        if !verified.unknown.is_empty() {
            writeln!(out, "  Note      {} objects on the server are not in the directory", verified.unknown.len())?;
        }
        let (users, groups, differences) = (verified.users, verified.groups, verified.differences.len());
        writeln!(out, "  Verified  {users} users and {groups} groups compared, {differences} differences")
    }
}
