//! The caller: the bearer token in `Authorization`, and nowhere else, and the tenant that it belongs to.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use serde_json::Value;

use crate::{
    auth::authorization::Authorization,
    directory::{Directory, Origin, work::RequestWork},
    endpoint::{refusals::Refusal, request_record::RequestRecord},
    model::{id::TenantId, page::Source, tenant::Settings, token_mistake::TokenMistake},
    scim::{error::ScimError, schema::Types, time::DateTime},
    state::AppState,
    store::{FoundToken, StoreError},
    telemetry::RateLimitedLog,
};

/// The use of a token is recorded at most once a minute.
const USE_INTERVAL_MILLIS: i64 = 60_000;

/// An authenticated identity provider. The middleware adds it to the request; no handler of users or groups runs without it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The tenant's settings.
    pub settings: Settings,
    /// The tenant's resource types.
    pub types: Arc<Types>,
    /// What the journal records of the request; the body comes with [`Caller::directory`].
    pub origin: Origin,
    /// The Tenant URL, the base of all locations.
    pub base_url: String,
    /// What the request has cost so far.
    pub work: RequestWork,
}

impl Caller {
    /// The tenant's directory, for a request with this redacted body.
    #[must_use]
    pub fn directory(&self, state: &AppState, request: Option<Value>) -> Directory {
        let origin = Origin { request, ..self.origin.clone() };
        state.directory(self.tenant, self.settings, Arc::clone(&self.types), origin, self.work.clone())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ScimError::unauthorized().into())
    }
}

/// The credential in a request's `Authorization`.
#[derive(Debug)]
pub enum Credential {
    /// An active token.
    Valid(Box<FoundToken>),
    /// A token that is expired or revoked.
    Inactive(Box<FoundToken>),
    /// An active token, sent in a wrong form.
    Malformed(Box<FoundToken>, TokenMistake),
    /// The remains of a token.
    Damaged(TokenMistake),
    /// Anything else.
    Invalid,
    /// The header is missing.
    Missing,
}

/// Looks up the credential of a request.
///
/// # Errors
/// When the store fails.
pub async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Credential, StoreError> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(Credential::Missing);
    }
    let values = headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let (token, mistake) = match Authorization::read(values) {
        Authorization::Bearer(token) => (token, None),
        Authorization::Malformed(token, mistake) => (token, Some(mistake)),
        Authorization::Damaged(mistake) => return Ok(Credential::Damaged(mistake)),
        Authorization::Other => return Ok(Credential::Invalid),
    };
    let Some(found) = state.store.token_by_hash(&state.token_key.hash(&token).0).await? else {
        return Ok(Credential::Invalid);
    };
    let now = state.clock.now();
    if !found.token.works(now) {
        return Ok(Credential::Inactive(Box::new(found)));
    }
    if let Some(mistake) = mistake {
        return Ok(Credential::Malformed(Box::new(found), mistake));
    }
    record_use(state, &found, now).await;
    Ok(Credential::Valid(Box::new(found)))
}

/// The origin of a request that bears a token, for the journal. The body is added by [`Caller::directory`].
#[must_use]
pub fn origin(record: &RequestRecord) -> Origin {
    Origin {
        actor: record.actor.clone(),
        source: Source::Idp,
        method: record.method.to_string(),
        path: record.full_path.clone(),
        request_id: record.request_id.clone(),
        request: None,
        dialect: None,
    }
}

/// The refusal of a token in a wrong form. It is logged too: where there are several tenants, a damaged token belongs to the
/// journal of none.
#[must_use]
pub fn refuse(record: &RequestRecord, mistake: TokenMistake) -> Refusal {
    static LINE: RateLimitedLog = RateLimitedLog::new();
    let (id, why) = (&record.request_id, mistake.sentence());
    if LINE.permits() {
        tracing::warn!(request.id = %id, "Request {id} was refused for its token. {why}");
    }
    ScimError::unauthorized_because(why).into()
}

/// A failure to record the use is logged; the request is served all the same.
async fn record_use(state: &AppState, found: &FoundToken, now: DateTime) {
    static LINE: RateLimitedLog = RateLimitedLog::new();
    let recent = |last: DateTime| (0..USE_INTERVAL_MILLIS).contains(&(now.as_millis() - last.as_millis()));
    if found.token.last_used.is_some_and(recent) {
        return;
    }
    if let Err(cause) = state.store.touch_token(found.tenant, found.token.id, now).await
        && (!cause.is_transient() || LINE.permits())
    {
        tracing::warn!(token.id = %found.token.id, %cause, "The use of token {} could not be recorded", found.token.id);
    }
}
