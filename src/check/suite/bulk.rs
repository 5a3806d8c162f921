//! Bulk (RFC 7644 §3.7), where it is declared.

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::service::{GROUP, USER};
use crate::check::session::Session;
use crate::check::test::{Need, Run, Stop, Test, rfc};

const OTHERS: &str = "None for Entra, which sends one request for each person; tools for first loads rely on it.";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const NEEDS: &[Need] = &[Need::Bulk];

pub const TESTS: &[Test] = &[
    rfc(
        "RFC 7644 §3.7.3",
        "bulk.operations",
        "POST, PUT, PATCH and DELETE in one request, each with its status",
        Run::Code(operations),
    )
    .means(OTHERS)
    .needs(&[Need::Bulk, Need::Patch]),
    rfc(
        "RFC 7644 §3.7.2",
        "bulk.references",
        "bulkId stands for what the request makes, before or after",
        Run::Code(references),
    )
    .means(OTHERS)
    .needs(&[Need::Bulk, Need::Groups]),
    rfc("RFC 7644 §3.7.3", "bulk.failures", "A failed operation tells why, and the others go on", Run::Code(failures))
        .means(OTHERS)
        .needs(NEEDS),
    rfc("RFC 7644 §3.7.3", "bulk.fail_on_errors", "failOnErrors stops after so many", Run::Code(fail_on_errors))
        .means(OTHERS)
        .needs(NEEDS),
    rfc("RFC 7644 §3.7.4", "bulk.too_many", "More than maxOperations is 413", Run::Code(too_many))
        .means(OTHERS)
        .needs(NEEDS),
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

/// The operations of the answer, after their number and statuses were demanded.
fn statuses(answer: &Answer, expected: &[&str]) -> Result<Vec<Value>, Stop> {
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    answer.demand(urns.iter().any(|named| named == urn), || format!("schemas does not name {urn}"))?;
    let operations = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let written: Vec<_> =
        operations.iter().map(|operation| operation["status"].as_str().unwrap_or("no text")).collect();
    answer.demand(written == expected, || format!("the statuses should be {expected:?}, and are {written:?}"))?;
    Ok(operations)
}

fn operations(session: &mut Session) -> Result<(), Stop> {
    let (first, second, third) = (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    let name = session.names.user();
    let patch = json!({"schemas": [crate::check::session::PATCH_OP],
        "Operations": [{"op": "replace", "path": "displayName", "value": "Patched"}]});
    let answer = bulk(session, None, &[
        create("one", &name),
        json!({"method": "PUT", "path": first.path, "data": {"schemas": [USER], "userName": first.name, "displayName": "Put"}}),
        json!({"method": "PATCH", "path": second.path, "data": patch}),
        json!({"method": "DELETE", "path": third.path}),
    ])
    .ok()?;
    let done = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let patched = done.get(2).and_then(|operation| operation["status"].as_str()).unwrap_or("200").to_owned();
    let patched = if patched == "204" { "204" } else { "200" };
    let done = statuses(&answer, &["201", "200", patched, "204"])?;
    let created = done.first().cloned().unwrap_or_default();
    let is_told =
        created["bulkId"] == "one" && created["location"].as_str().is_some_and(|location| location.contains("/Users/"));
    answer.demand(is_told, || "the created user has no bulkId or location".into())?;
    session.read(&first.path)?.holds(&json!({"displayName": "Put"}))?;
    session.read(&second.path)?.holds(&json!({"displayName": "Patched"}))?;
    session.get(&third.path).status(&[404]).map(drop)
}

fn references(session: &mut Session) -> Result<(), Stop> {
    let (name, group) = (session.names.user(), session.names.group());
    let data = json!({"schemas": [GROUP], "displayName": group, "members": [{"value": "bulkId:ana"}]});
    let group_first = json!({"method": "POST", "path": "/Groups", "bulkId": "team", "data": data});
    let answer = bulk(session, None, &[group_first, create("ana", &name)]).ok()?;
    let done = answer.member("Operations").as_array().cloned().unwrap_or_default();
    let location = |kind: &str| {
        let found = done.iter().filter_map(|operation| operation["location"].as_str()).find(|text| text.contains(kind));
        found.and_then(|text| text.rsplit('/').next()).map(str::to_owned)
    };
    let (Some(user), Some(group)) = (location("/Users/"), location("/Groups/")) else {
        return Err(answer.fault("the user or the group was not created"));
    };
    session.read(&format!("/Groups/{group}"))?.holds(&json!({"members": [{"value": user}]}))
}

fn failures(session: &mut Session) -> Result<(), Stop> {
    let taken = session.user(&json!({}))?;
    let name = session.names.user();
    let answer = bulk(session, None, &[create("taken", &taken.name), create("good", &name)]).ok()?;
    let done = statuses(&answer, &["409", "201"])?;
    let failed = done.first().cloned().unwrap_or_default();
    answer.demand(failed["response"]["status"] == "409", || "the failed operation has no error in response".into())
}

fn fail_on_errors(session: &mut Session) -> Result<(), Stop> {
    let taken = session.user(&json!({}))?;
    let name = session.names.user();
    let answer = bulk(session, Some(1), &[create("taken", &taken.name), create("late", &name)]).ok()?;
    statuses(&answer, &["409"])?;
    if session.service.lacks(Need::Filter).is_some() {
        return Ok(());
    }
    let found = session.find("/Users", &format!("userName eq \"{name}\"")).ok()?;
    found.demand(found.total()? == 0, || "the operation after the last allowed error was done".into())
}

fn too_many(session: &mut Session) -> Result<(), Stop> {
    const MOST: u64 = 20_000;
    let Some(limit) = session.service.number("bulk.maxOperations").filter(|limit| *limit < MOST) else {
        return Err(Stop::Skipped("bulk.maxOperations is too large to be tried".into()));
    };
    // Removals of nobody: even a service that forgets its limit changes nothing.
    let path = format!("/Users/{}", crate::check::clock::random_guid());
    let operations = vec![json!({"method": "DELETE", "path": path}); usize::try_from(limit).unwrap_or_default() + 1];
    bulk(session, None, &operations).status(&[413])?.error_body()
}
