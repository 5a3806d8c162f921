//! Pages of lists in the portal, and what Manage Users can ask for.

use serde::{Deserialize, Serialize};

use crate::model::UnknownWord;
use crate::model::id::UserId;
use crate::scim::time::DateTime;

/// One page, with cursors to its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// How many rows there are in all; exact unless `more` is set.
    pub total: u64,
    /// Counting stopped at `total`: there are at least so many.
    pub more: bool,
    /// The cursor of the next page, when there is one.
    pub next: Option<String>,
    /// The cursor of the page before, when there is one.
    pub previous: Option<String>,
}

impl<T> Page<T> {
    /// A page without rows.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), total: 0, more: false, next: None, previous: None }
    }
}

/// Who made a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// An identity provider, over SCIM.
    Idp,
    /// An administrator, in the portal.
    Manual,
}

words!(Source {
    Idp = "Idp",
    Manual = "Manual",
});

/// The state filter of Manage Users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserState {
    /// `active` is true.
    Active,
    /// `active` is false.
    Inactive,
}

words!(UserState {
    Active = "Active",
    Inactive = "Inactive",
});

/// A column that Manage Users can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserColumn {
    /// userName, without regard to letter case.
    #[default]
    UserName,
    /// displayName, without regard to letter case; users without one come first.
    DisplayName,
    /// The primary (else first) e-mail address.
    Email,
    /// When the user was made.
    Created,
    /// When the user was last changed.
    LastModified,
}

words!(UserColumn {
    UserName = "UserName",
    DisplayName = "DisplayName",
    Email = "Email",
    Created = "Created",
    LastModified = "LastModified",
});

/// The order of Manage Users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserOrder {
    /// The column.
    pub column: UserColumn,
    /// Last first.
    pub descending: bool,
}

/// What Manage Users asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserQuery {
    /// The beginning of a userName, displayName, given name, family name or e-mail address, in any letter case;
    /// empty finds all.
    pub search: String,
    /// Only active or only inactive ones.
    pub state: Option<UserState>,
    /// Only those made by the identity provider, or only those made by hand.
    pub source: Option<Source>,
    /// The order.
    pub order: UserOrder,
    /// Where to go on: a page's `next` or `previous`. One that does not fit the order counts as none.
    pub cursor: Option<String>,
    /// Most rows in the page; 0 means 50, and 200 is the most.
    pub limit: u32,
}

/// One row of Manage Users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The user's id.
    pub id: UserId,
    /// As written by the client.
    pub user_name: String,
    /// As written by the client; empty without one.
    pub display_name: String,
    /// The primary (else first) e-mail address; empty without one.
    pub email: String,
    /// Whether the user may use the product.
    pub active: bool,
    /// Who made it.
    pub source: Source,
    /// When it was made.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
}
