//! The columns that are derived from a document: keys to find and sort by, and the values of a user's e-mail addresses and
//! telephone numbers. '' means "absent".

use std::collections::BTreeSet;

use serde_json::Value;

use super::documents::preferred;
use super::value;
use crate::scim::compare;
use crate::scim::document::Document;
use crate::scim::schema::{self, Attribute, ENTERPRISE_URN, ResourceType, Schema, Types, Uniqueness};

/// Multi-valued attributes whose values are found by index.
const INDEXED_VALUES: [&str; 2] = ["emails", "phoneNumbers"];

/// [`UserKeys::values`] without any.
pub(super) const NO_VALUES: &str = "[]";

/// A user's keys.
#[derive(Clone)]
pub(super) struct UserKeys {
    /// By column. `active` is 0 or 1, and 2 where the attribute is absent; `email_key` is the primary address, else the
    /// first.
    pub(super) columns: [(&'static str, value::Value<'static>); 9],
    /// A JSON array of `[attribute, value]`.
    pub(super) values: String,
    /// The path and the value of each attribute that is unique by the tenant's own schemas.
    pub(super) unique: BTreeSet<(String, String)>,
    /// The version of the schemas that all this was derived by.
    pub(super) schemas_version: i64,
}

/// A group's keys.
pub(super) struct GroupKeys {
    pub(super) display_name: String,
    pub(super) external_id: String,
}

impl UserKeys {
    /// The keys of a document.
    pub(super) fn of(document: &Document, types: &Types) -> Self {
        let user = types.user();
        let at = |pointer: &[&str]| value::Value::from(key_at(document, user, pointer));
        let email = document.get(&["emails"]).map(preferred).unwrap_or_default();
        Self {
            columns: [
                (
                    "active",
                    value::Value::Integer(document.get(&["active"]).and_then(Value::as_bool).map_or(2, i64::from)),
                ),
                ("user_name_key", at(&["userName"])),
                ("external_id", at(&["externalId"])),
                ("display_name_key", at(&["displayName"])),
                ("given_name_key", at(&["name", "givenName"])),
                ("family_name_key", at(&["name", "familyName"])),
                ("title_key", at(&["title"])),
                ("manager_id", at(&[ENTERPRISE_URN, "manager", "value"])),
                ("email_key", key(user, &["emails", "value"], &email).into()),
            ],
            values: INDEXED_VALUES.iter().flat_map(|name| values(document, user, name)).collect::<Value>().to_string(),
            unique: types.own().iter().flat_map(|schema| unique(schema, document)).collect(),
            schemas_version: types.version().cast_signed(),
        }
    }
}

impl GroupKeys {
    /// `document` is without members.
    pub(super) fn of(document: &Document) -> Self {
        let at = |name| key_at(document, schema::group(), &[name]);
        Self { display_name: at("displayName"), external_id: at("externalId") }
    }
}

/// The key of a text at that place in documents.
fn key(resource_type: &ResourceType, pointer: &[&str], text: &str) -> String {
    resource_type.at(pointer).map_or_else(|| text.to_owned(), |attribute| compare::key(attribute, text))
}

/// The key of the text at that place in this document; empty without one.
fn key_at(document: &Document, resource_type: &ResourceType, pointer: &[&str]) -> String {
    let text = document.get(pointer).and_then(Value::as_str);
    text.map_or_else(String::new, |text| key(resource_type, pointer, text))
}

/// The distinct values of one attribute.
fn values(document: &Document, user: &ResourceType, name: &'static str) -> BTreeSet<[String; 2]> {
    let elements = document.get(&[name]).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let found = elements.iter().filter_map(|element| element.get("value")?.as_str());
    found.map(|value| [name.to_owned(), key(user, &[name, "value"], value)]).collect()
}

/// Whether the database enforces that its values are unique.
pub(super) fn is_unique(attribute: &Attribute) -> bool {
    attribute.uniqueness == Uniqueness::Server
}

/// The values of a schema's unique attributes, each with its path.
fn unique(schema: &Schema, document: &Document) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for attribute in schema.attributes.iter().filter(|attribute| is_unique(attribute)) {
        let Some(value) = document.get(&[&schema.id, &attribute.name]) else { continue };
        for value in value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice) {
            let key = value.as_str().map_or_else(|| value.to_string(), |text| compare::key(attribute, text));
            found.push((schema.path(attribute), key));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::USER_URN;

    /// Checklist 45: letter case counts in `externalId` and `manager` alone.
    #[test]
    fn the_columns_of_a_user_hold_keys() {
        let sent = json!({"schemas": [USER_URN, ENTERPRISE_URN], "userName": "ＡNA", "externalId": "Ext", "displayName": "Ana RUIZ", "title": "CEO",
            "name": {"givenName": "ANA", "familyName": "RUIZ"}, "active": false,
            "emails": [{"value": "Home@X"}, {"value": "Work@X", "primary": true}], "phoneNumbers": [{"value": "X1"}],
            ENTERPRISE_URN: {"manager": {"value": "Mm"}}});
        let types = Types::built_in();
        let keys = UserKeys::of(&Document::read(types.user(), &sent).unwrap().document, &types);
        let texts = ["ana", "Ext", "ana ruiz", "ana", "ruiz", "ceo", "Mm", "work@x"]
            .map(|text| value::Value::from(text.to_owned()));
        assert_eq!(keys.columns.map(|(_, key)| key)[1..], texts);
        assert_eq!(keys.values, r#"[["emails","home@x"],["emails","work@x"],["phoneNumbers","x1"]]"#);
    }
}
