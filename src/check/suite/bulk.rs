//! Bulk (RFC 7644 §3.7), if it is declared.

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{Feature, GROUP, USER};
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra, which sends one request per user; import tools rely on it.";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const REQUIRED: &[Feature] = &[Feature::Bulk];

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.7.3",
        "bulk.operations",
        "POST, PUT, PATCH and DELETE work in one request, each with its status",
        Run::Code(operations),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Bulk, Feature::Patch]),
    rfc(
        "RFC 7644 §3.7.2",
        "bulk.references",
        "bulkId refers to a resource created in the same request, before or after",
        Run::Code(references),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Bulk, Feature::Groups]),
    rfc(
        "RFC 7644 §3.7.1",
        "bulk.circular",
        "Groups that are members of each other are created, or refused with 409",
        Run::Code(circular),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Bulk, Feature::Groups]),
    rfc(
        "RFC 7644 §3.7.3",
        "bulk.failures",
        "A failed operation reports its error, and the others are executed",
        Run::Code(failures),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.7.3",
        "bulk.fail_on_errors",
        "failOnErrors stops processing after that number of errors",
        Run::Code(fail_on_errors),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc("RFC 7644 §3.7.4", "bulk.too_many", "More operations than maxOperations are 413", Run::Code(too_many))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc("RFC 7644 §3.7.4", "bulk.too_large", "A body of more than maxPayloadSize is 413", Run::Code(too_large))
        .meaning(OTHERS)
        .requires(REQUIRED),
];

fn bulk(session: &mut Session, fail_on_errors: Option<u8>, operations: &[Value]) -> Answer {
    let mut body = json!({"schemas": [BULK], "Operations": operations});
    if let Some(number) = fail_on_errors {
        body["failOnErrors"] = number.into();
    }
    session.post("/Bulk", &body)
}

fn create(bulk_id: &str, name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"schemas": [USER], "userName": name}})
}

