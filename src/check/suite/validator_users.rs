//! The tests of users in Microsoft's SCIM Validator, under their names there.

use serde_json::{Value, json};

use crate::check::clock;
use crate::check::failure::NotPassed;
use crate::check::request::Request;
use crate::check::service::{ENTERPRISE, USER};
use crate::check::session::{Session, resource, user_body};
use crate::check::test::{Test, validator};

pub const TESTS: &[Test] = &[
    validator("Create a new User", "validator_users.create", "The user is read with the same values", create),
    validator(
        "Create a duplicate User",
        "validator_users.duplicate",
        "A second user with the same userName is 409",
        duplicate,
    ),
    validator("Filter for an existing user", "validator_users.filter_existing", "The user is found", filter_existing),
    validator(
        "Filter for a non-existing user",
        "validator_users.filter_unknown",
        "No user is found, with 200",
        filter_unknown,
    ),
    validator(
        "Filter for an existing user with a different case",
        "validator_users.filter_other_case",
        "The user is found",
        filter_other_case,
    ),
    validator(
        "Replace user attributes",
        "validator_users.replace_together",
        "All attributes change in one object without a path",
        replace_together,
    ),
    validator(
        "Replace user attributes",
        "validator_users.replace_one_by_one",
        "Each attribute changes by a separate operation",
        replace_one_by_one,
    ),
    validator(
        "Add attributes to a user",
        "validator_users.add_together",
        "All other attributes are added to a user that has only a userName",
        add_together,
    ),
    validator(
        "Add attributes to a user",
        "validator_users.add_one_by_one",
        "All other attributes are added by separate operations",
        add_one_by_one,
    ),
    validator("Update userName", "validator_users.rename", "userName changes, in both dialects", rename),
    validator("Disable a user", "validator_users.disable", "active is false, in both dialects", disable),
    validator(
        "Add, replace and remove manager",
        "validator_users.manager",
        "The manager is read after each change",
        manager,
    ),
    validator("Delete a user", "validator_users.delete", "The user is deleted, then 404", delete),
    validator(
        "Preview: multiple operations on different attributes",
        "validator_users.several",
        "All operations are applied",
        several,
    ),
    validator("Preview: multiple operations on the same attribute", "validator_users.same", "The last one wins", same),
    validator("Preview: delete a non-existing resource", "validator_users.delete_unknown", "404", delete_unknown),
    validator("Preview: delete the same resource twice", "validator_users.delete_twice", "204, then 404", delete_twice),
];

/// The attributes of a user as the validator creates it.
fn attributes(word: &str) -> Value {
    json!({
        "active": true, "displayName": format!("{word} d"), "title": format!("{word} t"), "nickName": format!("{word} n"),
        "userType": format!("{word} u"), "preferredLanguage": "lb-LU", "locale": format!("{word} l"), "timezone": "America/Bogota",
        "profileUrl": format!("https://{word}.example/p"), "externalId": format!("{word}-x"),
        "name": {"formatted": format!("{word} f"), "familyName": format!("{word} s"), "givenName": format!("{word} g"),
            "middleName": format!("{word} m"), "honorificPrefix": "Dr.", "honorificSuffix": "III"},
        "emails": [{"type": "work", "value": format!("{word}@w.example"), "primary": true}],
        "phoneNumbers": [{"type": "work", "value": "71-784-9917", "primary": true}, {"type": "mobile", "value": "71-784-9918"},
            {"type": "fax", "value": "71-784-9919"}],
        "addresses": [{"type": "work", "formatted": format!("{word} a"), "streetAddress": "2 Hills Walk", "locality": format!("{word} c"),
            "region": format!("{word} r"), "postalCode": "gt8 2pt", "country": "Cameroon", "primary": true}],
        "roles": [{"display": format!("{word} rd"), "value": format!("{word} rv"), "primary": true}],
        ENTERPRISE: {"employeeNumber": format!("{word} 1"), "department": format!("{word} 2"), "costCenter": format!("{word} 3"),
            "organization": format!("{word} 4"), "division": format!("{word} 5")}
    })
}

