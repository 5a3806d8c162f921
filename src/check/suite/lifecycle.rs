//! The lifecycle of a user in Entra: disabled first, deleted 30 days later, possibly restored.

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::session::{CreatedResource, Session, user_body};
use crate::check::test::{Run, Test, entra};

pub const TESTS: &[Test] = &[
    entra(
        "Disable",
        "lifecycle.disabled_is_readable",
        "A disabled user can be read, with active false",
        Run::Code(readable),
    )
    .meaning("Entra treats a disabled user as deleted, and creates a second account later."),
    entra("Disable", "lifecycle.disabled_is_found", "A disabled user is found by a filter", Run::Code(found))
        .meaning("A returning user is refused with 409 in each cycle."),
    entra(
        "Restore",
        "lifecycle.restored",
        "active true restores the user with all attributes, in both dialects",
        Run::Code(restored),
    )
    .meaning("A returning user has lost data or access."),
    entra(
        "Delete",
        "lifecycle.deleted_after_disable",
        "A disabled user can be deleted and is then 404",
        Run::Code(deleted),
    )
    .meaning("Data of former users is never deleted."),
    entra(
        "Restore",
        "lifecycle.created_again",
        "The same user can be created again after deletion",
        Run::Code(created_again),
    )
    .meaning("A user who returns after deletion is refused with 409 in each cycle."),
];

const FULL_USER: fn() -> Value = || {
    json!({"displayName": "Ana Ruiz", "title": "Head", "externalId": "8f-Ana", "active": true,
        "emails": [{"type": "work", "value": "ana@contoso.example"}]})
};

fn disabled(session: &mut Session) -> Result<CreatedResource, NotPassed> {
    let user = session.user(&FULL_USER())?;
    session.patch(&user.path, &json!([{"op": "Replace", "path": "active", "value": "False"}])).require_accepted()?;
    Ok(user)
}

fn readable(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    let mut expected = FULL_USER();
    expected["active"] = json!(false);
    let answer = session.read(&user.path)?;
    answer.require_values(&expected)?;
    answer.require(answer.member("active") == &json!(false), || "active is not false".into())
}

fn found(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    let answer = session.find("/Users", &format!("userName eq \"{}\"", user.name)).require_ok()?;
    answer.require_values(&json!({"totalResults": 1, "Resources": [{"id": user.id, "active": false}]}))
}

fn restored(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    session.patch(&user.path, &json!([{"op": "Replace", "path": "active", "value": "True"}])).require_accepted()?;
    session.read(&user.path)?.require_values(&FULL_USER())?;
    for value in [false, true] {
        session.patch(&user.path, &json!([{"op": "replace", "path": "active", "value": value}])).require_accepted()?;
    }
    session.read(&user.path)?.require_values(&FULL_USER())
}

fn deleted(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    session.delete(&user.path).require_status(&[204])?;
    session.get(&user.path).require_status(&[404])?;
    session.patch(&user.path, &json!([{"op": "Replace", "path": "active", "value": "True"}])).require_status(&[404])?;
    session
        .find("/Users", &format!("userName eq \"{}\"", user.name))
        .require_ok()?
        .require_values(&json!({"totalResults": 0}))
}

fn created_again(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    session.delete(&user.path).require_status(&[204])?;
    let answer = session.post("/Users", &user_body(&user.name, &FULL_USER())).require_object(&[201])?;
    let id = answer.id()?;
    answer.require(id != user.id, || "the new user has the old id".into())
}
