//! What each operation does by the RFC.

use super::*;

/// §3.5.2.1; checklist 57
#[test]
fn add_without_a_path_merges_and_appends() {
    check(
        json!({"name": {"givenName": "Ana"}, "title": "Dev", "emails": [{"value": "a@x"}]}),
        json!([{"op": "add", "value": {"name": {"familyName": "Ruiz"}, "emails": [{"value": "b@x"}], "nickName": "A"}}]),
        json!({"name": {"givenName": "Ana", "familyName": "Ruiz"}, "title": "Dev", "nickName": "A",
            "emails": [{"value": "a@x"}, {"value": "b@x"}]}),
    );
}

/// §3.5.2.1; checklist 58
#[test]
fn add_appends_to_a_list_what_is_not_there_yet() {
    check(
        json!({"emails": [{"value": "a@x", "type": "work"}]}),
        json!([{"op": "add", "path": "emails", "value": [{"type": "work", "value": "a@x"}, {"value": "b@x", "type": "work"}]}]),
        json!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]}),
    );
    check(
        json!({}),
        json!([{"op": "add", "path": "emails", "value": [{"value": "a@x"}]}]),
        json!({"emails": [{"value": "a@x"}]}),
    );
    check(work_and_home(), json!([{"op": "add", "path": "emails", "value": []}]), work_and_home());
    let values = |names: &[&str]| names.iter().map(|name| json!({"value": name})).collect::<Value>();
    check(
        json!({"emails": values(&["b", "a"])}),
        json!([{"op": "add", "path": "emails", "value": values(&["a", "c", "d", "c", "e", "b", "f"])}]),
        json!({"emails": values(&["b", "a", "c", "d", "e", "f"])}),
    );
}

/// §3.5.2.1, §3.5.2.3; checklist 59, 63, 64
#[test]
fn add_and_replace_set_a_singular_and_merge_a_complex_attribute() {
    for op in ["add", "replace"] {
        check(json!({}), json!([{"op": op, "path": "title", "value": "Lead"}]), json!({"title": "Lead"}));
        check(json!({"title": "Dev"}), json!([{"op": op, "path": "TITLE", "value": "Lead"}]), json!({"title": "Lead"}));
        check(
            json!({"name": {"givenName": "Ana", "familyName": "Ruiz", "middleName": "M"}}),
            json!([{"op": op, "path": "name", "value": {"familyName": "Sol", "middleName": null}}]),
            json!({"name": {"givenName": "Ana", "familyName": "Sol"}}),
        );
        check(
            json!({}),
            json!([{"op": op, "path": "name.familyName", "value": "Sol"}]),
            json!({"name": {"familyName": "Sol"}}),
        );
        check(
            json!({}),
            json!([{"op": op, "path": "name", "value": {"givenName": "Ana"}}]),
            json!({"name": {"givenName": "Ana"}}),
        );
        check(
            json!({"name": {"givenName": "Ana"}}),
            json!([{"op": op, "path": "name.givenName", "value": null}]),
            json!({}),
        );
    }
}

/// Checklist 60, 81
#[test]
fn add_on_a_filter_without_match_creates_the_value_it_describes() {
    check(
        json!({"addresses": [{"type": "home", "country": "SE"}]}),
        json!([
            {"op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "Main St 1"},
            {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Lund"},
            {"op": "Add", "path": "addresses[TYPE EQ \"Work\"].country", "value": "DE"},
        ]),
        json!({"addresses": [{"type": "home", "country": "SE"},
            {"type": "work", "streetAddress": "Main St 1", "locality": "Lund", "country": "DE"}]}),
    );
    check(
        work_and_home(),
        json!([{"op": "add", "path": "emails[type eq \"other\" and primary eq \"True\"].value", "value": "o@x"}]),
        json!({"emails": [{"value": "w@x", "type": "work", "primary": false}, {"value": "h@x", "type": "home"},
            {"type": "other", "primary": true, "value": "o@x"}]}),
    );
    check(
        json!({}),
        json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"value": "a@x"}}]),
        json!({"emails": [{"type": "work", "value": "a@x"}]}),
    );
    check(
        json!({}),
        json!([{"op": "add", "path": "roles[value eq \"x\"].value", "value": "x"}]),
        json!({"roles": [{"value": "x"}]}),
    );
    check(json!({}), json!([{"op": "add", "path": "emails[type eq \"work\"].value", "value": ""}]), json!({}));
    for filter in [
        "type ne \"work\"",
        "type eq \"a\" or type eq \"b\"",
        "not (type eq \"a\")",
        "type pr",
        "type eq null",
        "type eq \"a\" and type eq \"b\"",
        "shoeSize eq \"a\"",
        "type eq 5",
        "value co \"a\"",
    ] {
        let operation = json!([{"op": "add", "path": format!("emails[{filter}].display"), "value": "x"}]);
        check_refused(json!({}), operation, ScimType::NoTarget, "emails[");
    }
}

