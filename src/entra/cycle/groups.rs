//! Groups: match by name, create empty, rename, delete; then their members, added and removed by PATCH. Entra never reads
//! members: what differs is computed from what it sent before.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::state::{Link, State};
use super::{Context, Cycle, find, id_of, read_if_there, settle, side_by_side};
use crate::entra::SimulateError;
use crate::entra::report::{Action, Kind, Modified, Record, StepType, Status};
use crate::entra::source::{Directory, SourceGroup};
use crate::entra::time;
use crate::entra::transport::Failure;
use crate::entra::wire::create;
use crate::entra::wire::patch::Change;
use crate::entra::wire::path::Target;

/// How many members go into one request.
const MEMBERS_PER_REQUEST: usize = 100;

/// Exports groups, then memberships.
pub fn export(context: &Context<'_>, directory: &Directory, state: &mut State, cycle: &mut Cycle) -> Result<(), SimulateError> {
    let Some(groups) = &directory.groups else { return Ok(()) };
    delete_gone(context, groups, state, cycle)?;
    let due: Vec<&SourceGroup> = groups.iter().filter(|group| is_due(context, group, state.groups.get(&group.id))).collect();
    let bar = context.progress.part("Groups", due.len());
    let links = &state.groups;
    let results = side_by_side(context.concurrency, &due, |group| {
        bar.inc(1);
        export_one(context, group, links.get(&group.id).cloned().unwrap_or_default())
    });
    drop(bar);
    for (group, (record, link)) in due.iter().zip(results) {
        state.groups.insert(group.id.clone(), link);
        cycle.records.push(record);
    }
    context.save(state)?;
    export_members(context, groups, state, cycle)
}

/// The members a group is to have, in ids of the server, and how many are not there.
pub fn wanted_members(group: &SourceGroup, state: &State) -> (BTreeSet<String>, usize) {
    let target = |id: &String| {
        let link = state.users.get(id).filter(|link| link.soft_deleted.is_none()).or_else(|| state.groups.get(id));
        link.and_then(|link| link.target.clone())
    };
    let resolved: Vec<_> = group.members.iter().map(target).collect();
    let waiting = resolved.iter().filter(|target| target.is_none()).count();
    (resolved.into_iter().flatten().collect(), waiting)
}

fn delete_gone(context: &Context<'_>, groups: &[SourceGroup], state: &mut State, cycle: &mut Cycle) -> Result<(), SimulateError> {
    let present: HashSet<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let gone: Vec<_> = state.groups.iter().filter(|(id, _)| !present.contains(id.as_str())).collect();
    let gone: Vec<_> = gone.into_iter().map(|(id, link)| (id.clone(), link.clone())).collect();
    for (id, mut link) in gone {
        if link.escrow.is_some() && !link.is_due(context.cycle) {
            continue;
        }
        let Some(target) = link.target.clone() else {
            state.groups.remove(&id);
            continue;
        };
        let mut record = Record::new(Kind::Group, &id, &link.identity);
        record.target_id = Some(target.clone());
        record.action = Action::Delete;
        let result = context.client.delete(&format!("/Groups/{target}"));
        if result.is_ok() {
            record.done(Action::Delete, "Deleted: the group is gone from the directory");
            state.groups.remove(&id);
        } else {
            settle(context, &mut record, &mut link, result);
            state.groups.insert(id, link);
        }
        cycle.records.push(record);
    }
    context.save(state)
}

fn fingerprint(group: &SourceGroup) -> String {
    time::fingerprint(&format!("{}\n{}", group.id, group.display_name))
}

fn is_due(context: &Context<'_>, group: &SourceGroup, link: Option<&Link>) -> bool {
    let Some(link) = link.filter(|_| !context.is_initial) else { return true };
    link.is_due(context.cycle) || link.exported.as_deref() != Some(&fingerprint(group))
}

fn export_one(context: &Context<'_>, group: &SourceGroup, mut link: Link) -> (Record, Link) {
    let mut record = Record::new(Kind::Group, &group.id, &group.display_name);
    group.display_name.clone_into(&mut link.identity);
    record.step(StepType::Scoping, Status::Success, "The group is in scope");
    let result = provision(context, group, &mut record, &mut link);
    link.exported = Some(fingerprint(group));
    record.target_id.clone_from(&link.target);
    settle(context, &mut record, &mut link, result);
    (record, link)
}

