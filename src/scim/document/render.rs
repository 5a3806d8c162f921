//! A resource as a client reads it.

use super::{Membership, Resource};
use crate::scim::{DateTime, ResourceKind, ResourceType, schema::Attribute};
use serde::Serialize;
use serde_json::{Map, Value, json};

impl Resource {
    /// The resource as a client reads it, everything in the order of its schemas. `base_url` is the Tenant URL, without
    /// a slash at its end.
    #[must_use]
    pub fn render(&self, resource_type: &ResourceType, base_url: &str) -> Value {
        let used = resource_type.extensions.iter().filter(|extension| self.document.0.contains_key(&*extension.id));
        let schemas: Vec<&str> = std::iter::once(&resource_type.schema)
            .map(|schema| &*schema.id)
            .chain(used.map(|used| &*used.id))
            .collect();
        let mut rendered = Map::new();
        rendered.insert("schemas".to_owned(), json!(schemas));
        rendered.insert("id".to_owned(), json!(self.id));
        for attribute in resource_type.core_attributes() {
            if let Some(value) = self.document.0.get(&*attribute.name) {
                rendered.insert(attribute.name.to_string(), ordered(attribute, value, base_url));
            } else if attribute.name == "groups" && !self.groups.is_empty() {
                rendered.insert(attribute.name.to_string(), rendered_groups(&self.groups, base_url));
            }
        }
        for extension in &*resource_type.extensions {
            if let Some(Value::Object(values)) = self.document.0.get(&*extension.id) {
                let values = in_order(&extension.attributes, values, base_url);
                rendered.insert(extension.id.to_string(), Value::Object(values));
            }
        }
        rendered.insert("meta".to_owned(), json!(Meta::of(self, resource_type, base_url)));
        Value::Object(rendered)
    }
}

/// `meta`, in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    resource_type: &'a str,
    created: DateTime,
    last_modified: DateTime,
    location: String,
    version: String,
}

impl<'a> Meta<'a> {
    fn of(resource: &Resource, resource_type: &'a ResourceType, base_url: &str) -> Self {
        Self {
            resource_type: &resource_type.name,
            created: resource.created,
            last_modified: resource.last_modified,
            location: resource.location(base_url),
            version: resource.etag(),
        }
    }
}

/// A user's `groups`.
pub(super) fn rendered_groups(groups: &[Membership], base_url: &str) -> Value {
    let endpoint = ResourceKind::Group.endpoint();
    let group = |group: &Membership| {
        json!({
            "value": group.value,
            "$ref": format!("{base_url}{endpoint}/{}", group.value),
            "display": group.display,
            "type": group.kind,
        })
    };
    groups.iter().map(group).collect()
}

fn in_order(attributes: &[Attribute], values: &Map<String, Value>, base_url: &str) -> Map<String, Value> {
    let value_of = |attribute: &Attribute| {
        let value = values.get(&*attribute.name)?;
        Some((attribute.name.to_string(), ordered(attribute, value, base_url)))
    };
    attributes.iter().filter_map(value_of).collect()
}

/// A value as it is shown, its parts in the order of the schema.
fn ordered(attribute: &Attribute, value: &Value, base_url: &str) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(|element| ordered(attribute, element, base_url)).collect(),
        Value::Object(parts) if attribute.lists_resources() => {
            Value::Object(in_order(&attribute.sub_attributes, &with_reference(parts, base_url), base_url))
        }
        Value::Object(parts) => Value::Object(in_order(&attribute.sub_attributes, parts, base_url)),
        _ => value.clone(),
    }
}

/// A member with its `$ref`, as it is shown.
pub(in crate::scim) fn with_reference(member: &Map<String, Value>, base_url: &str) -> Map<String, Value> {
    let mut parts = member.clone();
    if let Some(location) = location(&parts, base_url) {
        parts.insert("$ref".to_owned(), Value::String(location));
    }
    parts
}

/// Where a member is found, as far as its type is known.
fn location(member: &Map<String, Value>, base_url: &str) -> Option<String> {
    let (id, kind) = (member.get("value")?.as_str()?, member.get("type")?.as_str()?);
    let kind = if kind.eq_ignore_ascii_case("User") {
        ResourceKind::User
    } else if kind.eq_ignore_ascii_case("Group") {
        ResourceKind::Group
    } else {
        return None;
    };
    Some(format!("{base_url}{}/{id}", kind.endpoint()))
}
