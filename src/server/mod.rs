//! The server: mounts both faces, health and assets, and lists every layer a request passes.

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

/// The longest form we read.
const FORM_LIMIT: usize = 64 * 1024;
/// The portal's pages. Leptos walks through the portal for them and lets nothing load meanwhile, in the whole process: a
/// page that was asked for at that moment would never come. So it is done once, before the first router is there.
static PAGE_ROUTES: LazyLock<Vec<AxumRouteListing>> =
    LazyLock::new(|| generate_route_list_with_exclusions(portal::App, Some(vec!["/".to_owned()])));
/// The longest a page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// The whole service over `state`.
///
/// From the outside in: `request_context::with_request_context` gives each request its id and each answer its security headers; then the
/// endpoint behind its own door, the health check, or the portal with its assets.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .nest_service(endpoint::PREFIX, endpoint::service(state))
        .merge(health_routes())
        .with_state(state.clone())
        .merge(portal(state))
        .layer(middleware::from_fn_with_state(state.clone(), request_context::with_request_context))
}

/// The portal, from the outside in: compression; panics and slowness become a page; callers from other sites are
/// refused; then the session; forms are bounded.
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

/// Lets the page run the scripts that bear its nonce.
fn content_security_policy() {
    let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let options = use_context::<AppState>().map(|state| state.leptos_options);
    if let Ok(policy) = browser_security::page_policy(&nonce, reload_address(options).as_deref()).parse() {
        answer.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Under `make dev` pages listen for the next build.
fn reload_address(options: Option<LeptosOptions>) -> Option<String> {
    let options = options.filter(|_| std::env::var_os("LEPTOS_WATCH").is_some())?;
    Some(format!("ws://{}:{}", options.site_addr.ip(), options.reload_port))
}

/// How the server is, for whoever watches over it.
fn health_routes() -> Router<AppState> {
    Router::new().route("/healthz", get(|| ready("ok"))).route("/readyz", get(readiness))
}

/// `/healthz` says that the process lives, and a restart would gain nothing; this, that it can do its work.
async fn readiness(State(state): State<AppState>) -> Response {
    match state.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(cause) => {
            static LINE: RateLimitedLog = RateLimitedLog::new();
            if LINE.permits() {
                tracing::error!(%cause, "The check for readiness found that the database cannot be used: {cause}");
            }
            let reason =
                if matches!(cause, StoreError::Full(_)) { "the disk is full" } else { "the database does not answer" };
            (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
        }
    }
}

/// What a person sees when the portal meets a bug: no script, no detail. The id stands in the answer's headers.
fn panic_page() -> Response {
    let page = "<!DOCTYPE html><html lang=\"en\"><title>Something went wrong · Rollcall</title>\
                <h1>Something went wrong</h1><p>The error was recorded. <a href=\"/\">Back to the start</a></p>";
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
