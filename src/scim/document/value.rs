//! Reads one attribute's value as a client sent it into its canonical form. Deviations that are accepted in every body (and
//! RFC 7643 §2.5) are handled here; those of PATCH alone are in `patch/lenient`.

use super::equality::merge_equal;
use crate::scim::{
    DateTime, ScimError,
    schema::{Attribute, Kind, Mutability},
};
use serde_json::{Map, Number, Value};

/// The most values of one attribute. Members have no limit: they are rows of their own, not part of a document.
pub(in crate::scim) const MAX_VALUES: usize = 10_000;

/// The canonical form of a value; none if it says that the attribute is unassigned.
///
/// RFC 7643 §2.5: "Unassigned attributes, the null value, or an empty array (in the case of a multi-valued attribute)
/// SHALL be considered to be equivalent in 'state'." Our decision: so is the empty text.
pub(in crate::scim) fn canonical(attribute: &Attribute, sent: &Value, path: &str) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return element(attribute, sent, path);
    }
    match sent {
        Value::Null => Ok(None),
        Value::Array(sent) => {
            let elements = elements(attribute, sent, path)?;
            Ok((!elements.is_empty()).then_some(Value::Array(elements)))
        }
        _ => Err(ScimError::invalid_value(path, "it must be a list")),
    }
}

/// The canonical values of a multi-valued attribute, each once.
fn elements(attribute: &Attribute, sent: &[Value], path: &str) -> Result<Vec<Value>, ScimError> {
    check_count(attribute, sent.len(), path)?;
    let mut elements = Vec::with_capacity(sent.len());
    for sent in sent {
        match element(attribute, sent, path)? {
            Some(element) => elements.push(element),
            None if attribute.lists_resources() && sent == "" => return Err(names_nobody(path)),
            None => {}
        }
    }
    // A list of members that names nobody is a mistake; taken for an empty list it would empty the group.
    if attribute.lists_resources() && elements.is_empty() && !sent.is_empty() {
        return Err(names_nobody(path));
    }
    merge_equal(attribute, &mut elements);
    if elements.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(ScimError::invalid_value(path, "only one value may be primary"));
    }
    Ok(elements)
}

fn names_nobody(path: &str) -> ScimError {
    ScimError::invalid_value(format!("{path}.value"), "it is required")
}

/// Refuses more values than [`MAX_VALUES`].
pub(in crate::scim) fn check_count(attribute: &Attribute, count: usize, path: &str) -> Result<(), ScimError> {
    if count > MAX_VALUES && !attribute.lists_resources() {
        return Err(ScimError::invalid_value(path, format_args!("it has more than {MAX_VALUES} values")));
    }
    Ok(())
}

pub(in crate::scim) fn is_primary(element: &Value) -> bool {
    element["primary"] == true
}

/// The canonical form of a singular attribute, or of one value of a multi-valued one.
pub(in crate::scim) fn element(attribute: &Attribute, sent: &Value, path: &str) -> Result<Option<Value>, ScimError> {
    match attribute.kind {
        Kind::Complex => {
            let Some(sent) = parts(attribute, sent, path)? else {
                return Ok(None);
            };
            let mut canonical = Map::new();
            for part in &*attribute.sub_attributes {
                if let Some(value) = sub_value(attribute, part, &sent, path)? {
                    canonical.insert(part.name.to_string(), value);
                }
            }
            let missing =
                attribute.sub_attributes.iter().find(|part| part.required && !canonical.contains_key(&*part.name));
            match missing {
                Some(part) if sent.values().any(|value| !value.is_null()) => {
                    Err(ScimError::invalid_value(format!("{path}.{}", part.name), "it is required"))
                }
                _ => Ok((!canonical.is_empty()).then_some(Value::Object(canonical))),
            }
        }
        _ => match plain(attribute, sent).map_err(|why| ScimError::invalid_value(path, why))? {
            None if attribute.always_assigned && !sent.is_null() => {
                Err(ScimError::invalid_value(path, "it must be true or false"))
            }
            value => Ok(value),
        },
    }
}

fn sub_value(
    attribute: &Attribute,
    part: &Attribute,
    sent: &Map<String, Value>,
    path: &str,
) -> Result<Option<Value>, ScimError> {
    match member(sent, &part.name) {
        Some(value) if is_kept(attribute, part) => canonical(part, value, &format!("{path}.{}", part.name)),
        _ => Ok(None),
    }
}

/// Whether a client's value of that sub-attribute is kept. The server derives some itself, such as the `$ref` of members.
pub(in crate::scim) fn is_kept(attribute: &Attribute, part: &Attribute) -> bool {
    part.mutability != Mutability::ReadOnly && !(attribute.lists_resources() && part.kind == Kind::Reference)
}

