//! Exports memberships after users and groups. Entra never reads members: changes are computed from what it sent before.

use std::collections::{BTreeMap, BTreeSet};

use super::state::{Link, State};
use super::{CycleContext, CycleResult, record_result, run_concurrently};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, ModifiedProperty, Record, Status, StepType};
use crate::entra::source::SourceGroup;
use crate::entra::wire::query;

/// How many members are sent in one request.
const MEMBERS_PER_REQUEST: usize = 100;

/// How many new members Entra adds when a group is provisioned on demand; it removes none.
const ON_DEMAND: usize = 5;

/// The members that a group should have, as ids of the server, and the number of members that are not on the server.
pub fn expected_members(group: &SourceGroup, state: &State) -> (BTreeSet<String>, usize) {
    let target = |id: &String| {
        let link = state.users.get(id).filter(|link| link.soft_deleted.is_none()).or_else(|| state.groups.get(id));
        link.and_then(|link| link.target.clone())
    };
    let resolved: Vec<_> = group.members.iter().map(target).collect();
    let waiting = resolved.iter().filter(|target| target.is_none()).count();
    (resolved.into_iter().flatten().collect(), waiting)
}

/// The result for one group.
struct Memberships {
    added: usize,
    removed: usize,
    result: Result<(), Failure>,
}

/// Sends memberships that differ from what was sent before.
pub fn export(
    context: &CycleContext<'_>,
    groups: &[SourceGroup],
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let mut work = Vec::new();
    for group in groups.iter().filter(|group| context.includes(&group.id)) {
        let Some(link) = state.groups.get(&group.id).filter(|link| link.target.is_some()) else {
            continue;
        };
        let (mut wanted, waiting) = self::expected_members(group, state);
        cycle.references.members_waiting += waiting;
        if context.on_demand.is_some() {
            wanted = link.members.iter().chain(wanted.difference(&link.members).take(ON_DEMAND)).cloned().collect();
        }
        // Groups were exported just before; if one failed, its members wait for the same retry.
        let differs = wanted != link.members || (sends_all_members(context) && !wanted.is_empty());
        if differs && link.pending_retry.is_none() {
            work.push((group, wanted, link.clone()));
        }
    }
    let positions: BTreeMap<String, usize> = cycle
        .records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.kind == Kind::Group)
        .map(|(at, record)| (record.source_id.clone(), at))
        .collect();
    let bar = context.progress.bar("Members", work.len());
    let results = run_concurrently(context.concurrency, &work, |(_, wanted, link)| {
        let mut link = link.clone();
        let memberships = set_members(context, wanted, &mut link);
        bar.inc(1);
        (memberships, link)
    });
    for ((group, ..), (memberships, mut link)) in work.iter().zip(results) {
        let position = positions.get(&group.id).copied().unwrap_or_else(|| {
            cycle.records.push(Record::new(Kind::Group, &group.id, &group.display_name));
            cycle.records.len() - 1
        });
        let record = &mut cycle.records[position];
        record.target_id.clone_from(&link.target);
        let (added, removed) = (memberships.added, memberships.removed);
        cycle.references.members_added += added;
        cycle.references.members_removed += removed;
        cycle.references.failed += usize::from(memberships.result.is_err());
        record.step(
            StepType::ReferenceResolution,
            Status::Success,
            format!("{added} member(s) added, {removed} removed"),
        );
        record.modified.push(ModifiedProperty {
            display_name: "members".into(),
            old_value: (removed > 0).then(|| format!("{removed} removed")),
            new_value: (added > 0).then(|| format!("{added} added")),
        });
        if record.status == Status::Skipped {
            (record.action, record.status) = (Action::Update, Status::Success);
        }
        record_result(context, record, &mut link, memberships.result);
        state.groups.insert(group.id.clone(), link);
    }
    context.save(state)
}

/// An initial cycle sends all members again: they may have changed on the server, and Entra does not read them.
fn sends_all_members(context: &CycleContext<'_>) -> bool {
    context.is_initial && context.on_demand.is_none()
}

fn set_members(context: &CycleContext<'_>, wanted: &BTreeSet<String>, link: &mut Link) -> Memberships {
    let path = query::resource("/Groups", link.target.as_deref().unwrap_or_default());
    let known = |member: &&String| !sends_all_members(context) && link.members.contains(*member);
    let added: Vec<String> = wanted.iter().filter(|member| !known(member)).cloned().collect();
    let removed: Vec<String> = link.members.difference(wanted).cloned().collect();
    let mut memberships = Memberships { added: 0, removed: 0, result: Ok(()) };
    for chunk in added.chunks(MEMBERS_PER_REQUEST) {
        if let Err(failure) = context.client.patch(&path, &context.dialect.add_members(chunk)) {
            memberships.result = Err(failure);
            return memberships;
        }
        link.members.extend(chunk.iter().cloned());
        memberships.added += chunk.len();
    }
    for chunk in removed.chunks(MEMBERS_PER_REQUEST) {
        if let Err(failure) = context.client.patch(&path, &context.dialect.remove_members(chunk)) {
            memberships.result = Err(failure);
            return memberships;
        }
        link.members.retain(|member| !chunk.contains(member));
        memberships.removed += chunk.len();
    }
    memberships
}
