//! The request being handled: its session, its address, and what its response carries besides the body. On the server
//! only; a child of `caller`.

use axum::http::{HeaderValue, Method, Uri, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::response::expects_html;
use crate::{
    auth::{known_browser::KnownBrowser, session::Session, token::PlainToken},
    portal::error::PortalError,
    state::{AppState, ClientAddress, RequestId},
};

/// The cookie that carries a new token's secret through the redirect after a plain form post.
const NEW_TOKEN_COOKIE: &str = "rollcall_new_token";
/// The browser sends the cookie to this page only.
const NEW_TOKEN_COOKIE_ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/settings/security/provisioning";

/// The cookie of a browser that an administrator has signed in with.
const KNOWN_BROWSER_COOKIE: &str = "rollcall_browser";
const KNOWN_BROWSER_ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/api/sign-in";
/// Browsers keep no cookie longer than 400 days.
const KNOWN_BROWSER_SECONDS: u32 = 400 * 24 * 60 * 60;

/// The server's state, for the few functions that anyone may call.
pub fn state() -> Result<AppState, PortalError> {
    use_context().ok_or_else(|| internal_error(&"no application state was provided"))
}

/// The caller's session, signed in or not.
pub async fn session() -> Result<Session, PortalError> {
    leptos_axum::extract::<tower_sessions::Session>().await.map(Session::from).map_err(|error| internal_error(&error))
}

/// The client's address, which failed sign-ins are counted by.
pub fn client_address() -> String {
    extension::<ClientAddress>().map(ClientAddress::throttle_key).unwrap_or_default()
}

/// Redirects the browser to a path of the portal.
pub fn redirect(path: &str) {
    leptos_axum::redirect(path);
}

/// The response to a plain form post is a redirect, so the new secret reaches the next page in a cookie. No script can
/// read it, no other page receives it, and that page deletes it. The server does not store it.
pub fn set_new_token_cookie(state: &AppState, token: &PlainToken) {
    if expects_html() {
        set_cookie(state, NEW_TOKEN_COOKIE, token.reveal(), 60, NEW_TOKEN_COOKIE_ATTRIBUTES);
    }
}

/// The secret from the cookie, which is deleted.
pub fn take_new_token_cookie(state: &AppState) -> Option<PlainToken> {
    let value = cookie(NEW_TOKEN_COOKIE)?;
    set_cookie(state, NEW_TOKEN_COOKIE, "", 0, NEW_TOKEN_COOKIE_ATTRIBUTES);
    PlainToken::parse(&value)
}

/// The browser, if this account has signed in with it before.
pub fn known_browser(state: &AppState, email: &str) -> Option<KnownBrowser> {
    KnownBrowser::read(&state.token_key, email, &cookie(KNOWN_BROWSER_COOKIE)?)
}

/// Marks the browser as known for this account.
pub fn set_known_browser_cookie(state: &AppState, email: &str) {
    let value = KnownBrowser::generate().cookie(&state.token_key, email);
    set_cookie(state, KNOWN_BROWSER_COOKIE, &value, KNOWN_BROWSER_SECONDS, KNOWN_BROWSER_ATTRIBUTES);
}

/// The path of the request.
pub fn path() -> String {
    parts().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// The id of the request, by which the log is searched.
pub fn request_id() -> String {
    extension::<RequestId>().map(|id| id.0).unwrap_or_default()
}

/// The page that the browser shows: the one being rendered, or the one from which our code sent the request.
pub fn current_page() -> String {
    let Some(parts) = parts() else { return String::new() };
    if parts.method == Method::GET {
        return parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    }
    let referer = parts.headers.get(header::REFERER).and_then(|referer| referer.to_str().ok()?.parse::<Uri>().ok());
    referer.and_then(|uri| uri.path_and_query().map(ToString::to_string)).unwrap_or_default()
}

/// Logs the cause, which the administrator does not see.
pub fn internal_error(cause: &dyn std::fmt::Display) -> PortalError {
    let request_id = request_id();
    tracing::error!(request.id = %request_id, error = %cause, "The portal could not answer request {request_id}");
    PortalError::internal(&request_id)
}

fn cookie(name: &str) -> Option<String> {
    let parts = parts()?;
    let lines = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn set_cookie(state: &AppState, name: &str, value: &str, seconds: u32, attributes: &str) {
    let secure = if state.config.public_url.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Max-Age={seconds}; {attributes}{secure}");
    if let (Some(options), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        options.append_header(header::SET_COOKIE, cookie);
    }
}

fn parts() -> Option<Parts> {
    use_context()
}

fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    parts()?.extensions.get::<T>().cloned()
}
