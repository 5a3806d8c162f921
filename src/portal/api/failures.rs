//! What went wrong below, in words for the administrator; what is ours to mend is logged and not told. On the server
//! only; `caller` takes it in.

use super::server::failed;
use crate::{
    auth::{password::PasswordError, session::SessionError},
    directory::DirectoryError,
    portal::error::PortalError,
    scim::{ScimError, ScimType},
    store::StoreError,
    telemetry::Seldom,
};

impl From<StoreError> for PortalError {
    fn from(error: StoreError) -> Self {
        static LINE: Seldom = Seldom::new();
        let unavailable = match error {
            StoreError::Full(_) => Self::disk_full(),
            StoreError::Unavailable(_) => Self::unavailable(),
            _ => return failed(&error),
        };
        if LINE.permits() {
            let _told_in_other_words = failed(&error);
        }
        unavailable
    }
}

impl From<SessionError> for PortalError {
    fn from(error: SessionError) -> Self {
        failed(&error)
    }
}

impl From<PasswordError> for PortalError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::too_many("Too many sign-ins at once. Try again in a moment."),
            PasswordError::TooShort | PasswordError::TooLong => Self::field("password", sentence(&error)),
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

impl From<ScimError> for PortalError {
    fn from(error: ScimError) -> Self {
        match (error.status, error.scim_type) {
            (404, _) => Self::not_found("user"),
            (_, Some(ScimType::Uniqueness)) => {
                Self::field("user[user_name]", "Another user already has this userName.")
            }
            (412, _) => {
                Self::refused("Someone else changed this user meanwhile. Open the user again to see it as it is now.")
            }
            (status, _) if status >= 500 => failed(&error),
            _ => Self::refused(error.detail),
        }
    }
}

/// An error's words as a sentence of their own.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>() + ".").unwrap_or_default()
}
