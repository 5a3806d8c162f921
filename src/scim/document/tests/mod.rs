//! Reading, rendering, comparing.

#![expect(clippy::needless_pass_by_value, reason = "a table reads better with `json!(…)` than with `&json!(…)`")]

mod properties;

use super::*;
use crate::scim::{ResourceType, ScimType, schema};
use serde_json::json;

const ENTERPRISE: &str = schema::ENTERPRISE_URN;

#[track_caller]
fn read(resource_type: &ResourceType, mut sent: Value) -> Incoming {
    sent["schemas"] = json!([resource_type.schema.id]);
    Document::read(resource_type, &sent).unwrap()
}

/// What is kept of a user with the userName `ana` and these attributes, beside userName.
#[track_caller]
fn check_user(mut sent: Value, kept: Value) {
    sent["userName"] = json!("ana");
    let mut document = read(schema::user(), sent).document.into_value();
    let object = document.as_object_mut().unwrap();
    assert_eq!(object.shift_remove("userName"), Some(json!("ana")));
    assert_eq!(document, kept);
}

#[track_caller]
fn check_refused(resource_type: &ResourceType, sent: &Value, scim_type: ScimType, hint: &str) {
    let error = Document::read(resource_type, sent).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{error}");
    assert!(error.detail.contains(hint), "{error}");
}

/// RFC 7643 §2.5; checklist 19
#[test]
fn unassigned_null_and_empty_are_one() {
    check_user(json!({"title": null, "roles": [], "addresses": null, "name": {}, "displayName": ""}), json!({}));
    check_user(
        json!({"name": {"givenName": null, "familyName": ""}, "emails": [null, {}, {"value": null}]}),
        json!({}),
    );
    check_user(json!({ENTERPRISE: {"department": null, "manager": {"value": ""}}}), json!({}));
    check_user(
        json!({ENTERPRISE: null, "emails": [{"value": "a@b", "type": ""}]}),
        json!({"emails": [{"value": "a@b"}]}),
    );
}

/// RFC 7643 §3; checklist 20
#[test]
fn a_body_without_schemas_is_refused() {
    for schemas in [json!(null), json!([]), json!("urn"), json!([1]), json!({})] {
        let sent = json!({"schemas": schemas, "userName": "ana"});
        check_refused(schema::user(), &sent, ScimType::InvalidSyntax, "schemas");
    }
    check_refused(schema::user(), &json!({"userName": "ana"}), ScimType::InvalidSyntax, "schemas");
}

/// RFC 7644 §3.3, §3.12; checklist 30
#[test]
fn a_body_that_is_no_object_is_refused() {
    for sent in [json!(null), json!([]), json!("x"), json!(1)] {
        check_refused(schema::user(), &sent, ScimType::InvalidSyntax, "object");
    }
}

