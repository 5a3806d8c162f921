//! Who calls: the bearer token in `Authorization`, nowhere else, and the tenant it belongs to.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use serde_json::Value;

use crate::{
    auth::token::PlainToken,
    directory::{Directory, Origin, work::RequestWork},
    endpoint::refusals::Refusal,
    model::{id::TenantId, journal::Actor, page::Source, tenant::Settings},
    scim::{error::ScimError, schema::Types, time::DateTime},
    state::AppState,
    store::{FoundToken, StoreError},
    telemetry::Seldom,
};

/// Use of a token is noted at most once a minute.
const TOUCH_MILLIS: i64 = 60_000;

/// A caller who proved to be a tenant's identity provider. The door puts it into the request; no handler of users or
/// groups runs without it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose users and groups they are.
    pub tenant: TenantId,
    /// What the tenant's administrators have set.
    pub settings: Settings,
    /// What they and RFC 7643 say of users and groups.
    pub types: Arc<Types>,
    /// What the journal tells of the request; the body comes with [`Caller::directory`].
    pub origin: Origin,
    /// The Tenant URL, where resources are found.
    pub base_url: String,
    /// What the request may cost.
    pub work: RequestWork,
}

impl Caller {
    /// The door to the tenant's users and groups, for a request with this body (redacted).
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

/// What a request's `Authorization` is worth.
#[derive(Debug)]
pub enum Proof {
    /// A token that works.
    Good(Box<FoundToken>),
    /// A token that worked once: expired or revoked.
    Spent(Box<FoundToken>),
    /// Anything else that was shown.
    Worthless,
    /// Nothing was shown.
    Missing,
}

/// Looks at what the request shows.
///
/// # Errors
/// When the store fails.
pub async fn prove(state: &AppState, headers: &HeaderMap) -> Result<Proof, StoreError> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(Proof::Missing);
    }
    let Some(token) = bearer(headers) else {
        return Ok(Proof::Worthless);
    };
    let Some(found) = state.store.token_by_hash(&state.token_key.hash(&token).0).await? else {
        return Ok(Proof::Worthless);
    };
    let now = state.clock.now();
    if !found.token.works(now) {
        return Ok(Proof::Spent(Box::new(found)));
    }
    touch(state, &found, now).await;
    Ok(Proof::Good(Box::new(found)))
}

/// The actor that a token is in the journal.
#[must_use]
pub fn actor(found: &FoundToken) -> Actor {
    Actor::Token { id: found.token.id, name: found.token.name.clone() }
}

/// What the journal tells of a request by the bearer of `found`, before its body has arrived.
#[must_use]
pub fn origin(found: &FoundToken, method: String, path: String, request_id: String) -> Origin {
    Origin { actor: actor(found), source: Source::Idp, method, path, request_id, request: None, dialect: None }
}

/// RFC 6750 §2.1: `Authorization: Bearer <token>`; RFC 9110 §11.1: the scheme's letter case does not count.
fn bearer(headers: &HeaderMap) -> Option<PlainToken> {
    let mut shown = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (shown.next(), shown.next()) else {
        return None;
    };
    let (scheme, token) = only.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| PlainToken::parse(token.trim())).flatten()
}

/// A failure to note the use is logged and keeps nobody out.
async fn touch(state: &AppState, found: &FoundToken, now: DateTime) {
    static LINE: Seldom = Seldom::new();
    let recent = |last: DateTime| (0..TOUCH_MILLIS).contains(&(now.as_millis() - last.as_millis()));
    if found.token.last_used.is_some_and(recent) {
        return;
    }
    if let Err(cause) = state.store.touch_token(found.tenant, found.token.id, now).await
        && (!cause.is_transient() || LINE.permits())
    {
        tracing::warn!(token.id = %found.token.id, %cause, "The use of token {} could not be noted", found.token.id);
    }
}
