//! Errors of the endpoint: for the client a SCIM error, for the operator a log line. Handlers return a [`Refusal`]; the
//! middleware renders it, since it knows the request's id.

use std::sync::Arc;

use axum::{
    extract::OriginalUri,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tracing::{error, warn};

use crate::{
    directory::DirectoryError, endpoint::scim_json, scim::error::ScimError, store::StoreError,
    telemetry::RateLimitedLog,
};

/// `Retry-After` of transient failures, in seconds.
const TRY_AGAIN: &str = "5";

/// Why a request is rejected or failed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is invalid.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The body is compressed.
    #[error("the body has a content coding")]
    Compressed,
    /// The caller has sent too many requests.
    #[error("too many requests")]
    Throttled {
        /// `Retry-After`, in seconds.
        seconds: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored document cannot be read.
    #[error("a stored document cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The time limit has passed.
    #[error("the request took too long")]
    TimedOut,
    /// A handler panicked.
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
    /// The error for the client. Causes within the server are logged here, once, and not sent.
    #[must_use]
    pub fn to_scim_error(&self, request_id: &str) -> ScimError {
        match self {
            Self::Scim(error) => error.clone(),
            Self::Compressed => ScimError::unsupported_content_encoding(),
            Self::Throttled { seconds } => ScimError::too_many_requests(*seconds),
            Self::TimedOut => {
                warn!(request.id = request_id, "Request {request_id} exceeded the time limit");
                ScimError::unavailable("the request took too long")
            }
            Self::Store(cause) if cause.is_transient() => {
                static LINE: RateLimitedLog = RateLimitedLog::new();
                if LINE.permits() {
                    error!(request.id = request_id, %cause, "Request {request_id} failed: {cause}");
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
                error!(request.id = request_id, %cause, "Request {request_id} found a stored document that cannot be read");
                ScimError::internal(request_id)
            }
            Self::Panicked => {
                error!(request.id = request_id, "The handler of request {request_id} panicked");
                ScimError::internal(request_id)
            }
        }
    }

    /// The response with the headers of its status, and the error for the journal.
    #[must_use]
    pub fn render(&self, request_id: &str) -> (Response, SentError) {
        let error = self.to_scim_error(request_id);
        let body = serde_json::to_value(&error).expect("a SCIM error is strings only");
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, scim_json::ok(&body)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"scim\""));
        }
        if matches!(self, Self::Compressed) {
            // RFC 9110 §15.5.16.
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if let Self::Throttled { seconds } = self {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
        } else if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::INSUFFICIENT_STORAGE].contains(&status) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(TRY_AGAIN));
        }
        (response, SentError { error, body })
    }
}

/// An error as it was sent.
#[derive(Clone, Debug)]
pub struct SentError {
    /// The error.
    pub error: ScimError,
    /// The body of the response.
    pub body: Value,
}

/// Until the middleware renders it, a refusal is an empty response with an extension.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The refusal in a response, or the equivalent of an error response of axum's.
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

/// The `Allow` header of axum's 405.
#[must_use]
pub fn allowed(response: &Response) -> Option<&str> {
    response.headers().get(header::ALLOW)?.to_str().ok()
}

/// The fallback for unknown addresses.
pub async fn no_such_endpoint(OriginalUri(uri): OriginalUri) -> Refusal {
    ScimError::route_not_found(uri.path()).into()
}

/// `/Me`: RFC 7644 §3.11, "A service provider MAY … respond with HTTP status code 501 (Not Implemented)". A bearer
/// token belongs to a tenant, not to a user.
pub async fn me() -> Refusal {
    ScimError::not_implemented("/Me").into()
}
