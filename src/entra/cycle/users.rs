//! Exports users: match, create, read, PATCH of the changed attributes, disable, restore.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::lookup::{find, id_of, read_existing};
use super::state::{Link, State};
use super::{BATCH, CycleContext, CycleResult, owners, record_result, run_concurrently};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, Record, Status, StepType};
use crate::entra::source::{Directory, SourceUser};
use crate::entra::time;
use crate::entra::wire::create;
use crate::entra::wire::patch::Change;
use crate::entra::wire::path::TargetAttribute;
use crate::entra::wire::query;

/// Exports users that are new, changed or due for a retry; in an initial cycle all users.
pub fn export(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let due: Vec<&SourceUser> = directory.users.iter().filter(|user| context.includes(&user.id)).collect();
    let due: Vec<&SourceUser> =
        due.into_iter().filter(|user| is_due(context, user, state.users.get(&user.id))).collect();
    let duplicates = duplicates(context, directory);
    let present: HashSet<&str> = directory.users.iter().map(|user| user.id.as_str()).collect();
    let bar = context.progress.bar("Users", due.len());
    let mut owners = owners(&state.users);
    for batch in due.chunks(BATCH) {
        let taken = |target: &str, user: &SourceUser| {
            owners.get(target).filter(|owner| **owner != user.id && present.contains(owner.as_str())).cloned()
        };
        let links = &state.users;
        let results = run_concurrently(context.concurrency, batch, |user| {
            let link = links.get(&user.id).cloned().unwrap_or_default();
            let result = export_one(context, user, link, duplicates.get(&user.id), &taken);
            bar.inc(1);
            result
        });
        for (user, (record, link)) in batch.iter().zip(results) {
            // A new user with the name of a deleted user takes over the account, so the link of the deleted user is removed.
            let before = link.target.clone().and_then(|target| owners.insert(target, user.id.clone()));
            if let Some(owner) = before.filter(|owner| *owner != user.id) {
                state.users.remove(&owner);
            }
            state.users.insert(user.id.clone(), link);
            cycle.records.push(record);
        }
        context.save_periodically(state)?;
    }
    Ok(())
}

/// Sets `active` to false, unless it is false or the user is not on the server.
pub fn disable(context: &CycleContext<'_>, record: &mut Record, link: &mut Link) -> Result<(), Failure> {
    let (Some(target), Some(active)) = (link.target.clone(), context.mappings.active()) else {
        record.skip("NotEffectivelyEntitled: out of scope, and not on the server");
        return Ok(());
    };
    record.action = Action::Disable;
    let Some(resource) = read(context, &target)? else {
        link.target = None;
        record.skip("The user is no longer on the server");
        return Ok(());
    };
    remember_manager(context, link, &resource);
    let old = active.read(&resource).cloned();
    if old == Some(json!(false)) {
        record.skip("RedundantExport: the user is already disabled");
        return Ok(());
    }
    let changes = [Change { target: active, old, new: Some(json!(false)) }];
    context.client.patch(&query::resource("/Users", &target), &context.dialect.update(&changes))?;
    record.add_changes(&changes);
    record.done(Action::Disable, "Disabled");
    Ok(())
}

/// Fingerprint of what is exported for a user: the mapped values and whether the user is in scope.
fn fingerprint(context: &CycleContext<'_>, user: &SourceUser) -> String {
    let values = context.mappings.values(user, user.is_blocked());
    let text: Vec<_> =
        values.iter().map(|(target, value)| format!("{target}={}", value.as_ref().unwrap_or(&Value::Null))).collect();
    time::fingerprint(&format!("{}\n{}", context.is_entitled(user), text.join("\n")))
}

fn is_due(context: &CycleContext<'_>, user: &SourceUser, link: Option<&Link>) -> bool {
    let Some(link) = link.filter(|_| !context.is_initial) else {
        return true;
    };
    link.soft_deleted.is_some()
        || link.is_due(context.cycle)
        || link.exported.as_deref() != Some(&fingerprint(context, user))
}

/// Users in scope with the same matching value as an earlier user: the reason by object id.
fn duplicates(context: &CycleContext<'_>, directory: &Directory) -> HashMap<String, String> {
    let mut first: HashMap<(&str, String), &SourceUser> = HashMap::new();
    let mut duplicates = HashMap::new();
    for user in directory.users.iter().filter(|user| context.is_entitled(user)) {
        let Some((attribute, value)) = context.mappings.match_by(user).into_iter().next() else {
            continue;
        };
        match first.entry((attribute.as_str(), value.to_lowercase())) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(user);
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let (user_name, other) = (user.identity(), entry.get().identity());
                duplicates.insert(user.id.clone(), format!("{user_name} has the same {attribute} as {other}"));
            }
        }
    }
    duplicates
}

