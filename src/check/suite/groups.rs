//! Groups and their members (RFC 7643 §4.2; RFC 7644).

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::service::{Feature, GROUP, USER};
use crate::check::session::{CreatedResource, Session};
use crate::check::test::{Run, Test, rfc};

const MEMBERS: &str = "Users are in groups they left, or not in groups they joined; Entra does not read members, so it does not detect this.";
const GROUPS: &[Feature] = &[Feature::Groups];
const PATCHED: &[Feature] = &[Feature::Groups, Feature::Patch];

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.3",
        "groups.created",
        "POST answers 201 with id, displayName, members and meta",
        Run::Code(created),
    )
    .meaning("Groups are not provisioned.")
    .requires(GROUPS),
    rfc(
        "RFC 7643 §4.2",
        "groups.needs_display_name",
        "A group without displayName is refused with 400",
        Run::Code(without_name),
    )
    .meaning("Groups are created that cannot be matched.")
    .requires(GROUPS),
    rfc("RFC 7644 §3.5.2.1", "groups.add_member", "add appends a member only once", Run::Code(add))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.2.2", "groups.remove_member", "remove with a filter removes one member", Run::Code(remove))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.2.2", "groups.remove_all", "remove of members removes all members", Run::Code(remove_all))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.2.3", "groups.replace_members", "replace sets exactly these members", Run::Code(replace))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.1", "groups.put", "PUT sets exactly these members", Run::Code(put))
        .meaning(MEMBERS)
        .requires(GROUPS),
    rfc(
        "RFC 7644 §3.4.2.2",
        "groups.by_name",
        "A group is found by displayName, case-insensitively",
        Run::Code(by_name),
    )
    .meaning("Groups are created a second time.")
    .requires(&[Feature::Groups, Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "groups.by_member", "Groups are found by a member", Run::Code(by_member))
        .meaning("None for Entra; other clients look up memberships this way.")
        .requires(&[Feature::Groups, Feature::Filter]),
    rfc("RFC 7643 §4.1.2", "groups.of_user", "User.groups follows memberships, if it is supported", Run::Code(of_user))
        .meaning("None for Entra; access reviews read it.")
        .requires(GROUPS),
    rfc("RFC 7643 §4.1.2", "groups.of_user_read_only", "User.groups is read-only", Run::Code(of_user_read_only))
        .meaning("An update of a user can add it to any group.")
        .requires(GROUPS),
    rfc("RFC 7644 §3.6", "groups.deleted", "DELETE answers 204 and keeps the members", Run::Code(deleted))
        .meaning("Deleting a group deletes users, or does not end.")
        .requires(GROUPS),
    rfc("RFC 7643 §4.2", "groups.circle", "Groups that contain each other do not stop the service", Run::Code(circle))
        .meaning("Two requests can stop the service.")
        .requires(GROUPS),
];

/// Reads the group and requires exactly these members.
pub fn require_members(session: &mut Session, group: &CreatedResource, ids: &[&str]) -> Result<(), NotPassed> {
    let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    let expected = if members.is_empty() { Value::Null } else { Value::Array(members) };
    session.read(&group.path)?.require_values(&json!({"members": expected}))
}

/// Creates `N` users.
pub fn create_users<const N: usize>(session: &mut Session) -> Result<[CreatedResource; N], NotPassed> {
    let mut users = Vec::with_capacity(N);
    for _ in 0..N {
        users.push(session.user(&json!({}))?);
    }
    users.try_into().map_err(|_| NotPassed::failed("users are missing", None))
}

fn created(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let name = session.names.group_name();
    let body =
        json!({"schemas": [GROUP], "displayName": name, "externalId": "8aa1-Sales", "members": [{"value": ana.id}]});
    let answer = session.post("/Groups", &body).require_object(&[201])?;
    answer.id()?;
    let expected = json!({"displayName": name, "externalId": "8aa1-Sales", "members": [{"value": ana.id}], "meta": {"resourceType": "Group"}});
    answer.require_values(&expected)?;
    session.read(&format!("/Groups/{}", answer.id()?))?.require_values(&expected)
}

fn without_name(session: &mut Session) -> Result<(), NotPassed> {
    session.post("/Groups", &json!({"schemas": [GROUP]})).require_status(&[400]).map(drop)
}

