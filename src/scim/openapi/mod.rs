//! What the endpoint is, in OpenAPI 3.1, for programs that read that: every route with what it takes, what it answers and
//! what it refuses. Resources are described from the schema tables, parameters and limits from the same constants that the
//! readers of requests obey.

mod messages;
mod operation;
mod parameters;
mod paths;
mod resources;

#[cfg(test)]
mod tests;

use super::schema::Types;
use serde_json::{Map, Value, json};

/// The media types of SCIM bodies; answers have the first unless a client accepts the second alone.
pub const MEDIA_TYPES: [&str; 2] = ["application/scim+json", "application/json"];

/// The whole description of the service at this Tenant URL, for a tenant with these types.
#[must_use]
pub fn description(types: &Types, base_url: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rollcall SCIM 2.0",
            "summary": "Users and groups for identity providers, by RFC 7643 and RFC 7644.",
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{"url": base_url}],
        "security": [{"bearer": []}],
        "paths": paths::all(types),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token that an administrator made."},
            },
            "schemas": schemas(types),
            "parameters": parameters::all(),
            "headers": operation::headers(),
            "responses": operation::refusals(),
        },
    })
}

const ABOUT: &str = "Bodies are described as they should be sent. More is understood: attribute names in any letter case, \
    booleans as text, `null` and `\"\"` for nothing, and the habits of clients that docs/clients.md names; attributes that no \
    schema has and unknown parameters are ignored. A method that an address does not have is answered 405 with `Allow`, an \
    address that is not there 404. HEAD is possible wherever GET is.";

fn schemas(types: &Types) -> Map<String, Value> {
    let mut schemas = messages::all(types);
    schemas.append(&mut resources::all(types));
    schemas
}

/// A reference to a component.
fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}
