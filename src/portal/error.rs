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
    pub kept: Option<Box<UserForm>>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// Nobody is signed in.
    SignedOut,
    /// Who wanted to sign in did not prove who they are.
    NotProved,
    /// There is no such thing.
    NotFound,
    /// The input cannot be taken.
    Invalid,
    /// The input is fine, the state of things is not.
    Refused,
    /// Too often, or too many at once.
    TooMany,
    /// The server could not be reached.
    Unreachable,
    /// The server can do nothing of the kind at the moment, through no fault of the request.
    Unavailable,
    /// Our fault; the log knows more.
    Failed,
}

impl PortalError {
    /// Nobody is signed in, or not any more.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(ErrorKind::SignedOut, "You are not signed in, or your session has ended. Sign in and try again.")
    }

    /// The proof of who one is failed; which part of it is not said.
    #[must_use]
    pub fn not_proved() -> Self {
        Self::new(ErrorKind::NotProved, "The e-mail address or the password is wrong.")
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
    pub fn field(name: &str, why: impl Into<String>) -> Self {
        Self::invalid(vec![(name.to_owned(), why.into())])
    }

    /// As things stand this cannot be done.
    #[must_use]
    pub fn refused(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Refused, why)
    }

    /// Later, perhaps.
    #[must_use]
    pub fn too_many(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooMany, why)
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
    pub fn failed(request_id: &str) -> Self {
        Self::new(
            ErrorKind::Failed,
            format!("Something went wrong on our side. The log knows more under request id {request_id}."),
        )
    }

    /// The same, with what was typed.
    #[must_use]
    pub fn keeping(self, form: UserForm) -> Self {
        Self { kept: Some(Box::new(form)), ..self }
    }

    /// What is wrong with the field of this name.
    #[must_use]
    pub fn about(&self, field: &str) -> Option<String> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, why)| why.clone())
    }

    /// Whether the same may go well another time, without anybody's doing otherwise.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self.kind {
            ErrorKind::TooMany | ErrorKind::Unreachable | ErrorKind::Unavailable | ErrorKind::Failed => true,
            ErrorKind::SignedOut
            | ErrorKind::NotProved
            | ErrorKind::NotFound
            | ErrorKind::Invalid
            | ErrorKind::Refused => false,
        }
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.kind {
            ErrorKind::SignedOut | ErrorKind::NotProved => 401,
            ErrorKind::NotFound => 404,
            ErrorKind::Invalid => 422,
            ErrorKind::Refused => 409,
            ErrorKind::TooMany => 429,
            ErrorKind::Unavailable => 503,
            ErrorKind::Unreachable | ErrorKind::Failed => 500,
        }
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), kept: None }
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
            _ => Self::new(ErrorKind::Failed, "The server's answer could not be read. Reload the page and try again."),
        }
    }

    /// The one place where a refusal becomes an answer, so also the place that knows its status; by itself every
    /// refusal of a server function would be a 500.
    fn ser(&self) -> Bytes {
        caller::set_answer_status(self.status());
        JsonEncoding::encode(self).unwrap_or_else(|_| Bytes::from_static(br#"{"kind":"Failed","message":""}"#))
    }
}
