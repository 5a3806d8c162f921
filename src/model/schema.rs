//! Conflicts of a change of a custom schema with stored values.

use serde::{Deserialize, Serialize};

/// Stored values that conflict with a change of their schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum SchemaConflict {
    /// Users have a value of an attribute that would be deleted.
    #[error("{} of `{attribute}`, which would be deleted with it", have_values(*.users))]
    Deleted {
        /// The attribute's name.
        attribute: String,
        /// How many users.
        users: u64,
    },
    /// Users have a value of an attribute whose meaning would change.
    #[error("{} of `{attribute}`: its type, multiValued and caseExact, and whether values are kept at all, can be changed \
        only while nobody has one", have_values(*.users))]
    Held {
        /// The attribute's name.
        attribute: String,
        /// How many users.
        users: u64,
    },
    /// Users have no value of an attribute that would be required.
    #[error("`{attribute}` cannot be required yet: {}", have_none(*.users))]
    Lacking {
        /// The attribute's name.
        attribute: String,
        /// How many users.
        users: u64,
    },
    /// Users share values of an attribute that would be unique.
    #[error("`{attribute}` cannot be unique yet: {}", are_shared(*.values))]
    Shared {
        /// The attribute's name.
        attribute: String,
        /// How many values belong to more than one user.
        values: u64,
    },
}

impl SchemaConflict {
    /// The attribute it is about.
    #[must_use]
    pub fn attribute(&self) -> &str {
        match self {
            Self::Deleted { attribute, .. }
            | Self::Held { attribute, .. }
            | Self::Lacking { attribute, .. }
            | Self::Shared { attribute, .. } => attribute,
        }
    }
}

fn have_values(users: u64) -> String {
    match users {
        1 => "1 user has a value".to_owned(),
        _ => format!("{users} users have a value"),
    }
}

fn have_none(users: u64) -> String {
    match users {
        1 => "1 user has no value of it".to_owned(),
        _ => format!("{users} users have no value of it"),
    }
}

fn are_shared(values: u64) -> String {
    match values {
        1 => "1 value belongs to more than one user".to_owned(),
        _ => format!("{values} values belong to more than one user each"),
    }
}
