//! Cursor-based pagination (RFC 9865), if it is declared.

use serde_json::Value;

use crate::check::answer::Answer;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra; clients that page through large directories miss users or get them twice.";
const REQUIRED: &[Feature] = &[Feature::Cursor, Feature::Filter];

pub const TESTS: &[Test] = &[
    rfc("RFC 9865 §2", "cursor.pages", "Pages by cursor list each user once, and end", Run::Code(pages))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc("RFC 9865 §2", "cursor.letters", "A cursor contains only URL-safe characters", Run::Code(url_safe))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc(
        "RFC 9865 §2.1",
        "cursor.too_many",
        "A count above maxPageSize is 400 invalidCount, or reduced",
        Run::Code(too_many),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc(
        "RFC 9865 §2",
        "cursor.other_count",
        "A count that differs from the first page is refused or accepted consistently",
        Run::Code(other_count),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc("RFC 9865 §2.1", "cursor.forged", "An invalid cursor is 400 invalidCursor", Run::Code(forged))
        .meaning(OTHERS)
        .requires(REQUIRED),
];

fn page(session: &mut Session, cursor: Option<&str>) -> Result<Answer, NotPassed> {
    page_of(session, 2, cursor)?.require_ok()
}

fn page_of(session: &mut Session, count: u64, cursor: Option<&str>) -> Result<Answer, NotPassed> {
    let filter = format!("displayName eq {}", Value::from(session.test_users()?.tag()));
    let request = Request::get("/Users").query("filter", &filter).query("count", &count.to_string());
    let request = match cursor {
        Some(cursor) => request.query("cursor", cursor),
        None => request.raw_query("cursor"),
    };
    Ok(session.send(&request))
}

fn pages(session: &mut Session) -> Result<(), NotPassed> {
    let first = page(session, None)?;
    let next = first.member("nextCursor").as_str().map(str::to_owned);
    let next = next.ok_or_else(|| first.failure("the first of two pages has no nextCursor"))?;
    let second = page(session, Some(&next))?;
    let ids: Vec<_> = first.ids()?.into_iter().chain(second.ids()?).collect();
    let (found, others) = session.test_users()?.letters_of(&ids);
    second.require(found == "abc" && others == 0, || "the two pages should contain A, B and C once each".into())?;
    second.require(second.member("nextCursor").is_null(), || "the last page has a nextCursor".into())
}

fn url_safe(session: &mut Session) -> Result<(), NotPassed> {
    let answer = page(session, None)?;
    let cursor = answer.member("nextCursor").as_str().unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    answer.require(!cursor.is_empty() && cursor.chars().all(is_plain), || format!("the cursor is {cursor:?}"))
}

/// RFC 9865 describes maxPageSize both as a maximum that the service applies and as a limit for `count`: both pass.
fn too_many(session: &mut Session) -> Result<(), NotPassed> {
    let Some(most) = session.service.number("pagination.maxPageSize") else {
        return Err(NotPassed::Skipped("pagination.maxPageSize is not declared".into()));
    };
    let answer = page_of(session, most.saturating_add(1), None)?.require_status(&[200, 400])?;
    if answer.status == 200 {
        let ids = answer.ids()?;
        return answer
            .require(ids.len() as u64 <= most, || format!("{} are listed, but maxPageSize is {most}", ids.len()));
    }
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidCount"])
}

/// A client must not change its count between pages. The RFC does not say what the service does then; an error or the
/// next page passes.
fn other_count(session: &mut Session) -> Result<(), NotPassed> {
    let first = page_of(session, 1, None)?.require_ok()?;
    let next = first.member("nextCursor").as_str().map(str::to_owned);
    let next = next.ok_or_else(|| first.failure("the first of three pages has no nextCursor"))?;
    let answer = page_of(session, 2, Some(&next))?.require_status(&[200, 400])?;
    if answer.status == 400 {
        answer.require_error_body()?;
        return answer.require_scim_type(&["invalidCount", "invalidCursor"]);
    }
    let (found, others) = session.test_users()?.letters_of(&answer.ids()?);
    answer.require(["b", "bc"].contains(&found.as_str()) && others == 0, || "B should come next, or B and C".into())
}

fn forged(session: &mut Session) -> Result<(), NotPassed> {
    let request = Request::get("/Users").query("count", "2").query("cursor", "rollcall-check-made-this-up");
    let answer = session.send(&request).require_status(&[400])?;
    answer.require_error_body()?;
    answer.require_scim_type(&["invalidCursor"])
}
