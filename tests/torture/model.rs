//! The model of a client: its part of the directory as acknowledged, and the effect of each change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::random::Random;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The group that all clients add their users to.
pub const SHARED: &str = "everybody";
/// A client has about this many users, and a quarter as many groups.
const TARGET_USERS: usize = 24;

/// One client's users and groups by name, and which of its users are in the shared group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    pub users: BTreeMap<String, User>,
    pub groups: BTreeMap<String, Group>,
    pub shared: BTreeSet<String>,
}

/// `mark` is part of several attributes; a user in which they differ is half changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub mark: u64,
    pub active: bool,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub mark: u64,
    pub members: BTreeSet<String>,
    pub version: i64,
}

/// A change that always changes something.
#[derive(Clone, Debug)]
pub enum Change {
    CreateUser(String, u64),
    PatchUser(String, u64),
    ReplaceUser(String, u64),
    Switch(String, bool),
    DeleteUser(String),
    CreateGroup(String, u64, BTreeSet<String>),
    PatchGroup(String, u64),
    DeleteGroup(String),
    Join(String, String),
    Leave(String, String),
    JoinShared(String),
    LeaveShared(String),
}

/// The ids of resources by name.
pub type Ids = BTreeMap<String, String>;

impl ClientState {
    /// The next change. Names start with `prefix`; `number` is larger than all before.
    pub fn draw(&self, random: &mut Random, ids: &Ids, prefix: &str, number: u64) -> Change {
        use Change::{
            CreateGroup, CreateUser, DeleteGroup, DeleteUser, Join, JoinShared, Leave, LeaveShared, PatchGroup,
            PatchUser, ReplaceUser, Switch,
        };
        let known = |name: &&String| ids.contains_key(*name);
        let user = random.pick(self.users.keys().filter(known)).cloned();
        let group = random.pick(self.groups.keys().filter(known)).cloned();
        let Some(user) = user.filter(|_| random.below(TARGET_USERS) < self.users.len()) else {
            return CreateUser(format!("{prefix}u{number}"), number);
        };
        let Some(group) = group.filter(|_| random.below(TARGET_USERS / 4) < self.groups.len()) else {
            let members = self.users.keys().filter(known).filter(|_| random.chance(20)).cloned().collect();
            return CreateGroup(format!("{prefix}g{number}"), number, members);
        };
        let is_member = self.groups[&group].members.contains(&user);
        match random.below(20) {
            0..5 => PatchUser(user, number),
            5..7 => ReplaceUser(user, number),
            7..9 => Switch(user.clone(), !self.users[&user].active),
            9..11 => DeleteUser(user),
            11..15 if is_member => Leave(group, user),
            11..15 => Join(group, user),
            15..18 if self.shared.contains(&user) => LeaveShared(user),
            15..18 => JoinShared(user),
            18 => PatchGroup(group, number),
            _ => DeleteGroup(group),
        }
    }

    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::CreateUser(name, mark) => {
                self.users.insert(name.clone(), User { mark: *mark, active: true, version: 1 });
            }
            Change::PatchUser(name, mark) => self.change_user(name, |user| user.mark = *mark),
            Change::ReplaceUser(name, mark) => self.change_user(name, |user| (user.mark, user.active) = (*mark, true)),
            Change::Switch(name, active) => self.change_user(name, |user| user.active = *active),
            Change::DeleteUser(name) => {
                self.users.remove(name);
                self.shared.remove(name);
                for group in self.groups.values_mut() {
                    if group.members.remove(name) {
                        group.version += 1;
                    }
                }
            }
            Change::CreateGroup(name, mark, members) => {
                let group = Group { mark: *mark, members: members.clone(), version: 1 };
                self.groups.insert(name.clone(), group);
            }
            Change::PatchGroup(name, mark) => self.change_group(name, |group| group.mark = *mark),
            Change::DeleteGroup(name) => _ = self.groups.remove(name),
            Change::Join(name, user) => self.change_group(name, |group| _ = group.members.insert(user.clone())),
            Change::Leave(name, user) => self.change_group(name, |group| _ = group.members.remove(user)),
            Change::JoinShared(user) => _ = self.shared.insert(user.clone()),
            Change::LeaveShared(user) => _ = self.shared.remove(user),
        }
    }

    fn change_user(&mut self, name: &str, change: impl FnOnce(&mut User)) {
        let user = self.users.get_mut(name).expect("drawn from existing names");
        change(user);
        user.version += 1;
    }

    fn change_group(&mut self, name: &str, change: impl FnOnce(&mut Group)) {
        let group = self.groups.get_mut(name).expect("drawn from existing names");
        change(group);
        group.version += 1;
    }
}

