//! Resource versions (RFC 7644 §3.14), if they are declared.

use serde_json::json;

use crate::check::answer::Answer;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::{CreatedResource, Session, patch_of, user_body};
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra, which sends no conditional requests; two clients overwrite each other's changes.";
const REQUIRED: &[Feature] = &[Feature::Etag];

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.14", "etags.header", "ETag equals meta.version", Run::Code(header))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc("RFC 7644 §3.14", "etags.changes", "A change creates a new version", Run::Code(changes))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.14",
        "etags.not_modified",
        "If-None-Match with the current version is 304",
        Run::Code(not_modified),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.14",
        "etags.stale_write",
        "If-Match with an old version is 412 for PUT, PATCH and DELETE",
        Run::Code(stale),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc("RFC 7644 §3.14", "etags.fresh_write", "If-Match with the current version, or *, succeeds", Run::Code(fresh))
        .meaning(OTHERS)
        .requires(REQUIRED),
];

fn version(answer: &Answer) -> Result<String, NotPassed> {
    let tag = answer.header("etag").unwrap_or_default().to_owned();
    answer.require(!tag.is_empty(), || "ETag is missing".into())?;
    Ok(tag)
}

fn header(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    for answer in [session.read(&user.path)?, user.answer] {
        let tag = version(&answer)?;
        answer.require_values(&json!({"meta": {"version": tag}}))?;
    }
    Ok(())
}

fn rename(session: &mut Session, user: &CreatedResource, condition: Option<&str>) -> Answer {
    let request =
        Request::new("PUT", user.path.as_str()).json(&user_body(&user.name, &json!({"displayName": "Renamed"})));
    let request = condition.iter().fold(request, |request, tag| request.header("If-Match", *tag));
    session.send(&request)
}

fn changes(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let before = version(&session.read(&user.path)?)?;
    rename(session, &user, None).require_ok()?;
    let answer = session.read(&user.path)?;
    let after = version(&answer)?;
    answer.require(before != after, || format!("the version {before} did not change"))
}

fn not_modified(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let tag = version(&session.read(&user.path)?)?;
    let question = Request::get(user.path.as_str()).header("If-None-Match", tag);
    let answer = session.send(&question).require_status(&[304])?;
    answer.require(!answer.has_body, || "304 has a body".into())?;
    rename(session, &user, None).require_ok()?;
    session.send(&question).require_ok().map(drop)
}

fn stale(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let old = version(&session.read(&user.path)?)?;
    rename(session, &user, None).require_ok()?;
    let before = session.read(&user.path)?;
    rename(session, &user, Some(&old)).require_status(&[412])?.require_error_body()?;
    if session.service.lacks(Feature::Patch).is_none() {
        let body = patch_of(&json!([{"op": "replace", "path": "displayName", "value": "Late"}]));
        session
            .send(&Request::new("PATCH", user.path.as_str()).json(&body).header("If-Match", old.as_str()))
            .require_status(&[412])?;
    }
    let refusal =
        session.send(&Request::new("DELETE", user.path.as_str()).header("If-Match", old)).require_status(&[412])?;
    session.require_unchanged(&refusal, &before, &user.path)
}

fn fresh(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let tag = version(&session.read(&user.path)?)?;
    rename(session, &user, Some(&tag)).require_ok()?;
    rename(session, &user, Some("*")).require_ok()?;
    let tag = version(&session.read(&user.path)?)?;
    session.send(&Request::new("DELETE", user.path.as_str()).header("If-Match", tag)).require_status(&[204]).map(drop)
}
