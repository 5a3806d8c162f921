//! Compares groups: displayName, externalId and members.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Verification, read_all};
use crate::entra::cycle::state::State;
use crate::entra::cycle::{CycleContext, members};
use crate::entra::report::Kind;
use crate::entra::source::SourceGroup;

/// Compares all groups.
pub fn verify(
    context: &CycleContext<'_>,
    source: &[SourceGroup],
    state: &State,
    exact: bool,
    verified: &mut Verification,
) {
    let on_server = read_all(context, Kind::Group, verified);
    verified.groups = on_server.len();
    let mut seen = BTreeSet::new();
    for group in source {
        let Some(link) = state.groups.get(&group.id) else {
            continue;
        };
        let Some(target) = &link.target else { continue };
        seen.insert(target.clone());
        let Some(resource) = on_server.get(target) else {
            verified.add(&group.display_name, "", Some(format!("id {target}")), None);
            continue;
        };
        if link.pending_retry.is_some() {
            continue;
        }
        let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
        for (name, wanted) in [("displayName", &group.display_name), ("externalId", &group.id)] {
            if text(name).as_ref() != Some(wanted) {
                verified.add(&group.display_name, name, Some(wanted.clone()), text(name));
            }
        }
        let (wanted, _) = members::expected_members(group, state);
        compare_members(&group.display_name, &wanted, resource, verified);
    }
    verified.add_unknown(&on_server, &seen, "displayName", exact);
}

fn compare_members(group: &str, wanted: &BTreeSet<String>, resource: &Value, verified: &mut Verification) {
    let listed = resource.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let found: Vec<_> = listed.iter().filter_map(|member| Some(member.get("value")?.as_str()?.to_owned())).collect();
    let distinct: BTreeSet<String> = found.iter().cloned().collect();
    if distinct.len() != listed.len() {
        verified.add(
            group,
            "members",
            Some("each once".into()),
            Some(format!("{} entries, {} different", listed.len(), distinct.len())),
        );
    }
    for member in wanted.difference(&distinct) {
        verified.add(group, "members", Some(member.clone()), None);
    }
    for member in distinct.difference(wanted) {
        verified.add(group, "members", None, Some(member.clone()));
    }
}
