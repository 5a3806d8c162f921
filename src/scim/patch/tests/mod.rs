//! Documents before and after operations, which are read, normalized and applied as those of a request are.

#![expect(clippy::needless_pass_by_value, reason = "a table reads better with `json!(…)` than with `&json!(…)`")]

mod clients;
mod field;
mod limits;
mod properties;
mod random;
mod reference;
mod requests;
mod rules;

use super::*;
use crate::scim::{self, Document, Incoming, ResourceType, ScimType, schema};
use serde_json::json;

const ENTERPRISE: &str = schema::ENTERPRISE_URN;
const CREATING: Options<'static> = Options { replace_without_match_creates: true, base_url: "" };

fn document(resource_type: &ResourceType, mut values: Value) -> Document {
    values["schemas"] = json!([resource_type.schema.id]);
    let (name, required) = if resource_type.name == "User" { ("userName", "ana") } else { ("displayName", "Sales") };
    if values.get(name).is_none() {
        values[name] = json!(required);
    }
    Document::read(resource_type, &values).unwrap().document
}

fn patched(
    resource_type: &ResourceType,
    before: &Value,
    operations: &Value,
    options: Options<'_>,
) -> Result<Incoming, ScimError> {
    let request = PatchRequest::read(&json!({"schemas": [PATCH_OP_URN], "Operations": operations}))?;
    let request = lenient::normalize(request, resource_type);
    apply(resource_type, "2819c223", &document(resource_type, before.clone()), &request, options)
}

#[track_caller]
fn check_with(options: Options<'_>, resource_type: &ResourceType, before: &Value, operations: &Value, after: &Value) {
    let outcome = patched(resource_type, before, operations, options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(outcome.document.into_value(), document(resource_type, after.clone()).into_value());
}

/// A user before, some operations, the user after; `userName` is filled in.
#[track_caller]
fn check(before: Value, operations: Value, after: Value) {
    check_with(Options::default(), schema::user(), &before, &operations, &after);
}

#[track_caller]
fn check_group(before: Value, operations: Value, after: Value) {
    check_with(Options::default(), schema::group(), &before, &operations, &after);
}

#[track_caller]
fn check_refused_for(resource_type: &ResourceType, before: Value, operations: Value, scim_type: ScimType, hint: &str) {
    let error = patched(resource_type, &before, &operations, Options::default()).expect_err("it should be refused");
    assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{error}");
    assert!(error.detail.contains(hint), "{error}");
}

#[track_caller]
fn check_refused(before: Value, operations: Value, scim_type: ScimType, hint: &str) {
    check_refused_for(schema::user(), before, operations, scim_type, hint);
}

/// The deviations noticed in one operation on a user.
#[track_caller]
fn check_deviations(operation: Value, expected: &[Deviation]) {
    let request = PatchRequest::read(&json!({"schemas": [PATCH_OP_URN], "Operations": [operation]})).unwrap();
    assert_eq!(lenient::normalize(request, schema::user()).deviations, expected, "{operation}");
}

fn work_and_home() -> Value {
    json!({"emails": [{"value": "w@x", "type": "work", "primary": true}, {"value": "h@x", "type": "home"}]})
}