fn export_one(
    context: &CycleContext<'_>,
    user: &SourceUser,
    mut link: Link,
    duplicate: Option<&String>,
    taken: &impl Fn(&str, &SourceUser) -> Option<String>,
) -> (Record, Link) {
    let mut record = Record::new(Kind::User, &user.id, user.identity());
    user.identity().clone_into(&mut link.identity);
    let is_entitled = context.is_entitled(user);
    let verdict = if is_entitled { "The user is in scope" } else { "The user is not in scope" };
    record.step(StepType::Scoping, Status::Success, verdict);
    let result = match duplicate {
        Some(reason) if is_entitled => Err(Failure::local("DuplicateSourceEntries", reason.clone())),
        _ if is_entitled => provision(context, user, &mut record, &mut link, taken),
        _ => disable(context, &mut record, &mut link),
    };
    link.exported = Some(fingerprint(context, user));
    link.soft_deleted = None;
    record.target_id.clone_from(&link.target);
    record_result(context, &mut record, &mut link, result);
    (record, link)
}

/// Creates or updates a user who is in scope.
fn provision(
    context: &CycleContext<'_>,
    user: &SourceUser,
    record: &mut Record,
    link: &mut Link,
    taken: &impl Fn(&str, &SourceUser) -> Option<String>,
) -> Result<(), Failure> {
    let values = context.mappings.values(user, user.is_blocked());
    let mut resource = link.target.as_ref().map(|target| read(context, target)).transpose()?.flatten();
    if resource.is_none() {
        // Not provisioned yet, or deleted on the server meanwhile: match again.
        (link.target, link.manager) = (None, None);
        record.action = Action::Create;
        resource = find_match(context, user)?;
    }
    let Some(resource) = resource else {
        if user.is_blocked() && context.skip_blocked {
            record.skip("NotEffectivelyEntitled: sign-in is blocked, so no account is created");
            return Ok(());
        }
        return create(context, &values, record, link);
    };
    let target = id_of(&resource)?;
    if let Some(other) = taken(&target, user) {
        let reason = format!("{target} on the server belongs to another object of the directory, {other}");
        return Err(Failure::local("EntryConflict", reason));
    }
    record.step(StepType::Matching, Status::Success, format!("Matched {target}"));
    link.target = Some(target);
    remember_manager(context, link, &resource);
    update(context, &values, record, link, &resource)
}

/// The user on the server found by the first matching attribute that finds a user.
fn find_match(context: &CycleContext<'_>, user: &SourceUser) -> Result<Option<Value>, Failure> {
    let wanted = context.mappings.match_by(user);
    if wanted.is_empty() {
        let attributes: Vec<_> = context.mappings.matching().iter().map(TargetAttribute::as_str).collect();
        let reason = format!("{} has no value for {}", user.identity(), attributes.join(" or "));
        return Err(Failure::local("MissingValues", reason));
    }
    for (attribute, value) in wanted {
        if let Some(found) = find(context.client, Kind::User, attribute.as_str(), &value)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn read(context: &CycleContext<'_>, target: &str) -> Result<Option<Value>, Failure> {
    read_existing(context.client, &query::resource("/Users", target), &[])
}

fn create(
    context: &CycleContext<'_>,
    values: &[(&TargetAttribute, Option<Value>)],
    record: &mut Record,
    link: &mut Link,
) -> Result<(), Failure> {
    record.step(StepType::Matching, Status::Success, "No user on the server matches");
    let created = context.client.post("/Users", &create::user(values))?;
    link.target = Some(id_of(&created)?);
    let set = values.iter().filter(|(_, value)| value.is_some());
    let changes: Vec<_> = set.map(|(target, new)| Change { target, old: None, new: new.clone() }).collect();
    record.add_changes(&changes);
    record.done(Action::Create, "Created");
    Ok(())
}

fn update(
    context: &CycleContext<'_>,
    values: &[(&TargetAttribute, Option<Value>)],
    record: &mut Record,
    link: &Link,
    resource: &Value,
) -> Result<(), Failure> {
    let compared =
        values.iter().map(|(target, new)| Change { target, old: target.read(resource).cloned(), new: new.clone() });
    let changes: Vec<_> = compared.filter(|change| change.old != change.new).collect();
    record.action = Action::Update;
    if changes.is_empty() {
        record.action = Action::Other;
        record.skip("RedundantExport: the server already has all values");
        return Ok(());
    }
    let active = changes.iter().find(|change| Some(change.target) == context.mappings.active());
    let action =
        if active.is_some_and(|change| change.new == Some(json!(false))) { Action::Disable } else { Action::Update };
    record.action = action;
    let is_restored = active.is_some_and(|change| change.new == Some(json!(true)));
    let target = link.target.as_deref().unwrap_or_default();
    context.client.patch(&query::resource("/Users", target), &context.dialect.update(&changes))?;
    record.is_restored = is_restored;
    record.add_changes(&changes);
    record.done(action, format!("{} attribute(s) changed", changes.len()));
    Ok(())
}

/// Records the manager of the resource, so that only a different one is sent.
fn remember_manager(context: &CycleContext<'_>, link: &mut Link, resource: &Value) {
    let manager = context.mappings.manager().and_then(|target| target.read(resource));
    let id = manager.and_then(|manager| manager.get("value").unwrap_or(manager).as_str());
    link.manager = id.filter(|id| !id.is_empty()).map(str::to_owned);
}
