//! An administrator who signs in to the portal. Never carries the password's hash.

use serde::{Deserialize, Serialize};

use crate::model::id::{AccountId, TenantId};
use crate::scim::time::DateTime;

/// An administrator of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The tenant it administers.
    pub tenant: TenantId,
    /// Signs in with this address, unique over the installation without regard to letter case.
    pub email: String,
    /// Shown in the portal and the journal.
    pub display_name: String,
    /// When it was created.
    pub created: DateTime,
    /// When it last signed in.
    pub last_sign_in: Option<DateTime>,
    /// Sessions that were started in an earlier epoch are not valid.
    #[serde(skip)]
    pub session_epoch: i64,
}
