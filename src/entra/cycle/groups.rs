//! Exports groups: match by displayName, create without members, rename, delete.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::deleted_users::SOFT_DELETE;
use super::lookup::{find, id_of, read_existing};
use super::state::{Link, State};
use super::{CycleContext, CycleResult, members, record_result, run_concurrently};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, Record, Status, StepType};
use crate::entra::source::{Directory, SourceGroup};
use crate::entra::time;
use crate::entra::wire::create;
use crate::entra::wire::patch::Change;
use crate::entra::wire::path::TargetAttribute;
use crate::entra::wire::query;

/// Exports groups, then memberships.
pub fn export(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let Some(groups) = &directory.groups else {
        return Ok(());
    };
    if context.on_demand.is_none() {
        delete_gone(context, directory, groups, state, cycle)?;
    }
    let looked_at = groups.iter().filter(|group| context.includes(&group.id));
    let due: Vec<&SourceGroup> =
        looked_at.filter(|group| is_due(context, group, state.groups.get(&group.id))).collect();
    let bar = context.progress.bar("Groups", due.len());
    let links = &state.groups;
    let results = run_concurrently(context.concurrency, &due, |group| {
        bar.inc(1);
        export_one(context, group, links.get(&group.id).cloned().unwrap_or_default())
    });
    drop(bar);
    for (group, (record, link)) in due.iter().zip(results) {
        state.groups.insert(group.id.clone(), link);
        cycle.records.push(record);
    }
    context.save(state)?;
    members::export(context, groups, state, cycle)
}

/// Deletes groups that were deleted in the directory. A group has no `active`, so Entra deletes it at once; the state keeps
/// it for 30 days in case it is restored.
fn delete_gone(
    context: &CycleContext<'_>,
    directory: &Directory,
    groups: &[SourceGroup],
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let present: HashSet<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let may_return = |link: &Link| link.soft_deleted.is_some_and(|since| context.now - since < SOFT_DELETE);
    state.groups.retain(|id, link| present.contains(id.as_str()) || link.target.is_some() || may_return(link));
    let is_gone = |id: &str, link: &Link| !present.contains(id) && !link.is_waiting(context.cycle);
    let gone: Vec<_> = state.groups.iter().filter(|(id, link)| is_gone(id, link)).collect();
    let gone: Vec<_> =
        gone.into_iter().filter_map(|(id, link)| Some((id.clone(), link.target.clone()?, link.clone()))).collect();
    for (id, target, mut link) in gone {
        let mut record = Record::new(Kind::Group, &id, &link.identity);
        record.target_id = Some(target.clone());
        record.action = Action::Delete;
        link.soft_deleted.get_or_insert(directory.deleted.get(&id).copied().flatten().unwrap_or(context.now));
        let result = context.client.delete(&query::resource("/Groups", &target));
        if result.is_ok() {
            record.done(Action::Delete, "Deleted: the group was deleted in the directory");
            (link.target, link.exported, link.members) = (None, None, BTreeSet::new());
        }
        record_result(context, &mut record, &mut link, result);
        state.groups.insert(id, link);
        cycle.records.push(record);
    }
    context.save(state)
}

fn fingerprint(group: &SourceGroup) -> String {
    time::fingerprint(&format!("{}\n{}", group.id, group.display_name))
}

fn is_due(context: &CycleContext<'_>, group: &SourceGroup, link: Option<&Link>) -> bool {
    let Some(link) = link.filter(|_| !context.is_initial) else {
        return true;
    };
    link.is_due(context.cycle) || link.exported.as_deref() != Some(&fingerprint(group))
}

fn export_one(context: &CycleContext<'_>, group: &SourceGroup, mut link: Link) -> (Record, Link) {
    let mut record = Record::new(Kind::Group, &group.id, &group.display_name);
    group.display_name.clone_into(&mut link.identity);
    record.step(StepType::Scoping, Status::Success, "The group is in scope");
    let result = provision(context, group, &mut record, &mut link);
    if result.is_ok() {
        let was_deleted = link.soft_deleted.take().is_some();
        record.is_restored = was_deleted && record.action == Action::Create;
    }
    link.exported = Some(fingerprint(group));
    record.target_id.clone_from(&link.target);
    record_result(context, &mut record, &mut link, result);
    (record, link)
}

fn provision(
    context: &CycleContext<'_>,
    group: &SourceGroup,
    record: &mut Record,
    link: &mut Link,
) -> Result<(), Failure> {
    if group.display_name.is_empty() {
        return Err(Failure::local("MissingValues", format!("group {} has no displayName", group.id)));
    }
    let path = link.target.as_ref().map(|target| query::resource("/Groups", target));
    let without_members = [("excludedAttributes", "members")];
    let mut resource = path.map(|path| read_existing(context.client, &path, &without_members)).transpose()?.flatten();
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
        return Err(Failure::incompatible(
            "the group contains `members` although the request had excludedAttributes=members".into(),
        ));
    }
    let target = id_of(&resource)?;
    link.target = Some(target.clone());
    record.step(StepType::Matching, Status::Success, format!("Matched {target}"));
    let wanted = [("displayName", &group.display_name), ("externalId", &group.id)];
    let paths: Vec<_> = wanted
        .iter()
        .filter_map(|(path, value)| Some((TargetAttribute::parse(path)?, Value::from(value.as_str()))))
        .collect();
    let compared = paths.iter().map(|(target, new)| Change {
        target,
        old: target.read(&resource).cloned(),
        new: Some(new.clone()),
    });
    let changes: Vec<_> = compared.filter(|change| change.old != change.new).collect();
    if changes.is_empty() {
        record.action = Action::Other;
        record.skip("RedundantExport: the server already has all values");
        return Ok(());
    }
    record.action = Action::Update;
    context.client.patch(&query::resource("/Groups", &target), &context.dialect.update(&changes))?;
    record.add_changes(&changes);
    record.done(Action::Update, format!("{} attribute(s) changed", changes.len()));
    Ok(())
}
