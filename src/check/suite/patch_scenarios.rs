//! Requirements of PATCH that need several requests to test (RFC 7644 §3.5.2).

use serde_json::json;

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{ENTERPRISE, Feature};
use crate::check::session::{PATCH_OP, Session};
use crate::check::test::{Run, Test, rfc};

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.5.2",
        "patch.taken_name",
        "A change to the userName of another user is 409 and changes nothing",
        Run::Code(taken),
    )
    .meaning("Two users share a userName, or an update is applied in part.")
    .requires(&[Feature::Patch]),
    rfc("RFC 7644 §3.5.2", "patch.unknown_id", "PATCH of an unknown id is 404", Run::Code(unknown))
        .meaning("Entra does not detect that a user was deleted, and never creates it again.")
        .requires(&[Feature::Patch]),
    rfc(
        "RFC 7644 §3.5.2.1",
        "patch.no_change_no_date",
        "A PATCH without effect does not change meta.lastModified",
        Run::Code(no_change),
    )
    .meaning("Audits show changes that did not happen.")
    .requires(&[Feature::Patch]),
    rfc("RFC 7644 §3.5.2", "patch.body", "A body without Operations is refused with 400", Run::Code(body))
        .meaning("An invalid request is accepted.")
        .requires(&[Feature::Patch]),
    rfc("RFC 7643 §3", "patch.schemas_follow", "schemas contains the extension once it has a value", Run::Code(follow))
        .meaning("Strict clients ignore the extension.")
        .requires(&[Feature::Patch, Feature::Enterprise]),
];

fn taken(session: &mut Session) -> Result<(), NotPassed> {
    let (user, other) = (session.user(&json!({"title": "Clerk"}))?, session.user(&json!({}))?);
    let before = session.read(&user.path)?;
    let operations = json!([{"op": "replace", "path": "title", "value": "Head"},
        {"op": "replace", "path": "userName", "value": other.name}]);
    let refusal = session.patch(&user.path, &operations).require_status(&[409])?;
    session.require_unchanged(&refusal, &before, &user.path)
}

fn unknown(session: &mut Session) -> Result<(), NotPassed> {
    let path = format!("/Users/{}", clock::random_guid());
    session.patch(&path, &json!([{"op": "replace", "path": "title", "value": "x"}])).require_status(&[404]).map(drop)
}

fn no_change(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"title": "Clerk", "emails": [{"type": "work", "value": "w@x.example"}]}))?;
    let before = session.read(&user.path)?;
    let operations = json!([{"op": "add", "path": "title", "value": "Clerk"},
        {"op": "add", "path": "emails", "value": [{"type": "work", "value": "w@x.example"}]}]);
    session.patch(&user.path, &operations).require_accepted()?;
    let meta = before.member("meta");
    session
        .read(&user.path)?
        .require_values(&json!({"meta": {"lastModified": meta["lastModified"], "version": meta["version"]}}))
}

fn body(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    for body in [json!({"schemas": [PATCH_OP]}), json!({"schemas": [PATCH_OP], "Operations": "x"}), json!([])] {
        let request = Request::new("PATCH", user.path.as_str()).json(&body);
        session.send(&request).require_status(&[400])?;
    }
    Ok(())
}

fn follow(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let operation = json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"}]);
    session.patch(&user.path, &operation).require_accepted()?;
    let answer = session.read(&user.path)?;
    answer.require_values(&json!({ENTERPRISE: {"department": "Sales"}}))?;
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    answer.require(urns.iter().any(|urn| urn == ENTERPRISE), || "schemas does not contain the extension".into())
}
