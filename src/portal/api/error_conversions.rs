//! Errors of the layers below as errors that an administrator can act on. Unexpected ones are logged and not shown. On
//! the server only; a child of `caller`.

use super::request::internal_error;
use crate::{
    auth::{password::PasswordError, session::SessionError},
    connection_check::{MAX_NAME_LENGTH, StartError},
    directory::DirectoryError,
    portal::error::PortalError,
    scim::{ScimError, ScimType},
    store::StoreError,
    telemetry::RateLimitedLog,
};

impl From<StoreError> for PortalError {
    fn from(error: StoreError) -> Self {
        static LINE: RateLimitedLog = RateLimitedLog::new();
        let unavailable = match error {
            StoreError::Full(_) => Self::disk_full(),
            StoreError::Unavailable(_) => Self::unavailable(),
            _ => return internal_error(&error),
        };
        if LINE.permits() {
            // Called for the log line; the administrator gets the more precise error.
            let _ = internal_error(&error);
        }
        unavailable
    }
}

impl From<SessionError> for PortalError {
    fn from(error: SessionError) -> Self {
        internal_error(&error)
    }
}

impl From<PasswordError> for PortalError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => {
                Self::too_many_requests("Too many sign-ins at the same time. Try again in a moment.")
            }
            PasswordError::TooShort | PasswordError::TooLong | PasswordError::EasyToGuess => {
                Self::invalid_field("password", sentence(&error))
            }
        }
    }
}

impl From<DirectoryError> for PortalError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Scim(error) => error.into(),
            DirectoryError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for PortalError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Running => Self::conflict("A check is already running."),
            StartError::TooSoon { seconds } => {
                Self::too_many_requests(format!("The last check has only just ended. Try again in {seconds} seconds."))
            }
            StartError::Busy => {
                Self::too_many_requests("Other checks are running on this server. Try again in a minute.")
            }
            StartError::ShortNames { limit } => Self::conflict(format!(
                "The check creates userNames of up to {MAX_NAME_LENGTH} characters, and your limit is {limit}. Raise the limit \
                 in Provision & Integration to check the connection."
            )),
            StartError::NotListening => Self::conflict("The server does not know its own address and cannot check it."),
            StartError::Store(cause) => cause.into(),
        }
    }
}

impl From<ScimError> for PortalError {
    fn from(error: ScimError) -> Self {
        match (error.status, error.scim_type) {
            (404, _) => Self::not_found("user"),
            (_, Some(ScimType::Uniqueness)) => {
                Self::invalid_field("user[user_name]", "Another user already has this userName.")
            }
            (412, _) => {
                Self::conflict("Someone else has changed this user. Open the user again to see the current values.")
            }
            (status, _) if status >= 500 => internal_error(&error),
            _ => Self::conflict(error.detail),
        }
    }
}

/// The error message as a sentence.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>() + ".").unwrap_or_default()
}
