//! What the service says about itself. It can be read without a token; who shows one is told of the tenant's own schemas
//! as well.

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
        json::{Answer, Shown, listed, ok},
        query::Pairs,
        refusals::Refusal,
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

/// The types that are known to whoever asks: the tenant's, or those that every tenant has.
#[derive(Debug)]
pub struct Known(Arc<Types>);

impl<S: Send + Sync> FromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>();
        Ok(Self(caller.map_or_else(Types::built_in, |caller| Arc::clone(&caller.types))))
    }
}

/// `GET /ServiceProviderConfig` (RFC 7643 §5).
pub async fn service_provider_config(query: Pairs, State(state): State<AppState>) -> Answer {
    refuse_filter(&query)?;
    Ok(ok(&discovery::service_provider_config(&state.config.tenant_url())))
}

/// `GET /ResourceTypes`.
pub async fn resource_types(query: Pairs, Known(types): Known, State(state): State<AppState>) -> Answer {
    whole_list(&query, discovery::resource_types(&types, &state.config.tenant_url()))
}

/// `GET /ResourceTypes/{name}`.
pub async fn resource_type(
    query: Pairs,
    Known(types): Known,
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Answer {
    one_of(&query, "resource type", &name, discovery::resource_types(&types, &state.config.tenant_url()))
}

/// `GET /Schemas`.
pub async fn schemas(query: Pairs, Known(types): Known, State(state): State<AppState>) -> Answer {
    whole_list(&query, discovery::schemas(&types, &state.config.tenant_url()))
}

/// `GET /Schemas/{urn}`.
pub async fn schema(
    query: Pairs,
    Known(types): Known,
    State(state): State<AppState>,
    Path(urn): Path<String>,
) -> Answer {
    one_of(&query, "schema", &urn, discovery::schemas(&types, &state.config.tenant_url()))
}

/// `GET /openapi.json`: the same for programs that know OpenAPI and not SCIM. It is not a SCIM message, and is typed so.
pub async fn description(Known(types): Known, State(state): State<AppState>) -> Response {
    Json(openapi::description(&types, &state.config.tenant_url())).into_response()
}

/// Paging, sorting and the choice of attributes are ignored here (RFC 7644 §4).
fn whole_list(query: &Pairs, resources: Vec<Value>) -> Answer {
    refuse_filter(query)?;
    let total_results = resources.len() as u64;
    let resources = resources.into_iter().map(Shown::Chosen).collect();
    listed(&ListResponse { total_results, position: PagePosition::Index(1), resources })
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
