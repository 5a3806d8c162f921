//! What a server function says when it does not do as asked: a kind, a sentence for the administrator and, for forms,
//! what is wrong with which field. Causes stay on the server.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{Bytes, Encodes, codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::portal::api::{caller, user_form::UserForm};

/// A refusal or failure, as an administrator may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct PortalError {
    /// Which kind it is; decides the status.
    pub kind: ErrorKind,
    /// One sentence about the whole.
    pub message: String,
    /// Sentences about single fields, by the name of the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
    /// What was typed into a long form. After a plain form post the form is rendered anew, and would else be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_form: Option<Box<UserForm>>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// Nobody is signed in.
    SignedOut,
    /// Who wanted to sign in did not prove who they are.
    #[serde(rename = "NotProved")]
    WrongCredentials,
    /// There is no such thing.
    NotFound,
    /// The input cannot be taken.
    Invalid,
    /// The input is fine, the state of things is not.
    #[serde(rename = "Refused")]
    Conflict,
    /// Too often, or too many at once.
    #[serde(rename = "TooMany")]
    TooManyRequests,
    /// The server could not be reached.
    Unreachable,
    /// The server can do nothing of the kind at the moment, through no fault of the request.
    Unavailable,
    /// Our fault; the log knows more.
    #[serde(rename = "Failed")]
    Internal,
}

impl PortalError {
    /// Nobody is signed in, or not any more.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(ErrorKind::SignedOut, "You are not signed in, or your session has ended. Sign in and try again.")
    }

    /// The proof of who one is failed; which part of it is not said.
    #[must_use]
    pub fn wrong_credentials() -> Self {
        Self::new(ErrorKind::WrongCredentials, "The e-mail address or the password is wrong.")
    }

    /// `what` (a noun) is not there.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("There is no such {what}. It may have been deleted meanwhile."))
    }

    /// Some fields cannot be taken.
    #[must_use]
    pub fn invalid(fields: Vec<(String, String)>) -> Self {
        let message = match fields.len() {
            1 => "One field needs your attention.".to_owned(),
            count => format!("{count} fields need your attention."),
        };
        Self { fields, ..Self::new(ErrorKind::Invalid, message) }
    }

    /// One field cannot be taken.
    #[must_use]
    pub fn invalid_field(name: &str, why: impl Into<String>) -> Self {
        Self::invalid(vec![(name.to_owned(), why.into())])
    }

    /// As things stand this cannot be done.
    #[must_use]
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, why)
    }

    /// Later, perhaps.
    #[must_use]
    pub fn too_many_requests(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooManyRequests, why)
    }

    /// The server's disk is full: what is there can be looked at, nothing can be changed.
    #[must_use]
    pub fn disk_full() -> Self {
        let message = "Nothing was saved: the server's disk is full. Tell whoever runs the server; what is there can still \
                       be looked at.";
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The database cannot be used at the moment.
    #[must_use]
    pub fn unavailable() -> Self {
        let message = "The server cannot use its database at the moment, and nothing was saved. Try again; if it stays so, \
                       tell whoever runs the server.";
        Self::new(ErrorKind::Unavailable, message)
    }

    /// Our fault. The cause is logged under the request's id.
    #[must_use]
    pub fn internal(request_id: &str) -> Self {
        Self::new(
            ErrorKind::Internal,
            format!("Something went wrong on our side. The log knows more under request id {request_id}."),
        )
    }

    /// The same, with what was typed.
    #[must_use]
    pub fn with_form(self, form: UserForm) -> Self {
        Self { submitted_form: Some(Box::new(form)), ..self }
    }

    /// What is wrong with the field of this name.
    #[must_use]
    pub fn field_error(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, why)| why.clone())
    }

    /// Whether the same may go well another time, without anybody's doing otherwise.
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

    /// The HTTP status of the answer.
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
            // On the server this is what a caller sent, in the browser what the server answered.
            ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorKind::Invalid, "What was sent could not be read. Reload the page and try again.")
            }
            _ => {
                Self::new(ErrorKind::Internal, "The server's answer could not be read. Reload the page and try again.")
            }
        }
    }

    /// The one place where a refusal becomes an answer, so also the place that knows its status; by itself every
    /// refusal of a server function would be a 500.
    fn ser(&self) -> Bytes {
        caller::set_response_status(self.status());
        JsonEncoding::encode(self).unwrap_or_else(|_| Bytes::from_static(br#"{"kind":"Failed","message":""}"#))
    }
}