/// Checklist 60: where the filter matches, it is an update.
#[test]
fn add_on_a_filter_with_a_match_fills_that_value() {
    check(
        work_and_home(),
        json!([{"op": "add", "path": "emails[type eq \"home\"].display", "value": "Home"},
            {"op": "add", "path": "emails[type eq \"home\"]", "value": {"value": "new@x"}}]),
        json!({"emails": [{"value": "w@x", "type": "work", "primary": true}, {"value": "new@x", "type": "home", "display": "Home"}]}),
    );
}

/// §3.5.2.3; checklist 61, 62
#[test]
fn replace_touches_what_is_listed_and_nothing_else() {
    check(
        json!({"title": "Dev", "nickName": "A", "emails": [{"value": "a@x"}], "name": {"givenName": "Ana", "familyName": "R"}}),
        json!([{"op": "replace", "value": {"title": "Lead", "emails": [{"value": "b@x"}], "name": {"givenName": "Eva"}}}]),
        json!({"title": "Lead", "nickName": "A", "emails": [{"value": "b@x"}], "name": {"givenName": "Eva", "familyName": "R"}}),
    );
    check(
        work_and_home(),
        json!([{"op": "replace", "path": "emails", "value": [{"value": "b@x"}]}]),
        json!({"emails": [{"value": "b@x"}]}),
    );
    for nothing in [json!([]), json!(null), json!(""), json!([null, {}])] {
        check(work_and_home(), json!([{"op": "replace", "path": "emails", "value": nothing}]), json!({}));
    }
}

/// Checklist 60, 86: what the filter describes is not added where it already is, nor where it cannot be.
#[test]
fn a_filter_without_match_describes_values_that_can_be_and_are_not_there() {
    check_group(
        json!({"members": [{"value": "a", "type": "User"}]}),
        json!([{"op": "add", "path": "members[type eq \"Group\"]", "value": {"value": "A"}}]),
        json!({"members": [{"value": "a", "type": "User"}]}),
    );
    for path in ["emails[type.x eq \"work\"].value", "emails[urn:x:type eq \"work\"].value"] {
        check_refused(json!({}), json!([{"op": "add", "path": path, "value": "a@x"}]), ScimType::NoTarget, "emails");
    }
}

/// §3.5.2.3; checklist 65, 66
#[test]
fn replace_on_a_filter_changes_every_match() {
    let both = json!({"emails": [{"value": "a@x", "type": "work", "display": "A"}, {"value": "b@x", "type": "WORK"}, {"value": "c@x"}]});
    check(
        both.clone(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "n@x"}]),
        json!({"emails": [{"value": "n@x", "type": "WORK", "display": "A"}, {"value": "c@x"}]}),
    );
    check(
        both.clone(),
        json!([{"op": "replace", "path": "emails[value sw \"a\"]", "value": {"value": "n@x", "type": "other"}}]),
        json!({"emails": [{"value": "n@x", "type": "other"}, {"value": "b@x", "type": "WORK"}, {"value": "c@x"}]}),
    );
    check(
        both,
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": null}]),
        json!({"emails": [{"value": "c@x"}]}),
    );
}

/// Checklist 8, 56: any path may begin with a URN, and letter case does not count.
#[test]
fn any_path_may_have_a_urn() {
    check(
        work_and_home(),
        json!([
            {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:Emails[TYPE EQ \"HOME\"].VALUE", "value": "n@x"},
            {"op": "remove", "path": "URN:ietf:params:scim:schemas:core:2.0:user:emails[type eq \"work\"]"},
            {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "value": "Ruiz"},
        ]),
        json!({"emails": [{"value": "n@x", "type": "home"}], "name": {"familyName": "Ruiz"}}),
    );
}

/// §3.5.2.3; checklist 67
#[test]
fn replace_on_a_filter_without_match_is_refused_unless_the_tenant_wants_a_new_value() {
    let operations = json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "o@x"}]);
    check_refused(work_and_home(), operations.clone(), ScimType::NoTarget, "emails[type eq \"other\"].value");
    check_refused(json!({}), operations.clone(), ScimType::NoTarget, "emails[type eq \"other\"].value");
    let after = json!({"emails": [{"type": "other", "value": "o@x"}]});
    check_with(CREATING, schema::user(), &json!({}), &operations, &after);
}

