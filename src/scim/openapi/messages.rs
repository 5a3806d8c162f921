//! The messages of RFC 7644 and what discovery answers, as JSON Schema.

use super::{parameters::parameter_schema, reference};
use crate::scim::{
    bulk::{BULK_REQUEST_URN, BULK_RESPONSE_URN, MAX_OPERATIONS},
    discovery,
    error::{ERROR_URN, ScimType},
    list::{LIST_RESPONSE_URN, MAX_RESULTS, PARAMETERS, SEARCH_REQUEST_URN},
    patch::{self, PATCH_OP_URN},
    schema::Types,
};
use serde_json::{Map, Value, json};

/// The components.
pub(super) fn all(types: &Types) -> Map<String, Value> {
    let kinds = types.all();
    let mut components = Map::new();
    let mut add = |name: &str, schema: Value| _ = components.insert(name.to_owned(), schema);
    add("Error", error());
    for known in kinds {
        add(&list_of(&known.name), list(&reference("schemas", &known.name)));
    }
    let any: Vec<_> = kinds.iter().map(|known| reference("schemas", &known.name)).collect();
    add(&list_of("Any"), list(&json!({"anyOf": any})));
    add("SearchRequest", search_request());
    add("PatchRequest", patch_request());
    add("BulkRequest", bulk_request());
    add("BulkResponse", bulk_response());
    add("ServiceProviderConfig", shape(&discovery::service_provider_config("")));
    add("ResourceType", resource_type(types));
    add(&list_of("ResourceType"), list(&reference("schemas", "ResourceType")));
    add("Schema", schema_of_schemas(types));
    add(&list_of("Schema"), list(&reference("schemas", "Schema")));
    add("SchemaAttribute", attribute());
    components
}

/// The name of the component that lists such resources.
pub(super) fn list_of(name: &str) -> String {
    format!("{name}List")
}

/// RFC 7644 §3.12.
fn error() -> Value {
    answered(
        ERROR_URN,
        json!({
            "status": {"type": "string", "pattern": "^[45][0-9][0-9]$", "description": "The HTTP status."},
            "scimType": {"type": "string", "enum": ScimType::ALL.map(ScimType::as_str)},
            "detail": {"type": "string", "minLength": 1, "description": "A sentence for an administrator."},
        }),
        &["status", "detail"],
    )
}

/// §3.4.2; `startIndex` where the page was asked for by index, `nextCursor` where by cursor (RFC 9865 §2).
fn list(resource: &Value) -> Value {
    answered(
        LIST_RESPONSE_URN,
        json!({
            "totalResults": {"type": "integer", "minimum": 0},
            "startIndex": {"type": "integer", "minimum": 1},
            "itemsPerPage": {"type": "integer", "minimum": 0, "maximum": MAX_RESULTS},
            "nextCursor": {"type": "string", "pattern": "^[A-Za-z0-9._~-]+$"},
            "Resources": {"type": "array", "items": resource, "maxItems": MAX_RESULTS},
        }),
        &["totalResults", "itemsPerPage", "Resources"],
    )
}

/// §3.4.3: the parameters of a query as members; lists of attributes as arrays.
fn search_request() -> Value {
    let described = |name: &str| {
        let schema = parameter_schema(name);
        let list = name.to_ascii_lowercase().ends_with("attributes");
        (name.to_owned(), if list { json!({"type": "array", "items": schema}) } else { schema })
    };
    let members: Map<String, Value> = PARAMETERS.into_iter().map(described).collect();
    sent(SEARCH_REQUEST_URN, Value::Object(members), &[])
}

/// §3.5.2.
fn patch_request() -> Value {
    let operation = json!({
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace"]},
            "path": {"type": "string", "description": "What to change, such as `emails[type eq \"work\"].value`; none \
                means the resource, and `value` holds its attributes."},
            "value": {"description": "Of the attribute's type. Not needed by `remove`."},
        },
        "required": ["op"],
    });
    let operations = json!({"type": "array", "items": operation, "minItems": 1, "maxItems": patch::MAX_OPERATIONS});
    sent(PATCH_OP_URN, json!({"Operations": operations}), &["Operations"])
}

