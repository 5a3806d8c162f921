//! Requests that are invalid as HTTP/1.1 (RFC 9112 §3.2). They are refused before routing, which needs a path.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Version, header, uri::Authority},
    response::{IntoResponse, Response},
};

use crate::{endpoint, scim::ScimError};

/// The response to an invalid request: a SCIM error below the Tenant URL, else text.
pub fn refuse_invalid(request: &Request) -> Option<Response> {
    let problem = problem(request)?;
    if !request.uri().path().starts_with(endpoint::PREFIX) {
        return Some((StatusCode::BAD_REQUEST, problem).into_response());
    }
    let error = serde_json::to_string(&ScimError::bad_request(problem)).expect("a SCIM error is strings only");
    Some((StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/scim+json")], error).into_response())
}

fn problem(request: &Request) -> Option<&'static str> {
    if request.method() == Method::CONNECT || !request.uri().path().starts_with('/') {
        return Some("The request target must be a path.");
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() < Version::HTTP_11 => None,
        (None, _) => Some("The Host header is missing."),
        (Some(_), Some(_)) => Some("There is more than one Host header."),
        (Some(host), None) => (!is_valid_host(host)).then_some("The Host header is invalid."),
    }
}

/// RFC 9110 §7.2: host and port, or nothing.
fn is_valid_host(host: &HeaderValue) -> bool {
    let authority = |bytes| Authority::try_from(bytes).is_ok_and(|authority| is_host_and_port(&authority));
    host.is_empty() || authority(host.as_bytes())
}

fn is_host_and_port(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host());
    port.is_some_and(|port| port.is_empty() || port == ":" || authority.port_u16().is_some())
}
