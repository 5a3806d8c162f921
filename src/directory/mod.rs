//! The one door for changes to users and groups, for both faces. It checks what SCIM and the tenant's settings ask
//! for, changes by compare-and-swap on the version, and journals each change in the same transaction. It knows
//! nothing of HTTP, tokens or sessions: who asks comes in as an `Origin`.
//!
//! Passwords that come over SCIM are accepted and thrown away (checklist 103: "if accepted, are kept only as a salted
//! slow hash"): nobody signs in with them here, and a hash that is not kept cannot be stolen. To keep them, hash above
//! this floor, off the async threads, and hand the hash in.

mod error;
mod groups;
mod rules;
pub mod schemas;
mod text_lengths;
mod users;
pub mod work;

use std::sync::Arc;

use serde_json::Value;

pub use error::DirectoryError;
use work::{RequestWork, cost_of_json};

use crate::clock::Clock;
use crate::model::id::TenantId;
use crate::model::journal::{Action, Actor, NewEntry, ResourceKind, ResourceRef, Status};
use crate::model::page::Source;
use crate::model::tenant::Settings;
use crate::scim::document::{Change, Document, Incoming, Resource};
use crate::scim::error::ScimError;
use crate::scim::list::ListQuery;
use crate::scim::patch::Options;
use crate::scim::schema::Types;
use crate::scim::time::DateTime;
use crate::scim::version::Versions;
use crate::store::{ListOptions, ListPage, MemberSelection, Start, Store};

/// How often a change is tried again after losing the race to another. Of changes that arrive together one wins each
/// round, so this is also how many of them are sure to be made: an identity provider that works in parallel changes one
/// group dozens of times at once.
const ATTEMPTS: u32 = 100;

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
    types: Arc<Types>,
    base_url: String,
    origin: Origin,
    work: RequestWork,
}

impl Directory {
    /// Binds the store to a tenant, with its settings and types, and a caller.
    #[must_use]
    pub const fn new(
        store: Store,
        clock: Clock,
        tenant: TenantId,
        settings: Settings,
        types: Arc<Types>,
        origin: Origin,
        work: RequestWork,
    ) -> Self {
        Self { store, clock, tenant, settings, types, base_url: String::new(), origin, work }
    }

    /// The same, of a tenant with this Tenant URL: resources are found by the addresses that are shown of them.
    #[must_use]
    pub fn with_base_url(self, base_url: String) -> Self {
        Self { base_url, ..self }
    }

    /// A page of users, groups or both (RFC 7644 §3.4.2, §3.4.3).
    pub async fn list(
        &self,
        kinds: &[ResourceKind],
        query: &ListQuery,
        start: Start,
        members: MemberSelection<'_>,
    ) -> Result<ListPage, DirectoryError> {
        let listed: Vec<_> = kinds.iter().map(|kind| self.types.of(*kind)).collect();
        query.check(&listed)?;
        let (types, base_url) = (&*self.types, &*self.base_url);
        let (filter, sort, limit) = (query.filter.as_ref(), query.sort.as_ref(), query.limit());
        Ok(self
            .store
            .list(self.tenant, &ListOptions { types, kinds, base_url, filter, sort, start, limit, members })
            .await?)
    }

    /// A resource as a client sent it, read by the tenant's schemas.
    ///
    /// # Errors
    /// When it does not keep to them.
    pub fn read(&self, kind: ResourceKind, sent: &Value) -> Result<Incoming, ScimError> {
        Document::read(self.types.of(kind), sent)
    }

    fn patch_options(&self) -> Options<'_> {
        let replace_without_match_creates = self.settings.replace_without_match_creates;
        Options { replace_without_match_creates, base_url: &self.base_url }
    }

    /// The entry that tells of a change that was made.
    fn entry(&self, change: CompletedChange<'_>) -> NewEntry {
        let origin = &self.origin;
        NewEntry {
            at: change.at,
            identity: rules::identity(change.resource),
            action: change.action,
            status: change.status,
            actor: origin.actor.clone(),
            method: origin.method.clone(),
            path: origin.path.clone(),
            http_status: change.http_status,
            scim_type: None,
            request_id: origin.request_id.clone(),
            resource: Some(ResourceRef { kind: change.resource.kind, id: change.resource.id.clone() }),
            detail: None,
            request: origin.request.clone(),
            response: None,
            changes: change.changes,
            dialect: origin.dialect.clone(),
            probe: false,
        }
    }

    /// `before` with another document, as the next version. A clock that was put back makes no change older than the
    /// one before it.
    fn next_version(&self, before: &Resource, document: Document) -> Resource {
        Resource {
            id: before.id.clone(),
            kind: before.kind,
            created: before.created,
            last_modified: self.clock.now().max(before.last_modified),
            version: before.version + 1,
            document,
            groups: before.groups.clone(),
        }
    }
}

/// What was done, for the journal.
struct CompletedChange<'a> {
    resource: &'a Resource,
    at: DateTime,
    action: Action,
    status: Status,
    http_status: u16,
    changes: Vec<Change>,
}

/// RFC 7644 §3.14: a change may name the versions it was made for.
fn check_version(resource: &Resource, if_match: Option<&Versions>) -> Result<(), ScimError> {
    match if_match {
        Some(versions) if !versions.include(resource) => Err(ScimError::precondition_failed()),
        _ => Ok(()),
    }
}

/// Many changes of one resource at the same moment.
fn too_much_traffic() -> ScimError {
    ScimError::unavailable("the resource is being changed by others again and again")
}
