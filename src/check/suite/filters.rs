//! Filters (RFC 7644 §3.4.2.2) on the three test users, see `session::test_users`.

use serde_json::json;

use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra, rfc};

const LOOKUP: &str =
    "Entra uses this lookup before it creates users: all users are created again, or refused with 409.";
const MATCHING: &str = "Matching by such an attribute finds no users, or the wrong users.";
const OTHERS: &str = "None for Entra's own lookups; other clients and scripts find the wrong users.";

const fn filter_test(name: &'static str, title: &'static str, filter: &'static str, expected: &'static str) -> Test {
    rfc("RFC 7644 §3.4.2.2", name, title, Run::Filter { filter, expected }).meaning(OTHERS).requires(&[Feature::Filter])
}

pub const TESTS: &[Test] = &[
    filter_test("filters.eq", "eq finds equal values", r#"userName eq "$a""#, "a").meaning(LOOKUP),
    filter_test("filters.user_name_in_any_case", "userName is compared case-insensitively", r#"userName eq "$A""#, "a")
        .meaning(LOOKUP),
    filter_test("filters.id", "id can be filtered", r#"id eq "$idA""#, "a").meaning(MATCHING),
    filter_test("filters.external_id", "externalId can be filtered", r#"externalId eq "$tag-Ext-A""#, "a")
        .meaning(MATCHING),
    filter_test("filters.case_exact", "externalId is compared case-sensitively", r#"externalId eq "$tag-EXT-A""#, "")
        .meaning(MATCHING),
    filter_test(
        "filters.ne",
        "ne also finds users without a value",
        r#"displayName eq "$tag" and userType ne "Employee""#,
        "bc",
    ),
    filter_test("filters.co", "co finds a substring", r#"displayName eq "$tag" and title co "ALPH""#, "a"),
    filter_test("filters.sw", "sw finds a prefix", r#"displayName eq "$tag" and title sw "$tag a""#, "a"),
    filter_test("filters.ew", "ew finds a suffix", r#"displayName eq "$tag" and title ew "eta""#, "b"),
    filter_test("filters.pr", "pr finds users with a value", r#"displayName eq "$tag" and userType pr"#, "ac"),
    filter_test(
        "filters.pr_of_many",
        "pr works on a multi-valued attribute",
        r#"displayName eq "$tag" and emails pr"#,
        "abc",
    ),
    filter_test("filters.gt", "gt finds greater values", r#"displayName eq "$tag" and userType gt "Contractor""#, "a"),
    filter_test(
        "filters.ge",
        "ge finds equal and greater values",
        r#"displayName eq "$tag" and userType ge "Contractor""#,
        "ac",
    ),
    filter_test("filters.lt", "lt finds smaller values", r#"displayName eq "$tag" and userType lt "Employee""#, "c"),
    filter_test(
        "filters.le",
        "le finds equal and smaller values",
        r#"displayName eq "$tag" and userType le "Employee""#,
        "ac",
    ),
    filter_test(
        "filters.boolean",
        "Booleans are compared with true and false",
        r#"displayName eq "$tag" and active eq false"#,
        "b",
    )
    .meaning(MATCHING),
    filter_test(
        "filters.dates",
        "Dates are compared as dates",
        r#"displayName eq "$tag" and meta.lastModified gt "2001-01-01T00:00:00Z""#,
        "abc",
    ),
    filter_test(
        "filters.dates_before",
        "Dates with a time zone are compared as instants",
        r#"displayName eq "$tag" and meta.created lt "2001-01-01T01:00:00+01:00""#,
        "",
    ),
    filter_test("filters.and", "and requires both", r#"userName eq "$a" and displayName eq "$tag""#, "a"),
    filter_test("filters.or", "or requires one", r#"userName eq "$a" or userName eq "$b""#, "ab"),
    filter_test("filters.not", "not negates", r#"displayName eq "$tag" and not (userType eq "Employee")"#, "bc"),
    filter_test(
        "filters.precedence",
        "and has precedence over or",
        r#"userName eq "$a" or userName eq "$b" and userType eq "Contractor""#,
        "a",
    ),
    filter_test(
        "filters.grouping",
        "Parentheses have the highest precedence",
        r#"(userName eq "$a" or userName eq "$b") and active eq false"#,
        "b",
    ),
    filter_test(
        "filters.operators_in_any_case",
        "Operators are case-insensitive",
        r#"userName EQ "$a" Or userName Eq "$b""#,
        "ab",
    ),
    filter_test("filters.names_in_any_case", "Attribute names are case-insensitive", r#"USERNAME eq "$a""#, "a"),
    filter_test(
        "filters.with_urn",
        "Attributes can be qualified with the schema URN",
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "$a""#,
        "a",
    ),
    filter_test(
        "filters.extension",
        "Attributes of an extension can be filtered",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "$tag Sales""#,
        "a",
    )
    .meaning(MATCHING)
    .requires(&[Feature::Filter, Feature::Enterprise]),
    filter_test(
        "filters.sub_attribute",
        "A sub-attribute can be filtered",
        r#"displayName eq "$tag" and name.familyName eq "alphason""#,
        "a",
    )
    .meaning(MATCHING),
    filter_test(
        "filters.any_value",
        "A multi-valued attribute matches if any value does",
        r#"emails.value eq "home.$a""#,
        "a",
    )
    .meaning(MATCHING),
    filter_test(
        "filters.values_directly",
        "A multi-valued attribute without a sub-attribute refers to its values",
        r#"emails eq "home.$a""#,
        "a",
    ),
    filter_test(
        "filters.value_path",
        "All terms in brackets apply to the same value",
        r#"emails[type eq "work" and value eq "$b"]"#,
        "b",
    ),
    filter_test(
        "filters.value_path_of_two",
        "Terms in brackets do not match two different values",
        r#"emails[type eq "work" and value eq "home.$a"]"#,
        "",
    ),
    filter_test(
        "filters.escapes",
        "Quotes and backslashes are escaped as in JSON",
        r#"title eq "$tag \"C\" \\ Ü""#,
        "c",
    ),
    entra(
        "Matching by emails[type eq \"work\"].value",
        "filters.entra_value_path",
        "A sub-attribute may follow the brackets",
        Run::Filter { filter: r#"emails[type eq "work"].value eq "$a""#, expected: "a" },
    )
    .meaning("Entra sends this lookup to match users by work e-mail: no user is found.")
    .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "filters.malformed", "An invalid filter is refused with 400", Run::Code(malformed))
        .meaning("An invalid matching attribute looks like an empty directory: all users are created again.")
        .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "filters.not_for_booleans", "gt on a boolean is refused", Run::Code(not_for_booleans))
        .meaning(OTHERS)
        .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §7.5.2",
        "filters.no_injection",
        "A filter value is never interpreted as a query",
        Run::Code(no_injection),
    )
    .meaning("Anyone who can choose a userName can read the database.")
    .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "filters.deep", "A very deep or long filter is answered or refused", Run::Code(deep))
        .meaning("One request can stop the service.")
        .requires(&[Feature::Filter]),
];

fn malformed(session: &mut Session) -> Result<(), NotPassed> {
    let filters = [
        "userName",
        "userName eq",
        "userName equals \"x\"",
        "userName eq \"x\" and",
        "(userName eq \"x\"",
        "userName eq \"x\")",
        "userName eq \"x",
        "emails[type eq \"work\"",
        "eq \"x\"",
    ];
    for filter in filters {
        session.find("/Users", filter).require_status(&[400])?;
    }
    Ok(())
}

fn not_for_booleans(session: &mut Session) -> Result<(), NotPassed> {
    session.find("/Users", "active gt false").require_status(&[400]).map(drop)
}

fn no_injection(session: &mut Session) -> Result<(), NotPassed> {
    let test_users = session.test_users()?;
    for value in ["' or '1'='1", "x' or 1=1 --", "%", "_%", "*", "\\\" or userName pr or userName eq \\\""] {
        let filter = format!("displayName eq \"{}\" and userName eq \"{value}\"", test_users.tag());
        let answer = session.find("/Users", &filter).require_ok()?;
        answer.require_values(&json!({"totalResults": 0, "Resources": null}))?;
    }
    Ok(())
}

fn deep(session: &mut Session) -> Result<(), NotPassed> {
    let nested = format!("{}userName eq \"x\"{}", "(".repeat(400), ")".repeat(400));
    let long = vec!["userName eq \"x\""; 200].join(" or ");
    for filter in [nested, long] {
        let answer = session.send(&Request::get("/Users").query("filter", &filter));
        answer.require_status(&[200, 400, 413, 414, 431])?;
    }
    Ok(())
}
