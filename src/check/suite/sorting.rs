//! Sorting (RFC 7644 §3.4.2.3), where it is declared.

use serde_json::Value;

use crate::check::request::Request;
use crate::check::session::Session;
use crate::check::test::{Need, Run, Stop, Test, rfc};

const OTHERS: &str = "None for Entra, which does not sort; lists in other tools are out of order.";
const NEEDS: &[Need] = &[Need::Sort, Need::Filter];

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.4.2.3", "sorting.ascending", "sortBy sorts, ascending when nothing is said", Run::Code(ascending))
        .means(OTHERS)
        .needs(NEEDS),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.descending",
        "sortOrder=descending turns the order around",
        Run::Code(descending),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.case",
        "What is not caseExact is sorted without regard to letter case",
        Run::Code(case),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.without_value",
        "Those without a value come last, descending first",
        Run::Code(without),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.primary",
        "A multi-valued attribute sorts by its primary value",
        Run::Code(primary),
    )
    .means(OTHERS)
    .needs(NEEDS),
    rfc("RFC 7644 §3.4.2.3", "sorting.pages", "The order holds across pages", Run::Code(pages))
        .means(OTHERS)
        .needs(NEEDS),
];

fn sorted(session: &mut Session, by: &[(&str, &str)], expected: &str) -> Result<(), Stop> {
    let cast = session.cast()?;
    let filter = format!("displayName eq {}", Value::from(cast.tag()));
    let request = by
        .iter()
        .fold(Request::get("/Users").with("filter", &filter), |request, (name, value)| request.with(name, value));
    let answer = session.send(&request).ok()?;
    let order = cast.order(&answer.ids()?);
    answer.demand(order == expected, || {
        format!("the order should be {}, and is {}", expected.to_uppercase(), order.to_uppercase())
    })
}

fn ascending(session: &mut Session) -> Result<(), Stop> {
    sorted(session, &[("sortBy", "userName")], "abc")
}

fn descending(session: &mut Session) -> Result<(), Stop> {
    sorted(session, &[("sortBy", "userName"), ("sortOrder", "descending")], "cba")
}

/// The titles go on with `alpha`, `Beta` and `"C"`; by bytes `Beta` would come before `alpha`.
fn case(session: &mut Session) -> Result<(), Stop> {
    sorted(session, &[("sortBy", "TITLE"), ("sortOrder", "ascending")], "cab")
}

fn without(session: &mut Session) -> Result<(), Stop> {
    sorted(session, &[("sortBy", "userType")], "cab")?;
    sorted(session, &[("sortBy", "userType"), ("sortOrder", "descending")], "bac")
}

fn primary(session: &mut Session) -> Result<(), Stop> {
    sorted(session, &[("sortBy", "emails.value")], "abc")
}

fn pages(session: &mut Session) -> Result<(), Stop> {
    for (start, who) in [("1", "c"), ("2", "b"), ("3", "a")] {
        let by = [("sortBy", "userName"), ("sortOrder", "descending"), ("startIndex", start), ("count", "1")];
        sorted(session, &by, who)?;
    }
    Ok(())
}
