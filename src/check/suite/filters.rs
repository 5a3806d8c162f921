//! The filter language (RFC 7644 §3.4.2.2) over the cast, see [`cast`](super::cast).

use serde_json::json;

use crate::check::request::Request;
use crate::check::session::Session;
use crate::check::test::{Need, Run, Stop, Test, entra, rfc};

const LOOKUP: &str =
    "Entra looks people up with this before it creates them: everybody is created again, or refused with 409.";
const MATCHING: &str = "An administrator who chooses such an attribute to match by finds nobody, or the wrong people.";
const OTHERS: &str = "None for Entra's own lookups; other clients and scripts find the wrong people.";

const fn finds(name: &'static str, title: &'static str, filter: &'static str, whom: &'static str) -> Test {
    rfc("RFC 7644 §3.4.2.2", name, title, Run::Finds { filter, whom }).means(OTHERS).needs(&[Need::Filter])
}

pub const TESTS: &[Test] = &[
    finds("filters.eq", "eq finds the equal", r#"userName eq "$a""#, "a").means(LOOKUP),
    finds(
        "filters.user_name_in_any_case",
        "userName is compared without regard to letter case",
        r#"userName eq "$A""#,
        "a",
    )
    .means(LOOKUP),
    finds("filters.id", "id can be filtered", r#"id eq "$idA""#, "a").means(MATCHING),
    finds("filters.external_id", "externalId can be filtered", r#"externalId eq "$tag-Ext-A""#, "a").means(MATCHING),
    finds("filters.case_exact", "externalId is compared to the letter", r#"externalId eq "$tag-EXT-A""#, "")
        .means(MATCHING),
    finds(
        "filters.ne",
        "ne finds the others, those without a value too",
        r#"displayName eq "$tag" and userType ne "Employee""#,
        "bc",
    ),
    finds("filters.co", "co finds a part", r#"displayName eq "$tag" and title co "ALPH""#, "a"),
    finds("filters.sw", "sw finds a beginning", r#"displayName eq "$tag" and title sw "$tag a""#, "a"),
    finds("filters.ew", "ew finds an end", r#"displayName eq "$tag" and title ew "eta""#, "b"),
    finds("filters.pr", "pr finds those with a value", r#"displayName eq "$tag" and userType pr"#, "ac"),
    finds("filters.pr_of_many", "pr of a multi-valued attribute", r#"displayName eq "$tag" and emails pr"#, "abc"),
    finds("filters.gt", "gt finds what comes after", r#"displayName eq "$tag" and userType gt "Contractor""#, "a"),
    finds(
        "filters.ge",
        "ge finds it and what comes after",
        r#"displayName eq "$tag" and userType ge "Contractor""#,
        "ac",
    ),
    finds("filters.lt", "lt finds what comes before", r#"displayName eq "$tag" and userType lt "Employee""#, "c"),
    finds(
        "filters.le",
        "le finds it and what comes before",
        r#"displayName eq "$tag" and userType le "Employee""#,
        "ac",
    ),
    finds(
        "filters.boolean",
        "A boolean is compared with true and false",
        r#"displayName eq "$tag" and active eq false"#,
        "b",
    )
    .means(MATCHING),
    finds(
        "filters.dates",
        "Dates are compared as dates",
        r#"displayName eq "$tag" and meta.lastModified gt "2001-01-01T00:00:00Z""#,
        "abc",
    ),
    finds(
        "filters.dates_before",
        "Nobody was changed before there was SCIM",
        r#"displayName eq "$tag" and meta.created lt "2001-01-01T01:00:00+01:00""#,
        "",
    ),
    finds("filters.and", "and wants both", r#"userName eq "$a" and displayName eq "$tag""#, "a"),
    finds("filters.or", "or wants one", r#"userName eq "$a" or userName eq "$b""#, "ab"),
    finds("filters.not", "not turns around", r#"displayName eq "$tag" and not (userType eq "Employee")"#, "bc"),
    finds(
        "filters.precedence",
        "and binds tighter than or",
        r#"userName eq "$a" or userName eq "$b" and userType eq "Contractor""#,
        "a",
    ),
    finds(
        "filters.grouping",
        "Parentheses bind tightest",
        r#"(userName eq "$a" or userName eq "$b") and active eq false"#,
        "b",
    ),
    finds(
        "filters.operators_in_any_case",
        "Operators are read in any letter case",
        r#"userName EQ "$a" Or userName Eq "$b""#,
        "ab",
    ),
    finds("filters.names_in_any_case", "Attribute names are read in any letter case", r#"USERNAME eq "$a""#, "a"),
    finds(
        "filters.with_urn",
        "Attributes can be named with the schema's URN",
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "$a""#,
        "a",
    ),
    finds(
        "filters.extension",
        "Attributes of the extension can be filtered",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "$tag Sales""#,
        "a",
    )
    .means(MATCHING)
    .needs(&[Need::Filter, Need::Enterprise]),
    finds(
        "filters.sub_attribute",
        "A sub-attribute can be filtered",
        r#"displayName eq "$tag" and name.familyName eq "alphason""#,
        "a",
    )
    .means(MATCHING),
    finds(
        "filters.any_value",
        "A multi-valued attribute matches if any value does",
        r#"emails.value eq "home.$a""#,
        "a",
    )
    .means(MATCHING),
    finds("filters.values_directly", "A multi-valued attribute itself means its values", r#"emails eq "home.$a""#, "a"),
    finds(
        "filters.value_path",
        "In brackets all terms hold for one value",
        r#"emails[type eq "work" and value eq "$b"]"#,
        "b",
    ),
    finds(
        "filters.value_path_of_two",
        "… and not for two of them",
        r#"emails[type eq "work" and value eq "home.$a"]"#,
        "",
    ),
    finds("filters.escapes", "Quotes and backslashes are written as in JSON", r#"title eq "$tag \"C\" \\ Ü""#, "c"),
    entra(
        "Matching by emails[type eq \"work\"].value",
        "filters.entra_value_path",
        "A sub-attribute may stand behind the brackets",
        Run::Finds { filter: r#"emails[type eq "work"].value eq "$a""#, whom: "a" },
    )
    .means("Entra writes the lookup so when people are matched by work e-mail: nobody is found.")
    .needs(&[Need::Filter]),
    rfc("RFC 7644 §3.4.2.2", "filters.malformed", "What is no filter is refused: 400", Run::Code(malformed))
        .means("A mistyped matching attribute looks like an empty directory: everybody is created again.")
        .needs(&[Need::Filter]),
    rfc(
        "RFC 7644 §3.4.2.2",
        "filters.not_for_booleans",
        "A boolean has no order: gt is refused",
        Run::Code(not_for_booleans),
    )
    .means(OTHERS)
    .needs(&[Need::Filter]),
    rfc(
        "RFC 7644 §7.5.2",
        "filters.no_injection",
        "A filter is data, whatever is written in it",
        Run::Code(no_injection),
    )
    .means("Whoever can choose a userName reads the database.")
    .needs(&[Need::Filter]),
    rfc(
        "RFC 7644 §3.4.2.2",
        "filters.deep",
        "A very deep or long filter is answered, by a refusal if need be",
        Run::Code(deep),
    )
    .means("One request stops the service.")
    .needs(&[Need::Filter]),
];

fn malformed(session: &mut Session) -> Result<(), Stop> {
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
        session.find("/Users", filter).status(&[400])?;
    }
    Ok(())
}

fn not_for_booleans(session: &mut Session) -> Result<(), Stop> {
    session.find("/Users", "active gt false").status(&[400]).map(drop)
}

fn no_injection(session: &mut Session) -> Result<(), Stop> {
    let cast = session.cast()?;
    for value in ["' or '1'='1", "x' or 1=1 --", "%", "_%", "*", "\\\" or userName pr or userName eq \\\""] {
        let filter = format!("displayName eq \"{}\" and userName eq \"{value}\"", cast.tag());
        let answer = session.find("/Users", &filter).ok()?;
        answer.holds(&json!({"totalResults": 0, "Resources": null}))?;
    }
    Ok(())
}

fn deep(session: &mut Session) -> Result<(), Stop> {
    let nested = format!("{}userName eq \"x\"{}", "(".repeat(400), ")".repeat(400));
    let long = vec!["userName eq \"x\""; 200].join(" or ");
    for filter in [nested, long] {
        let answer = session.send(&Request::get("/Users").with("filter", &filter));
        answer.status(&[200, 400, 413, 414, 431])?;
    }
    Ok(())
}
