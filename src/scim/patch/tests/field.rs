//! What people who run or integrate SCIM services reported in public, kind by kind. Each was wrong here once.

use super::*;
use crate::scim::schema::Types;

const OWN: &str = "urn:ietf:params:scim:schemas:extension:field:2.0:User";

/// The User type of a tenant with attributes of its own.
fn with_own() -> ResourceType {
    let schema = json!({"id": OWN, "attributes": [
        {"name": "badge", "type": "integer", "uniqueness": "server"}, {"name": "weight", "type": "decimal"},
        {"name": "skills", "multiValued": true}, {"name": "codes", "multiValued": true, "caseExact": true},
        {"name": "floors", "type": "integer", "multiValued": true}, {"name": "answers", "type": "boolean", "multiValued": true},
        {"name": "vip", "type": "boolean"}, {"name": "joined", "type": "dateTime"}, {"name": "pin", "returned": "never"},
    ]});
    Types::extended(1, vec![schema::Schema::read(&schema).unwrap()]).user().clone()
}

#[track_caller]
fn check_own(before: Value, operations: Value, after: Value) {
    check_with(Options::default(), &with_own(), &json!({ OWN: before }), &operations, &json!({ OWN: after }));
}

#[track_caller]
fn check_own_refused(before: Value, operations: Value, hint: &str) {
    check_refused_for(&with_own(), json!({ OWN: before }), operations, ScimType::InvalidValue, hint);
}

fn own(op: &str, attribute: &str, value: Value) -> Value {
    json!([{"op": op, "path": format!("{OWN}:{attribute}"), "value": value}])
}

/// Kind A: a member is removed by the `$ref` that is shown. RFC 7644 §3.5.2.2
#[test]
fn a_reference_is_compared_as_it_is_shown() {
    let base_url = "https://x/v2/scim";
    let members = json!({"members": [{"value": "a", "type": "User"}, {"value": "b", "type": "Group"}, {"value": "c", "type": "User"}]});
    let options = Options { base_url, ..Options::default() };
    for (operation, left) in [
        (json!({"op": "remove", "path": "members[$ref eq \"https://x/v2/scim/Users/a\"]"}), "bc"),
        (json!({"op": "remove", "path": "MEMBERS[$REF EQ \"HTTPS://X/v2/scim/users/A\"]"}), "bc"),
        (json!({"op": "remove", "path": "members[$ref ew \"/Groups/b\" or value eq \"c\"]"}), "a"),
        (json!({"op": "remove", "path": "members[$ref co \"/Users/\"]"}), "b"),
        (json!({"op": "remove", "path": "members[not ($ref co \"/Users/\")]"}), "ac"),
        (json!({"op": "remove", "path": "members[$ref pr and type eq \"group\"]"}), "ac"),
        (json!({"op": "remove", "path": "members[$ref eq \"https://y/v2/scim/Users/a\"]"}), "abc"),
        (json!({"op": "remove", "path": "members[$ref eq \"/Users/a\"]"}), "abc"),
        (
            json!({"op": "Remove", "path": "members", "value": [{"$ref": "https://x/v2/scim/Users/a"}, {"value": "c"}]}),
            "b",
        ),
        (
            json!({"op": "Remove", "path": "members", "value": {"$ref": "https://x/v2/scim/Groups/b", "value": null}}),
            "ac",
        ),
    ] {
        let request = PatchRequest::read(&json!({"schemas": [PATCH_OP_URN], "Operations": [operation]})).unwrap();
        let request = lenient::normalize(request, schema::group());
        let before = document(schema::group(), members.clone());
        let after = apply(schema::group(), "g", &before, &request, options).unwrap().document;
        let values = after.get(&["members"]).and_then(Value::as_array).into_iter().flatten();
        assert_eq!(values.filter_map(|member| member["value"].as_str()).collect::<String>(), left, "{operation}");
    }
}

