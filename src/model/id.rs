//! Typed ids: a user's id cannot be used as a group's.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty), $error:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A tenant: the enterprise a token belongs to. The first column of every key.
    TenantId(i64),
    ParseIntError
);
id!(
    /// A SCIM user's `id`.
    UserId(Uuid),
    uuid::Error
);
id!(
    /// A SCIM group's `id`.
    GroupId(Uuid),
    uuid::Error
);
id!(
    /// A portal administrator.
    AccountId(i64),
    ParseIntError
);
id!(
    /// A bearer token, without its secret.
    TokenId(Uuid),
    uuid::Error
);
id!(
    /// One line of the journal.
    EntryId(i64),
    ParseIntError
);
