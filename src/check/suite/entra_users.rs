//! Requests about users as Microsoft Entra's provisioning service sends them: in the older PATCH dialect, which "provision
//! on demand" always uses, and in that of the flag `aadOptscim062020`.

use serde_json::{Value, json};

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{ENTERPRISE, Feature, USER};
use crate::check::session::Session;
use crate::check::test::{Run, Test, entra};

const DIFFERS: &str = "The change fails or is stored incorrectly, and Entra repeats it in each cycle.";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

const fn patch_test(
    name: &'static str,
    title: &'static str,
    before: &'static str,
    operations: &'static str,
    after: &'static str,
) -> Test {
    entra("PATCH of a user", name, title, Run::Patch { before, operations, after }).meaning(DIFFERS)
}

const WORK: &str = r#"{"displayName": "Ana", "active": true, "name": {"givenName": "Ana", "familyName": "Ruiz"},
    "emails": [{"type": "work", "value": "ana@contoso.example", "primary": true}]}"#;

pub const TESTS: &[Test] = &[
    entra(
        "Test Connection",
        "entra_users.test_connection",
        "A lookup of a random GUID is 200 and empty, for users and groups",
        Run::Code(test_connection),
    )
    .meaning("Test Connection fails; provisioning cannot be enabled."),
    entra(
        "POST of a user",
        "entra_users.create",
        "A user is created as Entra sends it, with null and empty attributes",
        Run::Code(create),
    )
    .meaning("No user is created."),
    entra("Lookup", "entra_users.lookup", "A new user is found by the matching attribute", Run::Code(lookup))
        .meaning("All users are created again in each cycle, or refused with 409."),
    patch_test(
        "entra_users.update_without_flag",
        "An update in the older PATCH dialect",
        WORK,
        r#"[{"op":"Replace","path":"displayName","value":"Ana R."},
            {"op":"Replace","path":"name.familyName","value":"Ruiz-Lopez"},
            {"op":"Replace","path":"emails[type eq \"work\"].value","value":"ana.r@contoso.example"},
            {"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"5551234"},
            {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"4711"},
            {"op":"Replace","path":"active","value":"False"}]"#,
        r#"{"displayName": "Ana R.", "active": false, "name": {"givenName": "Ana", "familyName": "Ruiz-Lopez"},
            "emails": [{"type": "work", "value": "ana.r@contoso.example"}], "phoneNumbers": [{"type": "work", "value": "5551234"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "4711"}}"#,
    ),
    patch_test(
        "entra_users.update_with_flag",
        "An update in the PATCH dialect of the flag",
        WORK,
        r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"ana.r@contoso.example"},
            {"op":"replace","path":"active","value":false},
            {"op":"replace","value":{"displayName":"Ana R.","name.givenName":"Anna","name.familyName":"Ruiz-Lopez",
              "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"4711"}}]"#,
        r#"{"displayName": "Ana R.", "active": false, "name": {"givenName": "Anna", "familyName": "Ruiz-Lopez"},
            "emails": [{"type": "work", "value": "ana.r@contoso.example"}], "name.givenName": null,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "4711"}}"#,
    ),
    patch_test(
        "entra_users.boolean_texts",
        "\"True\" and \"False\" are accepted as booleans",
        WORK,
        r#"[{"op":"Replace","path":"active","value":"False"},{"op":"Replace","path":"active","value":"True"}]"#,
        r#"{"active": true}"#,
    ),
    patch_test(
        "entra_users.false_text",
        "active \"False\" disables the user",
        WORK,
        r#"[{"op":"Replace","path":"active","value":"False"}]"#,
        r#"{"active": false, "displayName": "Ana"}"#,
    ),
    patch_test(
        "entra_users.address_of_several_adds",
        "Several Adds on one value path create one address",
        "{}",
        r#"[{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"Calle 1"},
            {"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Madrid"},
            {"op":"Add","path":"addresses[type eq \"work\"].country","value":"ES"}]"#,
        r#"{"addresses": [{"type": "work", "streetAddress": "Calle 1", "locality": "Madrid", "country": "ES"}]}"#,
    ),
    patch_test(
        "entra_users.add_without_match",
        "An Add on a value path without a match creates the value",
        WORK,
        r#"[{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"5559"}]"#,
        r#"{"phoneNumbers": [{"type": "mobile", "value": "5559"}], "emails": [{"type": "work"}]}"#,
    ),
    patch_test(
        "entra_users.rename",
        "userName changes in an object without a path",
        WORK,
        r#"[{"op":"replace","value":{"userName":"$new"}}]"#,
        r#"{"userName": "$new", "id": "$id", "displayName": "Ana"}"#,
    ),
    patch_test(
        "entra_users.null_clears",
        "replace with null clears an attribute",
        WORK,
        r#"[{"op":"replace","path":"displayName","value":null},{"op":"replace","path":"emails[type eq \"work\"].value","value":null}]"#,
        r#"{"displayName": null, "name": {"givenName": "Ana"}}"#,
    ),
    patch_test(
        "entra_users.empty_text_clears",
        "Replace with an empty string clears an attribute",
        WORK,
        r#"[{"op":"Replace","path":"displayName","value":""},{"op":"Replace","path":"name.givenName","value":""}]"#,
        r#"{"displayName": null, "name": {"givenName": null, "familyName": "Ruiz"}}"#,
    ),
    entra(
        "PATCH of a user",
        "entra_users.clear_twice",
        "A value selected by a value path can be cleared twice",
        Run::Code(clear_twice),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of manager",
        "entra_users.manager_by_id",
        "A manager can be set by the plain id",
        Run::Code(manager_by_id),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of manager",
        "entra_users.manager_by_object",
        "A manager can be set by an object",
        Run::Code(manager_by_object),
    )
    .meaning(DIFFERS),
    entra(
        "PATCH of manager",
        "entra_users.manager_cleared",
        "A manager is cleared by \"\", null and Remove",
        Run::Code(manager_cleared),
    )
    .meaning(DIFFERS),
    entra(
        "Mapping of manager",
        "entra_users.manager_in_create",
        "A new user may have a manager as a plain id",
        Run::Code(manager_in_create),
    )
    .meaning("Users with a manager are not created."),
    entra(
        "Reference lookup",
        "entra_users.manager_lookup",
        "A user is found by id and manager",
        Run::Code(manager_lookup),
    )
    .meaning("Entra cannot detect that a manager is set, and sets it again in each cycle.")
    .requires(&[Feature::Filter]),
];

