//! What is a filter, how it prints, and what is none.

use super::*;

#[track_caller]
fn check_printed(text: &str, printed: &str) {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filter.to_string(), printed);
    assert_eq!(Filter::parse(printed).unwrap(), filter);
}

/// RFC 7644 §3.4.2.2; checklist 43, 44
#[test]
fn filters_are_read_and_printed() {
    for same in [
        r#"userName eq "bjensen""#,
        "title pr",
        "active eq true",
        "active ne false",
        "x eq null",
        "x gt -12.5",
        "x le 18446744073709551615",
        r#"userName eq "a \"b\" \\ é""#,
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        r#"emails[type eq "work"].value eq "ana@contoso.com""#,
        r#"emails[type eq "work"].value pr"#,
        "a pr and b pr or c pr and not (d pr)",
        "a pr and (b pr or c pr)",
        "(a pr and b pr) and c pr",
        "a pr or (b pr or c pr)",
        "not (not (a pr))",
        "emails[not (type pr) or value pr and type pr]",
        "not pr and and pr or or pr",
        r#"manager.$ref eq "x""#,
    ] {
        check_printed(same, same);
    }
    check_printed("  USERNAME   EQ\t\"x\"  ", r#"USERNAME eq "x""#);
    check_printed(r#"a eq "\u0041\u00e9\ud83d\ude00\/\b\n""#, r#"a eq "Aé😀/\b\n""#);
    check_printed("((a pr))", "a pr");
    check_printed("NOT(a pr)AND(b Pr)", "not (a pr) and b pr");
    check_printed("(a pr and b pr) or c pr", "a pr and b pr or c pr");
    check_printed("a pr OR b pr And c pr", "a pr or b pr and c pr");
    check_printed("emails[ type eq \"work\" ] and a eq TRUE", "emails[type eq \"work\"] and a eq true");
}

/// RFC 7644 §3.4.2.2: not before and before or
#[test]
fn precedence_is_grouping_then_not_then_and_then_or() {
    let present = |name: &str| Filter::Present(AttributePath::bare(name));
    let expected = Filter::Or(vec![
        present("a"),
        Filter::And(vec![
            Filter::Not(Box::new(present("b"))),
            present("c"),
            Filter::Or(vec![present("d"), present("e")]),
        ]),
    ]);
    assert_eq!(Filter::parse("a pr or not (b pr) and c pr and (d pr or e pr)").unwrap(), expected);
}

/// RFC 7644 §3.12; checklist 44, 52
#[test]
fn what_is_no_filter_is_refused_with_a_readable_reason() {
    let deep = format!("{}a pr{}", "(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1));
    let very_deep = "not (".repeat(1_500);
    let brackets = "[".repeat(3_000);
    let many = vec!["a pr"; MAX_TERMS + 1].join(" or ");
    let long = format!("a eq \"{}\"", "x".repeat(MAX_LENGTH));
    for (text, hint) in [
        ("", "expected at its end"),
        ("   ", "expected at its end"),
        ("userName", "operator"),
        ("userName eq", "value was expected at its end"),
        ("userName eq bjensen", "`bjensen` is not a value"),
        ("userName eq 'bjensen'", "value was expected at `'bjensen'`"),
        ("userName eq \"bjensen", "has no end"),
        ("userName eq \"a\\\"", "has no end"),
        ("userName eq \"\\x\"", "not a JSON text"),
        ("userName eq \"\\ud800\"", "not a JSON text"),
        ("userName eq \"a\nb\"", "not a JSON text"),
        ("userName like \"x\"", "`like` is not an operator"),
        ("userName eq5", "`eq5` is not an operator"),
        ("userName = \"x\"", "operator"),
        ("userName eq 01", "`01`"),
        ("userName eq 1e999", "`1e999`"),
        ("userName eq NaN", "`NaN`"),
        ("(userName pr", "`)` was expected"),
        ("userName pr)", "nothing was expected at `)`"),
        ("userName pr trailing", "nothing was expected at `trailing`"),
        ("userName pr and", "expected at its end"),
        ("userName pr and and", "operator"),
        ("userName pr title pr", "nothing was expected"),
        ("and", "operator"),
        ("not userName pr", "`userName` is not an operator"),
        ("()", "expected at `)`"),
        ("emails[", "expected at its end"),
        ("emails[]", "expected at `]`"),
        ("emails[type eq \"work\"", "`]` was expected"),
        ("emails[type eq \"work\")", "`]` was expected"),
        ("emails[type[x pr]]", "cannot be used inside"),
        ("emails[type pr].", "expected at its end"),
        ("emails[type pr].value", "operator"),
        ("emails[type pr].a.b pr", "sub-attribute"),
        ("emails [type pr]", "operator"),
        ("a.b.c pr", "`a.b.c`"),
        ("é pr", "`é`"),
        ("a pr \u{a0}", "nothing was expected"),
        ("\"a\" eq \"b\"", "name of an attribute"),
        (&deep, "nested more than"),
        (&very_deep, "nested more than"),
        (&brackets, "expected at `[[["),
        (&many, "more than 256 comparisons"),
        (&long, "at most 8192"),
    ] {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)));
        assert!(error.detail.contains(hint), "{text:.60}: {error}");
    }
    let deepest = format!("{}a pr{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
    assert!(Filter::parse(&deepest).is_ok());
}

/// RFC 7644 §3.4.2.2; checklist 46, 51
#[test]
fn what_cannot_be_asked_is_refused() {
    for text in [
        "active gt true",
        "active lt \"true\"",
        "emails.primary ge true",
        "emails[primary le false]",
        "x509Certificates.value gt \"a\"",
        "x509Certificates gt \"a\"",
        "userName gt true",
        "unknown lt null",
        "password eq \"x\"",
        "PASSWORD pr",
        "not (password sw \"x\")",
        "a pr or (b pr and password co \"x\")",
        "password[value eq \"x\"]",
        "urn:ietf:params:scim:schemas:core:2.0:User:password eq \"x\"",
        "meta.created gt \"yesterday\"",
        "meta.created eq 5",
    ] {
        let error = Filter::parse(text).unwrap().check(schema::user()).expect_err(text);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
    }
    for text in [
        "active eq true",
        "active ne \"False\"",
        "title gt \"x\"",
        "unknown eq \"x\"",
        "emails[unknown eq 1]",
        "unknown[a pr].b gt 1",
        "meta.created eq null",
        "meta.created sw \"2026\"",
        "meta.created le \"2026-11-22T22:50:00.1234567+01:00\"",
        "x509Certificates.value eq \"a\"",
    ] {
        assert_eq!(Filter::parse(text).unwrap().check(schema::user()), Ok(()), "{text}");
    }
}
