//! Versions (RFC 7644 §3.14), where they are declared.

use serde_json::json;

use crate::check::answer::Answer;
use crate::check::request::Request;
use crate::check::session::{Made, Session, patch_of, user_body};
use crate::check::test::{Need, Run, Stop, Test, rfc};

const OTHERS: &str = "None for Entra, which sends no conditions; two clients overwrite each other's changes.";
const NEEDS: &[Need] = &[Need::Etag];

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.14", "etags.header", "ETag is meta.version", Run::Code(header)).means(OTHERS).needs(NEEDS),
    rfc("RFC 7644 §3.14", "etags.changes", "A change makes another version", Run::Code(changes))
        .means(OTHERS)
        .needs(NEEDS),
    rfc(
        "RFC 7644 §3.14",
        "etags.not_modified",
        "If-None-Match with the present version is 304",
        Run::Code(not_modified),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc(
        "RFC 7644 §3.14",
        "etags.stale_write",
        "If-Match with another version is 412 for PUT, PATCH and DELETE",
        Run::Code(stale),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc("RFC 7644 §3.14", "etags.fresh_write", "If-Match with the present version, or *, goes on", Run::Code(fresh))
        .means(OTHERS)
        .needs(NEEDS),
];

fn version(answer: &Answer) -> Result<String, Stop> {
    let tag = answer.header("etag").unwrap_or_default().to_owned();
    answer.demand(!tag.is_empty(), || "there is no ETag".into())?;
    Ok(tag)
}

fn header(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({}))?;
    for answer in [session.read(&user.path)?, user.answer] {
        let tag = version(&answer)?;
        answer.holds(&json!({"meta": {"version": tag}}))?;
    }
    Ok(())
}

fn rename(session: &mut Session, user: &Made, condition: Option<&str>) -> Answer {
    let request =
        Request::new("PUT", user.path.as_str()).json(&user_body(&user.name, &json!({"displayName": "Renamed"})));
    let request = condition.iter().fold(request, |request, tag| request.header("If-Match", *tag));
    session.send(&request)
}

fn changes(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let before = version(&session.read(&user.path)?)?;
    rename(session, &user, None).ok()?;
    let answer = session.read(&user.path)?;
    let after = version(&answer)?;
    answer.demand(before != after, || format!("the version is {before} before and after"))
}

fn not_modified(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let tag = version(&session.read(&user.path)?)?;
    let question = Request::get(user.path.as_str()).header("If-None-Match", tag);
    let answer = session.send(&question).status(&[304])?;
    answer.demand(!answer.has_body, || "304 has a body".into())?;
    rename(session, &user, None).ok()?;
    session.send(&question).ok().map(drop)
}

fn stale(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let old = version(&session.read(&user.path)?)?;
    rename(session, &user, None).ok()?;
    let before = session.read(&user.path)?;
    rename(session, &user, Some(&old)).status(&[412])?.error_body()?;
    if session.service.lacks(Need::Patch).is_none() {
        let body = patch_of(&json!([{"op": "replace", "path": "displayName", "value": "Late"}]));
        session
            .send(&Request::new("PATCH", user.path.as_str()).json(&body).header("If-Match", old.as_str()))
            .status(&[412])?;
    }
    let refusal = session.send(&Request::new("DELETE", user.path.as_str()).header("If-Match", old)).status(&[412])?;
    session.unchanged(&refusal, &before, &user.path)
}

fn fresh(session: &mut Session) -> Result<(), Stop> {
    let user = session.user(&json!({"displayName": "Ana"}))?;
    let tag = version(&session.read(&user.path)?)?;
    rename(session, &user, Some(&tag)).ok()?;
    rename(session, &user, Some("*")).ok()?;
    let tag = version(&session.read(&user.path)?)?;
    session.send(&Request::new("DELETE", user.path.as_str()).header("If-Match", tag)).status(&[204]).map(drop)
}
