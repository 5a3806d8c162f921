//! Requests about groups as Microsoft Entra's provisioning service sends them, in both PATCH dialects.

use serde_json::{Value, json};

use super::groups::{create_users, require_members};
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::GROUP;
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra};

const DIFFERS: &str =
    "Users lose access or keep access they should lose; Entra does not read members, so it does not detect this.";
const FAILS: &str = "Groups are not provisioned.";

pub const TESTS: &[Test] = &[
    entra(
        "POST of a group",
        "entra_groups.create",
        "A group is created as Entra sends it, with a schema URN of Microsoft",
        Run::Code(create),
    )
    .meaning(FAILS),
    entra("Lookup", "entra_groups.lookup", "Lookup by name and read exclude members", Run::Code(lookup))
        .meaning("Entra reports an error if a group contains members although it excluded them."),
    entra("PATCH of members", "entra_groups.add", "Add accepts members with \"$ref\": null", Run::Code(add))
        .meaning(DIFFERS),
    entra("PATCH of members", "entra_groups.replace", "replace sets exactly these members", Run::Code(replace))
        .meaning(DIFFERS),
    entra(
        "PATCH of members",
        "entra_groups.remove_with_flag",
        "remove with a filter keeps other members",
        Run::Code(remove_with_flag),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of members",
        "entra_groups.remove_without_flag",
        "Remove with a list removes only the listed members",
        Run::Code(remove_without_flag),
    )
    .meaning("Removing one member removes all members of the group."),
    entra(
        "PATCH of members",
        "entra_groups.remove_stranger",
        "Removing a user who is not a member succeeds",
        Run::Code(remove_stranger),
    )
    .meaning("Entra repeats a removal after a lost response, and the failures lead to quarantine."),
    entra(
        "PATCH of members",
        "entra_groups.add_and_remove",
        "Add and Remove of the same member in one request leave it removed",
        Run::Code(add_and_remove),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of members",
        "entra_groups.many",
        "One request may contain several operations with several members",
        Run::Code(many),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of a group",
        "entra_groups.rename",
        "displayName and externalId change, with and without a path",
        Run::Code(rename),
    )
    .meaning(FAILS),
    entra("Deletion", "entra_groups.deleted_user", "A deleted user is in no group", Run::Code(deleted_user))
        .meaning(DIFFERS),
    entra("Deletion", "entra_groups.disabled_user", "A disabled user stays in its groups", Run::Code(disabled_user))
        .meaning("Somebody who comes back has lost all access; Entra sends members only when they change."),
];

fn create(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.group_name();
    let microsoft = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let body = json!({"schemas": [GROUP, microsoft], "externalId": clock::random_guid(), "displayName": name,
        "meta": {"resourceType": "Group"}});
    let answer = session.post("/Groups", &body).require_object(&[201])?;
    answer.require_values(&json!({"displayName": name, "externalId": body["externalId"], "members": null}))?;
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    answer.require(urns.iter().any(|urn| urn == GROUP), || format!("schemas does not contain {GROUP}"))
}

fn lookup(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let without = |request: Request| request.query("excludedAttributes", "members");
    let filter = format!("displayName eq {}", Value::from(group.name.as_str()));
    let found = session.send(&without(Request::get("/Groups")).query("filter", &filter)).require_ok()?;
    found.require_values(&json!({"totalResults": 1, "Resources": [{"id": group.id, "displayName": group.name}]}))?;
    let listed = found.resources()?.iter().all(|group| group.get("members").is_none());
    found.require(listed, || "the found group has members".into())?;
    let read = session.send(&without(Request::get(group.path.as_str()))).require_ok()?;
    read.require(read.body.get("members").is_none(), || "the group has members".into())
}

fn operation(op: &str, ids: &[&str]) -> Value {
    let value: Vec<_> = ids.iter().map(|id| json!({"$ref": null, "value": id})).collect();
    json!({"op": op, "path": "members", "value": value})
}

fn add(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[])?;
    for ids in [vec![ana.id.as_str()], vec![ana.id.as_str(), bob.id.as_str()]] {
        session.patch(&group.path, &json!([operation("Add", &ids)])).require_accepted()?;
        require_members(session, &group, &ids)?;
    }
    Ok(())
}

fn replace(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob, eve] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    let value = json!([{"value": bob.id}, {"value": eve.id}]);
    session.patch(&group.path, &json!([{"op": "replace", "path": "members", "value": value}])).require_accepted()?;
    require_members(session, &group, &[&bob.id, &eve.id])
}

fn remove_with_flag(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    let path = format!("members[value eq \"{}\"]", ana.id);
    session.patch(&group.path, &json!([{"op": "remove", "path": path}])).require_accepted()?;
    require_members(session, &group, &[&bob.id])
}

fn remove_without_flag(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob, eve] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id, &eve.id])?;
    session.patch(&group.path, &json!([operation("Remove", &[&ana.id])])).require_accepted()?;
    require_members(session, &group, &[&bob.id, &eve.id])
}

fn remove_stranger(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let path = format!("members[value eq \"{}\"]", bob.id);
    session.patch(&group.path, &json!([{"op": "remove", "path": path}])).require_accepted()?;
    session.patch(&group.path, &json!([operation("Remove", &[&bob.id])])).require_accepted()?;
    require_members(session, &group, &[&ana.id])
}

fn add_and_remove(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let operations = json!([operation("Add", &[&bob.id]), operation("Remove", &[&bob.id])]);
    session.patch(&group.path, &operations).require_accepted()?;
    require_members(session, &group, &[&ana.id])
}

fn many(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob, eve, joe] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    let operations = json!([
        operation("Remove", &[&ana.id, &bob.id]),
        operation("Add", &[&eve.id]),
        operation("Add", &[&joe.id, &bob.id])
    ]);
    session.patch(&group.path, &operations).require_accepted()?;
    require_members(session, &group, &[&bob.id, &eve.id, &joe.id])
}

fn rename(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let (first, second) = (session.names.group_name(), session.names.group_name());
    let by_path = json!([{"op": "Replace", "path": "displayName", "value": first}, {"op": "Add", "path": "externalId", "value": "x-1"}]);
    session.patch(&group.path, &by_path).require_accepted()?;
    session
        .read(&group.path)?
        .require_values(&json!({"displayName": first, "externalId": "x-1", "members": [{"value": ana.id}]}))?;
    let without_path = json!([{"op": "replace", "value": {"displayName": second, "externalId": "x-2"}}]);
    session.patch(&group.path, &without_path).require_accepted()?;
    session
        .read(&group.path)?
        .require_values(&json!({"displayName": second, "externalId": "x-2", "members": [{"value": ana.id}]}))
}

fn deleted_user(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    session.delete(&ana.path).require_status(&[204])?;
    require_members(session, &group, &[&bob.id])
}

fn disabled_user(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    session.patch(&ana.path, &json!([{"op": "Replace", "path": "active", "value": "False"}])).require_accepted()?;
    require_members(session, &group, &[&ana.id])
}
