//! The parameters of requests: in the query, in the path and in headers.

use crate::scim::{list::PARAMETERS, schema};
use serde_json::{Map, Value, json};

/// The components of parameters.
pub(super) fn all() -> Map<String, Value> {
    let text = json!({"type": "string", "minLength": 1});
    let query = |name: &str| {
        let parameter = json!({"name": name, "in": "query", "schema": parameter_schema(name)});
        (name.to_owned(), parameter)
    };
    let path = |name: &str, description: &str, example: &str| {
        let parameter = json!({
            "name": name, "in": "path", "required": true, "schema": text, "description": description, "example": example,
        });
        (name.to_owned(), parameter)
    };
    let header = |name: &str, description: &str| {
        let schema = json!({"type": "string", "examples": ["*", "W/\"1\""]});
        (name.to_owned(), json!({"name": name, "in": "header", "schema": schema, "description": description}))
    };
    let mut parameters: Map<String, Value> = PARAMETERS.into_iter().map(query).collect();
    parameters.extend([
        path("id", "The id of the resource.", "018f3b0a-7c1e-7000-8000-00000000000a"),
        path("name", "The name of the resource type.", "User"),
        path("urn", "The URN of the schema.", schema::USER_URN),
        header("If-Match", "Goes on only if the resource is in one of these versions."),
        header("If-None-Match", "Answers 304 if the resource is in one of these versions."),
    ]);
    parameters
}

/// A parameter of a query, which is a member of a search request as well.
pub(super) fn parameter_schema(name: &str) -> Value {
    let (kind, description) = match name {
        "filter" => ("string", "RFC 7644 §3.4.2.2, such as `userName eq \"ana\"`."),
        "sortBy" => ("string", "The attribute to sort by, such as `name.familyName`."),
        "sortOrder" => return json!({"type": "string", "enum": ["ascending", "descending"]}),
        "startIndex" => ("integer", "The first resource of the page; counts from 1, and less means 1."),
        "count" => ("integer", "How many resources at most; less than 0 means 0."),
        "cursor" => ("string", "Empty for the first page, then `nextCursor` of the page before (RFC 9865)."),
        "attributes" => ("string", "The attributes to show."),
        "excludedAttributes" => ("string", "The attributes not to show."),
        _ => ("string", ""),
    };
    json!({"type": kind, "description": description})
}
