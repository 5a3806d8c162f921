//! Whether a resource holds what it should: what is expected has to be there, what else is there does not matter.

use serde_json::Value;

/// The first difference between what a test expects and what came back, in words; none when all is there.
///
/// `null` is expected of an attribute without a value, which RFC 7643 §2.5 lets a service leave out or write as `null` or
/// `[]`. Values of a multi-valued attribute may stand in any order, and hold more sub-attributes than expected.
pub fn difference(expected: &Value, actual: &Value) -> Option<String> {
    difference_at("", expected, actual)
}

fn difference_at(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    let differs = || {
        let name = if path.is_empty() { "the answer" } else { path };
        Some(format!("{name} should be {}, and is {}", shorten(expected), shorten(actual)))
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
        // A flag that is not set need not be said.
        (Value::Bool(false), actual) if is_unassigned(actual) => None,
        _ => (expected != actual).then(differs).flatten(),
    }
}

/// Whether all that is expected is that there is nothing.
fn expects_no_value(expected: &Value) -> bool {
    match expected {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(expects_no_value),
        _ => false,
    }
}

/// Each expected value is found, no actual one counted twice.
fn all_found(expected: &[Value], actual: &[Value]) -> bool {
    let mut left: Vec<_> = actual.iter().collect();
    expected.iter().all(|expected| {
        let found = left.iter().position(|actual| difference_at("", expected, actual).is_none());
        found.map(|index| left.swap_remove(index)).is_some()
    })
}

/// A member of an object, `null` when there is none. Schema URNs are compared without regard to case, as URNs are.
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

/// RFC 7643 §2.5: unassigned, `null` and the empty array are the same; so are an empty text and a complex value without
/// any sub-attribute to whoever reads.
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
    fn what_is_expected_has_to_be_there_and_more_may_be() {
        check(&json!({"a": 1}), &json!({"a": 1, "b": 2}), None);
        check(&json!({"a": {"b": "x"}}), &json!({"a": {"b": "y"}}), Some(r#"a.b should be "x", and is "y""#));
        check(&json!({"a": true}), &json!({"a": "True"}), Some(r#"a should be true, and is "True""#));
        check(&json!({"a": 1}), &json!({}), Some("a should be 1, and is without a value"));
    }

    #[test]
    fn without_a_value_may_be_written_in_many_ways() {
        for actual in [json!({}), json!({"a": null}), json!({"a": []}), json!({"a": ""}), json!({"a": {"b": null}})] {
            check(&json!({"a": null}), &actual, None);
        }
        check(&json!({"a": []}), &json!({}), None);
        check(&json!({"a": {"b": null}}), &json!({"c": 1}), None);
        check(&json!({"a": null}), &json!({"c": 1}), None);
        check(&json!({"a": null}), &json!({"a": "x"}), Some(r#"a should be without a value, and is "x""#));
        check(&json!({"a": false}), &json!({}), None);
    }

    #[test]
    fn values_stand_in_any_order_and_are_counted() {
        let two = json!([{"value": "x", "type": "work"}, {"value": "y", "type": "home"}]);
        check(&json!([{"value": "y"}, {"value": "x"}]), &two, None);
        assert!(difference(&json!([{"value": "x"}]), &two).is_some());
        check(&json!([{"title": null}]), &json!([{"value": "x"}]), None);
        assert!(difference(&json!([{"title": null}]), &json!([])).is_some());
        assert!(difference(&json!([{"value": "x"}, {"value": "x"}]), &two).is_some());
        check(&json!({"urn:X:user": {"a": 1}}), &json!({"urn:x:User": {"a": 1}}), None);
    }
}