fn test_connection(session: &mut Session) -> Result<(), NotPassed> {
    let lookups = [Request::get("/Users"), Request::get("/Groups").query("excludedAttributes", "members")];
    for (request, attribute) in lookups.into_iter().zip(["userName", "displayName"]) {
        let filter = format!("{attribute} eq {}", Value::from(clock::random_guid()));
        session
            .send(&request.query("filter", &filter))
            .require_ok()?
            .require_values(&json!({"totalResults": 0, "Resources": null}))?;
    }
    Ok(())
}

fn create(session: &mut Session) -> Result<(), NotPassed> {
    let name = session.names.user_name();
    let body = json!({"schemas": [USER, ENTERPRISE], "externalId": clock::random_guid(), "userName": name, "active": true,
        "title": null, "displayName": "Ana Ruiz", "name": {"formatted": "Ana Ruiz", "givenName": "Ana", "familyName": "Ruiz"},
        "roles": [], "addresses": null, "emails": [{"primary": true, "type": "work", "value": name}],
        "meta": {"resourceType": "User"}, ENTERPRISE: {"department": "Sales"}});
    let answer = session.post("/Users", &body).require_object(&[201])?;
    let expected = json!({"userName": name, "externalId": body["externalId"], "active": true, "title": null, "roles": null,
        "displayName": "Ana Ruiz", "emails": [{"type": "work", "value": name, "primary": true}], ENTERPRISE: {"department": "Sales"}});
    answer.require_values(&expected)?;
    session.read(&format!("/Users/{}", answer.id()?))?.require_values(&expected)
}

