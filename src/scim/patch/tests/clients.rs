//! Requests of Entra and other clients, and their effect.

use super::*;

/// Checklist 79
#[test]
fn entra_without_its_flag() {
    check(
        json!({"displayName": "Ana", "name": {"familyName": "Ruiz"}, "emails": [{"type": "work", "value": "ana@contoso.com"}]}),
        json!([
            {"op": "Replace", "path": "displayName", "value": "Ana R."},
            {"op": "Replace", "path": "name.familyName", "value": "Ruiz-Lopez"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ana.r@contoso.com"},
            {"op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "5551234"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "value": "4711"},
            {"op": "Replace", "path": "active", "value": "False"},
        ]),
        json!({"displayName": "Ana R.", "name": {"familyName": "Ruiz-Lopez"}, "active": false,
            "emails": [{"type": "work", "value": "ana.r@contoso.com"}], "phoneNumbers": [{"type": "work", "value": "5551234"}],
            ENTERPRISE: {"employeeNumber": "4711"}}),
    );
}

/// Checklist 80
#[test]
fn entra_with_its_flag() {
    check(
        json!({"emails": [{"type": "work", "value": "ana@contoso.com"}]}),
        json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ana.r@contoso.com"},
            {"op": "replace", "path": "active", "value": false},
            {"op": "replace", "value": {"displayName": "Ana R.", "name.givenName": "Ana", "name.familyName": "Ruiz-Lopez",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "4711"}},
        ]),
        json!({"displayName": "Ana R.", "name": {"givenName": "Ana", "familyName": "Ruiz-Lopez"}, "active": false,
            "emails": [{"type": "work", "value": "ana.r@contoso.com"}], ENTERPRISE: {"employeeNumber": "4711"}}),
    );
}

/// Checklist 82
#[test]
fn the_manager_is_set_changed_and_cleared() {
    let path = format!("{ENTERPRISE}:manager");
    let managed = |id: &str| json!({ENTERPRISE: {"manager": {"value": id}}});
    for (op, value) in
        [("Add", json!("26")), ("replace", json!({"value": "26"})), ("add", json!([{"value": "26", "$ref": null}]))]
    {
        check(json!({}), json!([{"op": op, "path": path, "value": value}]), managed("26"));
        check(managed("90"), json!([{"op": op, "path": path, "value": value}]), managed("26"));
    }
    check(json!({}), json!([{"op": "replace", "path": format!("{path}.value"), "value": "26"}]), managed("26"));
    for clear in [
        json!({"op": "replace", "path": path, "value": ""}),
        json!({"op": "replace", "path": path, "value": null}),
        json!({"op": "replace", "path": path, "value": {"value": ""}}),
        json!({"op": "replace", "path": path, "value": {"value": null, "$ref": null}}),
        json!({"op": "replace", "path": path, "value": []}),
        json!({"op": "replace", "value": {&path: ""}}),
        json!({"op": "Remove", "path": path}),
        json!({"op": "remove", "path": format!("{path}.value")}),
    ] {
        check(managed("26"), json!([clear]), json!({}));
        check(json!({ENTERPRISE: {"manager": {"value": "26", "$ref": "../Users/26"}}}), json!([clear]), json!({}));
        check(json!({}), json!([clear]), json!({}));
    }
    let with_reference = json!({ENTERPRISE: {"manager": {"value": "26", "$ref": "../Users/26"}}});
    check(
        json!({}),
        json!([{"op": "add", "path": path, "value": {"value": "26", "$ref": "../Users/26"}}]),
        with_reference.clone(),
    );
    check(with_reference, json!([{"op": "replace", "path": path, "value": "90"}]), managed("90"));
}

/// Checklist 83
#[test]
fn a_user_is_renamed() {
    check(
        json!({}),
        json!([{"op": "replace", "value": {"userName": "new@contoso.com"}}]),
        json!({"userName": "new@contoso.com"}),
    );
}

/// Checklist 86
#[test]
fn members_are_added_once() {
    check_group(
        json!({"members": [{"value": "a", "type": "User", "display": "A"}]}),
        json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "b"}, {"$ref": null, "value": "a"}]},
            {"op": "Add", "path": "members", "value": [{"value": "b"}, {"value": "c"}]}]),
        json!({"members": [{"value": "a", "type": "User", "display": "A"}, {"value": "b"}, {"value": "c"}]}),
    );
    for value in [json!({"value": "a"}), json!("a"), json!(["a"]), json!([{"value": "a"}])] {
        check_group(json!({}), json!([{"op": "add", "path": "members", "value": value}]), json!({"members": ["a"]}));
        check_group(json!({}), json!([{"op": "add", "value": {"members": value}}]), json!({"members": ["a"]}));
    }
}

/// Checklist 87
#[test]
fn members_are_replaced_as_a_whole() {
    check_group(
        json!({"members": ["a", "c"]}),
        json!([{"op": "replace", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}]),
        json!({"members": ["a", "b"]}),
    );
    check_group(
        json!({"members": [{"value": "a", "type": "User"}, {"value": "b", "type": "User"}]}),
        json!([{"op": "replace", "path": "members[type eq \"User\"]", "value": {"value": "c"}}]),
        json!({"members": ["c"]}),
    );
}

