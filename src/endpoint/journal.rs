//! Journal entries for requests that changed nothing: rejected ones and connection tests. The directory journals changes;
//! ordinary reads are not journaled.

use axum::{http::Method, response::Response};
use serde::Deserialize;
use serde_json::Value;
use tracing::error;

use crate::{
    endpoint::{
        bulk::RefusedOperation, exact_id, probe::Probe, redact, refusals::SentError, request_record::RequestRecord,
        throttle::Throttle,
    },
    model::{
        id::{GroupId, TenantId, UserId},
        journal::{Action, Actor, NewEntry, ResourceKind, ResourceRef, Status},
    },
    scim::document::{Resource, Text},
    state::AppState,
    store::{MemberSelection, StoreError},
    telemetry::RateLimitedLog,
};

/// Writes these entries, at bounded rates: rejected requests must not fill the disk.
#[derive(Clone, Debug)]
pub struct JournalWriter {
    state: AppState,
    /// Failed authentication and other requests without a token: 30 at once, then one every two seconds.
    unauthenticated: Throttle<TenantId>,
    /// Requests that were answered 429: one a minute.
    throttled: Throttle<TenantId>,
}

impl JournalWriter {
    /// A writer to the store of `state`.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        Self {
            state: state.clone(),
            unauthenticated: Throttle::new(2_000_000, 30),
            throttled: Throttle::new(60_000_000, 1),
        }
    }

    /// Journals the request if it is one of these. A failure is logged; the response is sent all the same.
    pub async fn record(&self, record: &RequestRecord, response: &mut Response, sent: Option<SentError>) {
        static LINE: RateLimitedLog = RateLimitedLog::new();
        let mut result = match (sent, response.extensions_mut().remove::<Probe>()) {
            (Some(sent), _) => self.refusal(record, &sent).await,
            (None, Some(probe)) => self.probe(record, probe),
            (None, None) => Ok(()),
        };
        for refused in response.extensions_mut().remove::<Vec<RefusedOperation>>().unwrap_or_default() {
            let (operation, sent) = refused.as_request(record);
            result = result.and(self.refusal(&operation, sent).await);
        }
        if let Err(cause) = result
            && (!cause.is_transient() || LINE.permits())
        {
            let id = &record.request_id;
            error!(request.id = id, %cause, "Request {id} was answered but could not be journaled");
        }
    }

    async fn refusal(&self, record: &RequestRecord, sent: &SentError) -> Result<(), StoreError> {
        let status = sent.error.status;
        if !is_journaled(record, status) {
            return Ok(());
        }
        // An unknown token belongs to no tenant; if there is only one, the request is meant for it.
        let Some(tenant) = (match record.tenant {
            Some(tenant) => Some(tenant),
            None => self.state.store.sole_tenant().await?,
        }) else {
            return Ok(());
        };
        let bound = match status {
            _ if record.actor == Actor::Anonymous => Some(&self.unauthenticated),
            401 => Some(&self.unauthenticated),
            429 => Some(&self.throttled),
            _ => None,
        };
        if bound.is_some_and(|bound| bound.take(tenant, self.state.clock.now()).is_err()) {
            return Ok(());
        }
        let resource = resource_of(&record.path).filter(|resource| exact_id(&resource.id).is_some());
        let request = redact::unread_body(&record.body, &record.types);
        let entry = NewEntry {
            identity: self.identity(tenant, request.as_ref(), resource.as_ref()).await?,
            action: action(record),
            status: Status::Failure,
            http_status: status,
            scim_type: sent.error.scim_type.map(|scim_type| scim_type.to_string()),
            resource,
            detail: Some(sent.error.detail.clone()),
            request,
            response: Some(redact::body(&sent.body, 0, &record.types)),
            ..self.base_entry(record)
        };
        self.state.store.append_later(tenant, &entry)
    }

    fn probe(&self, record: &RequestRecord, probe: Probe) -> Result<(), StoreError> {
        let Some(tenant) = record.tenant else {
            return Ok(());
        };
        let entry = NewEntry { identity: probe.looked_up, probe: true, ..self.base_entry(record) };
        self.state.store.append_later(tenant, &entry)
    }

    fn base_entry(&self, record: &RequestRecord) -> NewEntry {
        NewEntry {
            at: self.state.clock.now(),
            identity: String::new(),
            action: Action::Other,
            status: Status::Success,
            actor: record.actor.clone(),
            method: record.method.to_string(),
            path: record.full_path.clone(),
            http_status: 200,
            scim_type: None,
            request_id: record.request_id.clone(),
            resource: None,
            detail: None,
            request: None,
            response: None,
            changes: Vec::new(),
            dialect: record.dialect.clone(),
            probe: false,
        }
    }

    /// The subject of a rejected request: the name of the stored resource, else the name that was sent.
    async fn identity(
        &self,
        tenant: TenantId,
        request: Option<&Value>,
        resource: Option<&ResourceRef>,
    ) -> Result<String, StoreError> {
        let stored = match resource {
            Some(resource) => self.stored(tenant, resource).await?,
            None => None,
        };
        let stored = stored.as_ref().and_then(|resource| name_of(&resource.document));
        Ok(stored.or_else(|| request.and_then(name_sent)).unwrap_or_default())
    }

    async fn stored(&self, tenant: TenantId, resource: &ResourceRef) -> Result<Option<Resource<Text>>, StoreError> {
        let Some(id) = exact_id(&resource.id) else {
            return Ok(None);
        };
        match resource.kind {
            ResourceKind::User => self.state.store.user_text(tenant, UserId(id)).await,
            ResourceKind::Group => self.state.store.group_text(tenant, GroupId(id), MemberSelection::None).await,
        }
    }
}

/// Clients look for resources before they create them, so a read that finds nothing is no error.
fn is_journaled(record: &RequestRecord, status: u16) -> bool {
    let read = [Method::GET, Method::HEAD].contains(&record.method);
    !(read && status == 404 && resource_of(&record.path).is_some())
}

fn action(record: &RequestRecord) -> Action {
    match record.method.as_str() {
        "POST" if record.path.ends_with("/.search") || record.path == "/Bulk" => Action::Other,
        "POST" => Action::Create,
        "PUT" | "PATCH" => Action::Update,
        "DELETE" => Action::Delete,
        _ => Action::Other,
    }
}

/// `/Users/{id}` or `/Groups/{id}`.
fn resource_of(path: &str) -> Option<ResourceRef> {
    let (kind, id) = path.strip_prefix('/')?.split_once('/')?;
    let kind = match kind {
        "Users" => ResourceKind::User,
        "Groups" => ResourceKind::Group,
        _ => return None,
    };
    Some(ResourceRef { kind, id: id.to_owned() })
}

/// Parses no more of the document than the name: it may be long.
fn name_of(document: &Text) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Names {
        user_name: Option<String>,
        display_name: Option<String>,
    }
    let names: Names = serde_json::from_str(&document.0).ok()?;
    names.user_name.or(names.display_name)
}

fn name_sent(request: &Value) -> Option<String> {
    let sent = |wanted: &str| {
        let (_, value) = request.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
        value.as_str().map(|name| name.chars().take(256).collect())
    };
    sent("userName").or_else(|| sent("displayName"))
}
