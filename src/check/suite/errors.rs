//! Error responses (RFC 7644 §3.12).

use serde_json::json;

use crate::check::answer::Answer;
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{Feature, USER};
use crate::check::session::{Session, user_body};
use crate::check::test::{Run, Test, entra, rfc};

const UNCLEAR: &str = "Entra reads status, scimType and detail from this body: without them its log shows no reason.";

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.12",
        "errors.not_found",
        "404 has a SCIM error body with status as a string",
        Run::Code(not_found),
    )
    .meaning(UNCLEAR),
    rfc(
        "RFC 7644 §3.3, §3.12",
        "errors.uniqueness",
        "A duplicate is 409 with scimType uniqueness",
        Run::Code(uniqueness),
    )
    .meaning("Entra treats other errors as temporary, retries in each cycle and does not match the existing user."),
    rfc(
        "RFC 7644 §3.12",
        "errors.invalid_syntax",
        "A body that is not JSON is 400 invalidSyntax",
        Run::Code(invalid_syntax),
    )
    .meaning(UNCLEAR),
    rfc("RFC 7644 §3.12", "errors.invalid_filter", "An invalid filter is 400 invalidFilter", Run::Code(invalid_filter))
        .meaning("Test Connection cannot distinguish an invalid matching attribute from an empty directory.")
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.12", "errors.invalid_value", "A missing userName is 400 invalidValue", Run::Code(invalid_value))
        .meaning(UNCLEAR),
    rfc("RFC 7644 §3.5.2", "errors.no_target", "A remove without a path is 400 noTarget", Run::Code(no_target))
        .meaning(UNCLEAR)
        .requires(&[Feature::Patch]),
    rfc("RFC 7644 §3.5.2", "errors.invalid_path", "An invalid path is 400 invalidPath", Run::Code(invalid_path))
        .meaning(UNCLEAR)
        .requires(&[Feature::Patch]),
    rfc("RFC 7644 §3.5.2", "errors.mutability", "A PATCH of id is 400 mutability", Run::Code(mutability))
        .meaning(UNCLEAR)
        .requires(&[Feature::Patch]),
    entra("Provisioning logs", "errors.detail", "Every error has a detail", Run::Code(detail))
        .meaning("Entra shows the detail to the administrator, who otherwise sees only a status code."),
];

fn not_found(session: &mut Session) -> Result<(), NotPassed> {
    session.get(&format!("/Users/{}", clock::random_guid())).require_status(&[404])?.require_error_body()
}

fn duplicate(session: &mut Session) -> Result<Answer, NotPassed> {
    let user = session.user(&json!({}))?;
    session.post("/Users", &user_body(&user.name, &json!({}))).require_status(&[409])
}

fn uniqueness(session: &mut Session) -> Result<(), NotPassed> {
    let answer = duplicate(session)?;
    answer.require_error_body()?;
    answer.require_scim_type(&["uniqueness"])
}

fn invalid_json(session: &mut Session) -> Result<Answer, NotPassed> {
    session
        .send(&Request::new("POST", "/Users").text("application/scim+json", "{\"userName\": "))
        .require_status(&[400])
}

fn invalid_syntax(session: &mut Session) -> Result<(), NotPassed> {
    let answer = invalid_json(session)?;
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidSyntax"])
}

fn invalid_filter(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.find("/Users", "userName eq").require_status(&[400])?;
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidFilter"])
}

fn without_name(session: &mut Session) -> Result<Answer, NotPassed> {
    session.post("/Users", &json!({"schemas": [USER], "displayName": "Nobody"})).require_status(&[400])
}

fn invalid_value(session: &mut Session) -> Result<(), NotPassed> {
    let answer = without_name(session)?;
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidValue"])
}

fn no_target(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session.patch(&user.path, &json!([{"op": "remove"}])).require_status(&[400])?;
    answer.require_error_body()?;
    answer.require_scim_type(&["noTarget"])
}

fn invalid_path(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session
        .patch(&user.path, &json!([{"op": "replace", "path": "emails[", "value": "x"}]))
        .require_status(&[400])?;
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidPath", "invalidFilter"])
}

fn mutability(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let answer = session
        .patch(&user.path, &json!([{"op": "replace", "path": "id", "value": "another"}]))
        .require_status(&[400])?;
    answer.require_error_body()?;
    answer.require_scim_type(&["mutability"])
}

fn detail(session: &mut Session) -> Result<(), NotPassed> {
    let missing = session.get(&format!("/Users/{}", clock::random_guid())).require_status(&[404])?;
    for answer in [missing, duplicate(session)?, invalid_json(session)?, without_name(session)?] {
        answer.require_detail()?;
    }
    Ok(())
}
