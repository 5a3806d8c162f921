//! Groups and their members (RFC 7643 §4.2; RFC 7644).

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::service::{Feature, GROUP, USER};
use crate::check::session::{CreatedResource, Session};
use crate::check::test::{Run, Test, rfc};

const MEMBERS: &str =
    "People are in groups they left, or not in groups they joined; Entra does not read members, so it never notices.";
const GROUPS: &[Feature] = &[Feature::Groups];
const PATCHED: &[Feature] = &[Feature::Groups, Feature::Patch];

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.3",
        "groups.created",
        "A new group is 201, with id, displayName, members and meta",
        Run::Code(created),
    )
    .meaning("Groups are not provisioned.")
    .requires(GROUPS),
    rfc(
        "RFC 7643 §4.2",
        "groups.needs_display_name",
        "A group without displayName is refused: 400",
        Run::Code(without_name),
    )
    .meaning("Groups arise that nobody can match.")
    .requires(GROUPS),
    rfc("RFC 7644 §3.5.2.1", "groups.add_member", "add appends a member, once", Run::Code(add))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.2.2", "groups.remove_member", "remove with a filter takes one member out", Run::Code(remove))
        .meaning(MEMBERS)
        .requires(PATCHED),
    rfc("RFC 7644 §3.5.2.2", "groups.remove_all", "remove of members empties the group", Run::Code(remove_all))
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
        "A group is found by displayName, in any letter case",
        Run::Code(by_name),
    )
    .meaning("Groups are created a second time.")
    .requires(&[Feature::Groups, Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "groups.by_member", "Groups are found by a member", Run::Code(by_member))
        .meaning("None for Entra; other clients find out memberships so.")
        .requires(&[Feature::Groups, Feature::Filter]),
    rfc(
        "RFC 7643 §4.1.2",
        "groups.of_user",
        "User.groups follows memberships, where it is offered",
        Run::Code(of_user),
    )
    .meaning("None for Entra; access reviews read it.")
    .requires(GROUPS),
    rfc("RFC 7643 §4.1.2", "groups.of_user_read_only", "User.groups cannot be written", Run::Code(of_user_read_only))
        .meaning("A person's update puts it into any group.")
        .requires(GROUPS),
    rfc("RFC 7644 §3.6", "groups.deleted", "DELETE answers 204 and spares the members", Run::Code(deleted))
        .meaning("Deleting a group deletes people, or does not end.")
        .requires(GROUPS),
    rfc("RFC 7643 §4.2", "groups.circle", "Groups that contain each other stop nothing", Run::Code(circle))
        .meaning("Two requests stop the service.")
        .requires(GROUPS),
];

/// The members' ids as a group is read back must be exactly these.
pub fn require_members(session: &mut Session, group: &CreatedResource, ids: &[&str]) -> Result<(), NotPassed> {
    let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    let expected = if members.is_empty() { Value::Null } else { Value::Array(members) };
    session.read(&group.path)?.require_values(&json!({"members": expected}))
}

/// So many users.
pub fn create_users<const N: usize>(session: &mut Session) -> Result<[CreatedResource; N], NotPassed> {
    let mut people = Vec::with_capacity(N);
    for _ in 0..N {
        people.push(session.user(&json!({}))?);
    }
    people.try_into().map_err(|_| NotPassed::failed("people are missing", None))
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

/// Whether groups may contain groups is the service's choice (RFC 7643 §4.2); that it goes on answering is not.
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
