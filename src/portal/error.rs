//! The error of every server function: a kind, a message for the administrator and, for forms, messages about single
//! fields. Causes stay on the server.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{Bytes, Encodes, codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::portal::api::{caller, user_form::UserForm};

/// An error as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct PortalError {
    /// The kind, which decides the status.
    pub kind: ErrorKind,
    /// One sentence about the request as a whole.
    pub message: String,
    /// Messages about single fields, by the name of the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// What was typed into the user form, which is rendered again after a plain form post and would otherwise be empty.
    #[serde(default, rename = "kept", skip_serializing_if = "Option::is_none")]
    pub submitted_form: Option<Box<UserForm>>,
}

/// The kinds of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// Nobody is signed in.
    SignedOut,
    /// E-mail address or password are wrong.
    #[serde(rename = "NotProved")]
    WrongCredentials,
    /// The object does not exist.
    NotFound,
    /// The input is invalid.
    Invalid,
    /// The input is valid, but conflicts with the current state.
    #[serde(rename = "Refused")]
    Conflict,
    /// Too many requests.
    #[serde(rename = "TooMany")]
    TooManyRequests,
    /// The browser could not reach the server.
    Unreachable,
    /// The server cannot do this at the moment: its disk is full or its database unavailable.
    Unavailable,
    /// A bug or an unexpected failure; the cause is in the log.
    #[serde(rename = "Failed")]
    Internal,
}

impl PortalError {
    /// Nobody is signed in, or the session has ended.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(ErrorKind::SignedOut, "You are not signed in, or your session has ended. Sign in and try again.")
    }

    /// E-mail address or password are wrong. The message does not say which.
    #[must_use]
    pub fn wrong_credentials() -> Self {
        Self::new(ErrorKind::WrongCredentials, "The e-mail address or the password is wrong.")
    }

    /// `what`, a noun, does not exist.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("There is no such {what}. It may have been deleted."))
    }

    /// Several fields are invalid.
    #[must_use]
    pub fn invalid(fields: Vec<(String, String)>) -> Self {
        let message = match fields.len() {
            1 => "One field needs your attention.".to_owned(),
            count => format!("{count} fields need your attention."),
        };
        Self { fields, ..Self::new(ErrorKind::Invalid, message) }
    }

    /// One field is invalid.
    #[must_use]
    pub fn invalid_field(name: &str, why: impl Into<String>) -> Self {
        Self::invalid(vec![(name.to_owned(), why.into())])
    }

    /// The request conflicts with the current state.
    #[must_use]
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, why)
    }

    /// Too many requests; the message says when to try again.
    #[must_use]
    pub fn too_many_requests(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooManyRequests, why)
    }

    /// The server's disk is full. Reading still works.
    #[must_use]
    pub fn disk_full() -> Self {
        let message = "Nothing was saved because the server's disk is full. Tell the operator of the server. You can \
                       still view everything.";
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The database is unavailable.
    #[must_use]
    pub fn unavailable() -> Self {
        let message = "Nothing was saved because the server's database is unavailable. Try again. If the problem persists, \
                       tell the operator of the server.";
        Self::new(ErrorKind::Unavailable, message)
    }

    /// An unexpected failure. Its cause is logged with the request's id.
    #[must_use]
    pub fn internal(request_id: &str) -> Self {
        Self::new(
            ErrorKind::Internal,
            format!("Something went wrong on our side. The server's log has the cause under request id {request_id}."),
        )
    }

    /// Adds the form as it was submitted.
    #[must_use]
    pub fn with_form(self, form: UserForm) -> Self {
        Self { submitted_form: Some(Box::new(form)), ..self }
    }

    /// The message about the field of this name.
    #[must_use]
    pub fn field_error(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, why)| why.clone())
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::TooManyRequests | ErrorKind::Unreachable | ErrorKind::Unavailable | ErrorKind::Internal => true,
            ErrorKind::SignedOut
            | ErrorKind::WrongCredentials
            | ErrorKind::NotFound
            | ErrorKind::Invalid
            | ErrorKind::Conflict => false,
        }
    }

    /// The HTTP status of the response.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.kind {
            ErrorKind::SignedOut | ErrorKind::WrongCredentials => 401,
            ErrorKind::NotFound => 404,
            ErrorKind::Invalid => 422,
            ErrorKind::Conflict => 409,
            ErrorKind::TooManyRequests => 429,
            ErrorKind::Unavailable => 503,
            ErrorKind::Unreachable | ErrorKind::Internal => 500,
        }
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), submitted_form: None }
    }
}

impl FromServerFnError for PortalError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => {
                Self::new(ErrorKind::Unreachable, "The server cannot be reached. Check your connection and try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::new(ErrorKind::Invalid, "The form was incomplete. Reload the page and try again.")
            }
            // On the server this is about the request, in the browser about the response.
            ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorKind::Invalid, "The data could not be read. Reload the page and try again.")
            }
            _ => Self::new(
                ErrorKind::Internal,
                "The server's response could not be read. Reload the page and try again.",
            ),
        }
    }

    /// Leptos calls this where an error becomes a response, and would answer every error with 500.
    fn ser(&self) -> Bytes {
        caller::set_response_status(self.status());
        JsonEncoding::encode(self).unwrap_or_else(|_| Bytes::from_static(br#"{"kind":"Failed","message":""}"#))
    }
}
