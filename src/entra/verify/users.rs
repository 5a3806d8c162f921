//! Compares users: mapped attributes, the manager, and whether they are disabled or deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Verification, read_all};
use crate::entra::cycle::state::{Link, State};
use crate::entra::cycle::{CycleContext, managers};
use crate::entra::report::{Action, Kind, Record, Status, text_of_value};
use crate::entra::source::{Directory, SourceUser};

/// Compares all users.
pub fn verify(
    context: &CycleContext<'_>,
    directory: &Directory,
    state: &State,
    records: &[Record],
    exact: bool,
    verified: &mut Verification,
) {
    let is_deleted = |record: &&Record| {
        record.kind == Kind::User && record.action == Action::Delete && record.status == Status::Success
    };
    let deleted = records.iter().filter(is_deleted);
    let on_server = read_all(context, Kind::User, verified);
    verified.users = on_server.len();
    let mut seen = BTreeSet::new();
    for record in deleted {
        if let Some(target) = record.target_id.as_ref().filter(|target| on_server.contains_key(*target)) {
            seen.insert(target.clone());
            verified.add(&record.identity, "", None, Some(format!("id {target}, deleted before")));
        }
    }
    let users: BTreeMap<&str, &SourceUser> = directory.users.iter().map(|user| (user.id.as_str(), user)).collect();
    for user in &directory.users {
        let Some(link) = state.users.get(&user.id) else {
            continue;
        };
        let Some(target) = &link.target else { continue };
        seen.insert(target.clone());
        match on_server.get(target) {
            Some(resource) => {
                compare_user(context, user, link, resource, &users, state, verified);
            }
            None => verified.add(user.identity(), "", Some(format!("id {target}")), None),
        }
    }
    for (id, link) in state.users.iter().filter(|(id, _)| !users.contains_key(id.as_str())) {
        let Some(target) = &link.target else { continue };
        seen.insert(target.clone());
        let active = context.mappings.active().and_then(|path| path.read(on_server.get(target)?));
        if link.pending_retry.is_none() && active != Some(&Value::Bool(false)) {
            verified.add(
                &format!("{} ({id})", link.identity),
                "active",
                Some("false, deleted".into()),
                active.map(text_of_value),
            );
        }
    }
    verified.add_unknown(&on_server, &seen, "userName", exact);
}

fn compare_user(
    context: &CycleContext<'_>,
    user: &SourceUser,
    link: &Link,
    resource: &Value,
    users: &BTreeMap<&str, &SourceUser>,
    state: &State,
    verified: &mut Verification,
) {
    // A pending retry is already reported as a failure.
    if link.pending_retry.as_ref().is_some_and(|pending_retry| !pending_retry.is_reference) {
        return;
    }
    if !context.is_entitled(user) {
        let active = context.mappings.active().and_then(|path| path.read(resource));
        if active != Some(&Value::Bool(false)) {
            verified.add(user.identity(), "active", Some("false, not in scope".into()), active.map(text_of_value));
        }
        return;
    }
    for (target, wanted) in context.mappings.values(user, user.is_blocked()) {
        let found = target.read(resource);
        if found != wanted.as_ref() {
            verified.add(
                user.identity(),
                target.as_str(),
                wanted.as_ref().map(text_of_value),
                found.map(text_of_value),
            );
        }
    }
    let Some(attribute) = context.mappings.manager().filter(|_| link.pending_retry.is_none()) else {
        return;
    };
    let found = attribute
        .read(resource)
        .map(|manager| manager.get("value").map_or_else(|| text_of_value(manager), text_of_value));
    let wanted = match managers::assignment(context, user, users, state) {
        managers::ManagerAssignment::Manager(id) => Some(id),
        managers::ManagerAssignment::NoManager => None,
        managers::ManagerAssignment::Unresolved(_) => return,
    };
    if found != wanted {
        verified.add(user.identity(), attribute.as_str(), wanted, found);
    }
}
