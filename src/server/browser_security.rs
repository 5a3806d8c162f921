//! What keeps other sites out of the portal, and scripts that are not ours out of its pages.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use crate::{config::PublicUrl, state::AppState};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses to change anything for a page of another site.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. A request with neither comes from
/// no browser and so with nobody's cookies. Tokens in forms were considered: they guard no better and break the back
/// button.
pub async fn refuse_cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if safe && let Some(address) = without_error_parameters(request.headers(), request.uri()) {
        return Redirect::to(&address).into_response();
    }
    if safe || is_own_site(request.headers(), &state.config.public_url) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request came from another site and was refused.").into_response()
}

/// The address without the refusal of a form, unless our own form was refused.
///
/// After a plain form post Leptos hands the refusal over to the page in its address. A link on another site, or in a mail,
/// could put anything there, and the portal would say it.
fn without_error_parameters(headers: &HeaderMap, address: &Uri) -> Option<String> {
    const PARAMETERS: [&str; 2] = ["__err", "__path"];
    let query = address.query()?;
    let is_error_parameter = |pair: &&str| PARAMETERS.contains(&pair.split('=').next().unwrap_or_default());
    let from_elsewhere = headers.get(&SEC_FETCH_SITE).map(|site| site.as_bytes() != b"same-origin");
    if !from_elsewhere.unwrap_or(false) || !query.split('&').any(|pair| is_error_parameter(&pair)) {
        return None;
    }
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_error_parameter(pair)).collect();
    let separator = if rest.is_empty() { "" } else { "?" };
    Some(format!("{}{separator}{}", address.path(), rest.join("&")))
}

fn is_own_site(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let origin = text(&header::ORIGIN);
    if origin == Some(public_url.as_str()) {
        return true;
    }
    match (text(&SEC_FETCH_SITE), origin) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = text(&header::HOST);
            host.is_some() && origin.split_once("://").map(|(_, authority)| authority) == host
        }
        (None, None) => true,
    }
}

/// The policy of a page: scripts that bear its nonce, and WASM; styles, pictures and calls of our own; nothing else.
#[must_use]
pub fn page_policy(nonce: &str, reload_address: Option<&str>) -> String {
    let reload_address = reload_address.map(|address| format!(" {address}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{reload_address}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// The policy of everything that is no page of ours.
const DEFAULT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                             frame-ancestors 'none'";

/// Gives an answer the headers that keep a browser safe, unless it has its own.
pub fn set_security_headers(headers: &mut HeaderMap, https: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, DEFAULT_POLICY);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    // The set-up link bears its secret in the address: no other site may learn it.
    default(header::REFERRER_POLICY, "same-origin");
    default(header::CACHE_CONTROL, "no-store");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sent: &[(&str, &str)], accepted: bool) {
        let header = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        let headers = sent.iter().map(header).collect();
        let public_url = PublicUrl::parse("https://roll.example").unwrap();
        assert_eq!(is_own_site(&headers, &public_url), accepted, "{sent:?}");
    }

    #[test]
    fn only_our_own_pages_change_things() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], false);
        check(&[("sec-fetch-site", "cross-site"), ("host", "roll.example")], false);
        check(&[("origin", "https://roll.example")], true);
        check(&[("origin", "https://evil.example")], false);
        check(&[("origin", "https://evil.example"), ("host", "roll.example")], false);
        check(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], true);
        check(&[("origin", "null")], false);
        check(&[("origin", "null"), ("host", "roll.example")], false);
    }
}
