//! The door of the endpoint, which every request passes before any route is looked at: who calls, how often, how much
//! it brings; and on the way out, what is said about refusals and what the journal keeps of them.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    connection_check,
    directory::work::cost_of_json,
    endpoint::{
        caller::{self, Caller, Proof},
        crowd::Crowd,
        dialect::{self, Heard},
        is_discovery,
        journal::Journalist,
        json::{self, Parsed},
        redact,
        refusals::{self, Refusal},
        throttle::Throttle,
    },
    model::{id::TenantId, journal::Actor},
    scim::{self, bulk::MAX_PAYLOAD_SIZE, error::ScimError, schema::Types},
    state::{AppState, RequestId},
    store::FoundToken,
};

/// The longest body we read: a PATCH with some ten thousand members.
pub const BODY_LIMIT: usize = MAX_PAYLOAD_SIZE;
/// The longest a request may take, its body's arrival included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// What is read, and for how long, of a body that nobody wants.
const DISCARDED: usize = 64 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// What the door remembers between requests.
#[derive(Clone, Debug)]
pub struct Door {
    state: AppState,
    throttle: Throttle<TenantId>,
    crowd: Crowd<TenantId>,
    journalist: Journalist,
}

/// What is known about one request by the time it is answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The HTTP method.
    pub method: Method,
    /// The path below the Tenant URL, without a trailing slash.
    pub path: String,
    /// Path and query as the journal keeps them.
    pub full_path: String,
    /// The request's id.
    pub request_id: String,
    /// Whose token it was, if it was one; of a check of the connection, the tenant that it is played on.
    pub tenant: Option<TenantId>,
    /// Who called.
    pub actor: Actor,
    /// The tenant's types; the built-in ones, as long as it is not known.
    pub types: Arc<Types>,
    /// The dialect, as far as it has been heard.
    pub dialect: Option<String>,
    /// The body, once it has arrived.
    pub body: Bytes,
}

impl Door {
    /// A door to the endpoint over `state`.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        Self {
            state: state.clone(),
            throttle: Throttle::per_second(state.config.rate_limit),
            crowd: Crowd::new(),
            journalist: Journalist::new(state),
        }
    }

    /// Lets a request in, or says why not. `seen` learns on the way.
    async fn admit(&self, seen: &mut Seen, mut request: Request, next: Next) -> Result<Response, Refusal> {
        let caller = match self.caller(seen, request.headers(), full_path(&request)).await {
            Ok(caller) => caller,
            Err(refusal) => {
                discard_body(request).await;
                return Err(refusal);
            }
        };
        let Some(mut caller) = caller else {
            return Ok(next.run(request).await);
        };
        if may_have_body(&seen.method) {
            request = read_body(seen, request).await?;
        }
        let place = self.crowd.enter(caller.tenant).ok_or(Refusal::Throttled { seconds: 1 })?;
        let work = caller.work.clone();
        let answer = async {
            if let Ok(body) = scim::json::parse(&seen.body) {
                seen.dialect = seen.dialect.take().or_else(|| heard(&request, Some(&body), &seen.types));
                request.extensions_mut().insert(Parsed(body));
            }
            caller.origin.dialect.clone_from(&seen.dialect);
            request.extensions_mut().insert(caller);
            next.run(request).await
        };
        let answer = work.perform(cost_of_json(seen.body.len()), answer).await?;
        drop(place);
        Ok(answer)
    }

    /// Who calls, by the head of the request alone; nobody who asks for what anybody may read.
    async fn caller(&self, seen: &mut Seen, head: &HeaderMap, full_path: &str) -> Result<Option<Caller>, Refusal> {
        match caller::prove(&self.state, head).await? {
            Proof::Good(found) => {
                self.recognise(seen, &found).await?;
                seen.hide_secrets(full_path);
                let now = self.state.clock.now();
                self.throttle.take(found.tenant, now).map_err(|seconds| Refusal::Throttled { seconds })?;
                if self.crowd.is_full_for(found.tenant) {
                    return Err(Refusal::Throttled { seconds: 1 });
                }
                self.receive(seen, &found).map(Some)
            }
            Proof::Spent(found) => {
                self.recognise(seen, &found).await?;
                seen.hide_secrets(full_path);
                Err(ScimError::unauthorized().into())
            }
            Proof::Missing if is_discovery(&seen.path) && is_read(&seen.method) => Ok(None),
            Proof::Missing | Proof::Worthless => Err(ScimError::unauthorized().into()),
        }
    }

    /// What is learnt from a token, whatever it is worth.
    async fn recognise(&self, seen: &mut Seen, found: &FoundToken) -> Result<(), Refusal> {
        seen.tenant = Some(found.tenant);
        seen.actor = caller::actor(found);
        seen.types = self.state.store.types(found.tenant, found.schemas_version).await?;
        Ok(())
    }

    /// A known caller still may ask at the wrong time.
    fn receive(&self, seen: &Seen, found: &FoundToken) -> Result<Caller, Refusal> {
        if !found.settings.provisioning {
            let detail = "Provisioning is switched off: an administrator has to turn on \"Create and manage user accounts \
                          through IDP\" in Group Settings > Security.";
            return Err(ScimError::forbidden(detail).into());
        }
        let origin = caller::origin(found, seen.method.to_string(), seen.full_path.clone(), seen.request_id.clone());
        let base_url = self.state.config.tenant_url();
        let types = Arc::clone(&seen.types);
        Ok(Caller {
            tenant: found.tenant,
            settings: found.settings,
            types,
            origin,
            base_url,
            work: self.state.long_work.request(found.tenant),
        })
    }
}

