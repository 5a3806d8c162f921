//! Everything that is said when a request is not fulfilled: to the client as a SCIM error, to the operator in the log.
//! Handlers return a [`Refusal`]; the door alone renders it, since only the door knows the request's id.

use std::sync::Arc;

use axum::{
    extract::OriginalUri,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tracing::{error, warn};

use crate::{directory::DirectoryError, endpoint::json, scim::error::ScimError, store::StoreError, telemetry::Seldom};

/// Seconds after which it is worth trying again what failed for a state that can pass.
const TRY_AGAIN: &str = "5";

/// Why a request is not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is at fault.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The caller is at fault, by asking too much.
    #[error("too many requests")]
    Throttled {
        /// When to come back.
        seconds: u64,
    },
    /// The store is at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored document is at fault.
    #[error("a stored document cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The work took too long.
    #[error("the request took too long")]
    TimedOut,
    /// The program is at fault.
    #[error("a handler panicked")]
    Panicked,
}

impl From<DirectoryError> for Refusal {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Scim(error) => Self::Scim(error),
            DirectoryError::Store(error) => Self::Store(error),
        }
    }
}

impl Refusal {
    /// What the client is told. Causes within the server are logged here, once, and not sent.
    #[must_use]
    pub fn tell(&self, request_id: &str) -> ScimError {
        match self {
            Self::Scim(error) => error.clone(),
            Self::Throttled { seconds } => ScimError::too_many_requests(*seconds),
            Self::TimedOut => {
                warn!(request.id = request_id, "Request {request_id} took too long and was given up");
                ScimError::unavailable("the request took too long")
            }
            Self::Store(cause) if cause.is_transient() => {
                static LINE: Seldom = Seldom::new();
                if LINE.permits() {
                    error!(request.id = request_id, %cause, "Request {request_id} failed, and others may: {cause}");
                }
                match cause {
                    StoreError::Full(_) => ScimError::insufficient_storage(),
                    _ => ScimError::unavailable("the database is not available"),
                }
            }
            Self::Store(cause) => {
                error!(request.id = request_id, %cause, "Request {request_id} failed in the store");
                ScimError::internal(request_id)
            }
            Self::Unreadable(cause) => {
                error!(request.id = request_id, %cause, "Request {request_id} met a stored document that cannot be read");
                ScimError::internal(request_id)
            }
            Self::Panicked => {
                error!(request.id = request_id, "Request {request_id} met a bug: its handler panicked");
                ScimError::internal(request_id)
            }
        }
    }

    /// The refusal as it is sent, with the headers that go with its status, and its body for the journal.
    #[must_use]
    pub fn render(&self, request_id: &str) -> (Response, Told) {
        let error = self.tell(request_id);
        let body = serde_json::to_value(&error).expect("a SCIM error is strings only");
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, json::ok(&body)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"scim\""));
        }
        if let Self::Throttled { seconds } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        } else if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::INSUFFICIENT_STORAGE].contains(&status) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(TRY_AGAIN));
        }
        (response, Told { error, body })
    }
}

/// What a client was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// As a value of ours.
    pub error: ScimError,
    /// As it was sent.
    pub body: Value,
}

/// On its way to the door a refusal is an empty answer that carries it.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The refusal that an answer carries, or that axum's own refusals amount to.
#[must_use]
pub fn of(response: &Response, method: &Method) -> Option<Arc<Refusal>> {
    if let Some(refusal) = response.extensions().get::<Arc<Refusal>>() {
        return Some(Arc::clone(refusal));
    }
    let error = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => ScimError::method_not_allowed(method, allowed(response).unwrap_or_default()),
        status if status.is_client_error() => ScimError::invalid_syntax("The request's address cannot be read."),
        status if status.is_server_error() => return Some(Arc::new(Refusal::Panicked)),
        _ => return None,
    };
    Some(Arc::new(Refusal::Scim(error)))
}

/// The methods that a 405 of axum names.
#[must_use]
pub fn allowed(response: &Response) -> Option<&str> {
    response.headers().get(header::ALLOW)?.to_str().ok()
}

/// Nothing is served here.
pub async fn no_such_endpoint(OriginalUri(uri): OriginalUri) -> Refusal {
    ScimError::route_not_found(uri.path()).into()
}

/// `/Me`: RFC 7644 §3.11, "A service provider MAY … respond with HTTP status code 501 (Not Implemented)". A bearer
/// token belongs to a tenant, not to a user.
pub async fn me() -> Refusal {
    ScimError::not_implemented("/Me").into()
}
