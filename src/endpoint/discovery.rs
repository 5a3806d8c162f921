//! What the service says about itself: the same for every tenant, and readable without a token.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    endpoint::{
        json::{Answer, ok},
        query::Pairs,
        refusals::Refusal,
    },
    scim::{
        discovery,
        error::ScimError,
        list::{ListResponse, Place},
        openapi,
    },
    state::AppState,
};

/// `GET /ServiceProviderConfig` (RFC 7643 §5).
pub async fn service_provider_config(query: Pairs, State(state): State<AppState>) -> Answer {
    refuse_filter(&query)?;
    Ok(ok(&discovery::service_provider_config(&state.config.tenant_url())))
}

/// `GET /ResourceTypes`.
pub async fn resource_types(query: Pairs, State(state): State<AppState>) -> Answer {
    whole_list(&query, discovery::resource_types(&state.config.tenant_url()))
}

/// `GET /ResourceTypes/{name}`.
pub async fn resource_type(query: Pairs, State(state): State<AppState>, Path(name): Path<String>) -> Answer {
    one_of(&query, "resource type", &name, discovery::resource_types(&state.config.tenant_url()))
}

/// `GET /Schemas`.
pub async fn schemas(query: Pairs, State(state): State<AppState>) -> Answer {
    whole_list(&query, discovery::schemas(&state.config.tenant_url()))
}

/// `GET /Schemas/{urn}`.
pub async fn schema(query: Pairs, State(state): State<AppState>, Path(urn): Path<String>) -> Answer {
    one_of(&query, "schema", &urn, discovery::schemas(&state.config.tenant_url()))
}

/// `GET /openapi.json`: the same for programs that know OpenAPI and not SCIM. It is not a SCIM message, and is typed so.
pub async fn description(State(state): State<AppState>) -> Response {
    Json(openapi::description(&state.config.tenant_url())).into_response()
}

/// Paging, sorting and the choice of attributes are ignored here (RFC 7644 §4).
fn whole_list(query: &Pairs, resources: Vec<Value>) -> Answer {
    refuse_filter(query)?;
    let total_results = resources.len() as u64;
    Ok(ok(&ListResponse { total_results, place: Place::Index(1), resources }))
}

fn one_of(query: &Pairs, kind: &str, id: &str, resources: Vec<Value>) -> Answer {
    refuse_filter(query)?;
    // URNs are compared without regard to letter case (RFC 8141 §3.1), and so are the names of resource types.
    let named = |resource: &Value| resource["id"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(id));
    let resource = resources.into_iter().find(named);
    resource.map(|resource| ok(&resource)).ok_or_else(|| ScimError::not_found(kind, id).into())
}

/// RFC 7644 §4: "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403".
fn refuse_filter(query: &Pairs) -> Result<(), Refusal> {
    if query.value("filter").is_some() {
        return Err(ScimError::forbidden("Filters are not possible on discovery endpoints.").into());
    }
    Ok(())
}