/// Kind B: RFC 7643 §2.4, `primary` "SHALL be assumed to be 'false'".
#[test]
fn a_value_without_primary_is_not_primary() {
    for list in ["emails", "phoneNumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509Certificates"] {
        let part = if list == "addresses" { "locality" } else { "value" };
        let before = json!({list: [{part: "a", "primary": true}, {part: "b"}, {part: "c", "primary": false}]});
        check(
            before.clone(),
            json!([{"op": "replace", "path": format!("{list}[primary eq false].type"), "value": "t"}]),
            json!({list: [{part: "a", "primary": true}, {part: "b", "type": "t"}, {part: "c", "type": "t", "primary": false}]}),
        );
        for filter in ["primary eq \"False\"", "primary ne true", "not (primary eq true)", "primary ne \"true\""] {
            check(
                before.clone(),
                json!([{"op": "remove", "path": format!("{list}[{filter}]")}]),
                json!({list: [{part: "a", "primary": true}]}),
            );
        }
        check(
            before.clone(),
            json!([{"op": "remove", "path": format!("{list}[primary ne false]")}]),
            json!({list: [{part: "b"}, {part: "c", "primary": false}]}),
        );
        check(
            before,
            json!([{"op": "remove", "path": list, "value": [{"primary": false}]}]),
            json!({list: [{part: "a", "primary": true}]}),
        );
    }
}

