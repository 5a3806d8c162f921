//! The steps of Okta's SCIM specification test, and requests that Okta sends afterwards.

use serde_json::{Value, json};

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::http::PASSWORD;
use crate::check::request::{Authorization, Request};
use crate::check::service::{GROUP, USER};
use crate::check::session::{CreatedResource, Session, resource, user_body};
use crate::check::test::{Run, Test, okta};

const OKTA: &str = "None for Entra; Okta requires this test to pass before it lists an application.";

const fn step(
    requirement: &'static str,
    name: &'static str,
    title: &'static str,
    run: fn(&mut Session) -> Result<(), NotPassed>,
) -> Test {
    okta(requirement, name, title, Run::Code(run)).meaning(OKTA)
}

pub const TESTS: &[Test] = &[
    step("Required Test: users", "okta.list", "GET /Users?count=1&startIndex=1 lists one user", list),
    step("Get Users/{id}", "okta.read", "A user is read with its names and e-mail", read),
    step("Invalid userName", "okta.unknown_name", "A filter on an unknown userName finds no user", unknown_name),
    step("Invalid user id", "okta.unknown_id", "An unknown id is 404 with a SCIM error", unknown_id),
    step(
        "Create user",
        "okta.create",
        "A user is created as Okta sends it, as application/json with a password",
        create,
    ),
    step("Read back", "okta.read_back", "A created user is read with the same values", read_back),
    step("Expect failure when recreating", "okta.duplicate", "A second user with the same values is 409", duplicate),
    step(
        "userName is case-insensitive",
        "okta.other_case",
        "A filter on the userName in capitals finds the user",
        other_case,
    ),
    step("Get groups", "okta.groups", "GET /Groups returns a list", groups),
    step("Bad credentials", "okta.credentials", "An invalid token is 401 with a SCIM error", credentials),
    step("Profile update", "okta.put", "PUT accepts the whole user as it was read, with a change", put),
    step("Deactivate and activate", "okta.activation", "active changes in an object without a path", activation),
    step(
        "Group push: rename",
        "okta.group_rename",
        "A group is renamed by an object that contains its id",
        group_rename,
    ),
];

fn okta_user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "name": {"givenName": "Ana", "familyName": "Ruiz"},
        "emails": [{"primary": true, "value": name, "type": "work"}], "displayName": "Ana Ruiz", "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": PASSWORD, "active": true})
}

/// Creates a user as Okta does.
fn create_okta_user(session: &mut Session) -> Result<CreatedResource, NotPassed> {
    let name = session.names.user_name();
    let request = Request::new("POST", "/Users").text("application/json", okta_user(&name).to_string());
    let answer = session.send(&request).require_object(&[201])?;
    let id = answer.id()?;
    Ok(CreatedResource { path: resource("/Users", &id), id, name, answer })
}

fn list(session: &mut Session) -> Result<(), NotPassed> {
    create_okta_user(session)?;
    let answer = session.send(&Request::get("/Users").query("count", "1").query("startIndex", "1")).require_ok()?;
    answer.require_values(&json!({"startIndex": 1, "itemsPerPage": 1}))?;
    answer.require(answer.total()? >= 1 && answer.resources()?.len() == 1, || {
        "the list does not contain exactly one user".into()
    })?;
    let first = answer.resources()?.first().cloned().unwrap_or_default();
    answer.require(first["id"].is_string() && first["userName"].is_string(), || "the user has no id or userName".into())
}

fn read(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    session.read(&user.path)?.require_values(&json!({"id": user.id, "userName": user.name, "active": true,
        "name": {"givenName": "Ana", "familyName": "Ruiz"}, "emails": [{"value": user.name}]}))
}

fn unknown_name(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.find("/Users", &format!("userName eq \"{}\"", clock::random_guid())).require_ok()?;
    answer.require_values(&json!({"totalResults": 0, "Resources": null}))
}

fn unknown_id(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.get(&resource("/Users", &clock::random_guid())).require_status(&[404])?;
    answer.require_error_body()?;
    answer.require_detail()
}

fn create(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    user.answer.require_values(
        &json!({"userName": user.name, "active": true, "name": {"givenName": "Ana", "familyName": "Ruiz"}}),
    )?;
    user.answer.require(user.answer.body.get("password").is_none(), || "the password is in the response".into())
}

fn read_back(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    let mut expected = okta_user(&user.name);
    if let Some(members) = expected.as_object_mut() {
        members.retain(|name, _| !["password", "schemas"].contains(&name.as_str()));
    }
    session.read(&user.path)?.require_values(&expected)
}

fn duplicate(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    session.post("/Users", &okta_user(&user.name)).require_status(&[409])?.require_error_body()
}

fn other_case(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    let answer = session.find("/Users", &format!("userName eq \"{}\"", user.name.to_uppercase())).require_ok()?;
    answer.require_values(&json!({"totalResults": 1, "Resources": [{"id": user.id}]}))
}

fn groups(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.read("/Groups")?;
    answer.total()?;
    answer.resources().map(drop)
}

fn credentials(session: &mut Session) -> Result<(), NotPassed> {
    let request =
        Request::get("/Users").query("count", "1").authorization(Authorization::Other("Bearer not-the-token"));
    let answer = session.send(&request).require_status(&[401])?;
    answer.require_error_body()
}

fn put(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    let mut body = session.read(&user.path)?.body;
    if let Some(members) = body.as_object_mut() {
        members.insert("name".into(), json!({"givenName": "Anna", "familyName": "Ruiz"}));
        members.insert("groups".into(), json!([]));
    }
    session.put(&user.path, &body).require_ok()?;
    session.read(&user.path)?.require_values(
        &json!({"userName": user.name, "active": true, "name": {"givenName": "Anna", "familyName": "Ruiz"}}),
    )
}

fn activation(session: &mut Session) -> Result<(), NotPassed> {
    let user = create_okta_user(session)?;
    for active in [false, true] {
        session.patch(&user.path, &json!([{"op": "replace", "value": {"active": active}}])).require_accepted()?;
        session.read(&user.path)?.require_values(&json!({"active": active, "displayName": "Ana Ruiz"}))?;
    }
    // Okta never deletes users; it updates a user who returns.
    session
        .put(&user.path, &user_body(&user.name, &json!({"active": true, "displayName": "Ana"})))
        .require_ok()
        .map(drop)
}

fn group_rename(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    let name = session.names.group_name();
    let value = json!({"id": group.id, "displayName": name});
    session.patch(&group.path, &json!([{"op": "replace", "value": value}])).require_accepted()?;
    session.read(&group.path)?.require_values(&json!({"id": group.id, "displayName": name, "schemas": [GROUP]}))
}