/// The attributes as separate paths and values, with paths as Entra writes them.
fn single_operations(attributes: &Value) -> Vec<(String, Value)> {
    let named = |name: &str, separator: &str, holder: &Value| {
        let parts = holder.as_object().into_iter().flatten();
        let parts = parts.filter(|(part, _)| !["type", "primary"].contains(&part.as_str()));
        parts.map(|(part, value)| (format!("{name}{separator}{part}"), value.clone())).collect::<Vec<_>>()
    };
    let paths = attributes.as_object().into_iter().flatten().flat_map(|(name, value)| match value {
        Value::Object(_) if name.starts_with("urn:") => named(name, ":", value),
        Value::Object(_) => named(name, ".", value),
        Value::Array(values) => values.iter().flat_map(|value| named(&value_path(name, value), ".", value)).collect(),
        value => vec![(name.clone(), value.clone())],
    });
    paths.collect()
}

/// A value is selected by its type, otherwise by `primary`; Entra writes the boolean as a string.
fn value_path(name: &str, value: &Value) -> String {
    match value["type"].as_str() {
        Some(kind) => format!("{name}[type eq \"{kind}\"]"),
        None => format!("{name}[primary eq \"True\"]"),
    }
}

fn operations(op: &str, attributes: &Value) -> Value {
    let operation = |(path, value): (String, Value)| json!({"op": op, "path": path, "value": value});
    single_operations(attributes).into_iter().map(operation).collect()
}

/// The validator uses random strings for every attribute, and writes a boolean as a string.
fn create(session: &mut Session) -> Result<(), NotPassed> {
    let mut expected = attributes("vulputate");
    expected["profileUrl"] = json!("KZKV5N4Z0XCE");
    expected["locale"] = json!("ABC 12");
    let mut body = expected.clone();
    body["roles"][0]["primary"] = json!("True");
    let name = session.names.user_name();
    let answer = session.post("/Users", &user_body(&name, &body)).require_object(&[201])?;
    answer.require_values(&expected)?;
    session.read(&resource("/Users", &answer.id()?))?.require_values(&expected)
}

fn duplicate(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&attributes("duplex"))?;
    session.post("/Users", &user_body(&user.name, &attributes("duplex"))).require_status(&[409])?.require_error_body()
}

fn filter(session: &mut Session, name: &str) -> Result<crate::check::answer::Answer, NotPassed> {
    let filter = format!("userName eq {}", Value::from(name));
    session.send(&Request::get("/Users").query("filter", &filter)).require_ok()
}

fn filter_existing(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    filter(session, &user.name)?
        .require_values(&json!({"totalResults": 1, "Resources": [{"id": user.id, "userName": user.name}]}))
}

fn filter_unknown(session: &mut Session) -> Result<(), NotPassed> {
    filter(session, &clock::random_guid())?.require_values(&json!({"totalResults": 0, "Resources": null}))
}

fn filter_other_case(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    filter(session, &user.name.to_uppercase())?
        .require_values(&json!({"totalResults": 1, "Resources": [{"id": user.id, "userName": user.name}]}))
}

fn replace_together(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&attributes("before"))?;
    let wanted = attributes("after");
    session.patch(&user.path, &json!([{"op": "replace", "value": wanted}])).require_accepted()?;
    session.read(&user.path)?.require_values(&wanted)
}

fn replace_one_by_one(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&attributes("before"))?;
    for (op, word) in [("replace", "after"), ("Replace", "later")] {
        let wanted = attributes(word);
        session.patch(&user.path, &operations(op, &wanted)).require_accepted()?;
        session.read(&user.path)?.require_values(&wanted)?;
    }
    Ok(())
}

fn add_together(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let wanted = attributes("added");
    session.patch(&user.path, &json!([{"op": "add", "value": wanted}])).require_accepted()?;
    session.read(&user.path)?.require_values(&wanted)
}