/// Kind C: RFC 7643 §2.4, RFC 7644 §3.5.2.1; the newer `primary` and `display` win.
#[test]
fn a_type_and_value_is_there_once() {
    let email = |more: Value| {
        let mut email = json!({"value": "a@x", "type": "work"});
        email.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        email
    };
    for (first, again, kept) in [
        (json!({"primary": true}), json!({}), json!({"primary": true})),
        (json!({}), json!({"primary": true}), json!({"primary": true})),
        (json!({"primary": true}), json!({"primary": false}), json!({"primary": false})),
        (json!({"display": "A"}), json!({"display": "B"}), json!({"display": "B"})),
        (json!({"display": "A"}), json!({"primary": false}), json!({"display": "A", "primary": false})),
        (json!({}), json!({"value": "A@X", "type": "WORK"}), json!({"value": "A@X", "type": "WORK"})),
    ] {
        let (before, after) = (json!({"emails": [email(first.clone())]}), json!({"emails": [email(kept)]}));
        for operation in [
            json!({"op": "add", "path": "emails", "value": [email(again.clone())]}),
            json!({"op": "add", "value": {"emails": [email(again.clone())]}}),
            json!({"op": "replace", "path": "emails", "value": [email(first.clone()), email(again.clone())]}),
            json!({"op": "replace", "value": {"emails": [email(first), email(again)]}}),
        ] {
            check(before.clone(), json!([operation]), after.clone());
        }
    }
    // Many new values at once, and values that become the same in place.
    let many: Vec<Value> =
        (0..40).map(|number| json!({"value": format!("{}@x", number % 20), "type": "work"})).collect();
    check(
        json!({"emails": [{"value": "3@X", "type": "work", "display": "three"}]}),
        json!([{"op": "add", "path": "emails", "value": many}]),
        json!({"emails": std::iter::once(json!({"value": "3@x", "type": "work", "display": "three"}))
            .chain(many[..20].iter().filter(|email| email["value"] != "3@x").cloned()).collect::<Vec<_>>()}),
    );
    check(
        json!({"emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "a@x", "type": "home", "display": "A"}]}),
        json!([{"op": "replace", "path": "emails[type eq \"home\"].type", "value": "work"}]),
        json!({"emails": [{"value": "a@x", "type": "work", "primary": true, "display": "A"}]}),
    );
    // The new primary is the only one, wherever it is.
    check(
        work_and_home(),
        json!([{"op": "add", "path": "emails", "value": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home", "primary": true}]}]),
        json!({"emails": [{"value": "w@x", "type": "work", "primary": false}, {"value": "h@x", "type": "home", "primary": true}]}),
    );
    // What differs in anything else is another value.
    check(
        json!({"addresses": [{"type": "work", "locality": "Lund"}]}),
        json!([{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "lund", "primary": true}, {"type": "work", "locality": "Malmö"}]}]),
        json!({"addresses": [{"type": "work", "locality": "lund", "primary": true}, {"type": "work", "locality": "Malmö"}]}),
    );
    check(
        json!({"roles": [{"display": "A"}]}),
        json!([{"op": "add", "path": "roles", "value": [{"display": "B"}, {"display": "A", "primary": true}]}]),
        json!({"roles": [{"display": "A", "primary": true}, {"display": "B"}]}),
    );
    check_own(
        json!({"skills": ["a"], "codes": ["a"], "floors": [1]}),
        json!([{"op": "add", "value": {OWN: {"skills": ["A", "b", "B"], "codes": ["A", "a"], "floors": [1, "1", 2]}}}]),
        json!({"skills": ["A", "B"], "codes": ["a", "A"], "floors": [1, 2]}),
    );
}

/// Kind D: RFC 7644 §3.5.2
#[test]
fn schemas_are_patched() {
    let both = json!({"title": "T", ENTERPRISE: {"department": "D"}});
    let core = json!({"title": "T"});
    for (operation, after) in [
        (json!({"op": "add", "path": "schemas", "value": [ENTERPRISE]}), &both),
        (json!({"op": "add", "path": "schemas", "value": ENTERPRISE}), &both),
        (json!({"op": "add", "path": "schemas", "value": [{"value": "urn:unknown:User"}]}), &both),
        (json!({"op": "add", "value": {"schemas": ["urn:unknown:User"]}}), &both),
        (json!({"op": "replace", "path": "schemas", "value": [schema::USER_URN, ENTERPRISE]}), &both),
        (json!({"op": "replace", "path": "schemas", "value": [ENTERPRISE.to_uppercase()]}), &both),
        (json!({"op": "replace", "path": "schemas", "value": ["urn:unknown:User"]}), &both),
        (json!({"op": "replace", "path": "schemas", "value": [schema::USER_URN]}), &core),
        (json!({"op": "replace", "value": {"schemas": [schema::USER_URN, "urn:unknown:User"]}}), &core),
        (json!({"op": "remove", "path": "schemas", "value": [ENTERPRISE]}), &core),
        (json!({"op": "remove", "path": "SCHEMAS", "value": ENTERPRISE.to_uppercase()}), &core),
        (json!({"op": "remove", "path": format!("schemas[value eq \"{ENTERPRISE}\"]")}), &core),
        (json!({"op": "remove", "path": "schemas[value eq \"urn:unknown:User\"]"}), &both),
        (json!({"op": "remove", "path": "schemas", "value": ["urn:unknown:User"]}), &both),
    ] {
        check(both.clone(), json!([operation]), after.clone());
    }
    // Later operations see it as it is then, and all that is sent is done.
    check(
        both.clone(),
        json!([{"op": "remove", "path": "schemas", "value": [ENTERPRISE]}, {"op": "add", "path": "schemas", "value": [ENTERPRISE]},
            {"op": "add", "path": format!("{ENTERPRISE}:division"), "value": "V"}, {"op": "replace", "path": "title", "value": "U"}]),
        json!({"title": "U", ENTERPRISE: {"division": "V"}}),
    );
    check(
        both.clone(),
        json!([{"op": "replace", "value": {ENTERPRISE: {"division": "V"}, "schemas": [schema::USER_URN]}}]),
        json!({"title": "T", ENTERPRISE: {"division": "V"}}),
    );
    check_group(json!({}), json!([{"op": "add", "path": "schemas", "value": [schema::GROUP_URN]}]), json!({}));
    check_own(
        json!({"badge": 1}),
        json!([{"op": "remove", "path": "schemas", "value": [OWN]}, {"op": "add", "path": format!("{OWN}:vip"), "value": true}]),
        json!({"vip": true}),
    );
    for (operation, scim_type) in [
        (json!({"op": "remove", "path": "schemas"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "schemas", "value": [schema::USER_URN]}), ScimType::Mutability),
        (json!({"op": "remove", "path": "schemas[value pr]"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "schemas", "value": []}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "schemas", "value": null}), ScimType::InvalidValue),
        (json!({"op": "add", "path": "schemas", "value": [5]}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "schemas[value pr]", "value": "urn:x"}), ScimType::InvalidPath),
    ] {
        check_refused(both.clone(), json!([operation]), scim_type, "schemas");
    }
}

/// Kind E: Entra, learn.microsoft.com/answers/questions/1693075
#[test]
fn objects_are_read_where_plain_values_are_listed() {
    for op in ["add", "replace"] {
        for value in [
            json!([{"value": "1"}]),
            json!({"value": "1"}),
            json!([{"VALUE": "1", "$ref": null, "type": "x"}]),
            json!(["1"]),
        ] {
            check_own(json!({}), own(op, "skills", value.clone()), json!({"skills": ["1"]}));
            check_own(json!({}), json!([{"op": op, "value": {OWN: {"skills": value}}}]), json!({"skills": ["1"]}));
            check_own(
                json!({}),
                json!([{"op": op, "value": {format!("{OWN}:skills"): value}}]),
                json!({"skills": ["1"]}),
            );
            check_own(json!({}), own(op, "floors", value), json!({"floors": [1]}));
        }
    }
    check_own(
        json!({"skills": ["a"]}),
        own("Add", "skills", json!([{"value": "b"}, "c", {"value": "a"}])),
        json!({"skills": ["a", "b", "c"]}),
    );
    check_own(json!({"skills": ["a"]}), own("add", "skills", json!({})), json!({"skills": ["a"]}));
    check_own(
        json!({"skills": ["a"]}),
        own("add", "skills", json!([{"value": null}, {"value": ""}])),
        json!({"skills": ["a"]}),
    );
    for wrong in
        [json!([{"display": "x"}]), json!([{"value": ["a"]}]), json!([{"value": {}}]), json!([["a"]]), json!([1])]
    {
        check_own_refused(json!({}), own("add", "skills", wrong), "skills");
    }
}

/// Kinds F and G: numbers as text in the filter of a path and in lists
#[test]
fn numbers_are_found_and_removed_as_text_too() {
    let before = || json!({"floors": [1, 2, 3], "answers": [true, false]});
    for value in [json!([3]), json!(3), json!(["3"]), json!("3"), json!([{"value": 3}]), json!({"value": " 3 "})] {
        check_own(before(), own("remove", "floors", value), json!({"floors": [1, 2], "answers": [true, false]}));
    }
    check_own(before(), own("Remove", "floors", json!([1, {"value": 2}, "3"])), json!({"answers": [true, false]}));
    for value in [json!([true]), json!("True"), json!([{"value": "true"}])] {
        check_own(before(), own("remove", "answers", value), json!({"floors": [1, 2, 3], "answers": [false]}));
    }
    for filter in ["value eq \"3\"", "value gt \"2\"", "value ge \"3\"", "not (value lt \"3\")", "value eq 3"] {
        let remove = json!([{"op": "remove", "path": format!("{OWN}:floors[{filter}]")}]);
        check_own(before(), remove, json!({"floors": [1, 2], "answers": [true, false]}));
    }
    for wrong in [json!([[3]]), json!([{}]), json!({"floor": 3})] {
        check_own_refused(before(), own("remove", "floors", wrong), "floors");
    }
}

/// Kind H: docs/entra.md
#[test]
fn an_empty_text_clears_whatever_the_type() {
    let before = json!({"badge": 1, "weight": 1.5, "vip": true, "joined": "2026-01-01T00:00:00Z", "skills": ["a"], "floors": [1]});
    for name in ["badge", "weight", "vip", "joined", "skills", "floors"] {
        let mut after = before.clone();
        after.as_object_mut().unwrap().shift_remove(name);
        for operation in [
            own("replace", name, json!("")),
            own("add", name, if before[name].is_array() { json!(null) } else { json!("") }),
            json!([{"op": "replace", "value": {OWN: {name: ""}}}]),
            json!([{"op": "replace", "value": {format!("{OWN}:{name}"): ""}}]),
        ] {
            if operation[0]["op"] == "add" && before[name].is_array() {
                check_own(before.clone(), operation, before.clone());
            } else {
                check_own(before.clone(), operation, after.clone());
            }
        }
    }
    check(
        work_and_home(),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": ""}]),
        json!({"emails": [{"value": "w@x", "type": "work"}, {"value": "h@x", "type": "home"}]}),
    );
}

/// Kind I: docs/clients.md
#[test]
fn a_list_of_one_is_that_one() {
    check(
        json!({"emails": [{"type": "work", "value": "a@x"}]}),
        json!([
            {"op": "replace", "path": "preferredLanguage", "value": ["de"]},
            {"op": "add", "path": format!("{ENTERPRISE}:department"), "value": ["D"]},
            {"op": "replace", "path": "active", "value": ["False"]},
            {"op": "replace", "path": "name.givenName", "value": ["Ana"]},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": ["b@x"]},
            {"op": "replace", "path": "displayName", "value": [{"$ref": null, "value": "Ana R."}]},
            {"op": "add", "value": {"title": ["T"], "name": {"familyName": ["Ruiz"]}, "phoneNumbers": [{"value": ["1"], "primary": [true]}],
                ENTERPRISE: {"costCenter": ["C"], "manager": {"value": ["m"]}}}},
        ]),
        json!({"preferredLanguage": "de", "active": false, "name": {"givenName": "Ana", "familyName": "Ruiz"}, "displayName": "Ana R.",
            "title": "T", "emails": [{"type": "work", "value": "b@x"}], "phoneNumbers": [{"value": "1", "primary": true}],
            ENTERPRISE: {"department": "D", "costCenter": "C", "manager": {"value": "m"}}}),
    );
    check_own(json!({}), own("add", "badge", json!(["7"])), json!({"badge": 7}));
    check_own(json!({"vip": true}), own("replace", "vip", json!([""])), json!({}));
    check(json!({"title": "T"}), json!([{"op": "replace", "path": "title", "value": []}]), json!({}));
    for wrong in [json!(["a", "b"]), json!([["a"]]), json!([{"display": "a"}]), json!({"value": "a"})] {
        check_refused(
            json!({}),
            json!([{"op": "replace", "path": "title", "value": wrong}]),
            ScimType::InvalidValue,
            "title",
        );
    }
}

/// Nothing takes `active` away, by whatever form and verb; and nothing else is done either.
#[test]
fn active_cannot_be_removed() {
    for active in [true, false] {
        for operation in [
            json!({"op": "remove", "path": "active"}),
            json!({"op": "Remove", "path": "ACTIVE", "value": "False"}),
            json!({"op": "remove", "path": format!("{}:active", schema::USER_URN)}),
            json!({"op": "replace", "path": "active", "value": null}),
            json!({"op": "replace", "path": "active", "value": ""}),
            json!({"op": "add", "path": "active", "value": []}),
            json!({"op": "add", "path": "active", "value": [null]}),
            json!({"op": "replace", "path": "active", "value": [{"value": ""}]}),
            json!({"op": "replace", "value": {"active": null, "title": "T"}}),
            json!({"op": "add", "value": {"Active": ""}}),
            json!({"op": "replace", "value": {schema::USER_URN: {"active": null}}}),
            json!({"op": "replace", "value": {format!("{}:active", schema::USER_URN): ""}}),
            json!({"op": "add", "path": schema::USER_URN, "value": {"active": null}}),
        ] {
            let operations = json!([{"op": "replace", "path": "title", "value": "T"}, operation]);
            check_refused(json!({"active": active}), operations, ScimType::InvalidValue, "true or false");
        }
    }
}

#[test]
fn members_are_neither_replaced_nor_removed_by_a_bare_text() {
    let members = json!({"members": ["a", "b"]});
    for operation in [
        json!({"op": "replace", "path": "members", "value": ""}),
        json!({"op": "replace", "path": "members", "value": [""]}),
        json!({"op": "replace", "path": "members", "value": [null, {}]}),
        json!({"op": "replace", "path": "members", "value": {}}),
        json!({"op": "replace", "value": {"members": [{"$ref": null}]}}),
        json!({"op": "replace", "value": {"members": ""}}),
        json!({"op": "add", "path": "members", "value": ""}),
        json!({"op": "remove", "path": "members", "value": ""}),
        json!({"op": "remove", "path": "members", "value": [""]}),
        json!({"op": "remove", "path": "members", "value": "x"}),
        json!({"op": "remove", "path": "members", "value": "a"}),
    ] {
        check_refused_for(schema::group(), members.clone(), json!([operation]), ScimType::InvalidValue, "members");
    }
    let one = json!([{"op": "remove", "path": "members", "value": ["a"]}]);
    check_group(members.clone(), one, json!({"members": ["b"]}));
    check_group(members, json!([{"op": "replace", "path": "members", "value": []}]), json!({}));
}

/// The default: what Entra without its flag needs, and no more.
#[test]
fn replace_creates_a_value_of_a_type_but_no_particular_one() {
    let creates =
        |operation: Value, after: Value| check_with(CREATING, schema::user(), &json!({}), &json!([operation]), &after);
    creates(
        json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "n@x"}),
        json!({"emails": [{"type": "work", "value": "n@x"}]}),
    );
    creates(
        json!({"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "Admin"}),
        json!({"roles": [{"primary": true, "value": "Admin"}]}),
    );
    for (resource_type, path) in [
        (schema::user(), "emails[value eq \"bogus\"].display"),
        (schema::user(), "emails[type eq \"work\" and value eq \"bogus\"].display"),
        (schema::user(), "emails[type ne \"home\"].value"),
        (schema::group(), "members[value eq \"nobody\"].display"),
        (schema::group(), "members[type eq \"User\"].value"),
    ] {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        let error = patched(resource_type, &json!({}), &operations, CREATING).expect_err(path);
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::NoTarget)), "{path}");
    }
}
