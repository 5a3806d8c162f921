//! How long the texts of a resource may be. An attribute names, describes or refers to something; what is longer is not that,
//! and would make every page that shows it long. Pure.

use serde_json::Value;

use crate::scim::document::Document;
use crate::scim::error::ScimError;
use crate::scim::schema::{Attribute, Kind, ResourceType};

/// In characters (code points), of a core attribute: names, titles, addresses, identifiers.
const TEXT: usize = 1_024;
/// Of an attribute of an extension, which may be a note.
const EXTENSION_TEXT: usize = 4_096;
/// Of a URI; some clients send pictures as `data:` URIs.
const REFERENCE: usize = 65_536;
/// Of base64: a certificate.
const BINARY: usize = 65_536;

/// Checks every text that is not as it was in `before`: one that was stored by an older version may stay.
///
/// # Errors
/// 400 `invalidValue` that names the attribute and the limit.
pub(super) fn check(
    resource_type: &ResourceType,
    document: &Document,
    before: Option<&Document>,
) -> Result<(), ScimError> {
    let before = |key: &str| before.and_then(|before| before.get(&[key]));
    for (key, value) in document.as_map() {
        if before(key) == Some(value) {
            continue;
        }
        if let Some(attribute) = resource_type.core_attribute(key) {
            check_value(attribute, TEXT, key, value)?;
        } else if let (Some(extension), Some(values)) = (resource_type.extension(key), value.as_object()) {
            let stored = before(key);
            let is_new = |(name, value): &(&String, &Value)| stored.and_then(|stored| stored.get(name)) != Some(*value);
            for (name, value) in values.iter().filter(is_new) {
                if let Some(attribute) = extension.attribute(name) {
                    check_value(attribute, EXTENSION_TEXT, &format!("{key}:{name}"), value)?;
                }
            }
        }
    }
    Ok(())
}

fn check_value(attribute: &Attribute, longest: usize, path: &str, value: &Value) -> Result<(), ScimError> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| check_value(attribute, longest, path, value)),
        Value::Object(parts) => parts.iter().try_for_each(|(name, value)| match attribute.sub_attribute(name) {
            Some(part) => check_value(part, longest, &format!("{path}.{name}"), value),
            None => Ok(()),
        }),
        Value::String(text) => {
            let longest = match attribute.kind {
                Kind::Reference => REFERENCE,
                Kind::Binary => BINARY,
                _ => longest,
            };
            let length = text.chars().count();
            if length <= longest {
                return Ok(());
            }
            let why = format!("it may not exceed {longest} characters, and this one has {length}");
            Err(ScimError::invalid_value(path, why))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema;

    #[track_caller]
    fn check_refused(sent: Value, path: &str) {
        let document: Document = serde_json::from_value(sent).unwrap();
        let refused = check(schema::user(), &document, None).unwrap_err();
        assert!(refused.detail.contains(path), "{}", refused.detail);
        assert_eq!(check(schema::user(), &document, Some(&document)), Ok(()), "what is stored already may stay");
    }

    #[test]
    fn every_text_has_a_limit() {
        let long = "é".repeat(TEXT + 1);
        check_refused(json!({"externalId": long}), "`externalId`");
        check_refused(json!({"name": {"givenName": long}}), "`name.givenName`");
        check_refused(json!({"emails": [{"value": "a@x"}, {"value": long}]}), "`emails.value`");
        let long = "é".repeat(EXTENSION_TEXT + 1);
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        check_refused(json!({enterprise: {"department": long}}), "department");
        check_refused(json!({enterprise: {"manager": {"displayName": long}}}), "manager.displayName");
        let fits = json!({"externalId": "é".repeat(TEXT), "photos": [{"value": "x".repeat(REFERENCE)}]});
        assert_eq!(check(schema::user(), &serde_json::from_value(fits).unwrap(), None), Ok(()));
    }
}
