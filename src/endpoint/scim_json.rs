//! Writing responses in SCIM's media type.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// The media type of every body that is sent (RFC 7644 §3.1).
pub const SCIM_JSON: &str = "application/scim+json";

/// 200 with a value.
pub fn ok(value: &impl Serialize) -> Response {
    json_response(serde_json::to_vec(value).expect("SCIM values have string keys and serialise"))
}

/// 200 with this JSON.
pub fn json_response(json: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, SCIM_JSON)], Body::from(json)).into_response()
}
