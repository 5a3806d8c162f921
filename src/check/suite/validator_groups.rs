//! The tests of groups in Microsoft's SCIM Validator, under their names there.

use serde_json::{Value, json};

use super::groups::{create_users, require_members};
use crate::check::answer::Answer;
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::GROUP;
use crate::check::session::Session;
use crate::check::test::{Test, validator};

pub const TESTS: &[Test] = &[
    validator("Create a new Group", "validator_groups.create", "The group is read with the same values", create),
    validator(
        "Create a duplicate Group",
        "validator_groups.duplicate",
        "A second group with the same name is 409",
        duplicate,
    ),
    validator(
        "Get group by id excluding members",
        "validator_groups.get_without_members",
        "The group has no members attribute",
        get_without_members,
    ),
    validator("Filter for existing groups", "validator_groups.filter_existing", "The group is found", filter_existing),
    validator(
        "Filter for existing group excluding members",
        "validator_groups.filter_without_members",
        "The group is found without members",
        filter_without_members,
    ),
    validator(
        "Filter for a non-existing group",
        "validator_groups.filter_unknown",
        "No group is found, with 200",
        filter_unknown,
    ),
    validator(
        "Filter for an existing group with a different case",
        "validator_groups.filter_other_case",
        "The group is found",
        filter_other_case,
    ),
    validator(
        "Replace group attributes",
        "validator_groups.replace",
        "displayName and externalId change in one object",
        replace,
    ),
    validator("Update group displayName", "validator_groups.rename", "displayName changes, in both dialects", rename),
    validator("Add member", "validator_groups.add_member", "The member is added, in both dialects", add_member),
    validator(
        "Remove member",
        "validator_groups.remove_member",
        "The member is removed and others remain, in both dialects",
        remove_member,
    ),
    validator("Delete a Group", "validator_groups.delete", "The group is deleted, then 404", delete),
];

fn create(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.group_name();
    let body = json!({"schemas": [GROUP], "externalId": clock::random_guid(), "displayName": name, "members": []});
    let expected = json!({"displayName": name, "externalId": body["externalId"], "meta": {"resourceType": "Group"}});
    let answer = session.post("/Groups", &body).require_object(&[201])?;
    answer.require_values(&expected)?;
    session.read(&format!("/Groups/{}", answer.id()?))?.require_values(&expected)
}

fn duplicate(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    let answer =
        session.post("/Groups", &json!({"schemas": [GROUP], "displayName": group.name})).require_status(&[409])?;
    answer.require_error_body()
}

fn get_without_members(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let answer =
        session.send(&Request::get(group.path.as_str()).query("excludedAttributes", "members")).require_ok()?;
    answer.require_values(&json!({"id": group.id, "displayName": group.name}))?;
    answer.require(answer.body.get("members").is_none(), || "the group has members".into())
}

fn filter(session: &mut Session, name: &str, more: &[(&str, &str)]) -> Result<Answer, NotPassed> {
    let filter = format!("displayName eq {}", Value::from(name));
    let request = Request::get("/Groups").query("filter", &filter);
    session.send(&more.iter().fold(request, |request, (name, value)| request.query(name, value))).require_ok()
}

fn filter_existing(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    let found = json!({"totalResults": 1, "Resources": [{"id": group.id, "displayName": group.name}]});
    filter(session, &group.name, &[])?.require_values(&found)
}

fn filter_without_members(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let answer = filter(session, &group.name, &[("excludedAttributes", "members")])?;
    answer.require_values(&json!({"totalResults": 1, "Resources": [{"id": group.id, "displayName": group.name}]}))?;
    let is_without = answer.resources()?.iter().all(|group| group.get("members").is_none());
    answer.require(is_without, || "the group has members".into())
}

fn filter_unknown(session: &mut Session) -> Result<(), NotPassed> {
    filter(session, &clock::random_guid(), &[])?.require_values(&json!({"totalResults": 0, "Resources": null}))
}

fn filter_other_case(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    filter(session, &group.name.to_uppercase(), &[])?
        .require_values(&json!({"totalResults": 1, "Resources": [{"id": group.id}]}))
}

fn replace(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let wanted = json!({"displayName": session.names.group_name(), "externalId": clock::random_guid()});
    session.patch(&group.path, &json!([{"op": "replace", "value": wanted}])).require_accepted()?;
    session.read(&group.path)?.require_values(&wanted)?;
    require_members(session, &group, &[&ana.id])
}

fn rename(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    for op in ["replace", "Replace"] {
        let name = session.names.group_name();
        session.patch(&group.path, &json!([{"op": op, "path": "displayName", "value": name}])).require_accepted()?;
        session.read(&group.path)?.require_values(&json!({"displayName": name}))?;
    }
    Ok(())
}

fn add_member(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[])?;
    let by = |op: &str, id: &str| json!([{"op": op, "path": "members", "value": [{"value": id}]}]);
    session.patch(&group.path, &by("add", &ana.id)).require_accepted()?;
    require_members(session, &group, &[&ana.id])?;
    session.patch(&group.path, &by("Add", &bob.id)).require_accepted()?;
    require_members(session, &group, &[&ana.id, &bob.id])
}

fn remove_member(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob, eve] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id, &eve.id])?;
    let path = format!("members[value eq \"{}\"]", ana.id);
    session.patch(&group.path, &json!([{"op": "remove", "path": path}])).require_accepted()?;
    require_members(session, &group, &[&bob.id, &eve.id])?;
    session
        .patch(&group.path, &json!([{"op": "Remove", "path": "members", "value": [{"value": bob.id}]}]))
        .require_accepted()?;
    require_members(session, &group, &[&eve.id])
}

fn delete(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    session.delete(&group.path).require_status(&[204])?;
    session.get(&group.path).require_status(&[404])?.require_error_body()
}
