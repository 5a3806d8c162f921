//! The only write path for users and groups, for endpoint and portal. It applies the rules of SCIM and the tenant's settings,
//! changes by compare-and-swap on the version, and journals each change in the same transaction. It knows nothing of HTTP,
//! tokens or sessions: the caller is described by an `Origin`.
//!
//! Passwords that are sent over SCIM are accepted and discarded (checklist 103: "if accepted, are kept only as a salted
//! slow hash"): nobody signs in with them here, and a hash that is not stored cannot be stolen.

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

/// How often a change is tried after conflicts. Of concurrent changes to one resource one succeeds each time, so this is also
/// how many of them are certain to succeed: an identity provider that works in parallel changes one group dozens of times at once.
const ATTEMPTS: u32 = 100;

/// The request behind a change, for the journal.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The caller.
    pub actor: Actor,
    /// The source of resources that this caller creates.
    pub source: Source,
    /// The HTTP method.
    pub method: String,
    /// The path with query, without secrets.
    pub path: String,
    /// The request's id.
    pub request_id: String,
    /// The body, already redacted.
    pub request: Option<Value>,
    /// The client's dialect, if it was recognized.
    pub dialect: Option<String>,
}

/// The users and groups of one tenant, for one request.
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
    /// The directory of a tenant, with its settings and types, for one request.
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

    /// Parses a resource as sent, by the tenant's schemas.
    ///
    /// # Errors
    /// When it does not conform to them.
    pub fn read(&self, kind: ResourceKind, sent: &Value) -> Result<Incoming, ScimError> {
        Document::read(self.types.of(kind), sent)
    }

    fn patch_options(&self) -> Options<'_> {
        let replace_without_match_creates = self.settings.replace_without_match_creates;
        Options { replace_without_match_creates, base_url: &self.base_url }
    }

    /// The journal entry of a change.
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

    /// `before` with another document, as the next version. After the clock was set back, `lastModified` stays the same.
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

/// A change, for the journal.
struct CompletedChange<'a> {
    resource: &'a Resource,
    at: DateTime,
    action: Action,
    status: Status,
    http_status: u16,
    changes: Vec<Change>,
}

/// RFC 7644 §3.14: a request may name the versions that it applies to.
fn check_version(resource: &Resource, if_match: Option<&Versions>) -> Result<(), ScimError> {
    match if_match {
        Some(versions) if !versions.include(resource) => Err(ScimError::precondition_failed()),
        _ => Ok(()),
    }
}

/// Too many concurrent changes of one resource.
fn too_much_traffic() -> ScimError {
    ScimError::unavailable("the resource is being changed by too many other requests")
}
