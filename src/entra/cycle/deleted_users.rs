//! Users that were deleted in the directory: they are disabled at once and deleted from the server after 30 days.

use std::collections::HashSet;

use super::state::{Link, State};
use super::{CycleContext, CycleResult, record_result, run_concurrently, users};
use crate::entra::SimulateError;
use crate::entra::failure::Failure;
use crate::entra::report::{Action, Kind, Record, Status, StepType};
use crate::entra::source::Directory;
use crate::entra::time::DAY;
use crate::entra::wire::query;

/// How long Entra keeps a deleted user or group in the recycle bin.
pub(super) const SOFT_DELETE: i64 = 30 * DAY;

/// Disables deleted users, and deletes those that were deleted 30 days ago.
pub fn disable_and_delete(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &mut State,
    cycle: &mut CycleResult,
) -> Result<(), SimulateError> {
    let present: HashSet<&str> = directory.users.iter().map(|user| user.id.as_str()).collect();
    state.users.retain(|id, link| present.contains(id.as_str()) || link.target.is_some());
    let is_due = |link: &Link| {
        let is_unprocessed =
            link.soft_deleted.is_none_or(|since| context.is_initial || context.now - since >= SOFT_DELETE);
        link.is_due(context.cycle) || (is_unprocessed && !link.is_waiting(context.cycle))
    };
    let gone: Vec<_> = state.users.iter().filter(|(id, link)| !present.contains(id.as_str()) && is_due(link)).collect();
    let gone: Vec<_> = gone.into_iter().map(|(id, link)| (id.clone(), link.clone())).collect();
    let bar = context.progress.bar("Deleted users", gone.len());
    let results = run_concurrently(context.concurrency, &gone, |(id, link)| {
        bar.inc(1);
        disable_or_delete(context, id, link.clone(), directory.deleted.get(id).copied().flatten())
    });
    for ((id, _), (record, link)) in gone.into_iter().zip(results) {
        match link.target {
            Some(_) => state.users.insert(id, link),
            None => state.users.remove(&id),
        };
        cycle.records.push(record);
    }
    context.save(state)
}

fn disable_or_delete(context: &CycleContext<'_>, id: &str, mut link: Link, deleted_at: Option<i64>) -> (Record, Link) {
    let mut record = Record::new(Kind::User, id, &link.identity.clone());
    record.target_id.clone_from(&link.target);
    let since = *link.soft_deleted.get_or_insert(deleted_at.unwrap_or(context.now));
    record.step(StepType::Scoping, Status::Success, "The user is deleted in the directory");
    let result = if context.now - since >= SOFT_DELETE {
        delete(context, &mut record, &mut link)
    } else {
        users::disable(context, &mut record, &mut link)
    };
    record_result(context, &mut record, &mut link, result);
    (record, link)
}

fn delete(context: &CycleContext<'_>, record: &mut Record, link: &mut Link) -> Result<(), Failure> {
    record.action = Action::Delete;
    if let Some(target) = link.target.clone() {
        context.client.delete(&query::resource("/Users", &target))?;
    }
    link.target = None;
    record.done(Action::Delete, "Deleted: 30 days have passed since the user was deleted in the directory");
    Ok(())
}