fn lookup(session: &mut Session) -> Result<(), NotPassed> {
    let external = clock::random_guid();
    let user = session.user(&json!({"externalId": external, "active": false}))?;
    for filter in [format!("userName eq \"{}\"", user.name), format!("externalId eq \"{external}\"")] {
        let answer = session.find("/Users", &filter).require_ok()?;
        answer.require_values(
            &json!({"totalResults": 1, "Resources": [{"id": user.id, "userName": user.name, "active": false}]}),
        )?;
    }
    Ok(())
}

fn clear_twice(session: &mut Session) -> Result<(), NotPassed> {
    let user = session
        .user(&json!({"phoneNumbers": [{"type": "fax", "value": "5550"}, {"type": "work", "value": "5551"}]}))?;
    for value in [json!(""), json!(""), json!(null)] {
        let operation = json!([{"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": value}]);
        session.patch(&user.path, &operation).require_accepted()?;
        let answer = session.read(&user.path)?;
        let numbers = answer.member("phoneNumbers").as_array().cloned().unwrap_or_default();
        let values: Vec<_> =
            numbers.iter().filter_map(|number| number["value"].as_str()).filter(|v| !v.is_empty()).collect();
        answer.require(values == ["5551"], || {
            format!("the remaining numbers should be 5551, but are {}", values.join(", "))
        })?;
    }
    Ok(())
}

/// Sets or clears the manager, then reads it.
fn manager(session: &mut Session, path: &str, operation: &Value, expected: Option<&str>) -> Result<(), NotPassed> {
    session.patch(path, &json!([operation])).require_accepted()?;
    let answer = session.read(path)?;
    if let Some(id) = expected {
        return answer.require_values(&json!({ENTERPRISE: {"manager": {"value": id}}}));
    }
    let left = &answer.member(ENTERPRISE)["manager"];
    answer.require(crate::check::compare::is_unassigned(left), || format!("manager is still {left}"))
}

fn manager_by_id(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, other, user) = (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    manager(session, &user.path, &json!({"op": "Add", "path": MANAGER, "value": boss.id}), Some(&boss.id))?;
    manager(session, &user.path, &json!({"op": "Replace", "path": MANAGER, "value": other.id}), Some(&other.id))
}

fn manager_by_object(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, other, user) = (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    let by = |id: &str| json!({"op": "replace", "path": MANAGER, "value": {"value": id}});
    manager(session, &user.path, &by(&boss.id), Some(&boss.id))?;
    manager(session, &user.path, &by(&other.id), Some(&other.id))
}

fn manager_cleared(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, user) = (session.user(&json!({}))?, session.user(&json!({}))?);
    for operation in [
        json!({"op": "replace", "path": MANAGER, "value": ""}),
        json!({"op": "replace", "path": MANAGER, "value": null}),
        json!({"op": "Remove", "path": MANAGER}),
    ] {
        manager(
            session,
            &user.path,
            &json!({"op": "add", "path": MANAGER, "value": {"value": boss.id}}),
            Some(&boss.id),
        )?;
        manager(session, &user.path, &operation, None)?;
    }
    Ok(())
}

fn manager_in_create(session: &mut Session) -> Result<(), NotPassed> {
    let boss = session.user(&json!({}))?;
    let user = session.user(&json!({ENTERPRISE: {"manager": boss.id, "department": "Sales"}}))?;
    session
        .read(&user.path)?
        .require_values(&json!({ENTERPRISE: {"manager": {"value": boss.id}, "department": "Sales"}}))
}

fn manager_lookup(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, user) = (session.user(&json!({}))?, session.user(&json!({}))?);
    let filter = format!("id eq \"{}\" and {MANAGER} eq \"{}\"", user.id, boss.id);
    let lookup = Request::get("/Users").query("attributes", "id").query("filter", &filter);
    session.send(&lookup).require_ok()?.require_values(&json!({"totalResults": 0}))?;
    session
        .patch(&user.path, &json!([{"op": "add", "path": MANAGER, "value": {"value": boss.id}}]))
        .require_accepted()?;
    session.send(&lookup).require_ok()?.require_values(&json!({"totalResults": 1, "Resources": [{"id": user.id}]}))
}
