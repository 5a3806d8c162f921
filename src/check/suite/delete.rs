//! `DELETE` (RFC 7644 §3.6).

use serde_json::json;

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::service::Feature;
use crate::check::session::{Session, user_body};
use crate::check::test::{Run, Test, rfc};

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.6", "delete.deleted", "DELETE answers 204 without a body", Run::Code(deleted))
        .meaning("Entra treats each deletion as a failure and repeats it."),
    rfc("RFC 7644 §3.6", "delete.gone", "A deleted user is 404 for GET, PUT and DELETE", Run::Code(gone))
        .meaning("Entra assumes that a deleted account still exists."),
    rfc("RFC 7644 §3.6", "delete.gone_for_patch", "A deleted user is 404 for PATCH", Run::Code(gone_for_patch))
        .meaning("Entra updates an account that does not exist.")
        .requires(&[Feature::Patch]),
    rfc("RFC 7644 §3.6", "delete.in_no_list", "A deleted user is not found by a filter", Run::Code(in_no_list))
        .meaning("Entra matches a new user with a deleted account.")
        .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §3.6",
        "delete.name_is_free",
        "The userName can be used again, with a new id",
        Run::Code(name_is_free),
    )
    .meaning("A returning user cannot be created: 409 in each cycle."),
    rfc("RFC 7644 §3.6", "delete.unknown", "DELETE of an unknown id is 404", Run::Code(unknown))
        .meaning("None for Entra, which treats 404 as success; other clients assume that something was deleted."),
];

fn deleted(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session.delete(&user.path).require_status(&[204])?;
    answer.require(!answer.has_body, || "204 has a body".into())
}

fn gone(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.delete(&user.path).require_status(&[204])?;
    session.get(&user.path).require_status(&[404])?;
    session.put(&user.path, &user_body(&user.name, &json!({}))).require_status(&[404])?;
    session.delete(&user.path).require_status(&[404]).map(drop)
}

fn gone_for_patch(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.delete(&user.path).require_status(&[204])?;
    session
        .patch(&user.path, &json!([{"op": "replace", "path": "active", "value": true}]))
        .require_status(&[404])
        .map(drop)
}

fn in_no_list(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.delete(&user.path).require_status(&[204])?;
    let answer = session.find("/Users", &format!("userName eq \"{}\"", user.name)).require_ok()?;
    answer.require(answer.total()? == 0 && answer.resources()?.is_empty(), || "the deleted user is found".into())
}

fn name_is_free(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    session.delete(&user.path).require_status(&[204])?;
    let again = session.create("/Users", user.name.clone(), &user_body(&user.name, &json!({})))?;
    again.answer.require(again.id != user.id, || "the new user has the old id".into())
}

fn unknown(session: &mut Session) -> Result<(), NotPassed> {
    session.delete(&format!("/Users/{}", clock::random_guid())).require_status(&[404]).map(drop)
}
