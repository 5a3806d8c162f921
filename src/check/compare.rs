//! Compares a resource with expected values; attributes that are not expected do not matter.

use serde_json::Value;

/// Describes the first difference between the expected and the actual value; `None` when there is none.
///
/// An expected `null` stands for an attribute without a value, which RFC 7643 §2.5 lets a service omit or write as `null`
/// or `[]`. The values of a multi-valued attribute may be in any order and have more sub-attributes than expected.
pub fn difference(expected: &Value, actual: &Value) -> Option<String> {
    difference_at("", expected, actual)
}

fn difference_at(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    let differs = || {
        let name = if path.is_empty() { "the response" } else { path };
        Some(format!("{name} should be {}, but is {}", shorten(expected), shorten(actual)))
    };
    match (expected, actual) {
        (Value::Object(members), Value::Object(_)) => members.iter().find_map(|(name, expected)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            difference_at(&path, expected, member(actual, name))
        }),
        (expected, actual) if expects_no_value(expected) => (!is_unassigned(actual)).then(differs).flatten(),
        (Value::Array(expected), Value::Array(actual)) => {
            (expected.len() != actual.len() || !all_found(expected, actual)).then(differs).flatten()
        }
        // `false` may be omitted.
        (Value::Bool(false), actual) if is_unassigned(actual) => None,
        _ => (expected != actual).then(differs).flatten(),
    }
}

/// Whether no value is expected.
fn expects_no_value(expected: &Value) -> bool {
    match expected {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(expects_no_value),
        _ => false,
    }
}

/// Whether each expected value matches an actual value of its own.
fn all_found(expected: &[Value], actual: &[Value]) -> bool {
    let mut left: Vec<_> = actual.iter().collect();
    expected.iter().all(|expected| {
        let found = left.iter().position(|actual| difference_at("", expected, actual).is_none());
        found.map(|index| left.swap_remove(index)).is_some()
    })
}

/// A member of an object, or `null`. Schema URNs are compared case-insensitively.
pub fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    let found = object.as_object().and_then(|members| {
        let spelled = members.get(name);
        spelled.or_else(|| {
            let is_urn = name.starts_with("urn:");
            members.iter().find(|(key, _)| is_urn && key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    });
    found.unwrap_or(&Value::Null)
}

/// RFC 7643 §2.5: unassigned, `null` and the empty array are equivalent. An empty string and a complex value without
/// sub-attributes are treated alike.
pub fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_unassigned),
        Value::Object(members) => members.values().all(is_unassigned),
        _ => false,
    }
}

fn shorten(value: &Value) -> String {
    let text = if value.is_null() { "without a value".to_owned() } else { value.to_string() };
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: &Value, actual: &Value, difference_expected: Option<&str>) {
        assert_eq!(difference(expected, actual).as_deref(), difference_expected);
    }

    #[test]
    fn expected_values_are_required_and_others_allowed() {
        check(&json!({"a": 1}), &json!({"a": 1, "b": 2}), None);
        check(&json!({"a": {"b": "x"}}), &json!({"a": {"b": "y"}}), Some(r#"a.b should be "x", but is "y""#));
        check(&json!({"a": true}), &json!({"a": "True"}), Some(r#"a should be true, but is "True""#));
        check(&json!({"a": 1}), &json!({}), Some("a should be 1, but is without a value"));
    }

    #[test]
    fn an_attribute_without_a_value_may_be_written_in_several_ways() {
        for actual in [json!({}), json!({"a": null}), json!({"a": []}), json!({"a": ""}), json!({"a": {"b": null}})] {
            check(&json!({"a": null}), &actual, None);
        }
        check(&json!({"a": []}), &json!({}), None);
        check(&json!({"a": {"b": null}}), &json!({"c": 1}), None);
        check(&json!({"a": null}), &json!({"c": 1}), None);
        check(&json!({"a": null}), &json!({"a": "x"}), Some(r#"a should be without a value, but is "x""#));
        check(&json!({"a": false}), &json!({}), None);
    }

    #[test]
    fn values_may_be_in_any_order_and_are_counted() {
        let two = json!([{"value": "x", "type": "work"}, {"value": "y", "type": "home"}]);
        check(&json!([{"value": "y"}, {"value": "x"}]), &two, None);
        assert!(difference(&json!([{"value": "x"}]), &two).is_some());
        check(&json!([{"title": null}]), &json!([{"value": "x"}]), None);
        assert!(difference(&json!([{"title": null}]), &json!([])).is_some());
        assert!(difference(&json!([{"value": "x"}, {"value": "x"}]), &two).is_some());
        check(&json!({"urn:X:user": {"a": 1}}), &json!({"urn:x:User": {"a": 1}}), None);
    }
}
