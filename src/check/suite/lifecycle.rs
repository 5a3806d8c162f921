//! Joining, leaving and coming back as Entra does it: disabled first, deleted 30 days later.

use serde_json::{Value, json};

use crate::check::failure::NotPassed;
use crate::check::session::{CreatedResource, Session, user_body};
use crate::check::test::{Run, Test, entra};

pub const TESTS: &[Test] = &[
    entra(
        "Disable",
        "lifecycle.disabled_is_readable",
        "A disabled user is still read, with active false",
        Run::Code(readable),
    )
    .meaning("Entra takes somebody on leave for deleted, and creates a second account on return."),
    entra("Disable", "lifecycle.disabled_is_found", "A disabled user is still found by filter", Run::Code(found))
        .meaning("Who comes back is refused with 409 in each cycle."),
    entra(
        "Restore",
        "lifecycle.restored",
        "active true brings the user back with everything, in both dialects",
        Run::Code(restored),
    )
    .meaning("Who comes back has lost data or access."),
    entra(
        "Delete",
        "lifecycle.deleted_after_disable",
        "A disabled user can be deleted; then it is 404 everywhere",
        Run::Code(deleted),
    )
    .meaning("Data of those who left stays for ever."),
    entra(
        "Restore",
        "lifecycle.created_again",
        "After the deletion the same person is created again",
        Run::Code(again),
    )
    .meaning("Who comes back after the deletion is refused with 409 in each cycle."),
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

fn again(session: &mut Session) -> Result<(), NotPassed> {
    let user = disabled(session)?;
    session.delete(&user.path).require_status(&[204])?;
    let answer = session.post("/Users", &user_body(&user.name, &FULL_USER())).require_object(&[201])?;
    let id = answer.id()?;
    answer.require(id != user.id, || "the new user has the old id".into())
}
