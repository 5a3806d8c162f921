//! The one door for changes to users and groups, for both faces. It checks what SCIM and the tenant's settings ask
//! for, changes by compare-and-swap on the version, and journals each change in the same transaction. It knows
//! nothing of HTTP, tokens or sessions: who asks comes in as an [`Origin`].

mod error;
mod groups;
mod users;

use serde_json::Value;

pub use error::DirectoryError;

use crate::clock::Clock;
use crate::model::id::TenantId;
use crate::model::journal::Actor;
use crate::model::page::Source;
use crate::model::tenant::Settings;
use crate::store::Store;

/// Who asks, and how: what the journal will tell of a change.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// What a resource made by this caller will have as its source.
    pub source: Source,
    /// The HTTP method.
    pub method: String,
    /// The path with query, without secrets.
    pub path: String,
    /// The request's id.
    pub request_id: String,
    /// The body, already redacted.
    pub request: Option<Value>,
    /// The client's dialect, where one was recognised.
    pub dialect: Option<String>,
}

/// The users and groups of one tenant, in the hands of one caller.
#[derive(Clone, Debug)]
pub struct Directory {
    store: Store,
    clock: Clock,
    tenant: TenantId,
    settings: Settings,
    origin: Origin,
}

impl Directory {
    /// Binds the store to a tenant and a caller.
    #[must_use]
    pub const fn new(
        store: Store,
        clock: Clock,
        tenant: TenantId,
        settings: Settings,
        origin: Origin,
    ) -> Self {
        Self {
            store,
            clock,
            tenant,
            settings,
            origin,
        }
    }
}