/// Checklist 88
#[test]
fn a_member_is_removed_by_filter() {
    check_group(
        json!({"members": ["a", "b", "c"]}),
        json!([{"op": "remove", "path": "members[value eq \"B\"]"}]),
        json!({"members": ["a", "c"]}),
    );
}

/// Checklist 89
#[test]
fn only_listed_members_are_removed() {
    let three = json!({"members": [{"value": "a", "display": "A"}, {"value": "b"}, {"value": "c"}]});
    for value in [
        json!([{"$ref": null, "value": "a"}, {"value": "c"}, {"value": "zzz"}]),
        json!(["a", "c"]),
        json!([{"value": "a", "display": "somebody else"}, {"VALUE": "c"}]),
    ] {
        check_group(
            three.clone(),
            json!([{"op": "Remove", "path": "members", "value": value}]),
            json!({"members": ["b"]}),
        );
    }
    check_group(
        three.clone(),
        json!([{"op": "Remove", "path": "members", "value": {"value": "a"}}]),
        json!({"members": ["b", "c"]}),
    );
    check_group(
        three.clone(),
        json!([{"op": "Remove", "path": "members", "value": [{"value": "zzz"}]}]),
        three.clone(),
    );
    check_group(three.clone(), json!([{"op": "Remove", "path": "members", "value": []}]), three.clone());
    check_group(three.clone(), json!([{"op": "Remove", "path": "members"}]), json!({}));
    for nonsense in [json!(5), json!([{}]), json!([{"$ref": null}]), json!([["a"]]), json!([{"display": {}}])] {
        let operations = json!([{"op": "remove", "path": "members", "value": nonsense}]);
        check_refused_for(schema::group(), three.clone(), operations, ScimType::InvalidValue, "members");
    }
    check(
        json!({"addresses": [{"type": "work", "country": "SE"}, {"type": "home", "country": "SE"}]}),
        json!([{"op": "remove", "path": "addresses", "value": [{"type": "work", "country": "SE", "region": null}]}]),
        json!({"addresses": [{"type": "home", "country": "SE"}]}),
    );
}

/// Checklist 90
#[test]
fn a_group_is_renamed_and_a_member_added_and_removed_stays_out() {
    for operation in [
        json!({"op": "Replace", "path": "displayName", "value": "Sales EMEA"}),
        json!({"op": "replace", "value": {"displayName": "Sales EMEA", "id": "2819c223"}}),
    ] {
        check_group(json!({}), json!([operation]), json!({"displayName": "Sales EMEA"}));
    }
    check_group(
        json!({"externalId": "1"}),
        json!([{"op": "Replace", "path": "externalId", "value": "2"}]),
        json!({"externalId": "2"}),
    );
    check_group(
        json!({"externalId": "1"}),
        json!([{"op": "replace", "value": {"externalId": "2"}}]),
        json!({"externalId": "2"}),
    );
    check_group(
        json!({"members": ["a"]}),
        json!([{"op": "Add", "path": "members", "value": [{"value": "b"}]}, {"op": "Remove", "path": "members", "value": [{"value": "b"}]}]),
        json!({"members": ["a"]}),
    );
}

/// House style 16: each deviation is noticed, and a clean request has none.
#[test]
fn deviations_are_noticed() {
    use Deviation::*;
    check_deviations(json!({"op": "replace", "path": "title", "value": "x"}), &[]);
    check_deviations(
        json!({"op": "replace", "value": {"title": "x", "name": {"givenName": "A"}, "emails": [{"value": "a"}]}}),
        &[],
    );
    check_deviations(json!({"op": "remove", "path": "emails"}), &[]);
    check_deviations(json!({"op": "Replace", "path": "title", "value": "x"}), &[CapitalizedOp]);
    check_deviations(json!({"op": "add", "path": ENTERPRISE, "value": {"department": "x"}}), &[SchemaAsPath]);
    check_deviations(json!({"op": "add", "value": {"name.givenName": "x"}}), &[PathAsKey]);
    check_deviations(json!({"op": "add", "path": "roles", "value": {"value": "x"}}), &[SingleForList]);
    check_deviations(json!({"op": "replace", "path": "active", "value": "FALSE"}), &[TextForBoolean]);
    check_deviations(
        json!({"op": "replace", "path": "emails[type eq \"work\"].primary", "value": "True"}),
        &[TextForBoolean],
    );
    check_deviations(json!({"op": "add", "path": "manager", "value": "m"}), &[TextForComplex]);
    check_deviations(json!({"op": "replace", "value": {"title": ""}}), &[EmptyText]);
    check_deviations(json!({"op": "remove", "path": "roles", "value": ["x"]}), &[ListedValues]);
    for deviation in
        [CapitalizedOp, SchemaAsPath, PathAsKey, SingleForList, TextForBoolean, TextForComplex, EmptyText, ListedValues]
    {
        assert!(!deviation.to_string().is_empty());
    }
}
