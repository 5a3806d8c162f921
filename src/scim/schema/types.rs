//! The resource types of one tenant: the built-in ones, and the extensions of User that the tenant defined.

use super::{Attribute, GROUP, ResourceType, Schema, USER};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};

/// A kind of resource, independent of a tenant's schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResourceKind {
    /// A user.
    User,
    /// A group.
    Group,
}

impl ResourceKind {
    /// Where its resources are found.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// The resource types of one tenant. Shared: it is looked up with every request and changes once a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Types {
    version: u64,
    user: ResourceType,
    group: ResourceType,
}

static BUILT_IN: LazyLock<Arc<Types>> = LazyLock::new(|| Arc::new(Types::extended(0, Vec::new())));

impl Types {
    /// Those of a tenant that has no schemas of its own.
    #[must_use]
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// The built-in ones, and in User the `extensions` of a tenant, which are at this version; 0 means that there are none.
    #[must_use]
    pub fn extended(version: u64, extensions: Vec<Schema>) -> Self {
        let mut user = USER.clone();
        user.extensions.to_mut().extend(extensions);
        Self { version, user, group: GROUP.clone() }
    }

    /// The version of the tenant's schemas.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The User resource type.
    #[must_use]
    pub const fn user(&self) -> &ResourceType {
        &self.user
    }

    /// The Group resource type.
    #[must_use]
    pub const fn group(&self) -> &ResourceType {
        &self.group
    }

    /// The type of that kind.
    #[must_use]
    pub const fn of(&self, kind: ResourceKind) -> &ResourceType {
        match kind {
            ResourceKind::User => &self.user,
            ResourceKind::Group => &self.group,
        }
    }

    /// All of them.
    #[must_use]
    pub const fn all(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }

    /// Whether the tenant's own schemas have attributes whose values are not to be read by anyone.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.own().iter().flat_map(|schema| &*schema.attributes).any(Attribute::is_secret)
    }

    /// Whether such an attribute has this name.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.own().iter().any(|schema| schema.attribute(name).is_some_and(Attribute::is_secret))
    }

    /// The schemas that the tenant defined itself.
    #[must_use]
    pub fn own(&self) -> &[Schema] {
        &self.user.extensions[USER.extensions.len()..]
    }
}
