//! Users, groups and their extensions as JSON Schema, from the schema tables: once as answered, once as sent.

use super::reference;
use crate::scim::schema::{Attribute, ENTERPRISE_URN, Kind, Mutability, ResourceType, Returned, Schema, Types};
use serde_json::{Map, Value, json};

/// Which way a resource goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the client.
    Sent,
    /// To the client.
    Answered,
}

/// The components: of each type `User` and `UserSent`, of each extension likewise.
pub(super) fn all(types: &Types) -> Map<String, Value> {
    let mut components = Map::new();
    for known in types.all() {
        for way in [Way::Answered, Way::Sent] {
            components.insert(way.name(&known.name), resource(known, way));
            for extension in &*known.extensions {
                let described = object(&extension.attributes, way);
                components.insert(way.name(&component(extension)), with(described, &extension.description));
            }
        }
    }
    components
}

/// The name of the component that describes such a resource in a request body.
pub(super) fn sent(known: &ResourceType) -> String {
    Way::Sent.name(&known.name)
}

/// The name of the component of an extension: RFC 7643's own name, or the URN, in letters that such names may have.
fn component(extension: &Schema) -> String {
    if extension.id == ENTERPRISE_URN { extension.name.to_string() } else { extension.id.replace(':', ".") }
}

impl Way {
    fn name(self, of: &str) -> String {
        match self {
            Self::Answered => of.to_owned(),
            Self::Sent => format!("{of}Sent"),
        }
    }

    /// Whether an attribute goes this way at all.
    fn has(self, attribute: &Attribute) -> bool {
        match self {
            Self::Sent => attribute.mutability != Mutability::ReadOnly,
            Self::Answered => attribute.returned != Returned::Never,
        }
    }
}

fn resource(known: &ResourceType, way: Way) -> Value {
    let common = ["meta"].into_iter().filter_map(|name| known.core_attribute(name));
    let attributes: Vec<Attribute> = known.core_attributes().chain(common).cloned().collect();
    let mut described = object(&attributes, way);
    described["properties"]["schemas"] = urns(known, way);
    for extension in &*known.extensions {
        described["properties"][&*extension.id] = reference("schemas", &way.name(&component(extension)));
    }
    // What is returned always is there whatever attributes were chosen; the rest may be deselected.
    let required: Vec<&str> = match way {
        Way::Answered => {
            attributes.iter().filter(|one| one.returned == Returned::Always).map(|one| &*one.name).collect()
        }
        Way::Sent => {
            let extensions = known.extensions.iter().filter(|one| one.is_required()).map(|one| &*one.id);
            attributes.iter().filter(|one| one.required).map(|one| &*one.name).chain(extensions).collect()
        }
    };
    described["required"] = json!(required);
    with(described, &known.description)
}

/// RFC 7643 §3: the URNs of the schemas in use. Others than ours are accepted and not echoed.
fn urns(known: &ResourceType, way: Way) -> Value {
    let extensions = known.extensions.iter().map(|extension: &Schema| &extension.id);
    let urns: Vec<_> = std::iter::once(&known.schema.id).chain(extensions).collect();
    match way {
        Way::Answered => json!({
            "type": "array", "items": {"type": "string", "enum": urns}, "contains": {"const": known.schema.id},
            "minItems": 1, "uniqueItems": true, "readOnly": true,
        }),
        Way::Sent => json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "examples": [urns]}),
    }
}

/// An answer holds what its schema has and nothing else; of what is sent, the rest is ignored.
fn object(attributes: &[Attribute], way: Way) -> Value {
    let has = |attribute: &&Attribute| way.has(attribute);
    let properties: Map<String, Value> =
        attributes.iter().filter(has).map(|attribute| (attribute.name.to_string(), values(attribute, way))).collect();
    let mut described = json!({"type": "object", "properties": properties});
    match way {
        Way::Answered => described["additionalProperties"] = json!(false),
        Way::Sent => {
            let required: Vec<_> =
                attributes.iter().filter(has).filter(|part| part.required).map(|part| &part.name).collect();
            if !required.is_empty() {
                described["required"] = json!(required);
            }
        }
    }
    described
}

fn values(attribute: &Attribute, way: Way) -> Value {
    let one = value(attribute, way);
    let mut described = if attribute.multi_valued { json!({"type": "array", "items": one}) } else { one };
    if attribute.mutability == Mutability::ReadOnly {
        described["readOnly"] = json!(true);
    }
    if attribute.mutability == Mutability::WriteOnly {
        described["writeOnly"] = json!(true);
    }
    with(described, &attribute.description)
}

fn value(attribute: &Attribute, way: Way) -> Value {
    let mut described = match attribute.kind {
        Kind::String | Kind::Reference => json!({"type": "string"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::DateTime => json!({"type": "string", "format": "date-time"}),
        Kind::Binary => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Complex => object(&attribute.sub_attributes, way),
    };
    if attribute.required && attribute.kind == Kind::String {
        described["minLength"] = json!(1);
    }
    if !attribute.canonical_values.is_empty() {
        described["examples"] = json!(attribute.canonical_values);
    }
    described
}

fn with(mut described: Value, description: &str) -> Value {
    described["description"] = json!(description);
    described
}
