//! The SCIM endpoint, `/v2/scim`: the HTTP interface of the directory. It knows nothing of the portal.

mod bulk;
mod caller;
mod changes;
mod concurrency_limit;
mod cursor;
mod dialect;
mod discovery;
mod journal;
mod json;
mod lists;
mod middleware;
mod probe;
mod query;
pub mod redact;
mod refusals;
mod request_record;
mod resources;
pub mod route;
mod scim_json;
mod throttle;

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::Request,
    response::Response,
    routing::{get, post},
};
use tower::{Layer, Service};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use crate::{
    endpoint::{refusals::Refusal, resources::Collection},
    model::journal::ResourceKind,
    state::AppState,
};

/// Where the server mounts the endpoint; with the public URL before it, the Tenant URL.
pub const PREFIX: &str = "/v2/scim";

/// The endpoint with its middleware, to be nested at [`PREFIX`]. The middleware runs before routing: an unknown address with a
/// wrong token is answered 401, not 404.
pub fn service(
    state: &AppState,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send + 'static> + Clone + Send + Sync + 'static
{
    let inner = routes(state).layer(CatchPanicLayer::custom(panicked));
    axum::middleware::from_fn_with_state(Arc::new(middleware::Middleware::new(state)), middleware::run).layer(inner)
}

fn routes(state: &AppState) -> Router {
    let collection = |kind| {
        let one = get(resources::read).put(resources::replace).patch(resources::patch).delete(resources::delete);
        Router::new()
            .route("/", get(lists::list).post(resources::create))
            .route("/.search", post(lists::search))
            .route("/{id}", one)
            .with_state(Collection { state: state.clone(), kind })
    };
    let me = get(refusals::me).post(refusals::me).put(refusals::me).patch(refusals::me).delete(refusals::me);
    Router::new()
        .nest("/Users", collection(ResourceKind::User))
        .nest("/Groups", collection(ResourceKind::Group))
        .route("/", get(lists::list_all))
        .route("/.search", post(lists::search_all))
        .route("/ServiceProviderConfig", get(discovery::service_provider_config))
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{name}", get(discovery::resource_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{urn}", get(discovery::schema))
        .route("/openapi.json", get(discovery::description))
        .route("/Me", me)
        .route("/Bulk", post(bulk::bulk))
        .fallback(refusals::no_such_endpoint)
        .with_state(state.clone())
}

/// Whether an address may be read without a token, which RFC 7644 §4 leaves to the service provider.
fn is_discovery(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    matches!(first, Some("ServiceProviderConfig" | "ResourceTypes" | "Schemas" | "openapi.json"))
}

/// An id in the form the server assigns. `id` is caseExact: other spellings of the same UUID are other ids.
fn exact_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text)
}

/// The panic hook has logged the panic; the response only says that there was one.
fn panicked(_panic: Box<dyn std::any::Any + Send>) -> Response {
    axum::response::IntoResponse::into_response(Refusal::Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_to_the_letter() {
        assert!(exact_id("018f3b0a-7c1e-7000-8000-00000000000a").is_some());
        assert!(exact_id("018F3B0A-7C1E-7000-8000-00000000000A").is_none());
        assert!(exact_id("{018f3b0a-7c1e-7000-8000-00000000000a}").is_none());
        assert!(exact_id("018f3b0a7c1e7000800000000000000a").is_none());
    }

    #[test]
    fn only_discovery_is_open() {
        assert!(is_discovery("/Schemas") && is_discovery("/Schemas/urn:x") && is_discovery("/ServiceProviderConfig"));
        assert!(!is_discovery("/Users") && !is_discovery("/") && !is_discovery("/SchemasX") && !is_discovery("/Me"));
    }
}
