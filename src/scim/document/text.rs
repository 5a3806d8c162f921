//! A document as JSON text, as the store keeps it: most reads only send it on, without parsing it.

use super::{Document, Resource, render::rendered_groups};
use crate::scim::{
    ResourceType,
    schema::{Attribute, ResourceKind},
};
use memchr::memmem;
use serde::{Serialize, Serializer, de::Error as _, ser::SerializeMap};
use serde_json::Value;

/// A document's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Text {
    /// A document as text, everything in the order of its schemas.
    pub fn of(document: &Document, resource_type: &ResourceType) -> Result<Self, serde_json::Error> {
        serde_json::to_string(&InSchemaOrder { document, resource_type }).map(Self)
    }
}

impl Resource {
    /// The resource with its document as text.
    pub fn into_text(self, resource_type: &ResourceType) -> Result<Resource<Text>, serde_json::Error> {
        let Self { id, kind, created, last_modified, version, document, groups } = self;
        let document = Text::of(&document, resource_type)?;
        Ok(Resource { id, kind, created, last_modified, version, document, groups })
    }
}

impl Resource<Text> {
    /// The resource with its document parsed.
    pub fn read(self) -> Result<Resource, serde_json::Error> {
        let Self { id, kind, created, last_modified, version, document, groups } = self;
        let document = serde_json::from_str(&document.0)?;
        Ok(Resource { id, kind, created, last_modified, version, document, groups })
    }

    /// Writes the resource as a client reads it, all of it: what [`Resource::render`] makes of its document, without making
    /// it. `base_url` is the Tenant URL, without a slash at its end.
    ///
    /// # Errors
    /// When the document is not the JSON object that the store was given.
    pub fn write(
        &self,
        resource_type: &ResourceType,
        base_url: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        let text = &self.document.0;
        let members = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let members = members.ok_or_else(|| serde_json::Error::custom("a document is a JSON object"))?;
        if self.kind == ResourceKind::Group && memmem::find(members.as_bytes(), b"\"members\":").is_some() {
            // Each member is shown with its address.
            let resource = self.clone().read()?;
            return serde_json::to_writer(out, &resource.render(resource_type, base_url));
        }
        let (mut schemas, mut core) = (vec![&*resource_type.schema.id], members.len());
        for place in memmem::find_iter(members.as_bytes(), "\"urn:") {
            // A URN needs no escapes, and a quote within a text has one: only a name stands between a bare quote and `":`.
            let rest = |urn| members[place + 1..].strip_prefix(urn).unwrap_or_default();
            let mut extensions = resource_type.extensions.iter();
            if let Some(used) = extensions.find(|extension| rest(&*extension.id).starts_with("\":")) {
                schemas.push(&*used.id);
                core = core.min(place);
            }
        }
        let (core, extensions) = members.split_at(core);
        let groups = (!self.groups.is_empty()).then(|| rendered_groups(&self.groups, base_url));

        out.extend_from_slice(b"{\"schemas\":[\"");
        for (index, urn) in schemas.into_iter().enumerate() {
            out.extend_from_slice(if index > 0 { b"\",\"" } else { b"" });
            out.extend_from_slice(urn.as_bytes());
        }
        out.extend_from_slice(b"\"],\"id\":\"");
        out.extend_from_slice(self.id.as_bytes());
        out.push(b'"');
        push(out, core.trim_end_matches(','));
        if let Some(groups) = groups {
            push(out, &format!("\"groups\":{groups}"));
        }
        push(out, extensions);
        self.write_meta(resource_type, base_url, out);
        out.push(b'}');
        Ok(())
    }

    /// Writes `,"meta":{…}`, which has nothing that JSON would escape: names, dates, addresses, numbers.
    fn write_meta(&self, resource_type: &ResourceType, base_url: &str, out: &mut Vec<u8>) {
        for part in [
            ",\"meta\":{\"resourceType\":\"",
            &resource_type.name,
            "\",\"created\":\"",
            &self.created.printed(),
            "\",\"lastModified\":\"",
            &self.last_modified.printed(),
            "\",\"location\":\"",
            base_url,
            self.kind.endpoint(),
            "/",
            &self.id,
            "\",\"version\":\"W/\\\"",
            &self.version.to_string(),
            "\\\"\"}",
        ] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Appends members, if there are any.
fn push(out: &mut Vec<u8>, members: &str) {
    if !members.is_empty() {
        out.push(b',');
        out.extend_from_slice(members.as_bytes());
    }
}

struct InSchemaOrder<'a> {
    document: &'a Document,
    resource_type: &'a ResourceType,
}

impl Serialize for InSchemaOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.document.as_map();
        let mut map = serializer.serialize_map(None)?;
        for attribute in self.resource_type.core_attributes() {
            if let Some(value) = members.get(&*attribute.name) {
                map.serialize_entry(&*attribute.name, &ValueInSchemaOrder { parts: &attribute.sub_attributes, value })?;
            }
        }
        for extension in &*self.resource_type.extensions {
            if let Some(value) = members.get(&*extension.id) {
                map.serialize_entry(&*extension.id, &ValueInSchemaOrder { parts: &extension.attributes, value })?;
            }
        }
        map.end()
    }
}

struct ValueInSchemaOrder<'a> {
    parts: &'a [Attribute],
    value: &'a Value,
}

impl Serialize for ValueInSchemaOrder<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{
        DateTime,
        document::{Membership, MembershipKind},
        schema::{self, Types},
    };
    use serde_json::json;

    /// A resource that is rendered from text looks as it does when it is parsed and rendered.
    #[test]
    fn text_is_shown_as_the_document_is() {
        let types = Types::built_in();
        let sent = json!({
            "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
            "userName": "ana", "nickName": "A \"quoted\" \\ é", "active": true,
            "title": format!("\"{}\":{{", schema::ENTERPRISE_URN), "displayName": schema::ENTERPRISE_URN,
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
        let mut shown = Vec::new();
        text.write(types.user(), "https://x/v2/scim", &mut shown).unwrap();
        let read = text.read().unwrap();
        assert_eq!(read.document, document);
        assert_eq!(String::from_utf8(shown).unwrap(), read.render(types.user(), "https://x/v2/scim").to_string());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let at = DateTime::from_millis(0);
        let (id, document, groups) = ("1".to_owned(), Text("[]".to_owned()), Vec::new());
        let kind = ResourceKind::User;
        let resource = Resource { id, kind, created: at, last_modified: at, version: 1, document, groups };
        let types = Types::built_in();
        assert!(resource.write(types.user(), "", &mut Vec::new()).is_err());
    }
}
