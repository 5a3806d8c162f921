//! Which resources match.

use super::*;
use crate::scim::ResourceType;

#[track_caller]
fn check_answer(resource_type: &ResourceType, resource: &Value, text: &str, expected: bool) {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    filter.check(resource_type).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(eval::matches(&filter, resource_type, resource), expected, "{text}");
}

/// Each of these holds for Ana, and its opposite does not.
#[track_caller]
fn check_true(texts: &[&str]) {
    for text in texts {
        check_answer(schema::user(), &ana(), text, true);
        check_answer(schema::user(), &ana(), &format!("not ({text})"), false);
    }
}

#[track_caller]
fn check_false(texts: &[&str]) {
    for text in texts {
        check_answer(schema::user(), &ana(), text, false);
        check_answer(schema::user(), &ana(), &format!("not ({text})"), true);
    }
}

/// RFC 7643 §2.2, `caseExact`; checklist 45
#[test]
fn letter_case_counts_where_the_schema_says_so() {
    check_true(&[
        "userName eq \"ANA@contoso.COM\"",
        "USERNAME Eq \"ana@contoso.com\"",
        "userName co \"@CONTOSO\"",
        "userName sw \"aNA\"",
        "userName ew \".COM\"",
        "displayName eq \"ana ruiz\"",
        "emails.value eq \"ANA@CONTOSO.COM\"",
        "emails.type eq \"WORK\"",
        "externalId eq \"AbC\"",
        "id eq \"2819C223\"",
        "manager.value eq \"Mm-1\"",
        "name.familyName eq \"o\\\"neil\"",
    ]);
    check_false(&[
        "externalId eq \"abc\"",
        "externalId co \"abc\"",
        "id eq \"2819c223\"",
        "manager.value sw \"mm\"",
        "userName eq \"ana\"",
        "userName ne \"ANA@contoso.COM\"",
    ]);
}

/// RFC 7644 §3.4.2.2; checklist 46
#[test]
fn orders_are_lexicographic_chronological_and_numeric() {
    check_true(&[
        "displayName gt \"ana\"",
        "displayName ge \"ANA RUIZ\"",
        "displayName lt \"b\"",
        "displayName le \"ana ruiz\"",
        "meta.lastModified gt \"2026-11-22T22:50:00.122Z\"",
        "meta.lastModified eq \"2026-11-23T00:50:00.1230000+02:00\"",
        "meta.lastModified ge \"2026-11-22T22:50:00.123Z\"",
        "meta.lastModified lt \"2026-11-22T19:50:01-03:00\"",
        "meta.created ne \"2026-11-22T22:50:00Z\"",
        "meta.created sw \"2026-11-22T\"",
    ]);
    check_false(&[
        "displayName gt \"Ana Ruiz\"",
        "displayName gt 5",
        "title gt \"a\"",
        "title le \"a\"",
        "meta.lastModified lt \"2026-11-22T22:50:00.123Z\"",
        "meta.lastModified gt \"2026-11-22T23:50:00.123+01:00\"",
    ]);
}

/// Numbers occur in extensions only.
#[test]
fn numbers_compare_by_value() {
    let mut with_numbers = schema::user().clone();
    let mut shoe_size = with_numbers.extensions[0].attributes[0].clone();
    shoe_size.name = "shoeSize".into();
    shoe_size.kind = schema::Kind::Decimal;
    with_numbers.extensions.to_mut()[0].attributes.to_mut().push(shoe_size);
    let resource = json!({schema::ENTERPRISE_URN: {"shoeSize": 39.0}});
    for (text, expected) in [
        ("shoeSize eq 39", true),
        ("shoeSize lt 39.5", true),
        ("shoeSize gt 4", true),
        ("shoeSize ge 1e2", false),
        ("shoeSize eq \"39\"", true),
        ("shoeSize eq \" 39.0 \"", true),
        ("shoeSize ne \"39\"", false),
        ("shoeSize ne \"40\"", true),
        ("shoeSize ge \"38.5\"", true),
        ("shoeSize lt \"39\"", false),
        ("shoeSize eq \"large\"", false),
        ("shoeSize ne \"large\"", true),
        ("shoeSize gt \"large\"", false),
        ("shoeSize co \"3\"", false),
        ("shoeSize co 3", false),
    ] {
        check_answer(&with_numbers, &resource, text, expected);
    }
}