fn provision(context: &Context<'_>, group: &SourceGroup, record: &mut Record, link: &mut Link) -> Result<(), Failure> {
    if group.display_name.is_empty() {
        return Err(Failure::local("MissingValues", format!("group {} has no displayName", group.id)));
    }
    let path = link.target.as_ref().map(|target| format!("/Groups/{target}"));
    let without_members = [("excludedAttributes", "members")];
    let mut resource = path.map(|path| read_if_there(context.client, &path, &without_members)).transpose()?.flatten();
    if resource.is_none() {
        (link.target, link.members) = (None, BTreeSet::new());
        record.action = Action::Create;
        resource = find(context.client, Kind::Group, "displayName", &group.display_name)?;
    }
    let Some(resource) = resource else {
        let created = context.client.post("/Groups", &create::group(&group.id, &group.display_name))?;
        link.target = Some(id_of(&created)?);
        record.done(Action::Create, "Created");
        return Ok(());
    };
    if resource.get("members").is_some() {
        return Err(Failure::incompatible("the group came with `members` although excludedAttributes=members was asked for".into()));
    }
    let target = id_of(&resource)?;
    link.target = Some(target.clone());
    record.step(StepType::Matching, Status::Success, format!("Matched {target}"));
    let wanted = [("displayName", &group.display_name), ("externalId", &group.id)];
    let paths: Vec<_> = wanted.iter().filter_map(|(path, value)| Some((Target::parse(path)?, Value::from(value.as_str())))).collect();
    let compared = paths.iter().map(|(target, new)| Change { target, old: target.read(&resource).cloned(), new: Some(new.clone()) });
    let changes: Vec<_> = compared.filter(|change| change.old != change.new).collect();
    if changes.is_empty() {
        record.action = Action::Other;
        record.skip("RedundantExport: the server has all of it already");
        return Ok(());
    }
    record.action = Action::Update;
    context.client.patch(&format!("/Groups/{target}"), &context.dialect.update(&changes))?;
    record.note(&changes);
    record.done(Action::Update, format!("{} attribute(s) changed", changes.len()));
    Ok(())
}

/// What one group's memberships came to.
struct Memberships {
    added: usize,
    removed: usize,
    result: Result<(), Failure>,
}

fn export_members(context: &Context<'_>, groups: &[SourceGroup], state: &mut State, cycle: &mut Cycle) -> Result<(), SimulateError> {
    let mut work = Vec::new();
    for group in groups {
        let Some(link) = state.groups.get(&group.id).filter(|link| link.target.is_some()) else { continue };
        let (wanted, waiting) = wanted_members(group, state);
        cycle.references.members_waiting += waiting;
        // A group that is due has just been exported, so what is still in escrow waits with its members.
        if wanted != link.members && link.escrow.is_none() {
            work.push((group, wanted, link.clone()));
        }
    }
    let positions: BTreeMap<String, usize> =
        cycle.records.iter().enumerate().filter(|(_, record)| record.kind == Kind::Group).map(|(at, record)| (record.source_id.clone(), at)).collect();
    let bar = context.progress.part("Members", work.len());
    let results = side_by_side(context.concurrency, &work, |(_, wanted, link)| {
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
        record.step(StepType::ReferenceResolution, Status::Success, format!("{added} member(s) added, {removed} removed"));
        record.modified.push(Modified {
            display_name: "members".into(),
            old_value: (removed > 0).then(|| format!("{removed} removed")),
            new_value: (added > 0).then(|| format!("{added} added")),
        });
        if record.status == Status::Skipped {
            (record.action, record.status) = (Action::Update, Status::Success);
        }
        settle(context, record, &mut link, memberships.result);
        state.groups.insert(group.id.clone(), link);
    }
    context.save(state)
}

fn set_members(context: &Context<'_>, wanted: &BTreeSet<String>, link: &mut Link) -> Memberships {
    let path = format!("/Groups/{}", link.target.as_deref().unwrap_or_default());
    let added: Vec<String> = wanted.difference(&link.members).cloned().collect();
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
