//! Users, groups and their extensions as JSON Schema, from the schema tables: once as answered, once as sent.

use super::reference;
use crate::scim::schema::{Attribute, ENTERPRISE_URN, Kind, Mutability, ResourceType, Returned, Schema, Types};
use serde_json::{Map, Value, json};

/// Whether a resource is sent or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// From the client.
    Sent,
    /// To the client.
    Answered,
}

/// The components: of each type `User` and `UserSent`, of each extension likewise.
pub(super) fn all(types: &Types) -> Map<String, Value> {
    let mut components = Map::new();
    for known in types.all() {
        for direction in [Direction::Answered, Direction::Sent] {
            components.insert(direction.name(&known.name), resource(known, direction));
            for extension in &*known.extensions {
                let described = object(&extension.attributes, direction);
                components.insert(direction.name(&component(extension)), with(described, &extension.description));
            }
        }
    }
    components
}

/// The name of the component that describes such a resource in a request body.
pub(super) fn sent(known: &ResourceType) -> String {
    Direction::Sent.name(&known.name)
}

/// The name of the component of an extension: RFC 7643's own name, or the URN, in letters that such names may have.
fn component(extension: &Schema) -> String {
    if extension.id == ENTERPRISE_URN { extension.name.to_string() } else { extension.id.replace(':', ".") }
}

impl Direction {
    fn name(self, of: &str) -> String {
        match self {
            Self::Answered => of.to_owned(),
            Self::Sent => format!("{of}Sent"),
        }
    }

    /// Whether an attribute is part of such a body.
    fn has(self, attribute: &Attribute) -> bool {
        match self {
            Self::Sent => attribute.mutability != Mutability::ReadOnly,
            Self::Answered => attribute.returned != Returned::Never,
        }
    }
}

fn resource(known: &ResourceType, direction: Direction) -> Value {
    let common = ["meta"].into_iter().filter_map(|name| known.core_attribute(name));
    let attributes: Vec<Attribute> = known.core_attributes().chain(common).cloned().collect();
    let mut described = object(&attributes, direction);
    described["properties"]["schemas"] = urns(known, direction);
    for extension in &*known.extensions {
        described["properties"][&*extension.id] = reference("schemas", &direction.name(&component(extension)));
    }
    // What is returned always is there whatever attributes were chosen; the rest may be deselected.
    let required: Vec<&str> = match direction {
        Direction::Answered => {
            attributes.iter().filter(|one| one.returned == Returned::Always).map(|one| &*one.name).collect()
        }
        Direction::Sent => {
            let extensions = known.extensions.iter().filter(|one| one.is_required()).map(|one| &*one.id);
            attributes.iter().filter(|one| one.required).map(|one| &*one.name).chain(extensions).collect()
        }
    };
    described["required"] = json!(required);
    with(described, &known.description)
}

/// RFC 7643 §3: the URNs of the schemas in use. Others than ours are accepted and not echoed.
fn urns(known: &ResourceType, direction: Direction) -> Value {
    let extensions = known.extensions.iter().map(|extension: &Schema| &extension.id);
    let urns: Vec<_> = std::iter::once(&known.schema.id).chain(extensions).collect();
    match direction {
        Direction::Answered => json!({
            "type": "array", "items": {"type": "string", "enum": urns}, "contains": {"const": known.schema.id},
            "minItems": 1, "uniqueItems": true, "readOnly": true,
        }),
        Direction::Sent => json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "examples": [urns]}),
    }
}

/// An answer holds what its schema has and nothing else; of what is sent, the rest is ignored.
fn object(attributes: &[Attribute], direction: Direction) -> Value {
    let has = |attribute: &&Attribute| direction.has(attribute);
    let properties: Map<String, Value> = attributes
        .iter()
        .filter(has)
        .map(|attribute| (attribute.name.to_string(), values(attribute, direction)))
        .collect();
    let mut described = json!({"type": "object", "properties": properties});
    match direction {
        Direction::Answered => described["additionalProperties"] = json!(false),
        Direction::Sent => {
            let required: Vec<_> =
                attributes.iter().filter(has).filter(|part| part.required).map(|part| &part.name).collect();
            if !required.is_empty() {
                described["required"] = json!(required);
            }
        }
    }
    described
}

fn values(attribute: &Attribute, direction: Direction) -> Value {
    let one = value(attribute, direction);
    let mut described = if attribute.multi_valued { json!({"type": "array", "items": one}) } else { one };
    if attribute.mutability == Mutability::ReadOnly {
        described["readOnly"] = json!(true);
    }
    if attribute.mutability == Mutability::WriteOnly {
        described["writeOnly"] = json!(true);
    }
    with(described, &attribute.description)
}

fn value(attribute: &Attribute, direction: Direction) -> Value {
    let mut described = match attribute.kind {
        Kind::String | Kind::Reference => json!({"type": "string"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::DateTime => json!({"type": "string", "format": "date-time"}),
        Kind::Binary => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Complex => object(&attribute.sub_attributes, direction),
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