fn create_group(bulk_id: &str, name: &str, member: &str) -> Value {
    let members = [json!({"value": format!("bulkId:{member}")})];
    let data = json!({"schemas": [GROUP], "displayName": name, "members": members});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

/// The id of the resource that an operation created.
fn created_id(answer: &Answer, bulk_id: &str) -> Option<String> {
    let mut done = answer.member("Operations").as_array()?.iter();
    let operation = done.find(|operation| operation["bulkId"] == bulk_id && operation["status"] == "201")?;
    operation["location"].as_str()?.rsplit('/').next().map(str::to_owned)
}

/// The operations of the response; requires their number and statuses.
fn statuses(answer: &Answer, expected: &[&str]) -> Result<Vec<Value>, NotPassed> {
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    answer.require(urns.iter().any(|named| named == urn), || format!("schemas does not contain {urn}"))?;
    let operations = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let written: Vec<_> =
        operations.iter().map(|operation| operation["status"].as_str().unwrap_or("not a string")).collect();
    answer.require(written == expected, || format!("the statuses should be {expected:?}, but are {written:?}"))?;
    Ok(operations)
}

fn operations(session: &mut Session) -> Result<(), NotPassed> {
    let (first, second, third) = (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    let name = session.names.user_name();
    let patch = json!({"schemas": [crate::check::session::PATCH_OP],
        "Operations": [{"op": "replace", "path": "displayName", "value": "Patched"}]});
    let answer = bulk(session, None, &[
        create("one", &name),
        json!({"method": "PUT", "path": first.path, "data": {"schemas": [USER], "userName": first.name, "displayName": "Put"}}),
        json!({"method": "PATCH", "path": second.path, "data": patch}),
        json!({"method": "DELETE", "path": third.path}),
    ])
    .require_ok()?;
    let done = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let patched = done.get(2).and_then(|operation| operation["status"].as_str()).unwrap_or("200").to_owned();
    let patched = if patched == "204" { "204" } else { "200" };
    let done = statuses(&answer, &["201", "200", patched, "204"])?;
    let created = done.first().cloned().unwrap_or_default();
    let is_complete =
        created["bulkId"] == "one" && created["location"].as_str().is_some_and(|location| location.contains("/Users/"));
    answer.require(is_complete, || "the created user has no bulkId or location".into())?;
    session.read(&first.path)?.require_values(&json!({"displayName": "Put"}))?;
    session.read(&second.path)?.require_values(&json!({"displayName": "Patched"}))?;
    session.get(&third.path).require_status(&[404]).map(drop)
}

fn references(session: &mut Session) -> Result<(), NotPassed> {
    let (name, group) = (session.names.user_name(), session.names.group_name());
    let answer = bulk(session, None, &[create_group("team", &group, "ana"), create("ana", &name)]).require_ok()?;
    let (Some(group), Some(user)) = (created_id(&answer, "team"), created_id(&answer, "ana")) else {
        return Err(answer.failure("the user or the group was not created"));
    };
    session.read(&format!("/Groups/{group}"))?.require_values(&json!({"members": [{"value": user}]}))
}

/// §3.7.1: the service must try to resolve circular references, and may answer 409 if it cannot.
fn circular(session: &mut Session) -> Result<(), NotPassed> {
    let (one, other) = (session.names.group_name(), session.names.group_name());
    let circle = [create_group("one", &one, "other"), create_group("other", &other, "one")];
    let answer = bulk(session, None, &circle).require_status(&[200, 409])?;
    let done = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let is_refused = |operation: &Value| operation["status"] == "409";
    if answer.status == 409 || (!done.is_empty() && done.iter().all(is_refused)) {
        return Ok(());
    }
    let (Some(one), Some(other)) = (created_id(&answer, "one"), created_id(&answer, "other")) else {
        return Err(answer.failure("both groups should be created, or both refused with 409"));
    };
    session.read(&format!("/Groups/{one}"))?.require_values(&json!({"members": [{"value": other}]}))?;
    session.read(&format!("/Groups/{other}"))?.require_values(&json!({"members": [{"value": one}]}))
}

fn failures(session: &mut Session) -> Result<(), NotPassed> {
    let taken = session.user(&json!({}))?;
    let name = session.names.user_name();
    let answer = bulk(session, None, &[create("taken", &taken.name), create("good", &name)]).require_ok()?;
    let done = statuses(&answer, &["409", "201"])?;
    let failed = done.first().cloned().unwrap_or_default();
    answer.require(failed["response"]["status"] == "409", || "the failed operation has no error in response".into())
}

fn fail_on_errors(session: &mut Session) -> Result<(), NotPassed> {
    let taken = session.user(&json!({}))?;
    let name = session.names.user_name();
    let answer = bulk(session, Some(1), &[create("taken", &taken.name), create("late", &name)]).require_ok()?;
    statuses(&answer, &["409"])?;
    if session.service.lacks(Feature::Filter).is_some() {
        return Ok(());
    }
    let found = session.find("/Users", &format!("userName eq \"{name}\"")).require_ok()?;
    found.require(found.total()? == 0, || "the operation after the last allowed error was executed".into())
}

fn too_many(session: &mut Session) -> Result<(), NotPassed> {
    let limit = limit(session, "bulk.maxOperations", 20_000)?;
    bulk(session, None, &vec![delete_unknown_user(); limit + 1]).require_status(&[413])?.require_error_body()
}

fn too_large(session: &mut Session) -> Result<(), NotPassed> {
    let limit = limit(session, "bulk.maxPayloadSize", 16 * 1024 * 1024)?;
    let mut body = json!({"schemas": [BULK], "Operations": [delete_unknown_user()]}).to_string();
    // White space counts, since the limit is on the size of the payload.
    body.extend(std::iter::repeat_n(' ', (limit + 1).saturating_sub(body.len())));
    // A service may refuse by the declared length before the body is sent.
    let request = Request::new("POST", "/Bulk").text("application/scim+json", body).header("Expect", "100-continue");
    session.send(&request).require_status(&[413])?.require_error_body()
}

/// A limit that the service declares, if it is small enough to be tested.
fn limit(session: &Session, name: &str, most: u64) -> Result<usize, NotPassed> {
    let limit =
        session.service.number(name).filter(|limit| *limit < most).and_then(|limit| usize::try_from(limit).ok());
    limit.ok_or_else(|| NotPassed::Skipped(format!("{name} is not declared, or too large to be tested")))
}

/// An operation on an unknown id: a service that ignores its limits changes nothing.
fn delete_unknown_user() -> Value {
    json!({"method": "DELETE", "path": format!("/Users/{}", clock::random_guid())})
}