/// RFC 7644 §3.4.2.2; checklist 23, 47
#[test]
fn presence_absence_and_booleans() {
    check_true(&[
        "userName pr",
        "name pr",
        "emails pr",
        "emails.type pr",
        "phoneNumbers pr",
        "manager pr",
        "department pr",
        "title eq null",
        "title ne \"x\"",
        "emails.value ne null",
        "name.middleName eq null",
        "active eq true",
        "active eq \"TRUE\"",
        "active ne false",
        "active ne \"x\"",
        "active ne null",
        "roles eq null",
    ]);
    check_false(&[
        "title pr",
        "name.middleName pr",
        "phoneNumbers.value pr",
        "roles pr",
        "title ne null",
        "title eq \"\"",
        "title co \"\"",
        "active eq \"x\"",
        "active eq \"false\"",
        "active eq 1",
        "active eq null",
        "userName eq null",
        "userName eq 5",
    ]);
}

/// RFC 7644 §3.4.2.2; checklist 48
#[test]
fn any_value_of_many_may_match_and_brackets_bind_terms_to_one() {
    check_true(&[
        "emails co \"x.org\"",
        "emails eq \"HOME@x.org\"",
        "emails.value ew \".net\"",
        "manager eq \"Mm-1\"",
        "emails.type eq \"work\" and emails.value co \"x.org\"",
        "emails[type eq \"work\" and value co \"@CONTOSO\"]",
        "emails[not (type pr)]",
        "emails[type ne \"work\" and type ne \"home\"]",
        "emails[primary eq true]",
        "emails[primary eq \"True\"].type eq \"work\"",
        "emails.type eq null",
        "phoneNumbers[type eq \"fax\"]",
        "phoneNumbers.value eq null",
        "name[givenName eq \"ana\"]",
    ]);
    check_false(&[
        "emails[type eq \"work\" and value co \"x.org\"]",
        "emails[type eq \"other\"]",
        "roles[type eq null]",
        "addresses co \"x\"",
        "name co \"Ana\"",
        "emails[unknown eq \"x\"]",
        "emails[value.x pr]",
    ]);
    let sales = json!({"displayName": "Sales", "members": [{"value": "u1", "type": "User"}, {"value": "u2"}]});
    for (text, expected) in
        [("members eq \"u2\"", true), ("members[value eq \"u1\"]", true), ("members eq \"u3\"", false)]
    {
        check_answer(schema::group(), &sales, text, expected);
    }
}

/// RFC 7644 §3.10; checklist 49
#[test]
fn names_may_have_urns_and_unknown_ones_match_nothing() {
    check_true(&[
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"sales\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"Mm-1\"",
        "URN:ietf:params:scim:schemas:core:2.0:USER:userName pr",
        "department eq \"Sales\"",
        "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
        "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
        "meta.resourceType eq \"User\"",
        "shoeSize ne 5",
        "shoeSize eq null",
    ]);
    check_false(&[
        "shoeSize pr",
        "shoeSize eq \"5\"",
        "shoeSize gt 5",
        "shoeSize ne null",
        "shoeSize[x pr]",
        "urn:x:userName pr",
        "meta.resourceType eq \"Group\"",
        "userName.value pr",
    ]);
}

/// Checklist 50: Entra, outside the grammar
#[test]
fn a_sub_attribute_may_follow_a_value_path() {
    check_true(&[
        "emails[type eq \"work\"].value eq \"ana@contoso.com\"",
        "emails[type eq \"work\"].value pr",
        "emails[type eq \"work\" and primary eq true].value co \"ANA\"",
        "emails[type eq \"home\"].primary eq false",
        "emails[type eq \"home\"].primary ne true",
        "emails[primary eq false]",
        "emails.primary eq \"False\"",
        "phoneNumbers[primary eq false]",
        "roles.primary ne true",
        "userName pr and (emails[type eq \"work\"].value sw \"ana\" or title pr)",
    ]);
    check_false(&[
        "emails[type eq \"work\"].value eq \"home@x.org\"",
        "emails[type eq \"other\"].value pr",
        "emails[type eq \"other\"].value ne \"x\"",
        "emails[type eq \"home\"].primary pr",
        "emails[type eq \"home\"].primary eq null",
        "emails[type eq \"home\"].primary ne false",
        "roles.primary eq false",
        "phoneNumbers[type eq \"fax\"].value pr",
        "emails[type eq \"work\"].shoeSize pr",
    ]);
}

/// Strange resources are no reason to fail.
#[test]
fn any_json_can_be_asked() {
    for resource in [json!(null), json!([]), json!("x"), json!({"emails": "x", "name": [1, [2]], "userName": {"a": 1}})]
    {
        for text in
            ["emails[type eq \"a\"].value pr", "name.givenName eq \"x\"", "userName co \"x\"", "userName ne \"x\""]
        {
            _ = eval::matches(&Filter::parse(text).unwrap(), schema::user(), &resource);
        }
    }
}