/// §3.5.2.2; checklist 69, 70, 71
#[test]
fn remove_takes_away_what_the_path_names() {
    check(json!({"title": "Dev"}), json!([{"op": "remove", "path": "title"}]), json!({}));
    check(json!({}), json!([{"op": "remove", "path": "title"}]), json!({}));
    check(
        json!({"name": {"givenName": "A", "familyName": "R"}}),
        json!([{"op": "remove", "path": "name.givenName"}]),
        json!({"name": {"familyName": "R"}}),
    );
    check(json!({"name": {"givenName": "A"}}), json!([{"op": "remove", "path": "name.givenName"}]), json!({}));
    check(json!({}), json!([{"op": "remove", "path": "name.givenName"}]), json!({}));
    check(work_and_home(), json!([{"op": "remove", "path": "emails"}]), json!({}));
    check(
        work_and_home(),
        json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
        json!({"emails": [work_and_home()["emails"][0]]}),
    );
    check(work_and_home(), json!([{"op": "remove", "path": "emails[value pr]"}]), json!({}));
    check(
        work_and_home(),
        json!([{"op": "remove", "path": "emails.primary"}]),
        json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home"}]}),
    );
    check(json!({}), json!([{"op": "remove", "path": "emails.primary"}]), json!({}));
    check_refused(
        work_and_home(),
        json!([{"op": "remove", "path": "emails[type eq \"other\"]"}]),
        ScimType::NoTarget,
        "other",
    );
    check_refused(
        work_and_home(),
        json!([{"op": "remove", "path": "emails[type eq \"other\"].value"}]),
        ScimType::NoTarget,
        "other",
    );
    check_group(
        json!({"members": ["a"]}),
        json!([{"op": "remove", "path": "members[value eq \"b\"]"}]),
        json!({"members": ["a"]}),
    );
    check_group(json!({}), json!([{"op": "remove", "path": "members[value eq \"b\"]"}]), json!({}));
    check_group(json!({}), json!([{"op": "remove", "path": "members"}]), json!({}));
}

/// Checklist 72
#[test]
fn a_sub_attribute_can_be_cleared_twice_and_its_value_stays() {
    let before = json!({"phoneNumbers": [{"type": "fax", "value": "1"}, {"type": "work", "value": "2"}]});
    let after = json!({"phoneNumbers": [{"type": "fax"}, {"type": "work", "value": "2"}]});
    for clear in [
        json!({"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": ""}),
        json!({"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": null}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"fax\"].value"}),
    ] {
        check(before.clone(), json!([clear]), after.clone());
        check(after.clone(), json!([clear]), after.clone());
        check(before.clone(), json!([clear, clear]), after.clone());
    }
}

/// §3.5.2.2; checklist 73
#[test]
fn required_and_read_only_attributes_cannot_be_taken_away() {
    for operation in [
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "remove", "path": "id"}),
        json!({"op": "remove", "path": "meta"}),
        json!({"op": "remove", "path": "groups[value eq \"g\"]"}),
        json!({"op": "replace", "path": "id", "value": "2819c223"}),
        json!({"op": "add", "path": "groups", "value": [{"value": "g"}]}),
        json!({"op": "add", "path": "meta.created", "value": "2026-01-01T00:00:00Z"}),
        json!({"op": "remove", "path": "schemas"}),
        json!({"op": "add", "path": "manager.displayName", "value": "Boss"}),
        json!({"op": "add", "value": {"id": "other"}}),
        json!({"op": "remove", "path": "password"}),
        json!({"op": "replace", "path": "password", "value": ""}),
    ] {
        check_refused(json!({}), json!([operation]), ScimType::Mutability, "cannot be changed");
    }
    for value in [json!(""), json!(null)] {
        check_refused(
            json!({}),
            json!([{"op": "replace", "path": "userName", "value": value}]),
            ScimType::InvalidValue,
            "userName",
        );
        check_refused(
            json!({}),
            json!([{"op": "add", "value": {"userName": value}}]),
            ScimType::InvalidValue,
            "userName",
        );
    }
    check(
        json!({}),
        json!([{"op": "replace", "value": {"id": "2819c223", "meta": {"created": "x"}, "meta.version": "9", "schemas": ["urn:x"],
            "groups": [{"value": "g"}], "shoeSize": 39, "shoe.size": 39, ENTERPRISE: {"manager": {"displayName": "Boss"}, "x": 1}}}]),
        json!({}),
    );
    check_refused_for(
        schema::group(),
        json!({}),
        json!([{"op": "remove", "path": "displayName"}]),
        ScimType::Mutability,
        "required",
    );
    for path in ["members[value eq \"a\"].value", "members.value"] {
        let replace = json!([{"op": "replace", "path": path, "value": "b"}]);
        check_refused_for(schema::group(), json!({"members": ["a"]}), replace, ScimType::Mutability, "members.value");
        let remove = json!([{"op": "remove", "path": path}]);
        check_refused_for(schema::group(), json!({"members": ["a"]}), remove, ScimType::Mutability, "required");
    }
    let retype = json!([{"op": "replace", "path": "members[value eq \"a\"].type", "value": "Group"}]);
    check_refused_for(
        schema::group(),
        json!({"members": [{"value": "a", "type": "User"}]}),
        retype,
        ScimType::Mutability,
        "members.type",
    );
    let nameless = json!([{"op": "add", "path": "members.display", "value": "A"}]);
    check_refused_for(schema::group(), json!({}), nameless, ScimType::InvalidValue, "members.value");
}

