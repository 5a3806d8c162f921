//! Protects the portal against cross-site requests and its pages against foreign scripts.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use crate::{config::PublicUrl, state::AppState};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses changes from pages of other sites, and removes a form's error from a URL that another site may have written.
///
/// Browsers send the origin of a request in `Sec-Fetch-Site`, or else in `Origin` or `Referer`. A request to change something
/// with none of them does not come from a browser and so has nobody's cookies. Considered: tokens in forms, which protect no
/// better and break the back button.
pub async fn refuse_cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (headers, public_url) = (request.headers(), &state.config.public_url);
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        if !has_form_error(request.uri()) || is_from_own_page(headers, public_url) {
            return next.run(request).await;
        }
        return match without_form_error(request.uri()) {
            Some(location) => Redirect::to(&location).into_response(),
            None => (StatusCode::NOT_FOUND, "There is no such page.").into_response(),
        };
    }
    if is_own_site(headers, public_url) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This request came from another site and was refused.").into_response()
}

/// Whether the URL has the error of a form. After a plain form post Leptos passes it to the page in these parameters. A link on
/// another site, or in a mail, could put any text there, and the portal would show it.
fn has_form_error(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.split('&').any(is_form_error))
}

fn is_form_error(parameter: &str) -> bool {
    ["__err", "__path"].contains(&parameter.split('=').next().unwrap_or_default())
}

/// The path and query without a form's error. None for paths that browsers take for another site, such as `//host` and
/// `/\host`.
fn without_form_error(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let below = path.strip_prefix('/')?;
    if below.starts_with(['/', '\\']) {
        return None;
    }
    let rest: Vec<&str> = uri.query()?.split('&').filter(|parameter| !is_form_error(parameter)).collect();
    let separator = if rest.is_empty() { "" } else { "?" };
    Some(format!("{path}{separator}{}", rest.join("&")))
}

/// Whether a page was opened from the portal. Browsers omit `Sec-Fetch-Site` over plain http; they send `Referer` there,
/// because our pages have `Referrer-Policy: same-origin`.
fn is_from_own_page(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site.as_bytes() == b"same-origin";
    }
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok()?.parse::<Uri>().ok());
    let Some((scheme, authority)) = referer.as_ref().and_then(|uri| uri.scheme_str().zip(uri.authority())) else {
        return false;
    };
    is_own_origin(&format!("{scheme}://{authority}"), headers, public_url)
}

fn is_own_site(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let origin = text(&header::ORIGIN);
    if origin == Some(public_url.as_str()) {
        return true;
    }
    match (text(&SEC_FETCH_SITE), origin) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => is_own_origin(origin, headers, public_url),
        (None, None) => true,
    }
}

/// Whether an origin is the public URL or the host that the request was sent to.
fn is_own_origin(origin: &str, headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin == public_url.as_str() || (host.is_some() && authority == host)
}

/// The Content-Security-Policy of a page: scripts with its nonce, WASM, and styles, images and requests of this origin.
#[must_use]
pub fn page_policy(nonce: &str, reload_address: Option<&str>) -> String {
    let reload_address = reload_address.map(|address| format!(" {address}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{reload_address}; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// The Content-Security-Policy of all other responses.
const DEFAULT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                             frame-ancestors 'none'";

/// Sets the security headers that a response does not have yet.
pub fn set_security_headers(headers: &mut HeaderMap, https: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, DEFAULT_POLICY);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    // The set-up link has its secret in the URL, which must not reach other sites in `Referer`.
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
    fn only_own_pages_may_change_data() {
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
