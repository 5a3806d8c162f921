//! Reads everything back by paging through the lists, as Entra's account discovery does, and compares it with the directory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::cycle::state::{Link, State};
use super::cycle::{Context, members, references};
use super::report::{Action, Kind, Record, Status, plain};
use super::source::{Directory, SourceUser};

/// How many resources are asked for at once.
const PAGE: u64 = 100;

/// What came of reading everything back.
#[derive(Debug, Default)]
pub struct Verified {
    /// Users read.
    pub users: usize,
    /// Groups read.
    pub groups: usize,
    /// What is not as it should be, in words.
    pub differences: Vec<Difference>,
    /// What is on the server and unknown to the directory, when that does not count as a difference.
    pub unknown: Vec<String>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// User or group; `None` for the list as a whole.
    pub identity: String,
    /// Which attribute.
    pub attribute: String,
    /// What the directory says.
    pub directory: Option<String>,
    /// What the server says.
    pub server: Option<String>,
}

/// Compares directory and server.
pub fn verify(
    context: &Context<'_>,
    directory: &Directory,
    state: &State,
    records: &[Record],
    exact: bool,
) -> Verified {
    let is_deleted = |record: &&Record| {
        record.kind == Kind::User
            && record.action == Action::Delete
            && record.status == Status::Success
    };
    let deleted = records.iter().filter(is_deleted);
    let mut verified = Verified::default();
    let on_server = read_all(context, Kind::User, &mut verified);
    verified.users = on_server.len();
    let mut seen = BTreeSet::new();
    for record in deleted {
        if let Some(target) = record
            .target_id
            .as_ref()
            .filter(|target| on_server.contains_key(*target))
        {
            seen.insert(target.clone());
            verified.add(
                &record.identity,
                "",
                None,
                Some(format!("id {target}, deleted before")),
            );
        }
    }
    let users: BTreeMap<&str, &SourceUser> = directory
        .users
        .iter()
        .map(|user| (user.id.as_str(), user))
        .collect();
    for user in &directory.users {
        let Some(link) = state.users.get(&user.id) else {
            continue;
        };
        let Some(target) = &link.target else { continue };
        seen.insert(target.clone());
        match on_server.get(target) {
            Some(resource) => {
                compare_user(context, user, link, resource, &users, state, &mut verified);
            }
            None => verified.add(user.identity(), "", Some(format!("id {target}")), None),
        }
    }
    for (id, link) in state
        .users
        .iter()
        .filter(|(id, _)| !users.contains_key(id.as_str()))
    {
        let Some(target) = &link.target else { continue };
        seen.insert(target.clone());
        let active = context
            .mappings
            .active()
            .and_then(|path| path.read(on_server.get(target)?));
        if link.escrow.is_none() && active != Some(&Value::Bool(false)) {
            verified.add(
                &format!("{} ({id})", link.identity),
                "active",
                Some("false, deleted".into()),
                active.map(plain),
            );
        }
    }
    verified.strangers(&on_server, &seen, "userName", exact);
    if let Some(source) = &directory.groups {
        let on_server = read_all(context, Kind::Group, &mut verified);
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
            if link.escrow.is_some() {
                continue;
            }
            let text = |name: &str| {
                resource
                    .get(name)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            for (name, wanted) in [
                ("displayName", &group.display_name),
                ("externalId", &group.id),
            ] {
                if text(name).as_ref() != Some(wanted) {
                    verified.add(&group.display_name, name, Some(wanted.clone()), text(name));
                }
            }
            let (wanted, _) = members::wanted(group, state);
            compare_members(&group.display_name, &wanted, resource, &mut verified);
        }
        verified.strangers(&on_server, &seen, "displayName", exact);
    }
    verified
}

fn compare_user(
    context: &Context<'_>,
    user: &SourceUser,
    link: &Link,
    resource: &Value,
    users: &BTreeMap<&str, &SourceUser>,
    state: &State,
    verified: &mut Verified,
) {
    // What waits for a retry is reported as a failure already.
    if link
        .escrow
        .as_ref()
        .is_some_and(|escrow| !escrow.is_reference)
    {
        return;
    }
    if !context.is_entitled(user) {
        let active = context
            .mappings
            .active()
            .and_then(|path| path.read(resource));
        if active != Some(&Value::Bool(false)) {
            verified.add(
                user.identity(),
                "active",
                Some("false, not in scope".into()),
                active.map(plain),
            );
        }
        return;
    }
    for (target, wanted) in context.mappings.values(user, user.is_blocked()) {
        let found = target.read(resource);
        if found != wanted.as_ref() {
            verified.add(
                user.identity(),
                target.as_str(),
                wanted.as_ref().map(plain),
                found.map(plain),
            );
        }
    }
    let Some(attribute) = context.mappings.manager().filter(|_| link.escrow.is_none()) else {
        return;
    };
    let found = attribute
        .read(resource)
        .map(|manager| manager.get("value").map_or_else(|| plain(manager), plain));
    let wanted = match references::wanted(context, user, users, state) {
        references::Wanted::Manager(id) => Some(id),
        references::Wanted::Nobody => None,
        references::Wanted::Waiting(_) => return,
    };
    if found != wanted {
        verified.add(user.identity(), attribute.as_str(), wanted, found);
    }
}