/// Checklist 20: unknown URNs are accepted; enterprise data counts without its URN in `schemas`.
#[test]
fn schemas_are_those_in_use_not_those_listed() {
    let sent = json!({"schemas": ["urn:x:unknown", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "displayName": "Sales", "externalId": "8aa1"});
    let document = Document::read(schema::group(), &sent).unwrap().document;
    assert_eq!(rendered(schema::group(), document)["schemas"], json!([schema::GROUP_URN]));
    let document = read(schema::user(), json!({"userName": "ana", ENTERPRISE: {"department": "Sales"}})).document;
    assert_eq!(rendered(schema::user(), document)["schemas"], json!([schema::USER_URN, ENTERPRISE]));
}

/// RFC 7644 §3.3; checklist 8, 21, 29, 53, 54
#[test]
fn names_take_any_case_and_what_is_read_only_or_unknown_is_ignored() {
    check_user(
        json!({"DISPLAYNAME": "Ana", "Name": {"GivenName": "Ana", "shoeSize": 39}, "favouriteColour": "red",
            "id": "7", "meta": {"version": "1"}, "groups": [{"value": "g"}],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user":
                {"MANAGER": {"VALUE": "m", "displayName": "Boss", "$REF": "../Users/m"}, "x": 1}}),
        json!({"displayName": "Ana", "name": {"givenName": "Ana"},
            ENTERPRISE: {"manager": {"value": "m", "$ref": "../Users/m"}}}),
    );
}

/// Attributes may come under the URN of the core schema, or be named by URN and name, as in a PATCH.
#[test]
fn attributes_are_found_by_the_urn_of_their_schema() {
    let core = schema::USER_URN;
    check_user(
        json!({core: {"title": "T", "name": {"givenName": "A"}}}),
        json!({"title": "T", "name": {"givenName": "A"}}),
    );
    check_user(json!({"title": "x", core.to_uppercase(): {"TITLE": "T"}}), json!({"title": "T"}));
    check_user(
        json!({format!("{core}:Title"): "T", format!("{ENTERPRISE}:department"): "D", format!("{ENTERPRISE}:manager"): "m",
            ENTERPRISE: {"division": "V", "Department": "x"}}),
        json!({"title": "T", ENTERPRISE: {"division": "V", "department": "D", "manager": {"value": "m"}}}),
    );
    check_user(
        json!({format!("{core}:id"): "7", format!("{core}:shoeSize"): 39, format!("{ENTERPRISE}:x"): 1, core: null, "urn:x:title": "T"}),
        json!({}),
    );
    check_refused(
        schema::user(),
        &json!({"schemas": ["x"], "userName": "ana", format!("{core}:title"): 5}),
        ScimType::InvalidValue,
        "title",
    );
}

/// Checklist 22
#[test]
fn values_are_kept_verbatim() {
    let sent = json!({
        "locale": "qwerty", "preferredLanguage": "Klingon!", "profileUrl": "not a url", "timezone": "Mars",
        "externalId": "  X ", "title": "R&D \"Lead\"",
        "phoneNumbers": [{"value": "+46 (0)8 669", "type": "work"}, {"value": "12", "type": "work"}],
        "emails": [{"value": "ANA@Contoso.com", "display": "A", "type": "spaceship", "primary": false}],
        "addresses": [{"country": "Utopia", "primary": true}],
        "x509Certificates": [{"value": "MIIDQzCC"}],
    });
    check_user(sent.clone(), sent);
}

/// Checklist 23
#[test]
fn booleans_sent_as_text_become_booleans() {
    check_user(
        json!({"active": "False", "roles": [{"value": "x", "primary": "True"}, {"value": "y", "primary": "false"}]}),
        json!({"active": false, "roles": [{"value": "x", "primary": true}, {"value": "y", "primary": false}]}),
    );
    for wrong in [json!("yes"), json!(""), json!(0), json!({}), json!([]), json!([null]), json!([true, true])] {
        let sent = json!({"schemas": ["x"], "userName": "ana", "active": wrong});
        check_refused(schema::user(), &sent, ScimType::InvalidValue, "active");
    }
}

/// Checklist 24, 31
#[test]
fn a_text_or_a_list_of_one_stands_for_a_complex_value() {
    check_user(json!({ENTERPRISE: {"manager": "26118915"}}), json!({ENTERPRISE: {"manager": {"value": "26118915"}}}));
    check_user(json!({ENTERPRISE: {"manager": ["m"]}}), json!({ENTERPRISE: {"manager": {"value": "m"}}}));
    check_user(
        json!({"emails": ["a@b"], "name": [{"givenName": "Ana"}]}),
        json!({"emails": [{"value": "a@b"}], "name": {"givenName": "Ana"}}),
    );
    check_user(json!({"name": []}), json!({}));
    for (wrong, hint) in [
        (json!({"name": "Ana"}), "name"),
        (json!({"name": [{}, {}]}), "name"),
        (json!({"name": [[]]}), "name"),
        (json!({"title": 5}), "title"),
        (json!({"title": ["x", "y"]}), "title"),
        (json!({"title": [["x"]]}), "title"),
        (json!({"title": {"value": "x"}}), "title"),
        (json!({"title": "a\u{0}b"}), "U+0000"),
        (json!({"emails": [{"value": "\u{0}"}]}), "emails.value"),
        (json!({"password": "\u{0}"}), "password"),
        (json!({"emails": {"value": "a@b"}}), "emails"),
        (json!({"emails": "a@b"}), "emails"),
        (json!({"emails": [5]}), "emails"),
        (json!({"emails": [["a@b"]]}), "emails"),
        (json!({"emails": [{"value": {}}]}), "emails.value"),
        (json!({"addresses": ["Main Street"]}), "addresses"),
        (json!({"password": 5}), "password"),
        (json!({ENTERPRISE: "x"}), ENTERPRISE),
        (json!({ENTERPRISE: {"manager": {"value": 5}}}), "manager.value"),
        (json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": "true"}]}), "primary"),
    ] {
        let mut sent = wrong;
        sent["schemas"] = json!(["x"]);
        sent["userName"] = json!("ana");
        check_refused(schema::user(), &sent, ScimType::InvalidValue, hint);
    }
}

/// Checklist 25, 30, 53
#[test]
fn required_attributes_cannot_be_empty() {
    for sent in [json!({}), json!({"userName": ""}), json!({"userName": null})] {
        let mut sent = sent;
        sent["schemas"] = json!(["x"]);
        check_refused(schema::user(), &sent, ScimType::InvalidValue, "userName");
        check_refused(schema::group(), &sent, ScimType::InvalidValue, "displayName");
    }
}

/// RFC 7643 §4.1.1; checklist 15
#[test]
fn a_password_is_taken_and_never_kept_or_shown() {
    let incoming = read(schema::user(), json!({"userName": "ana", "PASSWORD": "t0p s3cret"}));
    assert_eq!(incoming.password.as_deref(), Some("t0p s3cret"));
    assert!(!format!("{incoming:?}{}", incoming.document.clone().into_value()).contains("s3cret"));
    assert_eq!(read(schema::user(), json!({"userName": "ana", "password": ""})).password, None);
}

/// Checklist 18, 86
#[test]
fn members_are_known_by_their_value_and_counted_once() {
    let sent = json!({"displayName": "Sales", "members": [
        {"value": "a", "$ref": null}, {"value": "b", "$ref": "x", "type": "User", "display": "B"}, {"value": "A"}, {}, "c"]});
    let document = read(schema::group(), sent).document;
    let members = json!([{"value": "a"}, {"value": "b", "type": "User", "display": "B"}, {"value": "c"}]);
    assert_eq!(document.get(&["members"]), Some(&members));
    for nameless in [json!({"display": "x"}), json!({"$ref": "x"}), json!({"value": ""})] {
        let sent = json!({"schemas": ["x"], "displayName": "Sales", "members": [nameless]});
        check_refused(schema::group(), &sent, ScimType::InvalidValue, "members.value");
    }
}

/// Checklist 18: only a user whose `active` is false is not.
#[test]
fn a_user_without_active_is_active() {
    assert!(read(schema::user(), json!({"userName": "ana"})).document.is_active());
    assert!(read(schema::user(), json!({"userName": "ana", "active": "True"})).document.is_active());
    assert!(!read(schema::user(), json!({"userName": "ana", "active": false})).document.is_active());
}

fn resource(resource_type: &ResourceType, document: Document) -> Resource {
    Resource {
        id: "2819c223".to_owned(),
        kind: if resource_type.name == "User" { ResourceKind::User } else { ResourceKind::Group },
        created: DateTime::from_millis(0),
        last_modified: DateTime::from_millis(1),
        version: 3,
        document,
        groups: Vec::new(),
    }
}

fn rendered(resource_type: &ResourceType, document: Document) -> Value {
    resource(resource_type, document).render(resource_type, "https://x/v2/scim")
}

/// RFC 7643 §3, §3.1
#[test]
fn a_resource_is_rendered_in_the_order_of_its_schemas() {
    let sent = json!({ENTERPRISE: {"manager": {"$ref": "r", "value": "m"}}, "active": true, "emails": [{"type": "work", "value": "a@b"}],
        "userName": "ana", "externalId": "e", "name": {"givenName": "Ana", "formatted": "Ana R"}});
    let mut user = resource(schema::user(), read(schema::user(), sent).document);
    user.groups.push(Membership { value: "g".to_owned(), display: "Sales".to_owned(), kind: MembershipKind::Direct });
    let expected = json!({
        "schemas": [schema::USER_URN, ENTERPRISE],
        "id": "2819c223",
        "externalId": "e",
        "userName": "ana",
        "name": {"formatted": "Ana R", "givenName": "Ana"},
        "active": true,
        "emails": [{"value": "a@b", "type": "work"}],
        "groups": [{"value": "g", "$ref": "https://x/v2/scim/Groups/g", "display": "Sales", "type": "direct"}],
        ENTERPRISE: {"manager": {"value": "m", "$ref": "r"}},
        "meta": {"resourceType": "User", "created": "1970-01-01T00:00:00.000Z",
            "lastModified": "1970-01-01T00:00:00.001Z", "location": "https://x/v2/scim/Users/2819c223", "version": "W/\"3\""},
    });
    assert_eq!(user.render(schema::user(), "https://x/v2/scim").to_string(), expected.to_string());
    let again = Document::read(schema::user(), &expected).unwrap().document;
    assert_eq!(again, user.document, "checklist 53: what was read can be put back");
}

#[test]
fn members_say_where_they_are_found() {
    let members = json!([{"value": "a", "type": "User"}, {"value": "b", "type": "Group"}, {"value": "c"}]);
    let document = read(schema::group(), json!({"displayName": "Sales", "members": members})).document;
    let expected = json!([{"value": "a", "$ref": "https://x/v2/scim/Users/a", "type": "User"},
        {"value": "b", "$ref": "https://x/v2/scim/Groups/b", "type": "Group"}, {"value": "c"}]);
    assert_eq!(rendered(schema::group(), document)["members"], expected);
}

#[track_caller]
fn check_differences(
    resource_type: &ResourceType,
    before: Value,
    after: Value,
    expected: &[(&str, Option<&str>, Option<&str>)],
) {
    let (before, after) = (read(resource_type, before).document, read(resource_type, after).document);
    let changes = differences(&before, &after);
    let changes: Vec<_> =
        changes.iter().map(|change| (&*change.attribute, change.old.as_deref(), change.new.as_deref())).collect();
    assert_eq!(changes, expected);
}

#[test]
fn differences_read_as_an_administrator_would_write_them() {
    check_differences(
        schema::user(),
        json!({"userName": "ana", "title": "Dev", "name": {"givenName": "Ana"},
            "emails": [{"type": "work", "value": "a@b", "primary": true}, {"type": "home", "value": "h@b"}],
            ENTERPRISE: {"department": "Sales", "manager": {"value": "m"}}}),
        json!({"userName": "ana", "name": {"givenName": "Anna", "familyName": "Ruiz"}, "active": false,
            "emails": [{"type": "home", "value": "h@b"}, {"type": "work", "value": "c@d"}],
            "roles": [{"value": "boss"}], "phoneNumbers": [{"type": "fax"}],
            ENTERPRISE: {"department": "R&D", "manager": {"value": "n"}}}),
        &[
            ("name.familyName", None, Some("Ruiz")),
            ("name.givenName", Some("Ana"), Some("Anna")),
            ("active", None, Some("false")),
            ("emails[type eq \"work\"].value", Some("a@b"), Some("c@d")),
            ("emails[type eq \"work\"].primary", Some("true"), None),
            ("phoneNumbers[type eq \"fax\"].type", None, Some("fax")),
            ("roles.value", None, Some("boss")),
            ("department", Some("Sales"), Some("R&D")),
            ("manager.value", Some("m"), Some("n")),
            ("title", Some("Dev"), None),
        ],
    );
    check_differences(
        schema::group(),
        json!({"displayName": "Sales", "members": [{"value": "a"}, {"value": "b"}]}),
        json!({"displayName": "Sales", "members": [{"value": "b", "display": "B"}, {"value": "c"}]}),
        &[("members", None, Some("c")), ("members", Some("a"), None)],
    );
    check_differences(schema::user(), json!({"userName": "ana"}), json!({"userName": "ana"}), &[]);
}

#[test]
fn get_walks_canonical_steps() {
    let document = read(schema::user(), json!({"userName": "ana", "name": {"givenName": "Ana"}})).document;
    assert_eq!(document.get(&["name", "givenName"]), Some(&json!("Ana")));
    for steps in [&[][..], &["name", "x"], &["userName", "x"], &["username"]] {
        assert_eq!(document.get(steps), None);
    }
}

/// Whatever value is in whatever place, an answer comes back, and what is kept is canonical: reading it again changes nothing.
#[test]
fn any_value_anywhere_is_read_or_refused() {
    let values = [
        json!(null),
        json!(true),
        json!("true"),
        json!(""),
        json!("x"),
        json!(-1.5),
        json!([]),
        json!({}),
        json!([[]]),
        json!(["a", "a", null, {}]),
        json!({"value": ["a"]}),
        json!({"value": "a", "primary": "TRUE", "type": null, "$ref": "r", "givenName": "g", "department": "d"}),
        json!([{"VALUE": "a", "Primary": true}, {"value": "A", "display": 5}]),
        json!([{"value": "a", "type": "work"}, {"value": "A", "country": "SE"}]),
        json!({"manager": ["m"], "division": ""}),
    ];
    let mut kept = 0;
    for resource_type in [schema::user(), schema::group()] {
        let core = resource_type.core_attributes().map(|attribute| attribute.name.as_ref());
        for name in core.chain(["meta", ENTERPRISE, "shoeSize"]) {
            for value in &values {
                let mut sent = json!({"schemas": ["x"], "userName": "ana", "displayName": "Ana"});
                sent[name] = value.clone();
                let Ok(incoming) = Document::read(resource_type, &sent) else {
                    continue;
                };
                let again = rendered(resource_type, incoming.document.clone());
                assert_eq!(
                    Document::read(resource_type, &again).unwrap().document,
                    incoming.document,
                    "{name} {value}"
                );
                kept += 1;
            }
        }
    }
    assert!(kept > 100, "{kept}");
}