/// A request: method, path below the Tenant URL, body, status of success.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub status: u16,
}

impl Change {
    /// The name of the resource that it creates.
    pub fn creates(&self) -> Option<&str> {
        match self {
            Self::CreateUser(name, _) | Self::CreateGroup(name, ..) => Some(name),
            _ => None,
        }
    }

    pub fn request(&self, ids: &Ids) -> Request {
        let ask = |method, path, body, status| Request { method, path, body, status };
        let user = |name: &String| format!("/Users/{}", ids[name]);
        let group = |name: &str| format!("/Groups/{}", ids[name]);
        let patch = |operations: Value| Some(json!({"schemas": [PATCH_OP], "Operations": operations}));
        let join = |name: &str, user: &String| {
            let join = json!([{"op": "add", "path": "members", "value": [{"value": ids[user]}]}]);
            ask("PATCH", group(name), patch(join), 204)
        };
        let leave = |name: &str, user: &String| {
            let leave = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[user])}]);
            ask("PATCH", group(name), patch(leave), 204)
        };
        match self {
            Self::CreateUser(name, mark) => ask("POST", "/Users".into(), Some(person(name, *mark)), 201),
            Self::ReplaceUser(name, mark) => ask("PUT", user(name), Some(person(name, *mark)), 200),
            Self::PatchUser(name, mark) => {
                let person = person(name, *mark);
                let operations = json!([
                    {"op": "replace", "path": "title", "value": person["title"]},
                    {"op": "replace", "path": "name.familyName", "value": person["name"]["familyName"]},
                    {"op": "replace", "path": "emails[type eq \"work\"].value", "value": person["emails"][0]["value"]},
                ]);
                ask("PATCH", user(name), patch(operations), 200)
            }
            Self::Switch(name, active) => {
                let switch = json!([{"op": "replace", "path": "active", "value": active}]);
                ask("PATCH", user(name), patch(switch), 200)
            }
            Self::DeleteUser(name) => ask("DELETE", user(name), None, 204),
            Self::CreateGroup(name, mark, members) => {
                let members: Vec<_> = members.iter().map(|member| json!({"value": ids[member]})).collect();
                let mark = mark.to_string();
                let body = json!({"schemas": [GROUP], "displayName": name, "externalId": mark, "members": members});
                ask("POST", "/Groups".into(), Some(body), 201)
            }
            Self::PatchGroup(name, mark) => {
                let mark = json!([{"op": "replace", "path": "externalId", "value": mark.to_string()}]);
                ask("PATCH", group(name), patch(mark), 204)
            }
            Self::DeleteGroup(name) => ask("DELETE", group(name), None, 204),
            Self::Join(name, user) => join(name, user),
            Self::Leave(name, user) => leave(name, user),
            Self::JoinShared(user) => join(SHARED, user),
            Self::LeaveShared(user) => leave(SHARED, user),
        }
    }
}

/// Several changes in one request, each atomic by itself.
pub fn bulk(changes: &[Change], ids: &Ids) -> Request {
    let operation = |(index, change): (usize, &Change)| {
        let request = change.request(ids);
        let mut operation = json!({"method": request.method, "path": request.path});
        if request.method == "POST" {
            operation["bulkId"] = json!(format!("b{index}"));
        }
        if let Some(body) = request.body {
            operation["data"] = body;
        }
        operation
    };
    let operations: Vec<_> = changes.iter().enumerate().map(operation).collect();
    let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
    Request { method: "POST", path: "/Bulk".into(), body: Some(body), status: 200 }
}

fn person(name: &str, mark: u64) -> Value {
    json!({
        "schemas": [USER],
        "userName": name,
        "title": format!("t{mark}"),
        "active": true,
        "name": {"familyName": format!("f{mark}")},
        "emails": [{"type": "work", "value": format!("{mark}@contoso.example")}],
    })
}
