//! Target attributes in the syntax of Entra's attribute mappings.

use std::fmt;

use serde_json::Value;

/// `name.givenName`, `emails[type eq "work"].value` or `urn:…:User:department`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TargetAttribute {
    text: String,
    /// The extension's URN.
    pub extension: Option<String>,
    /// The name of the attribute.
    pub attribute: String,
    /// The `type` that selects one of several values.
    pub value_type: Option<String>,
    /// The sub-attribute of a complex attribute.
    pub sub_attribute: Option<String>,
}

impl TargetAttribute {
    /// Parses a target attribute; `None` if it is not in Entra's syntax.
    pub fn parse(text: &str) -> Option<Self> {
        let (extension, rest) = match text.strip_prefix("urn:") {
            Some(_) => text.rsplit_once(':').map(|(urn, rest)| (Some(urn.to_owned()), rest))?,
            None => (None, text),
        };
        let (attribute, value_type, sub_attribute) = if let Some((attribute, rest)) = rest.split_once('[') {
            let (kind, rest) = rest.strip_prefix("type eq \"")?.split_once("\"]")?;
            (attribute, Some(kind.to_owned()), Some(rest.strip_prefix('.')?.to_owned()))
        } else if let Some((attribute, part)) = rest.split_once('.') {
            (attribute, None, Some(part.to_owned()))
        } else {
            (rest, None, None)
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_$".contains(letter))
        };
        let is_valid = is_name(attribute) && sub_attribute.as_deref().is_none_or(is_name);
        is_valid.then(|| Self {
            text: text.to_owned(),
            extension,
            attribute: attribute.to_owned(),
            value_type,
            sub_attribute,
        })
    }

    /// The text that was parsed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value of the attribute in a resource. `""` and `null` count as no value.
    pub fn read<'a>(&self, resource: &'a Value) -> Option<&'a Value> {
        let base = match &self.extension {
            Some(urn) => resource.get(urn)?,
            None => resource,
        };
        let value = base.get(&self.attribute)?;
        let value = match &self.value_type {
            Some(value_type) => value
                .as_array()?
                .iter()
                .find(|element| element.get("type").and_then(Value::as_str) == Some(value_type))?,
            None => value,
        };
        let value = match &self.sub_attribute {
            Some(sub_attribute) => value.get(sub_attribute)?,
            None => value,
        };
        (!value.is_null() && value.as_str() != Some("")).then_some(value)
    }
}

impl fmt::Display for TargetAttribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &Value) {
        let resource = json!({"userName": "a", "title": "", "active": false, "name": {"givenName": "A"}, "nickName": null,
            "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "IT", "manager": {"value": "9"}}});
        assert_eq!(TargetAttribute::parse(path).unwrap().read(&resource).unwrap_or(&Value::Null), expected, "{path}");
    }

    #[test]
    fn a_path_selects_its_value() {
        check("userName", &json!("a"));
        check("title", &Value::Null);
        check("nickName", &Value::Null);
        check("active", &json!(false));
        check("name.givenName", &json!("A"));
        check("name.familyName", &Value::Null);
        check("emails[type eq \"work\"].value", &json!("w"));
        check("phoneNumbers[type eq \"work\"].value", &Value::Null);
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", &json!("IT"));
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", &json!({"value": "9"}));
        check("urn:ietf:params:scim:schemas:extension:other:2.0:User:x", &Value::Null);
    }

    #[test]
    fn other_syntax_is_refused() {
        for path in ["", "a b", "emails[primary eq true].value", "emails[type eq \"work\"]", "a.", "a.b.c"] {
            assert_eq!(TargetAttribute::parse(path).map(|target| target.text), None, "{path}");
        }
    }
}
