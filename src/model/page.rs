//! Pages of lists in the portal, and the queries of Manage Users and Manage Groups.

use serde::{Deserialize, Serialize};

use crate::model::UnknownWord;
use crate::model::id::{GroupId, UserId};
use crate::model::journal::ResourceKind;
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

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order<C> {
    /// The column.
    pub column: C,
    /// Last first.
    pub descending: bool,
}

/// The source of a resource.
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
    /// When the user was created.
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
pub type UserOrder = Order<UserColumn>;

/// A query of Manage Users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserQuery {
    /// The beginning of a userName, displayName, given name, family name or e-mail address, in any letter case;
    /// empty finds all.
    pub search: String,
    /// Only active or only inactive ones.
    pub state: Option<UserState>,
    /// Only users created by the identity provider, or only those created in the portal.
    pub source: Option<Source>,
    /// The order.
    pub order: UserOrder,
    /// The `next` or `previous` of a page. One that does not match the order is ignored.
    pub cursor: Option<String>,
    /// Most rows in the page; 0 means 50, and 200 is the most.
    pub limit: u32,
}

/// One row of Manage Users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The user's id.
    pub id: UserId,
    /// As sent by the client.
    pub user_name: String,
    /// As sent by the client; empty without one.
    pub display_name: String,
    /// The primary (else first) e-mail address; empty without one.
    pub email: String,
    /// Whether the user may use the product.
    pub active: bool,
    /// Its source.
    pub source: Source,
    /// When it was created.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
}

/// A column that Manage Groups can be ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupColumn {
    /// displayName, without regard to letter case.
    #[default]
    DisplayName,
    /// How many members the group has.
    Members,
    /// When the group was created.
    Created,
    /// When the group was last changed.
    LastModified,
}

words!(GroupColumn {
    DisplayName = "DisplayName",
    Members = "Members",
    Created = "Created",
    LastModified = "LastModified",
});

/// The order of Manage Groups.
pub type GroupOrder = Order<GroupColumn>;

/// A query of Manage Groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupQuery {
    /// The beginning of a displayName, in any letter case, or of an externalId; empty finds all.
    pub search: String,
    /// The order.
    pub order: GroupOrder,
    /// A cursor, as in [`UserQuery`].
    pub cursor: Option<String>,
    /// Most rows in the page; 0 means 50, and 200 is the most.
    pub limit: u32,
}

/// One row of Manage Groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The group's id.
    pub id: GroupId,
    /// As sent by the client.
    pub display_name: String,
    /// How many direct members it has.
    pub members: u64,
    /// When it was created.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
}

/// A query of a group's members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberQuery {
    /// A prefix, as in Manage Users and Manage Groups; empty finds all.
    pub search: String,
    /// A cursor, as in [`UserQuery`].
    pub cursor: Option<String>,
    /// Most rows in the page; 0 means 50, and 200 is the most.
    pub limit: u32,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// Whether it is a user or a group.
    pub kind: ResourceKind,
    /// Its SCIM id.
    pub id: String,
    /// A user's userName; empty for a group.
    pub user_name: String,
    /// As sent by the client; a user may have none.
    pub display_name: String,
    /// Whether a user may use the product; groups always are.
    pub active: bool,
}
