//! One HTTP request and its response, as a report may show them.

use serde::Serialize;

/// A request and its response; the token and passwords are redacted, long bodies are cut.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// `PATCH https://…/Users/1`
    pub request: String,
    /// `Content-Type: application/scim+json`
    pub request_headers: Vec<String>,
    /// The body that was sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_body: String,
    /// The HTTP status; absent when there was no response.
    pub status: Option<u16>,
    /// The headers that help to explain a failure.
    pub response_headers: Vec<String>,
    /// The response body, or why there was no response.
    pub response_body: String,
}
