//! One operation of the description: what it takes, answers and refuses.

use super::{MEDIA_TYPES, reference};
use serde_json::{Map, Value, json};

/// A refusal: status, name of the component, when it is given.
type Refusal = (u16, &'static str, &'static str);

/// Every refusal there is. What a client can do about it is in the body's `detail`.
const REFUSALS: [Refusal; 13] = [
    (400, "BadRequest", "The request cannot be read, or asks what cannot be done; `scimType` says which."),
    (401, "Unauthorized", "There is no valid bearer token."),
    (403, "Forbidden", "Provisioning is switched off, or discovery was asked with a filter."),
    (404, "NotFound", "There is no such resource."),
    (409, "Conflict", "Another resource has that value already."),
    (412, "PreconditionFailed", "The resource is no longer in the version that If-Match names."),
    (413, "PayloadTooLarge", "The body is too large, or asks too much at once."),
    (415, "UnsupportedMediaType", "The body is not JSON."),
    (429, "TooManyRequests", "The tenant asks too often."),
    (500, "InternalServerError", "The server is at fault; its log has the request's id."),
    (501, "NotImplemented", "A bearer token belongs to a tenant, not to a user (RFC 7644 §3.11)."),
    (503, "ServiceUnavailable", "The server cannot answer at the moment."),
    (507, "InsufficientStorage", "The server's disk is full; reading goes on."),
];

/// The statuses that any request may be answered with.
const ALWAYS: [u16; 5] = [401, 403, 429, 500, 503];

/// The description of an operation, put together step by step.
pub(super) struct Operation(Value);

impl Operation {
    /// An operation that refuses what every operation refuses.
    pub(super) fn new(id: &str, summary: &str) -> Self {
        Self(json!({"operationId": id, "summary": summary, "responses": {}})).refuses(&ALWAYS)
    }

    /// It takes these parameters, each a component.
    pub(super) fn takes<'a>(mut self, parameters: impl IntoIterator<Item = &'a str>) -> Self {
        let parameters = parameters.into_iter().map(|name| reference("parameters", name));
        let mut known = self.0["parameters"].as_array().cloned().unwrap_or_default();
        known.extend(parameters);
        self.0["parameters"] = json!(known);
        self
    }

    /// It takes a body, shown by examples: name and value.
    pub(super) fn reads(mut self, schema: &str, examples: &[(&str, Value)]) -> Self {
        let examples: Map<String, Value> =
            examples.iter().map(|(name, value)| ((*name).to_owned(), json!({"value": value}))).collect();
        let content: Map<String, Value> = MEDIA_TYPES
            .iter()
            .map(|media_type| {
                let body = json!({"schema": reference("schemas", schema), "examples": examples});
                ((*media_type).to_owned(), body)
            })
            .collect();
        self.0["requestBody"] = json!({"required": true, "content": content});
        self.refuses(&[400, 413, 415])
    }

    /// It answers with a body.
    pub(super) fn answers(self, status: u16, schema: &str) -> Self {
        self.answers_as(status, &content(schema))
    }

    /// It answers with such a body.
    pub(super) fn answers_as(mut self, status: u16, content: &Value) -> Self {
        let description = if status == 201 { "Made." } else { "Done." };
        self.0["responses"][status.to_string()] = json!({"description": description, "content": content});
        self
    }

    /// It answers without a body.
    pub(super) fn answers_nothing(mut self, status: u16, description: &str) -> Self {
        self.0["responses"][status.to_string()] = json!({"description": description});
        self
    }

    /// The answer with that status has these headers.
    pub(super) fn with_headers(mut self, status: u16, names: &[&str]) -> Self {
        let headers: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
        self.0["responses"][status.to_string()]["headers"] = Value::Object(headers);
        self
    }

    /// The id of what it made is what those operations take.
    pub(super) fn leads_to(mut self, operations: &[String]) -> Self {
        let links: Map<String, Value> = operations
            .iter()
            .map(|id| (id.clone(), json!({"operationId": id, "parameters": {"id": "$response.body#/id"}})))
            .collect();
        self.0["responses"]["201"]["links"] = Value::Object(links);
        self
    }

    /// It may be refused so.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        for (status, name, _) in REFUSALS.iter().filter(|(status, ..)| statuses.contains(status)) {
            self.0["responses"][status.to_string()] = reference("responses", name);
        }
        self
    }

    /// It may be asked without a token.
    pub(super) fn without_token(mut self) -> Self {
        self.0["security"] = json!([{}, {"bearer": []}]);
        self
    }

    /// The description.
    pub(super) fn describe(self) -> Value {
        self.0
    }
}

/// The components of refusals.
pub(super) fn refusals() -> Map<String, Value> {
    let described = |(status, name, description): Refusal| {
        let mut refusal = json!({"description": description, "content": content("Error")});
        let header = match status {
            401 => Some("WWW-Authenticate"),
            429 | 503 | 507 => Some("Retry-After"),
            _ => None,
        };
        if let Some(header) = header {
            refusal["headers"] = json!({header: reference("headers", header)});
        }
        (name.to_owned(), refusal)
    };
    REFUSALS.into_iter().map(described).collect()
}

/// A SCIM body: a client that accepts `application/json` alone gets that type.
fn content(schema: &str) -> Value {
    MEDIA_TYPES
        .iter()
        .map(|media_type| ((*media_type).to_owned(), json!({"schema": reference("schemas", schema)})))
        .collect()
}

/// The components of headers.
pub(super) fn headers() -> Value {
    json!({
        "ETag": {
            "description": "The version of the resource, as in `meta.version`.",
            "required": true,
            "schema": {"type": "string", "pattern": "^W/\".+\"$"},
        },
        "Location": {
            "description": "Where the resource is found, as in `meta.location`.",
            "required": true,
            "schema": {"type": "string"},
        },
        "WWW-Authenticate": {"required": true, "schema": {"type": "string", "pattern": "^Bearer "}},
        "Retry-After": {
            "description": "Seconds to wait.",
            "required": true,
            "schema": {"type": "integer", "minimum": 0},
        },
    })
}
