//! A document that is still text, as the store has it: most of what is read is only sent on, and need not be taken apart.

use super::{
    Document, Resource,
    render::{Meta, ordered, rendered_groups},
};
use crate::scim::{ResourceType, schema::Attribute};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::{Error as _, SerializeMap},
};
use serde_json::{Value, value::RawValue};
use std::fmt;

/// A document's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

/// A resource as a client reads it, all of it: what [`Resource::render`] makes of its document, without making it.
#[derive(Debug, Clone, Copy)]
pub struct Rendered<'a> {
    resource: &'a Resource<Text>,
    resource_type: &'a ResourceType,
    base_url: &'a str,
}

impl<'a> Rendered<'a> {
    /// `base_url` is the Tenant URL, without a slash at its end.
    #[must_use]
    pub fn new(resource: &'a Resource<Text>, resource_type: &'a ResourceType, base_url: &'a str) -> Self {
        Self { resource, resource_type, base_url }
    }
}

impl Text {
    /// A document as text, everything in the order of its schemas.
    pub fn of(document: &Document, resource_type: &ResourceType) -> Result<Self, serde_json::Error> {
        serde_json::to_string(&InOrder { document, resource_type }).map(Self)
    }
}

impl Resource<Text> {
    /// The resource with its document taken apart.
    pub fn read(self) -> Result<Resource, serde_json::Error> {
        let Self { id, kind, created, last_modified, version, document, groups } = self;
        let document = serde_json::from_str(&document.0)?;
        Ok(Resource { id, kind, created, last_modified, version, document, groups })
    }
}

/// Fails where the document is not the JSON object that the store was given.
impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { resource, resource_type, base_url } = self;
        let document = Parts::read(&resource.document.0).map_err(S::Error::custom)?;
        let extensions = || resource_type.extensions.iter().filter_map(|it| Some((it, document.get(&it.id)?)));
        let core = std::iter::once(&*resource_type.schema.id);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &core.chain(extensions().map(|(used, _)| &*used.id)).collect::<Vec<_>>())?;
        map.serialize_entry("id", &resource.id)?;
        for attribute in resource_type.core_attributes() {
            if let Some(value) = document.get(&attribute.name) {
                push(&mut map, attribute, value, base_url)?;
            } else if attribute.name == "groups" && !resource.groups.is_empty() {
                map.serialize_entry("groups", &rendered_groups(&resource.groups, base_url))?;
            }
        }
        for (extension, values) in extensions() {
            let values = Extension { attributes: &extension.attributes, values, base_url };
            map.serialize_entry(&*extension.id, &values)?;
        }
        map.serialize_entry("meta", &Meta::of(resource, resource_type, base_url))?;
        map.end()
    }
}

struct Extension<'a> {
    attributes: &'a [Attribute],
    values: &'a RawValue,
    base_url: &'a str,
}

impl Serialize for Extension<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = Parts::read(self.values.get()).map_err(S::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        for attribute in self.attributes {
            if let Some(value) = values.get(&attribute.name) {
                push(&mut map, attribute, value, self.base_url)?;
            }
        }
        map.end()
    }
}

/// A value goes on as it stands, but for those that say where the resources they name are found.
fn push<M: SerializeMap>(map: &mut M, attribute: &Attribute, value: &RawValue, base_url: &str) -> Result<(), M::Error> {
    if !attribute.lists_resources() {
        return map.serialize_entry(&*attribute.name, value);
    }
    let value: Value = serde_json::from_str(value.get()).map_err(M::Error::custom)?;
    map.serialize_entry(&*attribute.name, &ordered(attribute, &value, base_url))
}

struct InOrder<'a> {
    document: &'a Document,
    resource_type: &'a ResourceType,
}

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.document.as_map();
        let mut map = serializer.serialize_map(None)?;
        for attribute in self.resource_type.core_attributes() {
            if let Some(value) = members.get(&*attribute.name) {
                map.serialize_entry(&*attribute.name, &ValueInOrder { parts: &attribute.sub_attributes, value })?;
            }
        }
        for extension in &*self.resource_type.extensions {
            if let Some(value) = members.get(&*extension.id) {
                map.serialize_entry(&*extension.id, &ValueInOrder { parts: &extension.attributes, value })?;
            }
        }
        map.end()
    }
}

struct ValueInOrder<'a> {
    parts: &'a [Attribute],
    value: &'a Value,
}

impl Serialize for ValueInOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = |value| Self { parts: self.parts, value };
        match self.value {
            Value::Array(elements) => serializer.collect_seq(elements.iter().map(of)),
            Value::Object(values) => serializer.collect_map(self.parts.iter().filter_map(|part| {
                let value = values.get(&*part.name)?;
                Some((&*part.name, Self { parts: &part.sub_attributes, value }))
            })),
            value => value.serialize(serializer),
        }
    }
}

/// The members of a JSON object, their values untouched.
struct Parts<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(member, _)| *member == name).map(|(_, value)| *value)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(&'de str, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{
        DateTime,
        document::{Membership, MembershipKind},
        schema::{self, ResourceKind, Types},
    };
    use serde_json::json;

    /// Shown without being taken apart, a resource looks as it does when it is taken apart.
    #[test]
    fn text_is_shown_as_the_document_is() {
        let types = Types::built_in();
        let sent = json!({
            "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
            "userName": "ana", "nickName": "A \"quoted\" \\ é", "active": true,
            "name": {"givenName": "Ana", "familyName": "Ruiz"},
            "emails": [{"primary": true, "value": "ana@contoso.example", "type": "work"}],
            schema::ENTERPRISE_URN: {"manager": {"value": "7"}, "department": "Sales"},
        });
        let document = Document::read(types.user(), &sent).unwrap().document;
        let at = DateTime::from_millis(1_763_852_000_000);
        let text = Resource {
            id: "1".to_owned(),
            kind: ResourceKind::User,
            created: at,
            last_modified: at,
            version: 3,
            document: Text::of(&document, types.user()).unwrap(),
            groups: vec![Membership { value: "9".into(), display: "Sales".into(), kind: MembershipKind::Direct }],
        };
        let shown = serde_json::to_string(&Rendered::new(&text, types.user(), "https://x/v2/scim")).unwrap();
        let read = text.read().unwrap();
        assert_eq!(read.document, document);
        assert_eq!(shown, read.render(types.user(), "https://x/v2/scim").to_string());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let at = DateTime::from_millis(0);
        let (id, document, groups) = ("1".to_owned(), Text("[]".to_owned()), Vec::new());
        let kind = ResourceKind::User;
        let resource = Resource { id, kind, created: at, last_modified: at, version: 1, document, groups };
        let types = Types::built_in();
        assert!(serde_json::to_string(&Rendered::new(&resource, types.user(), "")).is_err());
    }
}
