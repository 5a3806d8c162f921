//! Sets managers after all users are exported, since only then all of them have ids on the server.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::lookup::lookup_by_filter;
use super::state::{Link, State};
use super::{BATCH, CycleContext, CycleResult, run_concurrently};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, ModifiedProperty, Record, Status, StepType};
use crate::entra::source::{Directory, SourceUser};
use crate::entra::wire::path::TargetAttribute;
use crate::entra::wire::query;

/// The manager that a user should have on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagerAssignment {
    /// The manager with this id.
    Manager(String),
    /// No manager.
    NoManager,
    /// A manager who is not on the server or not in the directory: nothing is changed for now.
    Unresolved(String),
}

/// The manager that a user has in the directory, as an id of the server.
pub fn assignment(
    context: &CycleContext<'_>,
    user: &SourceUser,
    users: &BTreeMap<&str, &SourceUser>,
    state: &State,
) -> ManagerAssignment {
    let Some(manager) = user.get("manager") else {
        return ManagerAssignment::NoManager;
    };
    let Some(source) = users.get(manager) else {
        return ManagerAssignment::Unresolved(format!("{manager} is not in the export"));
    };
    if !context.is_entitled(source) {
        return ManagerAssignment::Unresolved(format!("{} is not in scope", source.identity()));
    }
    match state.users.get(manager).and_then(|link| link.target.clone()) {
        Some(target) => ManagerAssignment::Manager(target),
        None => ManagerAssignment::Unresolved(format!("{} is not on the server", source.identity())),
    }
}

/// Sets the managers that differ from what is known to be on the server.
pub fn export(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let Some(attribute) = context.mappings.manager() else {
        return Ok(());
    };
    let users: BTreeMap<&str, &SourceUser> = directory.users.iter().map(|user| (user.id.as_str(), user)).collect();
    let mut positions: HashMap<String, usize> = HashMap::new();
    let of_users = cycle.records.iter().enumerate().filter(|(_, record)| record.kind == Kind::User);
    positions.extend(of_users.map(|(position, record)| (record.source_id.clone(), position)));
    let mut work = Vec::new();
    let looked_at = directory.users.iter().filter(|user| context.includes(&user.id));
    for user in looked_at.filter(|user| context.is_entitled(user)) {
        let Some(link) = state.users.get(&user.id).filter(|link| link.target.is_some()) else {
            continue;
        };
        match assignment(context, user, &users, state) {
            ManagerAssignment::Unresolved(why) => {
                cycle.references.managers_waiting += 1;
                if let Some(position) = positions.get(&user.id) {
                    cycle.records[*position].step(
                        StepType::ReferenceResolution,
                        Status::Warning,
                        format!("The manager cannot be set yet: {why}"),
                    );
                }
            }
            ManagerAssignment::Manager(id) if link.manager.as_deref() != Some(&id) => {
                work.push((user, link.clone(), Some(id)));
            }
            ManagerAssignment::NoManager if link.manager.is_some() => work.push((user, link.clone(), None)),
            _ => {}
        }
    }
    work.retain(|(_, link, _)| !link.is_waiting(context.cycle));
    let bar = context.progress.bar("Managers", work.len());
    for batch in work.chunks(BATCH) {
        let results = run_concurrently(context.concurrency, batch, |(_, link, wanted)| {
            bar.inc(1);
            set(context, attribute, link, wanted.as_deref())
        });
        for ((user, _, wanted), result) in batch.iter().zip(results) {
            let position = positions.get(&user.id).copied().unwrap_or_else(|| {
                cycle.records.push(Record::new(Kind::User, &user.id, user.identity()));
                cycle.records.len() - 1
            });
            let Some(link) = state.users.get_mut(&user.id) else {
                continue;
            };
            record_change(context, &mut cycle.records[position], link, attribute, wanted.as_ref(), &result);
            match (&result, wanted) {
                (Err(_), _) => cycle.references.failed += 1,
                (Ok(()), Some(_)) => cycle.references.managers_set += 1,
                (Ok(()), None) => cycle.references.managers_cleared += 1,
            }
        }
        context.save_periodically(state)?;
    }
    Ok(())
}

/// Before setting a manager, Entra looks up whether the user already has it.
fn set(
    context: &CycleContext<'_>,
    attribute: &TargetAttribute,
    link: &Link,
    wanted: Option<&str>,
) -> Result<(), Failure> {
    let user = link.target.as_deref().unwrap_or_default();
    if let Some(manager) = wanted {
        let filter = format!("id eq {} and {attribute} eq {}", json!(user), json!(manager));
        let found = lookup_by_filter(context.client, "/Users", &[("attributes", "id")], &filter)?;
        if !found.is_empty() {
            return Ok(());
        }
    }
    let body = context.dialect.manager(attribute, link.manager.is_some(), wanted);
    context.client.patch(&query::resource("/Users", user), &body)
}

fn record_change(
    context: &CycleContext<'_>,
    record: &mut Record,
    link: &mut Link,
    attribute: &TargetAttribute,
    wanted: Option<&String>,
    result: &Result<(), Failure>,
) {
    record.target_id.clone_from(&link.target);
    match result {
        Ok(()) => {
            record.modified.push(ModifiedProperty {
                display_name: attribute.to_string(),
                old_value: link.manager.clone(),
                new_value: wanted.cloned(),
            });
            if record.status == Status::Skipped {
                record.action = Action::Update;
                record.status = Status::Success;
            }
            record.step(
                StepType::ReferenceResolution,
                Status::Success,
                if wanted.is_some() { "Manager set" } else { "Manager cleared" },
            );
            link.manager = wanted.cloned();
            link.pending_retry.take_if(|pending_retry| pending_retry.is_reference);
        }
        Err(failure) => {
            link.schedule_reference_retry(context.cycle, &failure.to_string());
            if record.status == Status::Skipped {
                record.action = Action::Update;
            }
            record.fail(failure.clone());
        }
    }
}
