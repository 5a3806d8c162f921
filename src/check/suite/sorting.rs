//! Sorting (RFC 7644 §3.4.2.3), if it is declared.

use serde_json::Value;

use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, rfc};

const OTHERS: &str = "None for Entra, which does not sort; lists in other tools are in the wrong order.";
const REQUIRED: &[Feature] = &[Feature::Sort, Feature::Filter];

pub const TESTS: &[Test] = &[
    rfc("RFC 7644 §3.4.2.3", "sorting.ascending", "sortBy sorts in ascending order by default", Run::Code(ascending))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc("RFC 7644 §3.4.2.3", "sorting.descending", "sortOrder=descending reverses the order", Run::Code(descending))
        .meaning(OTHERS)
        .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.case",
        "Attributes that are not caseExact are sorted case-insensitively",
        Run::Code(case),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.without_value",
        "Resources without a value come last in ascending order, first in descending order",
        Run::Code(without),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc(
        "RFC 7644 §3.4.2.3",
        "sorting.primary",
        "A multi-valued attribute is sorted by its primary value",
        Run::Code(primary),
    )
    .meaning(OTHERS)
    .requires(REQUIRED),
    rfc("RFC 7644 §3.4.2.3", "sorting.pages", "The order is the same across pages", Run::Code(pages))
        .meaning(OTHERS)
        .requires(REQUIRED),
];

fn require_order(session: &mut Session, by: &[(&str, &str)], expected: &str) -> Result<(), NotPassed> {
    let test_users = session.test_users()?;
    let filter = format!("displayName eq {}", Value::from(test_users.tag()));
    let request = by
        .iter()
        .fold(Request::get("/Users").query("filter", &filter), |request, (name, value)| request.query(name, value));
    let answer = session.send(&request).require_ok()?;
    let order = test_users.letters_in_order(&answer.ids()?);
    answer.require(order == expected, || {
        format!("the order should be {}, but is {}", expected.to_uppercase(), order.to_uppercase())
    })
}

fn ascending(session: &mut Session) -> Result<(), NotPassed> {
    require_order(session, &[("sortBy", "userName")], "abc")
}

fn descending(session: &mut Session) -> Result<(), NotPassed> {
    require_order(session, &[("sortBy", "userName"), ("sortOrder", "descending")], "cba")
}

/// After the tag the titles are `alpha`, `Beta` and `"C"`; by bytes `Beta` would come before `alpha`.
fn case(session: &mut Session) -> Result<(), NotPassed> {
    require_order(session, &[("sortBy", "TITLE"), ("sortOrder", "ascending")], "cab")
}

fn without(session: &mut Session) -> Result<(), NotPassed> {
    require_order(session, &[("sortBy", "userType")], "cab")?;
    require_order(session, &[("sortBy", "userType"), ("sortOrder", "descending")], "bac")
}

fn primary(session: &mut Session) -> Result<(), NotPassed> {
    require_order(session, &[("sortBy", "emails.value")], "abc")
}

fn pages(session: &mut Session) -> Result<(), NotPassed> {
    for (start, who) in [("1", "c"), ("2", "b"), ("3", "a")] {
        let by = [("sortBy", "userName"), ("sortOrder", "descending"), ("startIndex", start), ("count", "1")];
        require_order(session, &by, who)?;
    }
    Ok(())
}