fn add_one_by_one(session: &mut Session) -> Result<(), NotPassed> {
    let wanted = attributes("added");
    for op in ["add", "Add"] {
        let user = session.user(&json!({}))?;
        session.patch(&user.path, &operations(op, &wanted)).require_accepted()?;
        // `primary` was not sent.
        let mut expected = wanted.clone();
        for name in ["emails", "phoneNumbers", "addresses", "roles"] {
            let values = expected[name].as_array_mut().into_iter().flatten();
            values.filter_map(Value::as_object_mut).for_each(|value| drop(value.remove("primary")));
        }
        session.read(&user.path)?.require_values(&expected)?;
    }
    Ok(())
}

fn rename(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({}))?;
    let (first, second) = (session.names.user_name(), session.names.user_name());
    for (operation, name) in [
        (json!({"op": "replace", "value": {"userName": first}}), &first),
        (json!({"op": "Replace", "path": "userName", "value": second}), &second),
    ] {
        session.patch(&user.path, &json!([operation])).require_accepted()?;
        session.read(&user.path)?.require_values(&json!({"id": user.id, "userName": name}))?;
    }
    Ok(())
}

fn disable(session: &mut Session) -> Result<(), NotPassed> {
    for operation in [
        json!({"op": "replace", "value": {"active": false}}),
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "active", "value": "False"}),
    ] {
        let user = session.user(&json!({"active": true}))?;
        session.patch(&user.path, &json!([operation])).require_accepted()?;
        let answer = session.read(&user.path)?;
        let active = answer.member("active");
        answer.require(active == &json!(false), || format!("active should be false, but is {active}"))?;
    }
    Ok(())
}

fn manager(session: &mut Session) -> Result<(), NotPassed> {
    let (boss, other, user) = (session.user(&json!({}))?, session.user(&json!({}))?, session.user(&json!({}))?);
    let path = format!("{ENTERPRISE}:manager");
    for (op, id) in [("add", &boss.id), ("replace", &other.id)] {
        session.patch(&user.path, &json!([{"op": op, "path": path, "value": {"value": id}}])).require_accepted()?;
        session.read(&user.path)?.require_values(&json!({ENTERPRISE: {"manager": {"value": id}}}))?;
    }
    session.patch(&user.path, &json!([{"op": "remove", "path": path}])).require_accepted()?;
    let answer = session.read(&user.path)?;
    answer.require(answer.member(ENTERPRISE)["manager"].is_null(), || "the manager is still set".into())
}

fn delete(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&attributes("gone"))?;
    session.delete(&user.path).require_status(&[204])?;
    session.get(&user.path).require_status(&[404])?.require_error_body()
}

fn several(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&attributes("before"))?;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "D"}, {"op": "remove", "path": "title"},
        {"op": "add", "path": "name.honorificSuffix", "value": "IV"},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "several@w.example"}]);
    session.patch(&user.path, &operations).require_accepted()?;
    session.read(&user.path)?.require_values(&json!({"displayName": "D", "title": null,
        "name": {"honorificSuffix": "IV", "givenName": "before g"}, "emails": [{"type": "work", "value": "several@w.example"}]}))
}

fn same(session: &mut Session) -> Result<(), NotPassed> {
    let user = session.user(&json!({"schemas": [USER], "displayName": "0"}))?;
    let operations: Value =
        ["1", "2", "3"].iter().map(|value| json!({"op": "replace", "path": "displayName", "value": value})).collect();
    session.patch(&user.path, &operations).require_accepted()?;
    session.read(&user.path)?.require_values(&json!({"displayName": "3"}))
}

fn delete_unknown(session: &mut Session) -> Result<(), NotPassed> {
    session.delete(&resource("/Users", &clock::random_guid())).require_status(&[404])?;
    session.delete(&resource("/Groups", &clock::random_guid())).require_status(&[404]).map(drop)
}

fn delete_twice(session: &mut Session) -> Result<(), NotPassed> {
    let (user, group) = (session.user(&json!({}))?, session.group(&[])?);
    for path in [&user.path, &group.path] {
        session.delete(path).require_status(&[204])?;
        session.delete(path).require_status(&[404])?;
    }
    Ok(())
}
