//! The outermost layer: each request gets an id and its client's address, each response a log line, metrics and security
//! headers.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, info, info_span};

use crate::{
    endpoint::{self, redact},
    scim::Types,
    server::{browser_security, request_check},
    state::{AppState, ClientAddress, RequestId},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Adds the context to the request and the headers to the response.
pub async fn with_request_context(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let watch = state.clock.stopwatch();
    let in_flight = state.metrics.request_started();
    let id = state.clock.new_id().to_string();
    // A client's own `X-Request-Id` is replaced: it may not be unique.
    let header = HeaderValue::from_str(&id).expect("a UUID is ASCII");
    request.headers_mut().insert(X_REQUEST_ID, header.clone());
    let address = client_address(&state.config.trusted_proxies, peer(&request), request.headers());
    request.extensions_mut().insert(ClientAddress(address));
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = redact::path_and_query(request.uri().path(), &Types::built_in());
    let route = route_template(&request);

    let span = info_span!("request", request.id = %id);
    let mut response = match request_check::refuse_invalid(&request) {
        Some(refusal) => refusal,
        None => next.run(request).instrument(span).await,
    };

    let status = response.status().as_u16();
    let took = watch.elapsed();
    state.metrics.request_finished(method_label(&method), route, status, took);
    drop(in_flight);
    let millis = took.as_millis();
    info!(request.id = %id, http.method = %method, http.path = path, http.status = status, millis, "{method} {path} {status}");
    browser_security::set_security_headers(response.headers_mut(), state.config.public_url.is_https());
    response.headers_mut().insert(X_REQUEST_ID, header);
    response
}

/// The request's route as a template, so that the metric's labels are bounded.
fn route_template(request: &Request) -> Cow<'static, str> {
    let path = request.uri().path();
    if let Some(below) = path.strip_prefix(endpoint::PREFIX).filter(|below| below.is_empty() || below.starts_with('/'))
    {
        return endpoint::route::template(below).into();
    }
    match request.extensions().get::<MatchedPath>() {
        Some(matched) => matched.as_str().to_owned().into(),
        None if path.starts_with("/pkg/") => "/pkg/{file}".into(),
        None => "other".into(),
    }
}

/// The method as a label. Clients can send any text as the method, so unknown ones share a label.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The connection's remote address. Tests call the router without a connection.
fn peer(request: &Request) -> IpAddr {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    connection.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip())
}

/// The client's address: `X-Forwarded-For` is read from right to left for as long as a trusted proxy added the entry.
fn client_address(trusted: &[IpAddr], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = peer;
    let lines: Vec<_> = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut forwarded_for = lines.iter().flat_map(|line| line.split(',')).map(parse_forwarded).rev();
    while trusted.contains(&address.to_canonical()) {
        match forwarded_for.next() {
            Some(Some(next)) => address = next,
            _ => break,
        }
    }
    address
}

/// One address of the header. Some proxies add the port, and put IPv6 in brackets with or without one.
fn parse_forwarded(part: &str) -> Option<IpAddr> {
    let part = part.trim();
    let bare = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(part);
    bare.parse().ok().or_else(|| part.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(trusted: &[&str], peer: &str, forwarded: &[&str], expected: &str) {
        let ip = |text: &&str| text.parse::<IpAddr>().unwrap();
        let trusted: Vec<_> = trusted.iter().map(ip).collect();
        let headers = forwarded.iter().map(|line| (X_FORWARDED_FOR, line.parse().unwrap())).collect();
        assert_eq!(client_address(&trusted, ip(&peer), &headers), ip(&expected));
    }

    #[test]
    fn forwarded_for_is_read_from_trusted_proxies_only() {
        check(&[], "192.0.2.1", &["198.51.100.1"], "192.0.2.1");
        check(&["192.0.2.1"], "192.0.2.1", &["198.51.100.1"], "198.51.100.1");
        check(&["192.0.2.1"], "192.0.2.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1");
        check(&["192.0.2.1", "192.0.2.2"], "192.0.2.1", &["203.0.113.9", "198.51.100.1, 192.0.2.2"], "198.51.100.1");
        check(&["192.0.2.1"], "192.0.2.1", &["rubbish"], "192.0.2.1");
        check(&["192.0.2.1"], "192.0.2.1", &[], "192.0.2.1");
        check(&["192.0.2.1"], "192.0.2.1", &["203.0.113.9, rubbish"], "192.0.2.1");
        check(&["192.0.2.1"], "192.0.2.1", &["198.51.100.1:4711"], "198.51.100.1");
        check(&["192.0.2.1"], "192.0.2.1", &["[2001:db8::1]:4711"], "2001:db8::1");
        check(&["192.0.2.1"], "192.0.2.1", &["[2001:db8::1]"], "2001:db8::1");
        check(&["192.0.2.1", "192.0.2.2"], "192.0.2.1", &["198.51.100.1, 192.0.2.2:80"], "198.51.100.1");
        check(&["192.0.2.1"], "::ffff:192.0.2.1", &["2001:db8::1"], "2001:db8::1");
    }
}