fn add(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": bob.id}]}]);
    for _ in 0..2 {
        session.patch(&group.path, &operations).require_accepted()?;
        require_members(session, &group, &[&ana.id, &bob.id])?;
    }
    Ok(())
}

fn remove(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    let path = format!("members[value eq \"{}\"]", ana.id);
    session.patch(&group.path, &json!([{"op": "remove", "path": path}])).require_accepted()?;
    require_members(session, &group, &[&bob.id])
}

fn remove_all(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    session.patch(&group.path, &json!([{"op": "remove", "path": "members"}])).require_accepted()?;
    require_members(session, &group, &[])
}

fn replace(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob, eve] = create_users(session)?;
    let group = session.group(&[&ana.id, &bob.id])?;
    let value = json!([{"value": bob.id}, {"value": eve.id}]);
    session.patch(&group.path, &json!([{"op": "replace", "path": "members", "value": value}])).require_accepted()?;
    require_members(session, &group, &[&bob.id, &eve.id])
}

fn put(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    let body = json!({"schemas": [GROUP], "displayName": group.name, "members": [{"value": bob.id}]});
    session.put(&group.path, &body).require_ok()?.require_values(&json!({"displayName": group.name}))?;
    require_members(session, &group, &[&bob.id])
}

fn by_name(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    for name in [group.name.clone(), group.name.to_uppercase()] {
        let answer = session.find("/Groups", &format!("displayName eq \"{name}\"")).require_ok()?;
        answer.require(answer.ids()? == [group.id.as_str()], || format!("{name} is not found"))?;
    }
    Ok(())
}

fn by_member(session: &mut Session) -> Result<(), NotPassed> {
    let [ana, bob] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    for (filter, is_hit) in [
        (format!("members.value eq \"{}\"", ana.id), true),
        (format!("members[value eq \"{}\"]", ana.id), true),
        (format!("members.value eq \"{}\"", bob.id), false),
    ] {
        let answer = session.find("/Groups", &filter).require_ok()?;
        let expected: &[&str] = if is_hit { &[&group.id] } else { &[] };
        answer
            .require(answer.ids()? == expected, || format!("{filter} finds {:?}", answer.ids().unwrap_or_default()))?;
    }
    Ok(())
}

fn offers_groups(session: &Session) -> Result<(), NotPassed> {
    if session.service.schema(USER).is_some() && session.service.attribute(USER, &["groups"]).is_none() {
        return Err(NotPassed::Skipped("the User schema has no groups".into()));
    }
    Ok(())
}

fn of_user(session: &mut Session) -> Result<(), NotPassed> {
    offers_groups(session)?;
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    session.read(&ana.path)?.require_values(&json!({"groups": [{"value": group.id}]}))?;
    session.delete(&group.path).require_status(&[204])?;
    session.read(&ana.path)?.require_values(&json!({"groups": null}))
}

fn of_user_read_only(session: &mut Session) -> Result<(), NotPassed> {
    offers_groups(session)?;
    let group = session.group(&[])?;
    let user = session.user(&json!({"groups": [{"value": group.id}]}))?;
    require_members(session, &group, &[])?;
    session.read(&user.path)?.require_values(&json!({"groups": null}))
}

fn deleted(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let group = session.group(&[&ana.id])?;
    session.delete(&group.path).require_status(&[204])?;
    session.get(&group.path).require_status(&[404])?;
    session.read(&ana.path).map(drop)
}

/// Whether groups may contain groups is the choice of the service (RFC 7643 §4.2), but it must still respond.
fn circle(session: &mut Session) -> Result<(), NotPassed> {
    let [ana] = create_users(session)?;
    let (first, second) = (session.group(&[&ana.id])?, session.group(&[])?);
    for (group, member) in [(&first, &second), (&second, &first), (&first, &first)] {
        let members = json!([{"value": member.id, "type": "Group"}, {"value": ana.id}]);
        let body = json!({"schemas": [GROUP], "displayName": group.name, "members": members});
        session.put(&group.path, &body).require_status(&[200, 400, 403, 409, 501])?;
    }
    for path in [&first.path, &second.path, &ana.path] {
        session.read(path)?;
    }
    Ok(())
}
