//! A failed request, with the error codes of Entra's provisioning logs.

use serde::Serialize;
use serde_json::Value;

/// A failed request, in the format of Entra's provisioning logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Entra's error code.
    pub error_code: &'static str,
    /// The detail from the server, or the problem with its response.
    pub reason: String,
    /// The HTTP status, if there was a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The `scimType` of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
}

impl Failure {
    /// The response is not SCIM as Entra's client understands it.
    pub fn incompatible(reason: String) -> Self {
        Self {
            error_code: "SystemForCrossDomainIdentityManagementServiceIncompatible",
            reason,
            http_status: None,
            scim_type: None,
        }
    }

    /// A failure before anything was sent.
    pub fn local(error_code: &'static str, reason: String) -> Self {
        Self { error_code, reason, http_status: None, scim_type: None }
    }

    /// Whether the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        self.http_status == Some(404)
    }

    /// Whether the token is refused or has no permission.
    pub fn is_about_credentials(&self) -> bool {
        matches!(self.http_status, Some(401 | 403))
    }

    /// The connection failed.
    pub fn protocol(reason: String) -> Self {
        Self::local("WebExceptionProtocolError", reason)
    }

    /// There was no response.
    pub fn from_transport(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::local("Timeout", format!("timeout: {error}")),
            _ => Self::protocol(error.to_string()),
        }
    }

    /// The server answered with an error.
    pub fn from_answer(status: u16, body: Option<&Value>, text: &str) -> Self {
        let error_code = match status {
            400 => "SystemForCrossDomainIdentityManagementBadRequest",
            401 => "Unauthorized",
            403 => "InsufficientRights",
            404 => "InvalidAnchor",
            405 => "MethodNotAllowed",
            409 => "EntryConflict",
            422 => "UnprocessableEntity",
            429 => "TooManyRequests",
            501 => "NotImplemented",
            500.. => "InternalServerError",
            _ => "WebExceptionProtocolError",
        };
        let field = |name: &str| body.and_then(|body| body.get(name)?.as_str()).map(str::to_owned);
        let reason = field("detail").unwrap_or_else(|| match text.trim() {
            "" => "the response gives no reason".into(),
            text => text.chars().take(200).collect(),
        });
        Self { error_code, reason, http_status: Some(status), scim_type: field("scimType") }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(status) = self.http_status {
            write!(formatter, "{status} ")?;
        }
        write!(formatter, "{}", self.error_code)?;
        if let Some(scim_type) = &self.scim_type {
            write!(formatter, " ({scim_type})")?;
        }
        write!(formatter, ": {}", self.reason)
    }
}