/// The middleware itself.
pub async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    trim_trailing_slash(request.uri_mut());
    let mut seen = Seen::at_arrival(&request);
    // Also where its token is not to be let in: the check tries that, too.
    let check = request.headers().get(connection_check::HEADER).and_then(|id| id.to_str().ok());
    let stand_in = door.state.connection_checks.stand_in(check).await;
    seen.tenant = stand_in;
    let method = seen.method.clone();
    let media_type = json::accepted(request.headers());
    let answer = timeout(TIME_LIMIT, door.admit(&mut seen, request, next)).await;
    let answer = answer.unwrap_or(Err(Refusal::TimedOut));
    let refusal = match &answer {
        Ok(response) => refusals::of(response, &method),
        Err(_) => None,
    };
    let (mut response, told) = match (answer, refusal) {
        (Err(refusal), _) => {
            let (response, told) = refusal.render(&seen.request_id);
            (response, Some(told))
        }
        (Ok(response), Some(refusal)) => {
            let (mut rendered, told) = refusal.render(&seen.request_id);
            if let Some(allowed) = response.headers().get(header::ALLOW) {
                rendered.headers_mut().insert(header::ALLOW, allowed.clone());
            }
            (rendered, Some(told))
        }
        (Ok(response), None) => (response, None),
    };
    if let Some(sent) = response.headers_mut().get_mut(header::CONTENT_TYPE).filter(|sent| *sent == json::SCIM_JSON) {
        *sent = HeaderValue::from_static(media_type);
    }
    // What a check provokes is no company's trouble.
    if let (None, Some(tenant), Some(told)) = (stand_in, seen.tenant, &told) {
        door.state.metrics.refused(tenant.0, told.error.status);
    }
    door.journalist.note(&seen, &mut response, told).await;
    response
}

impl Seen {
    fn at_arrival(request: &Request) -> Self {
        let extensions = request.extensions();
        let full = full_path(request);
        let types = Types::built_in();
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            dialect: heard(request, None, &types),
            full_path: redact::path_and_query(full, &types),
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            tenant: None,
            actor: Actor::Anonymous,
            types,
            body: Bytes::new(),
        }
    }
}

impl Seen {
    /// Takes out of the address what the tenant's own schemas call secret.
    fn hide_secrets(&mut self, full_path: &str) {
        if self.types.has_secrets() {
            self.full_path = redact::path_and_query(full_path, &self.types);
        }
    }
}

/// The address as it came, before any router took its part away.
fn full_path(request: &Request) -> &str {
    let full = request.extensions().get::<OriginalUri>().map_or(request.uri(), |OriginalUri(uri)| uri);
    full.path_and_query().map_or("", PathAndQuery::as_str)
}

/// The dialect of a request, so far.
fn heard(request: &Request, body: Option<&Value>, types: &Types) -> Option<String> {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    dialect::recognise(Heard { path_and_query: full_path(request), user_agent, body, types })
}

/// Reads the body whole, within the limit, and puts it back: the journal may want it after the handler did.
async fn read_body(seen: &mut Seen, request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ScimError::payload_too_large(u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX))
        } else {
            ScimError::invalid_syntax("The body did not arrive whole.")
        }
    })?;
    seen.body = body.to_bytes();
    Ok(Request::from_parts(parts, Body::from(seen.body.clone())))
}

/// Takes the body of a request that is refused off its connection, if it is short and soon there. With a part of it still on
/// its way the connection would be closed under a client that has not read the answer.
async fn discard_body(request: Request) {
    let mut body = Limited::new(request.into_body(), DISCARDED);
    let arrival = async { while let Some(Ok(_part)) = body.frame().await {} };
    // What is too long or too slow closes the connection.
    timeout(DISCARD_TIME, arrival).await.unwrap_or_default();
}

fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

fn may_have_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

/// A slash at the end of a known address changes nothing.
fn trim_trailing_slash(uri: &mut Uri) {
    let path = uri.path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() == path.len() || trimmed.is_empty() {
        return;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(path_and_query) = format!("{trimmed}{query}").parse::<PathAndQuery>() {
        *uri = Uri::from(path_and_query);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_changes_nothing() {
        for (sent, routed) in
            [("/Users/", "/Users"), ("/Users//?a=b/", "/Users?a=b/"), ("/Users", "/Users"), ("/", "/"), ("//", "//")]
        {
            let mut uri: Uri = sent.parse().unwrap();
            trim_trailing_slash(&mut uri);
            assert_eq!(uri.to_string(), routed);
        }
    }
}