fn compare_members(
    group: &str,
    wanted: &BTreeSet<String>,
    resource: &Value,
    verified: &mut Verified,
) {
    let listed = resource
        .get("members")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let found: Vec<_> = listed
        .iter()
        .filter_map(|member| Some(member.get("value")?.as_str()?.to_owned()))
        .collect();
    let distinct: BTreeSet<String> = found.iter().cloned().collect();
    if distinct.len() != listed.len() {
        verified.add(
            group,
            "members",
            Some("each once".into()),
            Some(format!(
                "{} entries, {} different",
                listed.len(),
                distinct.len()
            )),
        );
    }
    for member in wanted.difference(&distinct) {
        verified.add(group, "members", Some(member.clone()), None);
    }
    for member in distinct.difference(wanted) {
        verified.add(group, "members", None, Some(member.clone()));
    }
}

/// All resources of a type by id, page by page; what is wrong with the paging itself is a difference too.
fn read_all(context: &Context<'_>, kind: Kind, verified: &mut Verified) -> HashMap<String, Value> {
    let path = if kind == Kind::User {
        "/Users"
    } else {
        "/Groups"
    };
    let mut all = HashMap::new();
    let mut start = 1;
    let mut known = 0;
    let mut bar = None;
    loop {
        let page = match context.client.get(
            path,
            &[
                ("startIndex", &start.to_string()),
                ("count", &PAGE.to_string()),
            ],
        ) {
            Ok(page) => page,
            Err(failure) => {
                verified.add(
                    path,
                    "the list",
                    Some("200".into()),
                    Some(failure.to_string()),
                );
                return all;
            }
        };
        let total = page
            .get("totalResults")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        let bar = bar.get_or_insert_with(|| {
            context
                .progress
                .part("Reading back", usize::try_from(total).unwrap_or(0))
        });
        let resources = page
            .get("Resources")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        bar.inc(resources.len() as u64);
        for resource in resources {
            let id = resource
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if all.insert(id.to_owned(), resource.clone()).is_some() {
                verified.add(
                    path,
                    "the list",
                    Some("each resource once".into()),
                    Some(format!("{id} twice")),
                );
            }
        }
        start += resources.len() as u64;
        // A page of nothing but known resources would go on for ever.
        if all.len() == known || start > total {
            if all.len() as u64 != total {
                verified.add(
                    path,
                    "totalResults",
                    Some(all.len().to_string()),
                    Some(total.to_string()),
                );
            }
            return all;
        }
        known = all.len();
    }
}

impl Verified {
    fn add(
        &mut self,
        identity: &str,
        attribute: &str,
        directory: Option<String>,
        server: Option<String>,
    ) {
        self.differences.push(Difference {
            identity: identity.to_owned(),
            attribute: attribute.to_owned(),
            directory,
            server,
        });
    }

    /// What nobody in the directory is linked to: by itself no fault, since accounts may be made by hand.
    fn strangers(
        &mut self,
        on_server: &HashMap<String, Value>,
        seen: &BTreeSet<String>,
        name: &str,
        exact: bool,
    ) {
        let mut strangers: Vec<_> = on_server
            .iter()
            .filter(|(id, _)| !seen.contains(*id))
            .collect();
        strangers.sort_by_key(|(id, _)| *id);
        for (id, resource) in strangers {
            let name = resource
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default();
            if exact {
                self.add(name, "", None, Some(format!("id {id}")));
            } else {
                self.unknown.push(name.to_owned());
            }
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |value: &Option<String>| {
            value
                .as_ref()
                .map_or_else(|| "nothing".into(), |value| format!("{value:?}"))
        };
        let space = if self.attribute.is_empty() { "" } else { " " };
        write!(
            formatter,
            "{}{space}{}: directory {}, server {}",
            self.identity,
            self.attribute,
            side(&self.directory),
            side(&self.server)
        )
    }
}
