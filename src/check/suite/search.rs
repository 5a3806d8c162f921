//! Queries by POST (RFC 7644 §3.4.3) and from the root (§3.4.2.1).

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra, which uses GET; clients whose filters are too long for a URL cannot search.";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.4.3", "search.users", "POST /Users/.search finds the same users as GET", Run::Code(users))
        .meaning(OTHERS)
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.3", "search.selects", "A search supports attributes, startIndex and count", Run::Code(selects))
        .meaning(OTHERS)
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.3", "search.groups", "POST /Groups/.search finds groups", Run::Code(groups))
        .meaning(OTHERS)
        .requires(&[Feature::Filter, Feature::Groups]),
    rfc("RFC 7644 §3.4.2.1", "search.root", "A search at the root finds users and groups", Run::Code(root))
        .meaning(OTHERS)
        .requires(&[Feature::Filter, Feature::Groups]),
];

/// RFC 7644 has no flag for searches: a service without them may answer 501 (§3.12), 404 or 405.
fn skip_if_unsupported(answer: Answer) -> Result<Answer, NotPassed> {
    if ![404, 405, 501].contains(&answer.status) {
        return Ok(answer);
    }
    answer.require_error_body()?;
    let status = answer.status;
    Err(NotPassed::Skipped(format!("the service does not support this search, it answers {status} (RFC 7644 §3.12)")))
}

fn users(session: &mut Session) -> Result<(), NotPassed> {
    let test_users = session.test_users()?;
    let body =
        json!({"schemas": [SEARCH], "filter": test_users.fill_placeholders(r#"userName eq "$a" or userName eq "$c""#)});
    let answer = session.post("/Users/.search", &body);
    let answer = skip_if_unsupported(answer)?.require_ok()?;
    let (found, others) = test_users.letters_of(&answer.ids()?);
    answer.require(found == "ac" && others == 0, || "the search should find A and C".into())
}

fn selects(session: &mut Session) -> Result<(), NotPassed> {
    let tag = session.test_users()?.tag().to_owned();
    let body = json!({"schemas": [SEARCH], "filter": format!("displayName eq {}", Value::from(tag)), "attributes": ["userName"],
        "startIndex": 2, "count": 1});
    let answer = session.post("/Users/.search", &body);
    let answer = skip_if_unsupported(answer)?.require_ok()?;
    answer.require_values(&json!({"totalResults": 3, "startIndex": 2, "itemsPerPage": 1, "Resources": [{"displayName": null, "title": null}]}))?;
    let has_name = answer.resources()?.iter().all(|user| user["userName"].is_string());
    answer.require(has_name, || "userName is missing".into())
}

fn groups(session: &mut Session) -> Result<(), NotPassed> {
    let group = session.group(&[])?;
    let body = json!({"schemas": [SEARCH], "filter": format!("displayName eq \"{}\"", group.name)});
    let answer = session.post("/Groups/.search", &body);
    let answer = skip_if_unsupported(answer)?.require_ok()?;
    answer.require(answer.ids()? == [group.id.as_str()], || "the group is not found".into())
}

fn root(session: &mut Session) -> Result<(), NotPassed> {
    let word = session.names.group_name();
    let user = session.user(&json!({"displayName": word}))?;
    let body = json!({"schemas": [crate::check::service::GROUP], "displayName": word});
    let group = session.create("/Groups", word.clone(), &body)?;
    let filter = format!("displayName eq \"{word}\"");
    let searched = session.post("/.search", &json!({"schemas": [SEARCH], "filter": filter}));
    let queried = session.send(&Request::get("/").query("filter", &filter));
    for answer in [searched, queried] {
        let answer = skip_if_unsupported(answer)?.require_ok()?;
        let ids = answer.ids()?;
        let is_whole = ids.len() == 2 && ids.contains(&user.id.as_str()) && ids.contains(&group.id.as_str());
        answer.require(is_whole, || "the search should find one user and one group".into())?;
    }
    Ok(())
}
