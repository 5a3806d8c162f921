//! Queries by POST (RFC 7644 §3.4.3) and from the root (§3.4.2.1).

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::request::Request;
use crate::check::session::Session;
use crate::check::test::{Need, Run, Stop, Test, rfc};

const OTHERS: &str = "None for Entra, which asks by GET; clients with filters too long for an address cannot ask.";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.4.3", "search.users", "POST /Users/.search finds like GET", Run::Code(users))
        .means(OTHERS)
        .needs(&[Need::Filter]),
    rfc("RFC 7644 §3.4.3", "search.selects", "A search obeys attributes, startIndex and count", Run::Code(selects))
        .means(OTHERS)
        .needs(&[Need::Filter]),
    rfc("RFC 7644 §3.4.3", "search.groups", "POST /Groups/.search finds groups", Run::Code(groups))
        .means(OTHERS)
        .needs(&[Need::Filter, Need::Groups]),
    rfc("RFC 7644 §3.4.2.1", "search.root", "A search from the root finds users and groups", Run::Code(root))
        .means(OTHERS)
        .needs(&[Need::Filter, Need::Groups]),
];

/// RFC 7644 has no flag for searches: 501 is for what a service does not do (§3.12), and no such place is as clear.
fn offered(answer: Answer) -> Result<Answer, Stop> {
    if ![404, 405, 501].contains(&answer.status) {
        return Ok(answer);
    }
    answer.error_body()?;
    let status = answer.status;
    Err(Stop::Skipped(format!("the service has no such search, it answers {status} (RFC 7644 §3.12)")))
}

fn users(session: &mut Session) -> Result<(), Stop> {
    let cast = session.cast()?;
    let body = json!({"schemas": [SEARCH], "filter": cast.fill(r#"userName eq "$a" or userName eq "$c""#)});
    let answer = session.post("/Users/.search", &body);
    let answer = offered(answer)?.ok()?;
    let (found, others) = cast.letters(&answer.ids()?);
    answer.demand(found == "ac" && others == 0, || "the search should find A and C".into())
}

fn selects(session: &mut Session) -> Result<(), Stop> {
    let tag = session.cast()?.tag().to_owned();
    let body = json!({"schemas": [SEARCH], "filter": format!("displayName eq {}", Value::from(tag)), "attributes": ["userName"],
        "startIndex": 2, "count": 1});
    let answer = session.post("/Users/.search", &body);
    let answer = offered(answer)?.ok()?;
    answer.holds(&json!({"totalResults": 3, "startIndex": 2, "itemsPerPage": 1, "Resources": [{"displayName": null, "title": null}]}))?;
    let has_name = answer.resources()?.iter().all(|user| user["userName"].is_string());
    answer.demand(has_name, || "userName is missing".into())
}

fn groups(session: &mut Session) -> Result<(), Stop> {
    let group = session.group(&[])?;
    let body = json!({"schemas": [SEARCH], "filter": format!("displayName eq \"{}\"", group.name)});
    let answer = session.post("/Groups/.search", &body);
    let answer = offered(answer)?.ok()?;
    answer.demand(answer.ids()? == [group.id.as_str()], || "the group is not found".into())
}

fn root(session: &mut Session) -> Result<(), Stop> {
    let word = session.names.group();
    let user = session.user(&json!({"displayName": word}))?;
    let body = json!({"schemas": [crate::check::service::GROUP], "displayName": word});
    let group = session.make("/Groups", word.clone(), &body)?;
    let filter = format!("displayName eq \"{word}\"");
    let searched = session.post("/.search", &json!({"schemas": [SEARCH], "filter": filter}));
    let queried = session.send(&Request::get("/").with("filter", &filter));
    for answer in [searched, queried] {
        let answer = offered(answer)?.ok()?;
        let ids = answer.ids()?;
        let is_whole = ids.len() == 2 && ids.contains(&user.id.as_str()) && ids.contains(&group.id.as_str());
        answer.demand(is_whole, || "it should find one user and one group".into())?;
    }
    Ok(())
}
