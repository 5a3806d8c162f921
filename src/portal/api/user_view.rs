//! A user as the portal shows them.

use serde::{Deserialize, Serialize};

use crate::{
    model::{id::UserId, page::Source},
    portal::api::attributes::AttributeSection,
    scim::{document::Membership, time::DateTime},
};

/// One user's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// The user's id.
    pub id: UserId,
    /// As sent by the client.
    pub user_name: String,
    /// The display name, or else the userName.
    pub display_name: String,
    /// Whether the user is active.
    pub active: bool,
    /// Who created it.
    pub source: Source,
    /// When it was created.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
    /// The version shown.
    pub version: u64,
    /// Every stored attribute, by schema.
    pub sections: Vec<AttributeSection>,
    /// The groups the user is in.
    pub groups: Vec<Membership>,
    /// The manager, if it is a user of this tenant.
    pub manager: Option<UserLink>,
    /// Whether the identity provider manages users, so that they are read-only here.
    pub managed_by_idp: bool,
}

/// Another user, as a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLink {
    /// The user's id.
    pub id: UserId,
    /// The userName.
    pub user_name: String,
    /// The name to show.
    pub display_name: String,
}
