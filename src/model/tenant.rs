//! A tenant and its settings.

use serde::{Deserialize, Serialize};

use crate::model::id::TenantId;
use crate::scim::time::DateTime;

/// The enterprise a bearer token belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its id, the first column of every key.
    pub id: TenantId,
    /// The company's name as typed at set-up.
    pub name: String,
    /// When it was set up.
    pub created: DateTime,
}

/// A tenant's settings, read with every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// "Create and manage user accounts through IDP": off, the endpoint answers 403 and the portal may edit.
    pub provisioning: bool,
    /// Most characters in a userName; 0 switches the limit off (checklist 26).
    pub user_name_limit: u32,
    /// Whether a PATCH `replace` with a filter that matches nothing creates the element (checklist 67). Microsoft Entra without
    /// its flag sends that for an address it has not sent before, and again in each cycle until it succeeds.
    pub replace_without_match_creates: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { provisioning: false, user_name_limit: 30, replace_without_match_creates: true }
    }
}
