//! Lists and pagination (RFC 7644 §3.4.2, §3.4.2.4).

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PAGES: &str = "Clients that page through lists miss users or get them twice.";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.4.2", "lists.shape", "A list is a ListResponse with totalResults and Resources", Run::Code(shape))
        .meaning("Test Connection fails."),
    rfc(
        "RFC 7644 §3.4.2",
        "lists.no_hits",
        "A query without results is 200 with totalResults 0, not 404",
        Run::Code(no_hits),
    )
    .meaning("Test Connection looks up a user that does not exist; provisioning cannot be enabled.")
    .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §3.4.2.4",
        "lists.count",
        "At most count resources are listed, and totalResults is the full number",
        Run::Code(count),
    )
    .meaning(PAGES)
    .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.4", "lists.count_0", "count=0 returns only totalResults", Run::Code(count_0))
        .meaning("Clients that only need the number get all users.")
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.4", "lists.negative_count", "A negative count is treated as 0", Run::Code(negative_count))
        .meaning(PAGES),
    rfc("RFC 7644 §3.4.2.4", "lists.start_below_1", "A startIndex below 1 is treated as 1", Run::Code(start_below_1))
        .meaning(PAGES),
    rfc("RFC 7644 §3.4.2.4", "lists.pages", "Pages by startIndex list each user once", Run::Code(pages))
        .meaning(PAGES)
        .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §3.4.2.4",
        "lists.past_the_end",
        "A page after the last result is 200 and empty",
        Run::Code(past_the_end),
    )
    .meaning("The last page of a cycle fails.")
    .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.4", "lists.numbers", "A page has startIndex and itemsPerPage", Run::Code(numbers))
        .meaning(PAGES)
        .requires(&[Feature::Filter]),
];

fn list_test_users(session: &mut Session, more: &[(&str, &str)]) -> Result<Answer, NotPassed> {
    let filter = format!("displayName eq {}", Value::from(session.test_users()?.tag()));
    let request = Request::get("/Users").query("filter", &filter);
    let request = more.iter().fold(request, |request, (name, value)| request.query(name, value));
    session.send(&request).require_ok()
}

fn shape(session: &mut Session) -> Result<(), NotPassed> {
    session.user(&json!({}))?;
    let answer = session.read("/Users")?;
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    answer.require(urns.iter().any(|urn| urn == LIST), || format!("schemas does not contain {LIST}"))?;
    let listed = answer.resources()?;
    answer
        .require(!listed.is_empty() && answer.total()? >= listed.len() as u64, || "totalResults is too small".into())?;
    let is_whole = listed.iter().all(|user| user["id"].is_string() && user["schemas"].is_array());
    answer.require(is_whole, || "a listed resource lacks id or schemas".into())
}

fn no_hits(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.find("/Users", &format!("userName eq \"{}\"", clock::random_guid())).require_ok()?;
    answer.require_values(&json!({"totalResults": 0, "Resources": null}))
}

fn count(session: &mut Session) -> Result<(), NotPassed> {
    let answer = list_test_users(session, &[("count", "2")])?;
    let (listed, total) = (answer.resources()?.len(), answer.total()?);
    answer.require(listed == 2 && total == 3, || format!("{listed} of {total} are listed, expected 2 of 3"))
}

fn count_0(session: &mut Session) -> Result<(), NotPassed> {
    list_test_users(session, &[("count", "0")])?.require_values(&json!({"totalResults": 3, "Resources": null}))
}

fn negative_count(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.send(&Request::get("/Users").query("count", "-1")).require_ok()?;
    answer.total()?;
    answer.require_values(&json!({"Resources": null}))
}

fn start_below_1(session: &mut Session) -> Result<(), NotPassed> {
    session.test_users()?;
    let first = session.send(&Request::get("/Users").query("startIndex", "1").query("count", "1")).require_ok()?;
    for start in ["0", "-7"] {
        let answer =
            session.send(&Request::get("/Users").query("startIndex", start).query("count", "1")).require_ok()?;
        answer.require(answer.ids()? == first.ids()?, || "the response is not the first page".into())?;
        let written = answer.member("startIndex");
        answer.require(written.is_null() || *written == 1, || format!("startIndex should be 1, but is {written}"))?;
    }
    Ok(())
}

fn pages(session: &mut Session) -> Result<(), NotPassed> {
    let mut seen = Vec::new();
    for start in ["1", "2", "3"] {
        let answer = list_test_users(session, &[("count", "1"), ("startIndex", start)])?;
        let id = answer.ids()?.first().map(|id| (*id).to_owned());
        let id = id.ok_or_else(|| answer.failure("the page is empty"))?;
        answer.require(!seen.contains(&id), || format!("{id} is on two pages"))?;
        seen.push(id);
    }
    Ok(())
}

fn past_the_end(session: &mut Session) -> Result<(), NotPassed> {
    list_test_users(session, &[("startIndex", "4")])?.require_values(&json!({"totalResults": 3, "Resources": null}))
}

fn numbers(session: &mut Session) -> Result<(), NotPassed> {
    list_test_users(session, &[("startIndex", "2"), ("count", "1")])?
        .require_values(&json!({"totalResults": 3, "startIndex": 2, "itemsPerPage": 1}))
}
