//! Managers, in a pass of their own after the users: only then does the server have ids for all of them.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::lookup::lookup_by_filter;
use super::state::{Link, State};
use super::{BATCH, Context, Cycle, side_by_side};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, Modified, Record, Status, StepType};
use crate::entra::source::{Directory, SourceUser};
use crate::entra::wire::path::Target;
use crate::entra::wire::query;

/// Who is to be whose manager on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This id.
    Manager(String),
    /// Nobody.
    Nobody,
    /// Somebody who is not on the server, or not in the directory; it waits, and the server keeps what it has.
    Waiting(String),
}

/// What the directory wants a user's manager to be, in ids of the server.
pub fn wanted(context: &Context<'_>, user: &SourceUser, users: &BTreeMap<&str, &SourceUser>, state: &State) -> Wanted {
    let Some(manager) = user.get("manager") else {
        return Wanted::Nobody;
    };
    let Some(source) = users.get(manager) else {
        return Wanted::Waiting(format!("{manager} is not in the export"));
    };
    if !context.is_entitled(source) {
        return Wanted::Waiting(format!("{} is not in scope", source.identity()));
    }
    match state.users.get(manager).and_then(|link| link.target.clone()) {
        Some(target) => Wanted::Manager(target),
        None => Wanted::Waiting(format!("{} is not on the server", source.identity())),
    }
}

/// Sets the managers that differ from what is known to be on the server.
pub fn export(
    context: &Context<'_>,
    directory: &Directory,
    state: &mut State,
    cycle: &mut Cycle,
) -> Result<(), SimulateError> {
    let Some(attribute) = context.mappings.manager() else {
        return Ok(());
    };
    let users: BTreeMap<&str, &SourceUser> = directory.users.iter().map(|user| (user.id.as_str(), user)).collect();
    let mut positions: HashMap<String, usize> = HashMap::new();
    let of_users = cycle.records.iter().enumerate().filter(|(_, record)| record.kind == Kind::User);
    positions.extend(of_users.map(|(position, record)| (record.source_id.clone(), position)));
    let mut work = Vec::new();
    let looked_at = directory.users.iter().filter(|user| context.looks_at(&user.id));
    for user in looked_at.filter(|user| context.is_entitled(user)) {
        let Some(link) = state.users.get(&user.id).filter(|link| link.target.is_some()) else {
            continue;
        };
        match wanted(context, user, &users, state) {
            Wanted::Waiting(why) => {
                cycle.references.managers_waiting += 1;
                if let Some(position) = positions.get(&user.id) {
                    cycle.records[*position].step(
                        StepType::ReferenceResolution,
                        Status::Warning,
                        format!("The manager waits: {why}"),
                    );
                }
            }
            Wanted::Manager(id) if link.manager.as_deref() != Some(&id) => {
                work.push((user, link.clone(), Some(id)));
            }
            Wanted::Nobody if link.manager.is_some() => work.push((user, link.clone(), None)),
            _ => {}
        }
    }
    work.retain(|(_, link, _)| !link.is_held_back(context.cycle));
    let bar = context.progress.part("Managers", work.len());
    for batch in work.chunks(BATCH) {
        let results = side_by_side(context.concurrency, batch, |(_, link, wanted)| {
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
            note(context, &mut cycle.records[position], link, attribute, wanted.as_ref(), &result);
            match (&result, wanted) {
                (Err(_), _) => cycle.references.failed += 1,
                (Ok(()), Some(_)) => cycle.references.managers_set += 1,
                (Ok(()), None) => cycle.references.managers_cleared += 1,
            }
        }
        context.save_in_passing(state)?;
    }
    Ok(())
}

/// Entra asks whether the server has this manager already before it sends one.
fn set(context: &Context<'_>, attribute: &Target, link: &Link, wanted: Option<&str>) -> Result<(), Failure> {
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

fn note(
    context: &Context<'_>,
    record: &mut Record,
    link: &mut Link,
    attribute: &Target,
    wanted: Option<&String>,
    result: &Result<(), Failure>,
) {
    record.target_id.clone_from(&link.target);
    match result {
        Ok(()) => {
            record.modified.push(Modified {
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
            link.escrow.take_if(|escrow| escrow.is_reference);
        }
        Err(failure) => {
            link.postpone_reference(context.cycle, &failure.to_string());
            if record.status == Status::Skipped {
                record.action = Action::Update;
            }
            record.fail(failure.clone());
        }
    }
}
