//! The columns that are drawn from a document: folded keys to find and order by, and the values of a user's e-mail
//! addresses and telephone numbers. '' stands for "absent".

use std::collections::BTreeSet;

use serde_json::Value;

use super::StoreError;
use super::schemas::is_unique;
use super::sql::Bind;
use crate::scim::document::{Document, Text, searchable};
use crate::scim::schema::{self, ENTERPRISE_URN, ResourceType, Schema, Types};

/// Multi-valued attributes whose values are found by index.
const INDEXED_VALUES: [&str; 2] = ["emails", "phoneNumbers"];

/// [`UserKeys::values`] without any.
pub(super) const NO_VALUES: &str = "[]";

/// A document as text, beside itself made comparable.
pub(super) struct Texts {
    pub(super) document: String,
    pub(super) search: String,
}

/// A user's keys.
#[derive(Clone)]
pub(super) struct UserKeys {
    /// By column. `active` is 0 or 1, and 2 where the attribute is absent; `email_key` is the primary address, else the
    /// first.
    pub(super) columns: [(&'static str, Bind); 9],
    /// A JSON array of `[attribute, value]`.
    pub(super) values: String,
    /// The path and the value of each attribute that is unique by the tenant's own schemas.
    pub(super) unique: BTreeSet<(String, String)>,
    /// The version of the schemas it was all drawn by.
    pub(super) schemas_version: i64,
}

/// A group's columns.
pub(super) struct GroupKeys {
    pub(super) texts: Texts,
    pub(super) display_name: String,
    pub(super) external_id: String,
}

impl UserKeys {
    /// The keys, and the texts they stand beside.
    pub(super) fn with_texts(document: &Document, types: &Types) -> Result<(Self, Texts), StoreError> {
        let search = searchable(document, types.user());
        Ok((Self::of(&search, types), Texts::of(document, types.user(), &search)?))
    }

    /// The keys of a document that was made comparable.
    pub(super) fn of(search: &Value, types: &Types) -> Self {
        let at = |steps: &[&str]| Bind::Text(text_at(search, steps));
        Self {
            columns: [
                ("active", search.get("active").and_then(Value::as_bool).map_or(2, i64::from).into()),
                ("user_name_key", at(&["userName"])),
                ("external_id", at(&["externalId"])),
                ("display_name_key", at(&["displayName"])),
                ("given_name_key", at(&["name", "givenName"])),
                ("family_name_key", at(&["name", "familyName"])),
                ("title_key", at(&["title"])),
                ("manager_id", at(&[ENTERPRISE_URN, "manager", "value"])),
                ("email_key", Bind::Text(preferred(&search["emails"]))),
            ],
            values: json_of(INDEXED_VALUES.iter().flat_map(|name| values(name, &search[name]))),
            unique: types.own().iter().flat_map(|schema| unique(schema, search)).collect(),
            schemas_version: types.version().cast_signed(),
        }
    }
}

impl GroupKeys {
    /// `document` is without members.
    pub(super) fn of(document: &Document) -> Result<Self, StoreError> {
        let search = searchable(document, schema::group());
        Ok(Self {
            display_name: text_at(&search, &["displayName"]),
            external_id: text_at(&search, &["externalId"]),
            texts: Texts::of(document, schema::group(), &search)?,
        })
    }
}

impl Texts {
    fn of(document: &Document, resource_type: &ResourceType, search: &Value) -> Result<Self, StoreError> {
        let text = Text::of(document, resource_type).map_err(|why| StoreError::corrupt("documents", "new", why))?;
        Ok(Self { document: text.0, search: search.to_string() })
    }
}

/// An attribute of text as the client wrote it; empty without one.
pub(super) fn written(document: &Document, attribute: &str) -> String {
    document.get(&[attribute]).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The primary one of several values, else the first.
pub(super) fn preferred(several: &Value) -> String {
    let elements = several.as_array().map_or(&[][..], Vec::as_slice);
    let primary = elements.iter().find(|element| element["primary"] == true);
    primary.or_else(|| elements.first()).map_or_else(String::new, |element| text_at(element, &["value"]))
}

fn json_of(pairs: impl Iterator<Item = [String; 2]>) -> String {
    pairs.map(Vec::from).collect::<Value>().to_string()
}

/// The distinct values of one attribute.
fn values(name: &str, several: &Value) -> BTreeSet<[String; 2]> {
    let elements = several.as_array().map_or(&[][..], Vec::as_slice);
    let found = elements.iter().filter_map(|element| element.get("value")?.as_str());
    found.map(|value| [name.to_owned(), value.to_owned()]).collect()
}

/// The values of a schema's unique attributes, each with its path.
fn unique(schema: &Schema, search: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for attribute in schema.attributes.iter().filter(|attribute| is_unique(attribute)) {
        let Some(value) = search.get(&*schema.id).and_then(|values| values.get(&*attribute.name)) else { continue };
        for value in value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            found.push((schema.path(attribute), text));
        }
    }
    found
}

fn text_at(value: &Value, steps: &[&str]) -> String {
    let found = steps.iter().try_fold(value, |value, step| value.get(step));
    found.and_then(Value::as_str).unwrap_or_default().to_owned()
}
