//! The filter language (RFC 7644 §3.4.2.2) on the three test users, see `session::test_users`.

use serde_json::json;

use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::Feature;
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra, rfc};

const LOOKUP: &str =
    "Entra looks people up with this before it creates them: everybody is created again, or refused with 409.";
const MATCHING: &str = "An administrator who chooses such an attribute to match by finds nobody, or the wrong people.";
const OTHERS: &str = "None for Entra's own lookups; other clients and scripts find the wrong people.";

const fn filter_test(name: &'static str, title: &'static str, filter: &'static str, expected: &'static str) -> Test {
    rfc("RFC 7644 §3.4.2.2", name, title, Run::Filter { filter, expected }).meaning(OTHERS).requires(&[Feature::Filter])
}

pub const TESTS: &[Test] = &[
    filter_test("filters.eq", "eq finds the equal", r#"userName eq "$a""#, "a").meaning(LOOKUP),
    filter_test(
        "filters.user_name_in_any_case",
        "userName is compared without regard to letter case",
        r#"userName eq "$A""#,
        "a",
    )
    .meaning(LOOKUP),
    filter_test("filters.id", "id can be filtered", r#"id eq "$idA""#, "a").meaning(MATCHING),
    filter_test("filters.external_id", "externalId can be filtered", r#"externalId eq "$tag-Ext-A""#, "a")
        .meaning(MATCHING),
    filter_test("filters.case_exact", "externalId is compared to the letter", r#"externalId eq "$tag-EXT-A""#, "")
        .meaning(MATCHING),
    filter_test(
        "filters.ne",
        "ne finds the others, those without a value too",
        r#"displayName eq "$tag" and userType ne "Employee""#,
        "bc",
    ),
    filter_test("filters.co", "co finds a part", r#"displayName eq "$tag" and title co "ALPH""#, "a"),
    filter_test("filters.sw", "sw finds a beginning", r#"displayName eq "$tag" and title sw "$tag a""#, "a"),
    filter_test("filters.ew", "ew finds an end", r#"displayName eq "$tag" and title ew "eta""#, "b"),
    filter_test("filters.pr", "pr finds those with a value", r#"displayName eq "$tag" and userType pr"#, "ac"),
    filter_test(
        "filters.pr_of_many",
        "pr of a multi-valued attribute",
        r#"displayName eq "$tag" and emails pr"#,
        "abc",
    ),
    filter_test(
        "filters.gt",
        "gt finds what comes after",
        r#"displayName eq "$tag" and userType gt "Contractor""#,
        "a",
    ),
    filter_test(
        "filters.ge",
        "ge finds it and what comes after",
        r#"displayName eq "$tag" and userType ge "Contractor""#,
        "ac",
    ),
    filter_test("filters.lt", "lt finds what comes before", r#"displayName eq "$tag" and userType lt "Employee""#, "c"),
    filter_test(
        "filters.le",
        "le finds it and what comes before",
        r#"displayName eq "$tag" and userType le "Employee""#,
        "ac",
    ),
    filter_test(
        "filters.boolean",
        "A boolean is compared with true and false",
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
        "Nobody was changed before there was SCIM",
        r#"displayName eq "$tag" and meta.created lt "2001-01-01T01:00:00+01:00""#,
        "",
    ),
    filter_test("filters.and", "and wants both", r#"userName eq "$a" and displayName eq "$tag""#, "a"),
    filter_test("filters.or", "or wants one", r#"userName eq "$a" or userName eq "$b""#, "ab"),
    filter_test("filters.not", "not turns around", r#"displayName eq "$tag" and not (userType eq "Employee")"#, "bc"),
    filter_test(
        "filters.precedence",
        "and binds tighter than or",
        r#"userName eq "$a" or userName eq "$b" and userType eq "Contractor""#,
        "a",
    ),
    filter_test(
        "filters.grouping",
        "Parentheses bind tightest",
        r#"(userName eq "$a" or userName eq "$b") and active eq false"#,
        "b",
    ),
    filter_test(
        "filters.operators_in_any_case",
        "Operators are read in any letter case",
        r#"userName EQ "$a" Or userName Eq "$b""#,
        "ab",
    ),
    filter_test("filters.names_in_any_case", "Attribute names are read in any letter case", r#"USERNAME eq "$a""#, "a"),
    filter_test(
        "filters.with_urn",
        "Attributes can be named with the schema's URN",
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "$a""#,
        "a",
    ),
    filter_test(
        "filters.extension",
        "Attributes of the extension can be filtered",
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
        "A multi-valued attribute itself means its values",
        r#"emails eq "home.$a""#,
        "a",
    ),
    filter_test(
        "filters.value_path",
        "In brackets all terms hold for one value",
        r#"emails[type eq "work" and value eq "$b"]"#,
        "b",
    ),
    filter_test(
        "filters.value_path_of_two",
        "… and not for two of them",
        r#"emails[type eq "work" and value eq "home.$a"]"#,
        "",
    ),
    filter_test(
        "filters.escapes",
        "Quotes and backslashes are written as in JSON",
        r#"title eq "$tag \"C\" \\ Ü""#,
        "c",
    ),
    entra(
        "Matching by emails[type eq \"work\"].value",
        "filters.entra_value_path",
        "A sub-attribute may stand behind the brackets",
        Run::Filter { filter: r#"emails[type eq "work"].value eq "$a""#, expected: "a" },
    )
    .meaning("Entra writes the lookup so when people are matched by work e-mail: nobody is found.")
    .requires(&[Feature::Filter]),
    rfc("RFC 7644 §3.4.2.2", "filters.malformed", "What is no filter is refused: 400", Run::Code(malformed))
        .meaning("A mistyped matching attribute looks like an empty directory: everybody is created again.")
        .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §3.4.2.2",
        "filters.not_for_booleans",
        "A boolean has no order: gt is refused",
        Run::Code(not_for_booleans),
    )
    .meaning(OTHERS)
    .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §7.5.2",
        "filters.no_injection",
        "A filter is data, whatever is written in it",
        Run::Code(no_injection),
    )
    .meaning("Whoever can choose a userName reads the database.")
    .requires(&[Feature::Filter]),
    rfc(
        "RFC 7644 §3.4.2.2",
        "filters.deep",
        "A very deep or long filter is answered, by a refusal if need be",
        Run::Code(deep),
    )
    .meaning("One request stops the service.")
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