/// §3.7.
fn bulk_request() -> Value {
    let operation = json!({
        "type": "object",
        "properties": {
            "method": {"type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"]},
            "path": {"type": "string", "description": "Below the Tenant URL: `/Users`, `/Users/{id}`."},
            "bulkId": {"type": "string", "description": "Needed by POST; other operations say `bulkId:<this>` for the id."},
            "version": {"type": "string", "description": "As in If-Match."},
            "data": {"type": "object", "description": "The body."},
        },
        "required": ["method", "path"],
    });
    let members = json!({
        "failOnErrors": {"type": "integer", "minimum": 1},
        "Operations": {"type": "array", "items": operation, "maxItems": MAX_OPERATIONS},
    });
    sent(BULK_REQUEST_URN, members, &["Operations"])
}

/// §3.7.3.
fn bulk_response() -> Value {
    let operation = json!({
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "method": {"type": "string"},
            "bulkId": {"type": "string"},
            "version": {"type": "string"},
            "status": {"type": "string", "pattern": "^[245][0-9][0-9]$"},
            "response": reference("schemas", "Error"),
        },
        "required": ["method", "status"],
        "additionalProperties": false,
    });
    answered(BULK_RESPONSE_URN, json!({"Operations": {"type": "array", "items": operation}}), &["Operations"])
}

/// RFC 7643 §6.
fn resource_type(types: &Types) -> Value {
    let sample = discovery::resource_types(types, "").swap_remove(0);
    let mut described = shape(&sample);
    described["properties"]["schemaExtensions"]["items"] = shape(&json!({"schema": "", "required": true}));
    described
}

/// RFC 7643 §7.
fn schema_of_schemas(types: &Types) -> Value {
    let sample = discovery::schemas(types, "").swap_remove(0);
    let mut described = shape(&sample);
    described["properties"]["attributes"]["items"] = reference("schemas", "SchemaAttribute");
    described
}

fn attribute() -> Value {
    let words = json!({"type": "array", "items": {"type": "string"}, "minItems": 1});
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "type": {
                "enum": ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"],
            },
            "subAttributes": {"type": "array", "items": reference("schemas", "SchemaAttribute")},
            "multiValued": {"type": "boolean"},
            "description": {"type": "string"},
            "required": {"type": "boolean"},
            "canonicalValues": words,
            "caseExact": {"type": "boolean"},
            "mutability": {"enum": ["readOnly", "readWrite", "immutable", "writeOnly"]},
            "returned": {"enum": ["always", "never", "default", "request"]},
            "uniqueness": {"enum": ["none", "server", "global"]},
            "referenceTypes": words,
        },
        "required": ["name", "type", "multiValued", "description", "required", "mutability", "returned", "uniqueness"],
        "additionalProperties": false,
    })
}

/// A message that is answered: these members and no others.
fn answered(urn: &str, mut members: Value, required: &[&str]) -> Value {
    members["schemas"] = json!({"const": [urn]});
    let required: Vec<_> = ["schemas"].iter().chain(required).collect();
    json!({"type": "object", "properties": members, "required": required, "additionalProperties": false})
}

/// A message that a client sends; what else is in it is ignored.
fn sent(urn: &str, mut members: Value, required: &[&str]) -> Value {
    members["schemas"] = json!({
        "type": "array", "items": {"type": "string"}, "contains": {"const": urn}, "minItems": 1, "examples": [[urn]],
    });
    let required: Vec<_> = ["schemas"].iter().chain(required).collect();
    json!({"type": "object", "properties": members, "required": required})
}

/// The form of a value that has always the same: its members are all there, and no others.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let properties: Map<String, Value> =
                members.iter().map(|(name, value)| (name.clone(), shape(value))).collect();
            let required: Vec<_> = members.keys().collect();
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        }
        Value::Array(elements) => {
            let items = elements.first().map_or(json!({}), shape);
            json!({"type": "array", "items": items})
        }
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Null => json!({}),
    }
}
