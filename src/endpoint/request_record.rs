//! What is known about one request, for its answer and for the journal.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{OriginalUri, Request},
    http::{Method, header, uri::PathAndQuery},
};
use serde_json::Value;

use crate::{
    endpoint::{
        dialect::{self, ObservedRequest},
        redact,
    },
    model::{id::TenantId, journal::Actor},
    scim::schema::Types,
    state::RequestId,
    store::FoundToken,
};

/// One request. Tenant, actor and types are known once its token has been found, the body once it has arrived.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// The HTTP method.
    pub method: Method,
    /// The path below the Tenant URL, without a trailing slash.
    pub path: String,
    /// Path and query, without secrets.
    pub full_path: String,
    /// The request's id.
    pub request_id: String,
    /// The tenant of the token; for a request of a connection check, the temporary tenant it runs on.
    pub tenant: Option<TenantId>,
    /// The caller.
    pub actor: Actor,
    /// The tenant's types; the built-in ones while the tenant is unknown.
    pub types: Arc<Types>,
    /// The client's dialect, as far as it can be told so far.
    pub dialect: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl RequestRecord {
    /// A request of which only the head is known.
    #[must_use]
    pub fn new(request: &Request) -> Self {
        let extensions = request.extensions();
        let types = Types::built_in();
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            dialect: dialect_of(request, None, &types),
            full_path: redact::path_and_query(full_path(request), &types),
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            tenant: None,
            actor: Actor::Anonymous,
            types,
            body: Bytes::new(),
        }
    }

    /// Adds what the token says, and removes from the address what the tenant's schemas declare secret.
    pub fn identify(&mut self, found: &FoundToken, types: Arc<Types>, full_path: &str) {
        self.tenant = Some(found.tenant);
        self.actor = Actor::Token { id: found.token.id, name: found.token.name.clone() };
        self.types = types;
        if self.types.has_secrets() {
            self.full_path = redact::path_and_query(full_path, &self.types);
        }
    }
}

/// The address as it was sent, before any router removed a part of it.
#[must_use]
pub fn full_path(request: &Request) -> &str {
    let full = request.extensions().get::<OriginalUri>().map_or(request.uri(), |OriginalUri(uri)| uri);
    full.path_and_query().map_or("", PathAndQuery::as_str)
}

/// The dialect of a request by what is known of it.
#[must_use]
pub fn dialect_of(request: &Request, body: Option<&Value>, types: &Types) -> Option<String> {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    dialect::detect(ObservedRequest { path_and_query: full_path(request), user_agent, body, types })
}
