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
    /// As written by the client.
    pub user_name: String,
    /// The name to show; the userName where there is none.
    pub display_name: String,
    /// Whether the user may use the product.
    pub active: bool,
    /// Who made it.
    pub source: Source,
    /// When it was made.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
    /// Which version is shown: what an edit must still find.
    pub version: u64,
    /// Every stored attribute, by schema.
    pub sections: Vec<AttributeSection>,
    /// The groups the user is in.
    pub groups: Vec<Membership>,
    /// The manager, if that is a user here.
    pub manager: Option<UserLink>,
    /// Whether the identity provider manages users, so that nothing can be changed here.
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
