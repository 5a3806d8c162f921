//! Discovery. It can be read without a token; with one it includes the tenant's custom schemas.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    endpoint::{
        caller::Caller,
        json::{Answer, RenderedResource, listed},
        query::QueryParameters,
        refusals::Refusal,
        scim_json::ok,
    },
    scim::{
        discovery,
        error::ScimError,
        list::{ListResponse, PagePosition},
        openapi,
        schema::Types,
    },
    state::AppState,
};

/// The resource types that the caller can see: the tenant's, or without a token the built-in ones.
#[derive(Debug)]
pub struct VisibleTypes(Arc<Types>);

impl<S: Send + Sync> FromRequestParts<S> for VisibleTypes {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>();
        Ok(Self(caller.map_or_else(Types::built_in, |caller| Arc::clone(&caller.types))))
    }
}

/// `GET /ServiceProviderConfig` (RFC 7643 §5).
pub async fn service_provider_config(query: QueryParameters, State(state): State<AppState>) -> Answer {
    refuse_filter(&query)?;
    Ok(ok(&discovery::service_provider_config(&state.config.tenant_url())))
}

/// `GET /ResourceTypes`.
pub async fn resource_types(
    query: QueryParameters,
    VisibleTypes(types): VisibleTypes,
    State(state): State<AppState>,
) -> Answer {
    whole_list(&query, discovery::resource_types(&types, &state.config.tenant_url()))
}

/// `GET /ResourceTypes/{name}`.
pub async fn resource_type(
    query: QueryParameters,
    VisibleTypes(types): VisibleTypes,
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Answer {
    one_of(&query, "resource type", &name, discovery::resource_types(&types, &state.config.tenant_url()))
}

/// `GET /Schemas`.
pub async fn schemas(
    query: QueryParameters,
    VisibleTypes(types): VisibleTypes,
    State(state): State<AppState>,
) -> Answer {
    whole_list(&query, discovery::schemas(&types, &state.config.tenant_url()))
}

/// `GET /Schemas/{urn}`.
pub async fn schema(
    query: QueryParameters,
    VisibleTypes(types): VisibleTypes,
    State(state): State<AppState>,
    Path(urn): Path<String>,
) -> Answer {
    one_of(&query, "schema", &urn, discovery::schemas(&types, &state.config.tenant_url()))
}

/// `GET /openapi.json`: the same for tools that read OpenAPI. It is not a SCIM message, so its media type is JSON.
pub async fn description(VisibleTypes(types): VisibleTypes, State(state): State<AppState>) -> Response {
    Json(openapi::description(&types, &state.config.tenant_url())).into_response()
}

/// Pagination, sorting and attribute selection are ignored here (RFC 7644 §4).
fn whole_list(query: &QueryParameters, resources: Vec<Value>) -> Answer {
    refuse_filter(query)?;
    let total_results = resources.len() as u64;
    let resources = resources.into_iter().map(RenderedResource::Selected).collect();
    listed(&ListResponse { total_results, position: PagePosition::Index(1), resources })
}

fn one_of(query: &QueryParameters, kind: &str, id: &str, resources: Vec<Value>) -> Answer {
    refuse_filter(query)?;
    // URNs are compared case-insensitively (RFC 8141 §3.1), and so are the names of resource types.
    let named = |resource: &Value| resource["id"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(id));
    let resource = resources.into_iter().find(named);
    resource.map(|resource| ok(&resource)).ok_or_else(|| ScimError::not_found(kind, id).into())
}

/// RFC 7644 §4: "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403".
fn refuse_filter(query: &QueryParameters) -> Result<(), Refusal> {
    if query.value("filter").is_some() {
        return Err(ScimError::forbidden("Filters are not possible on discovery endpoints.").into());
    }
    Ok(())
}
