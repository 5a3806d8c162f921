//! The HTTP server: mounts the SCIM endpoint, the portal, its assets and the health checks, with their middleware.

pub mod assets;
mod browser_security;
mod check_report;
mod connections;
mod metrics;
mod request_check;
mod request_context;
mod run;

use std::{future::ready, sync::LazyLock, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use leptos::{
    config::LeptosOptions,
    nonce::use_nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{AxumRouteListing, ErrorHandler, LeptosRoutes, ResponseOptions, generate_route_list_with_exclusions};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

use crate::{endpoint, portal, state::AppState, store::StoreError, telemetry::RateLimitedLog};

pub use metrics::router as metrics_router;
pub use run::{run, run_metrics, shutdown_signal};

/// Most bytes of a form.
const FORM_LIMIT: usize = 64 * 1024;
/// The routes of the portal's pages. While Leptos collects them it suppresses resources in the whole process, and a page
/// requested meanwhile would never load. So they are collected once, before the first router exists.
static PAGE_ROUTES: LazyLock<Vec<AxumRouteListing>> =
    LazyLock::new(|| generate_route_list_with_exclusions(portal::App, Some(vec!["/".to_owned()])));
/// How long a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// The whole service over `state`. The outermost layer, `request_context`, gives each request an id and each response its
/// security headers.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .nest_service(endpoint::PREFIX, endpoint::service(state))
        .merge(health_routes())
        .with_state(state.clone())
        .merge(portal(state))
        .layer(middleware::from_fn_with_state(state.clone(), request_context::with_request_context))
}

/// The portal and its layers, outermost first: compression, a page for panics, a timeout, refusal of cross-site requests,
/// the session, a limit on the size of forms.
fn portal(state: &AppState) -> Router {
    let https = state.config.public_url.is_https();
    let sessions = SessionManagerLayer::new(state.sessions())
        .with_name(if https { "__Host-rollcall" } else { "rollcall" })
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(https)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(|_| panic_page()))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PAGE_TIMEOUT))
        .layer(middleware::from_fn_with_state(state.clone(), browser_security::refuse_cross_site))
        .layer(sessions)
        .layer(RequestBodyLimitLayer::new(FORM_LIMIT));
    let options = state.leptos_options.clone();
    let document = |options| portal::shell(assets::page_assets(), options);
    let context_state = state.clone();
    let context = move || {
        provide_context(context_state.clone());
        content_security_policy();
    };
    let not_found = ErrorHandler::new_with_context(context, document, options.clone());
    Router::new()
        .route("/", get(|| ready(Redirect::to("/users"))))
        .route(check_report::ROUTE, get(check_report::download))
        .leptos_routes_with_context(state, PAGE_ROUTES.clone(), content_security_policy, move || {
            document(options.clone())
        })
        .fallback_service(assets::service(not_found))
        .layer(layers)
        .with_state(state.clone())
}

/// Sets a page's Content-Security-Policy, which allows the scripts with its nonce.
fn content_security_policy() {
    let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let options = use_context::<AppState>().map(|state| state.leptos_options);
    if let Ok(policy) = browser_security::page_policy(&nonce, reload_address(options).as_deref()).parse() {
        answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Under `make dev`, pages connect to this address and reload after a build.
fn reload_address(options: Option<LeptosOptions>) -> Option<String> {
    let options = options.filter(|_| std::env::var_os("LEPTOS_WATCH").is_some())?;
    Some(format!("ws://{}:{}", options.site_addr.ip(), options.reload_port))
}

/// The health checks, for monitoring and load balancers.
fn health_routes() -> Router<AppState> {
    Router::new().route("/healthz", get(|| ready("ok"))).route("/readyz", get(readiness))
}

/// `/healthz` reports that the process is running; `/readyz` also that the database can be used.
async fn readiness(State(state): State<AppState>) -> Response {
    match state.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(cause) => {
            static LINE: RateLimitedLog = RateLimitedLog::new();
            if LINE.permits() {
                tracing::error!(%cause, "/readyz: the database cannot be used: {cause}");
            }
            let reason =
                if matches!(cause, StoreError::Full(_)) { "the disk is full" } else { "the database does not answer" };
            (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
        }
    }
}

/// The response after a panic. It has no detail; the request id is in the headers.
fn panic_page() -> Response {
    let page = "<!DOCTYPE html><html lang=\"en\"><title>Something went wrong · Rollcall</title>\
                <h1>Something went wrong</h1><p>The error was recorded. <a href=\"/\">Back to the start</a></p>";
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