/// The object a client means where a complex value is expected; none if unassigned.
///
/// `"manager":"26118915-…"` means `{"value":"26118915-…"}`, and where one value is expected, a list of one means that
/// one: Entra and its validator send both.
pub(in crate::scim) fn parts(
    attribute: &Attribute,
    sent: &Value,
    path: &str,
) -> Result<Option<Map<String, Value>>, ScimError> {
    match sent {
        Value::Null => Ok(None),
        Value::Object(parts) => Ok(Some(parts.clone())),
        Value::String(text) if attribute.sub_attribute("value").is_some() => {
            Ok((!text.is_empty()).then(|| Map::from_iter([("value".to_owned(), sent.clone())])))
        }
        Value::Array(values) if !attribute.multi_valued => match &values[..] {
            [] => Ok(None),
            [value] if !value.is_array() => parts(attribute, value, path),
            _ => Err(ScimError::invalid_value(path, "it has a single value, not a list")),
        },
        _ => Err(ScimError::invalid_value(path, "it must be a JSON object")),
    }
}

/// A value without parts, in the forms in which clients send one: where a single value is expected, in a list of one
/// (`"title":["Dev"]`); in a list, as an object with a `value` (`"skills":[{"value":"1"}]`).
fn plain(attribute: &Attribute, sent: &Value) -> Result<Option<Value>, &'static str> {
    match sent {
        Value::Array(values) if !attribute.multi_valued => match &values[..] {
            [] => Ok(None),
            [value] => value_of_object(value).and_then(|value| simple(attribute.kind, value)),
            _ => Err("it has a single value, not a list"),
        },
        Value::Object(_) if attribute.multi_valued => {
            value_of_object(sent).and_then(|value| simple(attribute.kind, value))
        }
        _ => simple(attribute.kind, sent),
    }
}

/// The `value` in `{"value":"1","$ref":null}`, null in an object that says nothing; anything else as it is.
fn value_of_object(sent: &Value) -> Result<&Value, &'static str> {
    let Value::Object(parts) = sent else { return Ok(sent) };
    match member(parts, "value") {
        Some(value) => Ok(value),
        None if parts.values().all(Value::is_null) => Ok(&Value::Null),
        None => Err("it must be a plain value, or an object with a `value`"),
    }
}

/// A plain value, as it is kept: verbatim, but for booleans and numbers sent as text (`"active":"False"`; what Entra
/// works out in an expression is always text).
///
/// A text database cannot keep U+0000, and it ends a text in too many programs.
fn simple(kind: Kind, sent: &Value) -> Result<Option<Value>, &'static str> {
    let fits = match (kind, sent) {
        (_, Value::Null) => return Ok(None),
        (_, Value::String(text)) if text.is_empty() => return Ok(None),
        (_, Value::String(text)) if text.contains('\0') => Err("a text may not hold the character U+0000"),
        (Kind::Boolean, Value::String(text)) => {
            let truth = boolean(text).ok_or("it must be true or false")?;
            return Ok(Some(Value::Bool(truth)));
        }
        (Kind::Boolean, _) => sent.is_boolean().then_some(()).ok_or("it must be true or false"),
        (Kind::Integer, Value::String(text)) => {
            let number: i64 = text.trim().parse().map_err(|_| "it must be a whole number")?;
            return Ok(Some(number.into()));
        }
        (Kind::Decimal, Value::String(text)) => {
            let number = serde_json::from_str::<Number>(text.trim()).map_err(|_| "it must be a number")?;
            return Ok(Some(Value::Number(number)));
        }
        (Kind::Integer, _) => sent.is_i64().then_some(()).ok_or("it must be a whole number"),
        (Kind::Decimal, _) => sent.is_number().then_some(()).ok_or("it must be a number"),
        (Kind::DateTime, _) => sent
            .as_str()
            .and_then(DateTime::parse)
            .map(|_| ())
            .ok_or("it must be a date and time such as 2026-11-22T22:50:00Z"),
        _ => sent.is_string().then_some(()).ok_or("it must be a text"),
    };
    fits.map(|()| Some(sent.clone()))
}

/// The boolean that a text names, in any letter case.
pub(in crate::scim) fn boolean(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| text.eq_ignore_ascii_case(&truth.to_string()))
}

/// The member of that name, in any letter case.
pub(in crate::scim) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value)))
}

/// RFC 7643 §3: "schemas" is required and not empty. Its content is checked elsewhere.
pub(in crate::scim) fn schemas(body: &Map<String, Value>) -> Result<Vec<&str>, ScimError> {
    let listed = member(body, "schemas").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let urns: Option<Vec<&str>> = listed.iter().map(Value::as_str).collect();
    urns.filter(|urns| !urns.is_empty()).ok_or_else(|| {
        ScimError::invalid_syntax("The body needs `schemas`: a list of the URNs of the schemas it uses.")
    })
}