/// RFC 7643 §2.4; checklist 30, 74
#[test]
fn there_is_one_primary_at_most() {
    for operation in [
        json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": "True"}),
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}),
        json!({"op": "add", "path": "emails[value eq \"h@x\"].primary", "value": true}),
    ] {
        check(
            work_and_home(),
            json!([operation]),
            json!({"emails": [{"value": "w@x", "type": "work", "primary": false}, {"value": "h@x", "type": "home", "primary": true}]}),
        );
    }
    check(
        work_and_home(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "n@x", "primary": true}]}]),
        json!({"emails": [{"value": "w@x", "type": "work", "primary": false}, {"value": "h@x", "type": "home"}, {"value": "n@x", "primary": true}]}),
    );
    for operation in [
        json!({"op": "replace", "path": "emails[value pr].primary", "value": true}),
        json!({"op": "add", "path": "emails.primary", "value": true}),
        json!({"op": "add", "path": "emails", "value": [{"value": "1", "primary": true}, {"value": "2", "primary": true}]}),
        json!({"op": "replace", "value": {"emails": [{"value": "1", "primary": true}, {"value": "2", "primary": true}]}}),
    ] {
        check_refused(work_and_home(), json!([operation]), ScimType::InvalidValue, "primary");
    }
}

/// RFC 7643 §3.1; checklist 75, 77, 80, and a schema as path
#[test]
fn extension_attributes_are_written_by_urn_bare_name_or_object() {
    let sales = json!({ENTERPRISE: {"department": "Sales"}});
    for operation in [
        json!({"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"}),
        json!({"op": "add", "path": format!("{}:DEPARTMENT", ENTERPRISE.to_uppercase()), "value": "Sales"}),
        json!({"op": "add", "path": "department", "value": "Sales"}),
        json!({"op": "add", "path": ENTERPRISE, "value": {"department": "Sales"}}),
        json!({"op": "add", "path": schema::USER_URN, "value": {"department": "Sales"}}),
        json!({"op": "add", "value": {ENTERPRISE: {"department": "Sales"}}}),
        json!({"op": "add", "value": {format!("{ENTERPRISE}:department"): "Sales"}}),
        json!({"op": "add", "value": {"Department": "Sales"}}),
        json!({"op": "add", "value": {schema::USER_URN: {ENTERPRISE: {"department": "Sales"}}}}),
    ] {
        check(json!({}), json!([operation]), sales.clone());
    }
    for operation in [
        json!({"op": "remove", "path": format!("{ENTERPRISE}:department")}),
        json!({"op": "remove", "path": ENTERPRISE}),
        json!({"op": "replace", "path": ENTERPRISE, "value": {"department": ""}}),
        json!({"op": "replace", "value": {ENTERPRISE: null}}),
        json!({"op": "replace", "value": {format!("{ENTERPRISE}:department"): ""}}),
    ] {
        check(sales.clone(), json!([operation]), json!({}));
    }
    check(sales.clone(), json!([{"op": "remove", "path": format!("{ENTERPRISE}:manager")}]), sales);
    check(
        json!({}),
        json!([{"op": "add", "value": {ENTERPRISE: {"manager.value": "m", "division": "D"}}}]),
        json!({ENTERPRISE: {"manager": {"value": "m"}, "division": "D"}}),
    );
}

