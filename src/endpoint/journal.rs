//! What the journal keeps of requests that changed nothing: refusals, and probes of the connection. Changes are
//! journaled by the directory, ordinary reads not at all.

use axum::{http::Method, response::Response};
use serde::Deserialize;
use serde_json::Value;
use tracing::error;

use crate::{
    endpoint::{bulk::Refused, door::Seen, exact_id, probe::Probe, redact, refusals::Told, throttle::Throttle},
    model::{
        id::{GroupId, TenantId, UserId},
        journal::{Action, Actor, NewEntry, ResourceKind, ResourceRef, Status},
    },
    scim::document::{Resource, Text},
    state::AppState,
    store::{MemberSelection, StoreError},
    telemetry::Seldom,
};

/// Writes refusals and probes into the journal, within bounds: whoever is refused must not be able to fill the disk.
#[derive(Clone, Debug)]
pub struct Journalist {
    state: AppState,
    /// Failed authentication, and whatever else comes without a token: 30 at once, then one in two seconds.
    strangers: Throttle<TenantId>,
    /// Requests that were throttled themselves: one a minute.
    throttled: Throttle<TenantId>,
}

impl Journalist {
    /// A journalist who writes into the store of `state`.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        Self { state: state.clone(), strangers: Throttle::new(2_000_000, 30), throttled: Throttle::new(60_000_000, 1) }
    }

    /// Notes what is worth a line. A failure to do so is logged; the client's answer stands as it is.
    pub async fn note(&self, seen: &Seen, response: &mut Response, told: Option<Told>) {
        static LINE: Seldom = Seldom::new();
        let mut noted = match (told, response.extensions_mut().remove::<Probe>()) {
            (Some(told), _) => self.refusal(seen, &told).await,
            (None, Some(probe)) => self.probe(seen, probe),
            (None, None) => Ok(()),
        };
        for refused in response.extensions_mut().remove::<Vec<Refused>>().unwrap_or_default() {
            let (operation, told) = refused.as_seen(seen);
            noted = noted.and(self.refusal(&operation, told).await);
        }
        if let Err(cause) = noted
            && (!cause.is_transient() || LINE.permits())
        {
            let id = &seen.request_id;
            error!(request.id = id, %cause, "Request {id} was answered but could not be journaled");
        }
    }

    async fn refusal(&self, seen: &Seen, told: &Told) -> Result<(), StoreError> {
        let status = told.error.status;
        if !worth_a_line(seen, status) {
            return Ok(());
        }
        // The owner of an unknown token is unknown; where there is only one tenant it can only be meant.
        let Some(tenant) = (match seen.tenant {
            Some(tenant) => Some(tenant),
            None => self.state.store.sole_tenant().await?,
        }) else {
            return Ok(());
        };
        let bound = match status {
            _ if seen.actor == Actor::Anonymous => Some(&self.strangers),
            401 => Some(&self.strangers),
            429 => Some(&self.throttled),
            _ => None,
        };
        if bound.is_some_and(|bound| bound.take(tenant, self.state.clock.now()).is_err()) {
            return Ok(());
        }
        let resource = resource_of(&seen.path).filter(|resource| exact_id(&resource.id).is_some());
        let request = redact::unread_body(&seen.body, &seen.types);
        let entry = NewEntry {
            identity: self.identity(tenant, request.as_ref(), resource.as_ref()).await?,
            action: action(seen),
            status: Status::Failure,
            http_status: status,
            scim_type: told.error.scim_type.map(|scim_type| scim_type.to_string()),
            resource,
            detail: Some(told.error.detail.clone()),
            request,
            response: Some(redact::body(&told.body, 0, &seen.types)),
            ..self.blank(seen)
        };
        self.state.store.append_later(tenant, &entry)
    }

    fn probe(&self, seen: &Seen, probe: Probe) -> Result<(), StoreError> {
        let Some(tenant) = seen.tenant else {
            return Ok(());
        };
        let entry = NewEntry { identity: probe.looked_up, probe: true, ..self.blank(seen) };
        self.state.store.append_later(tenant, &entry)
    }

    fn blank(&self, seen: &Seen) -> NewEntry {
        NewEntry {
            at: self.state.clock.now(),
            identity: String::new(),
            action: Action::Other,
            status: Status::Success,
            actor: seen.actor.clone(),
            method: seen.method.to_string(),
            path: seen.full_path.clone(),
            http_status: 200,
            scim_type: None,
            request_id: seen.request_id.clone(),
            resource: None,
            detail: None,
            request: None,
            response: None,
            changes: Vec::new(),
            dialect: seen.dialect.clone(),
            probe: false,
        }
    }

    /// Whom a refused request was about: the name of the stored resource, else the name that was sent.
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

/// A read of something that is not there is everyday life for a client that looks before it writes.
fn worth_a_line(seen: &Seen, status: u16) -> bool {
    let read = [Method::GET, Method::HEAD].contains(&seen.method);
    !(read && status == 404 && resource_of(&seen.path).is_some())
}

fn action(seen: &Seen) -> Action {
    match seen.method.as_str() {
        "POST" if seen.path.ends_with("/.search") || seen.path == "/Bulk" => Action::Other,
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

/// Reads no more of the document than the name: it may be long.
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
