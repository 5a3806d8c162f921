//! How much one request may ask: operations, values, and the two together (docs/decisions.md).

use super::*;
use crate::scim::document::value::MAX_VALUES;
use serde_json::Map;

/// A user with so many e-mail addresses, `0@x`, `1@x` …
fn with_emails(count: usize) -> Value {
    json!({ "emails": emails(0..count) })
}

fn emails(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(|number| json!({"value": format!("{number}@x"), "type": format!("t{number}")})).collect()
}

fn operations(count: usize, operation: impl Fn(usize) -> Value) -> Value {
    (0..count).map(operation).collect()
}

#[track_caller]
fn done(before: &Value, operations: &Value) -> Value {
    patched(schema::user(), before, operations, Options::default()).unwrap().document.into_value()
}

#[track_caller]
fn refused(before: &Value, operations: &Value) -> (u16, Option<ScimType>) {
    let error = patched(schema::user(), before, operations, Options::default()).expect_err("it asks too much");
    (error.status, error.scim_type)
}

#[test]
fn two_thousand_operations_are_done_and_not_one_more() {
    let title = |number| json!({"op": "replace", "path": "title", "value": format!("{number}")});
    assert_eq!(done(&json!({}), &operations(MAX_OPERATIONS, title))["title"], "1999");
    assert_eq!(refused(&json!({}), &operations(MAX_OPERATIONS + 1, title)), (413, None));
}

/// `emails[value eq "1@x"].display` as a key: each becomes an operation.
#[test]
fn operations_that_come_as_keys_count_too() {
    let keys: Map<String, Value> =
        (0..=MAX_OPERATIONS).map(|number| (format!("emails[value eq \"{number}@x\"].display"), json!("x"))).collect();
    assert_eq!(refused(&json!({}), &json!([{"op": "add", "value": keys}])), (413, None));
}

#[test]
fn ten_thousand_values_are_kept_and_not_one_more() {
    let full = with_emails(MAX_VALUES);
    let add = |new: Vec<Value>| json!([{"op": "add", "path": "emails", "value": new}]);
    assert_eq!(done(&full, &add(emails(0..1)))["emails"].as_array().map(Vec::len), Some(MAX_VALUES));
    let too_many = (400, Some(ScimType::InvalidValue));
    assert_eq!(refused(&full, &add(emails(MAX_VALUES..MAX_VALUES + 1))), too_many);
    assert_eq!(refused(&json!({}), &add(emails(0..MAX_VALUES + 1))), too_many);
    let described = json!([{"op": "add", "path": "emails[type eq \"new\"].value", "value": "new@x"}]);
    assert_eq!(refused(&full, &described), too_many);
    let mut user = with_emails(MAX_VALUES + 1);
    user["schemas"] = json!([schema::user().schema.id]);
    user["userName"] = json!("ana");
    let error = Document::read(schema::user(), &user).expect_err("POST and PUT have the limit too");
    assert_eq!((error.status, error.scim_type), too_many);
}

/// Microsoft Entra moves the members of a big group with many operations and long lists.
#[test]
fn members_have_no_limit_of_values() {
    let members: Vec<Value> = (0..=MAX_VALUES).map(|number| json!({"value": format!("m{number}")})).collect();
    let add = json!([{"op": "add", "path": "members", "value": members}]);
    let after = patched(schema::group(), &json!({}), &add, Options::default()).unwrap().document.into_value();
    assert_eq!(after["members"].as_array().map(Vec::len), Some(MAX_VALUES + 1));
    let remove = json!([{"op": "Remove", "path": "members", "value": members}]);
    let after = patched(schema::group(), &after, &remove, Options::default()).unwrap().document.into_value();
    assert_eq!(after.get("members"), None);
}

/// 500 filters over 3,000 values are work that is done; few filters over many values are not, when they ask much of each.
#[test]
fn looking_through_too_many_values_is_refused() {
    let display =
        |number| json!({"op": "replace", "path": format!("emails[value eq \"{number}@x\"].display"), "value": "x"});
    assert_eq!(done(&with_emails(3_000), &operations(500, display))["emails"][499]["display"], "x");
    // The first comparison decides, so that the test is quick; any of them may.
    let wordy = format!("type pr or {}", vec!["type eq \"x\""; 255].join(" or "));
    let wordy = |_| json!({"op": "replace", "path": format!("emails[{wordy}].display"), "value": "x"});
    let full = with_emails(MAX_VALUES);
    assert_eq!(done(&full, &operations(1, wordy))["emails"][0]["display"], "x");
    assert_eq!(refused(&full, &operations(2, wordy)), (413, None));
    // Values that the request itself brings count as well.
    let mut growing = vec![json!({"op": "add", "path": "emails", "value": emails(0..MAX_VALUES)})];
    growing.extend((0..2).map(wordy));
    assert_eq!(refused(&json!({}), &Value::Array(growing)), (413, None));
}
