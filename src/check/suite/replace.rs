//! `PUT` (RFC 7644 §3.5.1).

use serde_json::json;

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::service::USER;
use crate::check::session::{Session, user_body};
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra, which uses PATCH; Okta and PingFederate update by PUT.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.5.1", "replace.replaced", "PUT answers 200 with the updated resource", Run::Code(replaced))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.5.1", "replace.values", "PUT replaces the values of an attribute", Run::Code(values))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.5.1", "replace.what_was_read", "PUT accepts a resource as it was read", Run::Code(what_was_read))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.5.1", "replace.read_only", "id and meta sent by the client are ignored", Run::Code(read_only))
        .meaning(OTHERS),
    rfc(
        "RFC 7644 §3.5.1",
        "replace.needs_user_name",
        "PUT without a required attribute is refused with 400",
        Run::Code(without_name),
    )
    .meaning(OTHERS),
    rfc(
        "RFC 7644 §3.5.1",
        "replace.taken_name",
        "PUT with the userName of another user is refused with 409",
        Run::Code(taken),
    )
    .meaning("Two users share a userName."),
    rfc("RFC 7644 §3.5.1", "replace.unknown_id", "PUT to an unknown id is 404 and creates nothing", Run::Code(unknown))
        .meaning(OTHERS),
    rfc("RFC 7644 §3.5.1", "replace.keeps_created", "PUT keeps id and meta.created", Run::Code(keeps)).meaning(OTHERS),
];

fn replaced(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Before", "title": "Clerk"}))?;
    let wanted = json!({"displayName": "After", "title": "Head", "name": {"familyName": "Ruiz"}, "active": true});
    let answer = session.put(&user.path, &user_body(&user.name, &wanted)).require_ok()?;
    answer.require_values(&json!({"id": user.id, "userName": user.name}))?;
    answer.require_values(&wanted)?;
    session.read(&user.path)?.require_values(&wanted)
}

fn values(session: &mut Session) -> Result<(), NotPassed> {
    let two = json!([{"type": "work", "value": "a@x.example"}, {"type": "home", "value": "b@x.example"}]);
    let user = session.user(&json!({"emails": two}))?;
    let wanted = json!({"emails": [{"type": "work", "value": "c@x.example"}]});
    session.put(&user.path, &user_body(&user.name, &wanted)).require_ok()?;
    session.read(&user.path)?.require_values(&wanted)
}

fn what_was_read(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Ana", "name": {"givenName": "Ana"}, "active": true}))?;
    let before = session.read(&user.path)?;
    session.put(&user.path, &before.body).require_ok()?;
    session.read(&user.path)?.require_values(&json!({"id": user.id, "userName": user.name, "displayName": "Ana",
        "name": {"givenName": "Ana"}, "active": true}))
}

fn read_only(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let read_only =
        json!({"meta": {"resourceType": "Nonsense", "created": "1999-01-01T00:00:00Z"}, "displayName": "Ana"});
    session.put(&user.path, &user_body(&user.name, &read_only)).require_ok()?;
    let answer = session.read(&user.path)?;
    answer.require_values(&json!({"id": user.id, "displayName": "Ana", "meta": {"resourceType": "User"}}))
}

fn without_name(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let before = session.read(&user.path)?;
    let refusal =
        session.put(&user.path, &json!({"schemas": [USER], "displayName": "Nobody"})).require_status(&[400])?;
    session.require_unchanged(&refusal, &before, &user.path)
}

fn taken(session: &mut Session) -> Result<(), NotPassed> {
    let (user, other) = (session.user(&json!({}))?, session.user(&json!({}))?);
    session.put(&user.path, &user_body(&other.name, &json!({}))).require_status(&[409])?;
    session.read(&user.path)?.require_values(&json!({"userName": user.name}))
}

fn unknown(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    session
        .put(&format!("/Users/{}", clock::random_guid()), &user_body(&name, &json!({})))
        .require_status(&[404])
        .map(drop)
}

fn keeps(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let created = session.read(&user.path)?.member("meta")["created"].clone();
    session.put(&user.path, &user_body(&user.name, &json!({"displayName": "Ana"}))).require_ok()?;
    session.read(&user.path)?.require_values(&json!({"id": user.id, "meta": {"created": created}}))
}
