//! Reading, printing, refusing and answering filters.

use super::*;
use crate::scim::{ResourceType, ScimType, schema};
use serde_json::{Value, json};

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
        ("emails[type[x pr]]", "cannot stand inside"),
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

fn ana() -> Value {
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
        "id": "2819C223",
        "externalId": "AbC",
        "userName": "Ana@Contoso.com",
        "name": {"givenName": "Ana", "familyName": "O\"Neil"},
        "displayName": "Ana Ruiz",
        "active": true,
        "emails": [
            {"value": "ana@contoso.com", "type": "work", "primary": true},
            {"value": "home@x.org", "type": "home"},
            {"value": "third@y.net"},
        ],
        "phoneNumbers": [{"type": "fax"}],
        schema::ENTERPRISE_URN: {"department": "Sales", "manager": {"value": "Mm-1"}},
        "meta": {"resourceType": "User", "created": "2026-11-22T22:50:00.123Z", "lastModified": "2026-11-22T22:50:00.123Z"},
    })
}

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
        ("shoeSize eq \"39\"", false),
        ("shoeSize ne \"39\"", true),
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
        "emails[type eq \"home\"].primary eq null",
        "userName pr and (emails[type eq \"work\"].value sw \"ana\" or title pr)",
    ]);
    check_false(&[
        "emails[type eq \"work\"].value eq \"home@x.org\"",
        "emails[type eq \"other\"].value pr",
        "emails[type eq \"other\"].value ne \"x\"",
        "emails[type eq \"home\"].primary pr",
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

/// Pseudo-random and the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn path(&mut self) -> AttributePath {
        self.pick(&[
            "userName",
            "not",
            "and",
            "or",
            "pr",
            "emails.type",
            "name.$ref",
            "meta.created",
            "urn:a:b:2.0:User:x.y",
            "active",
        ])
        .parse()
        .unwrap()
    }

    fn literal(&mut self) -> Literal {
        match self.roll(6) {
            0 => Literal::Null,
            1 => Literal::Bool(self.roll(2) == 0),
            2 => Literal::Number(Number::from(self.0)),
            3 => {
                Literal::Number(Number::from_f64(f64::from(u32::try_from(self.roll(100_000)).unwrap()) / -7.0).unwrap())
            }
            _ => {
                let length = self.roll(6);
                Literal::String(
                    (0..length)
                        .map(|_| self.pick(&["a", "\"", "\\", "é", "😀", "\n", "\u{1}", "]", ")", " or "]))
                        .collect(),
                )
            }
        }
    }

    fn test(&mut self) -> Test {
        if self.roll(4) == 0 { Test::Present } else { Test::Compare(Operator::ALL[self.roll(9)], self.literal()) }
    }

    fn term(&mut self) -> Filter {
        let path = self.path();
        match self.test() {
            Test::Present => Filter::Present(path),
            Test::Compare(operator, value) => Filter::Compare { path, operator, value },
        }
    }

    fn filter(&mut self, depth: usize, in_brackets: bool) -> Filter {
        match self.roll(if depth == 0 { 3 } else { 8 }) {
            3 | 4 => Filter::And((0..2 + self.roll(2)).map(|_| self.filter(depth - 1, in_brackets)).collect()),
            5 | 6 => Filter::Or((0..2 + self.roll(2)).map(|_| self.filter(depth - 1, in_brackets)).collect()),
            7 => Filter::Not(Box::new(self.filter(depth - 1, in_brackets))),
            2 if !in_brackets => {
                let then = (self.roll(2) == 0).then(|| ("value".to_owned(), self.test()));
                Filter::ValuePath { path: self.path(), filter: Box::new(self.filter(1.min(depth), true)), then }
            }
            _ => self.term(),
        }
    }
}

/// House style 18: what can be parsed can be printed.
#[test]
fn what_is_printed_is_read_back_as_the_same_tree() {
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    for _ in 0..2_000 {
        let filter = dice.filter(4, false);
        let printed = filter.to_string();
        match Filter::parse(&printed) {
            Ok(read) => assert_eq!(read, filter, "{printed}"),
            Err(error) => {
                assert!(printed.len() > MAX_LENGTH || error.detail.contains("more than"), "{printed}: {error}");
            }
        }
    }
}

/// Whatever is sent, an answer comes back.
#[test]
fn broken_filters_are_refused_and_never_crash() {
    let mut dice = Dice(0x0bad_5eed_0bad_5eed);
    let resource = ana();
    for _ in 0..3_000 {
        let mut letters: Vec<char> = dice.filter(3, false).to_string().chars().collect();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(letters.len());
            match dice.roll(3) {
                0 => _ = letters.remove(at),
                1 => letters.insert(
                    at,
                    dice.pick(&["(", ")", "[", "]", "\"", "\\", ".", " ", "é", "\0"]).chars().next().unwrap(),
                ),
                _ => letters.truncate(at),
            }
            if letters.is_empty() {
                letters.push('(');
            }
        }
        if let Ok(filter) = Filter::parse(&letters.iter().collect::<String>()) {
            _ = filter.check(schema::user());
            _ = eval::matches(&filter, schema::user(), &resource);
            assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