/// Checklist 77: plain, nested, dotted and qualified keys together
#[test]
fn keys_are_resolved_never_stored() {
    check(
        json!({"emails": [{"type": "work", "value": "old@x"}]}),
        json!([{"op": "Replace", "value": {
            "displayName": "Ana R.", "name": {"givenName": "x", "middleName": "M"}, "name.givenName": "Ana", "NAME.familyName": "Ruiz",
            "urn:ietf:params:scim:schemas:core:2.0:User:title": "Dev", "emails[type eq \"work\"].value": "new@x",
            format!("{ENTERPRISE}:employeeNumber"): "4711", format!("{ENTERPRISE}:manager"): "m", "active": "false"}}]),
        json!({"displayName": "Ana R.", "name": {"givenName": "Ana", "familyName": "Ruiz", "middleName": "M"}, "title": "Dev",
            "emails": [{"type": "work", "value": "new@x"}], "active": false,
            ENTERPRISE: {"employeeNumber": "4711", "manager": {"value": "m"}}}),
    );
}

/// A JSON object has no order.
#[test]
fn the_order_of_keys_means_nothing() {
    let managed = json!({ENTERPRISE: {"manager": {"value": "m", "$ref": "../Users/m"}}, "name": {"givenName": "Ana"}});
    for given in [
        json!({"manager.value": "m", "manager.$ref": "../Users/m", "name": null, "name.givenName": "Ana"}),
        json!({"name.givenName": "Ana", "manager.$ref": "../Users/m", "name": {"GIVENNAME": "x"}, "manager.value": "m"}),
    ] {
        check(json!({"name": {"familyName": null}}), json!([{"op": "replace", "value": given}]), managed.clone());
    }
}

/// Checklist 55, 76: all or nothing, in order
#[test]
fn operations_run_in_order_and_all_or_none() {
    check(
        json!({}),
        json!([{"op": "add", "path": "title", "value": "a"}, {"op": "replace", "path": "title", "value": "b"},
            {"op": "add", "path": "nickName", "value": "n"}, {"op": "remove", "path": "nickName"}]),
        json!({"title": "b"}),
    );
    check_refused(
        json!({}),
        json!([{"op": "add", "path": "title", "value": "a"}, {"op": "add", "path": "nope", "value": "b"}]),
        ScimType::InvalidPath,
        "nope",
    );
}

/// Checklist 55: the caller sees that nothing changed by comparing documents.
#[test]
fn a_patch_without_effect_leaves_an_equal_document() {
    let before = json!({"title": "Dev", "emails": [{"value": "w@x", "type": "work"}], ENTERPRISE: {"manager": {"value": "m", "$ref": "r"}}});
    for operation in [
        json!({"op": "replace", "path": "title", "value": "Dev"}),
        json!({"op": "add", "path": "emails", "value": [{"type": "work", "value": "w@x"}]}),
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "w@x"}),
        json!({"op": "add", "path": "manager", "value": "m"}),
        json!({"op": "remove", "path": "nickName"}),
        json!({"op": "add", "value": {}}),
    ] {
        check(before.clone(), json!([operation]), before.clone());
    }
}

/// Checklist 78
#[test]
fn a_value_in_a_remove_is_never_written() {
    check(json!({"title": "Dev"}), json!([{"op": "remove", "path": "title", "value": "Lead"}]), json!({}));
    check(
        work_and_home(),
        json!([{"op": "remove", "path": "emails[type eq \"home\"]", "value": {"value": "zzz"}}]),
        json!({"emails": [work_and_home()["emails"][0]]}),
    );
}

#[test]
fn a_password_is_set_but_never_kept() {
    let operations =
        json!([{"op": "replace", "path": "password", "value": "s3cret"}, {"op": "add", "path": "title", "value": "x"}]);
    let incoming = patched(schema::user(), &json!({}), &operations, Options::default()).unwrap();
    assert_eq!(incoming.password.as_deref(), Some("s3cret"));
    assert_eq!(incoming.document.get(&["password"]), None);
    let operations = json!([{"op": "replace", "value": {"PassWord": "s3cret"}}]);
    let incoming = patched(schema::user(), &json!({}), &operations, Options::default()).unwrap();
    assert_eq!(incoming.password.as_deref(), Some("s3cret"));
}
