//! A stored document as the portal shows it: one line for each value, whatever schema it belongs to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::scim::schema::Schema;

/// The attributes of one schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeSection {
    /// The name of the schema.
    pub title: String,
    /// The attributes.
    pub lines: Vec<AttributeLine>,
}

/// One stored value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeLine {
    /// The label.
    pub label: String,
    /// The SCIM attribute path, as used in attribute mappings.
    pub path: String,
    /// The value.
    pub value: String,
}

/// Every value of a document: the core attributes under this title, then the extensions. Attributes of the tenant's
/// custom schemas (`own`) have their full path, as an attribute mapping needs it.
#[must_use]
pub fn sections(title: &str, document: &Map<String, Value>, own: &[Schema]) -> Vec<AttributeSection> {
    let mut core = AttributeSection { title: title.to_owned(), lines: Vec::new() };
    let mut extensions = Vec::new();
    for (name, value) in document {
        match value {
            Value::Object(attributes) if name.starts_with("urn:") => {
                let schema = own.iter().find(|schema| schema.id == *name);
                let title = schema.map_or_else(|| schema_title(name), |schema| schema.name.to_string());
                let mut section = AttributeSection { title, lines: Vec::new() };
                for (name, value) in attributes {
                    add_lines(&mut section.lines, name, value);
                }
                if let Some(schema) = schema {
                    for line in &mut section.lines {
                        line.path = format!("{}:{}", schema.id, line.path);
                    }
                }
                extensions.push(section);
            }
            _ => add_lines(&mut core.lines, name, value),
        }
    }
    std::iter::once(core).chain(extensions).filter(|section| !section.lines.is_empty()).collect()
}

fn add_lines(lines: &mut Vec<AttributeLine>, name: &str, value: &Value) {
    match value {
        Value::Object(parts) => {
            for (part, value) in parts {
                let label = match part.as_str() {
                    "value" => label(name),
                    _ => format!("{}: {}", label(name), lower_first(&label(part))),
                };
                lines.push(AttributeLine { label, path: format!("{name}.{part}"), value: text(value) });
            }
        }
        Value::Array(values) => {
            for value in values {
                add_element(lines, name, value);
            }
        }
        _ => lines.push(AttributeLine { label: label(name), path: name.to_owned(), value: text(value) }),
    }
}

/// One element of a multi-valued attribute. Its `type` and `primary` identify it, so the label contains them.
fn add_element(lines: &mut Vec<AttributeLine>, name: &str, element: &Value) {
    let Value::Object(parts) = element else {
        lines.push(AttributeLine { label: singular(name), path: name.to_owned(), value: text(element) });
        return;
    };
    let kind = parts.get("type").and_then(Value::as_str);
    let primary = parts.get("primary").and_then(Value::as_bool).unwrap_or_default();
    let which: Vec<&str> = kind.into_iter().chain(primary.then_some("primary")).collect();
    let mut heading = singular(name);
    if !which.is_empty() {
        heading = format!("{heading} ({})", which.join(", "));
    }
    let selector = kind.map(|kind| format!("[type eq \"{kind}\"]")).unwrap_or_default();
    for (part, value) in parts.iter().filter(|(part, _)| !matches!(part.as_str(), "type" | "primary")) {
        let label = if part == "value" { heading.clone() } else { format!("{heading}: {}", lower_first(&label(part))) };
        lines.push(AttributeLine { label, path: format!("{name}{selector}.{part}"), value: text(value) });
    }
}

fn schema_title(urn: &str) -> String {
    if urn.ends_with(":extension:enterprise:2.0:User") { "Enterprise".to_owned() } else { urn.to_owned() }
}

/// `givenName` as "Given name", with a few exceptions.
fn label(name: &str) -> String {
    match name {
        "userName" => return "userName".to_owned(),
        "externalId" => return "External ID".to_owned(),
        "$ref" => return "Reference".to_owned(),
        "profileUrl" => return "Profile URL".to_owned(),
        _ => {}
    }
    let mut label = String::with_capacity(name.len() + 4);
    for (position, letter) in name.chars().enumerate() {
        match (position, letter.is_uppercase()) {
            (0, _) => label.extend(letter.to_uppercase()),
            (_, true) => {
                label.push(' ');
                label.extend(letter.to_lowercase());
            }
            _ => label.push(letter),
        }
    }
    label
}

fn singular(name: &str) -> String {
    match name {
        "emails" => "E-mail".to_owned(),
        "phoneNumbers" => "Phone number".to_owned(),
        "addresses" => "Address".to_owned(),
        "x509Certificates" => "X.509 certificate".to_owned(),
        "entitlements" | "roles" | "ims" | "photos" => label(name.strip_suffix('s').unwrap_or(name)),
        _ => label(name),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: Value, expected: &[(&str, &str, &str)]) {
        let Value::Object(document) = document else { panic!("a document is an object") };
        let sections = sections("Profile", &document, &[]);
        let lines: Vec<(&str, &str, &str)> = sections
            .iter()
            .flat_map(|section| &section.lines)
            .map(|line| (line.label.as_str(), line.path.as_str(), line.value.as_str()))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn every_stored_value_is_a_line() {
        check(
            serde_json::json!({
                "userName": "ana@contoso.com",
                "name": {"givenName": "Ana"},
                "active": true,
                "emails": [{"value": "ana@contoso.com", "type": "work", "primary": true}, {"value": "a@b.c"}],
                "addresses": [{"streetAddress": "Main St 1", "type": "work"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                    "employeeNumber": "4711", "manager": {"value": "26118915"},
                },
            }),
            &[
                ("userName", "userName", "ana@contoso.com"),
                ("Name: given name", "name.givenName", "Ana"),
                ("Active", "active", "yes"),
                ("E-mail (work, primary)", "emails[type eq \"work\"].value", "ana@contoso.com"),
                ("E-mail", "emails.value", "a@b.c"),
                ("Address (work): street address", "addresses[type eq \"work\"].streetAddress", "Main St 1"),
                ("Employee number", "employeeNumber", "4711"),
                ("Manager", "manager.value", "26118915"),
            ],
        );
    }
}
