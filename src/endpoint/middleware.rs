//! The middleware that every request to the endpoint passes before routing: it authenticates the caller, enforces the
//! limits, and on the way out renders errors and journals them.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::{
    connection_check,
    directory::work::cost_of_json,
    endpoint::{
        caller::{self, Caller, Credential},
        concurrency_limit::{ConcurrencyLimit, Permit},
        is_discovery,
        journal::JournalWriter,
        json::{self, ParsedBody},
        refusals::{self, Refusal},
        request_record::{RequestRecord, dialect_of, full_path},
        scim_json::SCIM_JSON,
        throttle::Throttle,
    },
    keyed_semaphore::KeyedSemaphore,
    model::id::TenantId,
    scim::{self, bulk::MAX_PAYLOAD_SIZE, error::ScimError},
    state::AppState,
    store::FoundToken,
};

/// The longest body that is read, in bytes: a PATCH with some ten thousand members.
pub const BODY_LIMIT: usize = MAX_PAYLOAD_SIZE;
/// The longest a request may take, including the arrival of its body.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How much is read, and for how long, of the body of a request that is rejected by its head.
const DISCARDED: usize = 64 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// A response of more bytes than the kernel buffers for a slow client: it stays in memory while it is being sent, and counts
/// as a request in progress until then.
const LARGE_RESPONSE: u64 = 64 * 1024;
/// How many responses of [`LARGE_RESPONSE`] or more may be on their way, in all and to one tenant.
const LARGE_RESPONSES: usize = 64;
const LARGE_RESPONSES_PER_TENANT: usize = 8;

/// The limits that are counted over requests.
#[derive(Clone, Debug)]
pub struct Middleware {
    state: AppState,
    throttle: Throttle<TenantId>,
    concurrency: ConcurrencyLimit<TenantId>,
    large_responses: KeyedSemaphore<TenantId>,
    journal: JournalWriter,
}

impl Middleware {
    /// The middleware of the endpoint.
    #[must_use]
    pub fn new(state: &AppState) -> Self {
        Self {
            state: state.clone(),
            throttle: Throttle::per_second(state.config.rate_limit),
            concurrency: ConcurrencyLimit::new(),
            large_responses: KeyedSemaphore::new(LARGE_RESPONSES, LARGE_RESPONSES_PER_TENANT),
            journal: JournalWriter::new(state),
        }
    }

    /// Runs the handler for a request that may be served. `record` is completed on the way.
    async fn respond(&self, record: &mut RequestRecord, mut request: Request, next: Next) -> Result<Response, Refusal> {
        let caller = match self.caller(record, request.headers(), full_path(&request)).await {
            Ok(caller) => caller,
            Err(refusal) => {
                discard_body(request).await;
                return Err(refusal);
            }
        };
        let Some(mut caller) = caller else {
            return Ok(next.run(request).await);
        };
        if may_have_body(&record.method) {
            request = read_body(record, request).await?;
        }
        let tenant = caller.tenant;
        let permit = self.concurrency.try_acquire(tenant).ok_or(Refusal::Throttled { seconds: 1 })?;
        let work = caller.work.clone();
        let response = async {
            if let Ok(body) = scim::json::parse(&record.body) {
                record.dialect = record.dialect.take().or_else(|| dialect_of(&request, Some(&body), &record.types));
                request.extensions_mut().insert(ParsedBody(body));
            }
            caller.origin.dialect.clone_from(&record.dialect);
            request.extensions_mut().insert(caller);
            next.run(request).await
        };
        let response = work.perform(cost_of_json(record.body.len()), response).await?;
        self.hold_until_sent(response, record, tenant, permit)
    }

    /// Keeps the permits of a large response until the client has received it. A read is rejected where too many are on their
    /// way already; a change has been made by now, and is answered.
    fn hold_until_sent(
        &self,
        response: Response,
        record: &RequestRecord,
        tenant: TenantId,
        permit: Permit<TenantId>,
    ) -> Result<Response, Refusal> {
        if response.body().size_hint().lower() < LARGE_RESPONSE {
            return Ok(response);
        }
        let large = self.large_responses.try_acquire(tenant);
        if large.is_none() && (is_read(&record.method) || record.path.ends_with("/.search")) {
            return Err(Refusal::Throttled { seconds: 1 });
        }
        let held = (permit, large);
        Ok(response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _held_until_the_body_is_dropped = &held;
                frame
            }))
        }))
    }

    /// The caller by the head of the request alone; none for a request without a token that needs none.
    async fn caller(
        &self,
        record: &mut RequestRecord,
        head: &HeaderMap,
        full_path: &str,
    ) -> Result<Option<Caller>, Refusal> {
        match caller::authenticate(&self.state, head).await? {
            Credential::Valid(found) => {
                self.identify(record, &found, full_path).await?;
                let now = self.state.clock.now();
                self.throttle.take(found.tenant, now).map_err(|seconds| Refusal::Throttled { seconds })?;
                if self.concurrency.is_full_for(found.tenant) {
                    return Err(Refusal::Throttled { seconds: 1 });
                }
                self.authorize(record, &found).map(Some)
            }
            Credential::Inactive(found) => {
                self.identify(record, &found, full_path).await?;
                Err(ScimError::unauthorized().into())
            }
            Credential::Malformed(found, mistake) => {
                self.identify(record, &found, full_path).await?;
                Err(caller::refuse(record, mistake))
            }
            Credential::Damaged(mistake) => Err(caller::refuse(record, mistake)),
            Credential::Missing if is_discovery(&record.path) && is_read(&record.method) => Ok(None),
            Credential::Missing | Credential::Invalid => Err(ScimError::unauthorized().into()),
        }
    }

    async fn identify(&self, record: &mut RequestRecord, found: &FoundToken, full_path: &str) -> Result<(), Refusal> {
        let types = self.state.store.types(found.tenant, found.schemas_version).await?;
        record.identify(found, types, full_path);
        Ok(())
    }

    /// The caller, unless the tenant has provisioning switched off.
    fn authorize(&self, record: &RequestRecord, found: &FoundToken) -> Result<Caller, Refusal> {
        if !found.settings.provisioning {
            let detail = "Provisioning is switched off: an administrator has to turn on \"Create and manage user accounts \
                          through IDP\" in Group Settings > Security.";
            return Err(ScimError::forbidden(detail).into());
        }
        Ok(Caller {
            tenant: found.tenant,
            settings: found.settings,
            types: Arc::clone(&record.types),
            origin: caller::origin(record),
            base_url: self.state.config.tenant_url(),
            work: self.state.long_work.request(found.tenant),
        })
    }
}

/// The middleware function.
pub async fn run(State(middleware): State<Arc<Middleware>>, mut request: Request, next: Next) -> Response {
    let state = &middleware.state;
    trim_trailing_slash(request.uri_mut());
    let mut record = RequestRecord::new(&request);
    // Known before authentication: a connection check also sends requests with a wrong token.
    let check = request.headers().get(connection_check::HEADER).and_then(|id| id.to_str().ok());
    let check_tenant = state.connection_checks.check_tenant(check).await;
    record.tenant = check_tenant;
    let method = record.method.clone();
    let media_type = json::response_media_type(request.headers());
    let answer = timeout(TIME_LIMIT, middleware.respond(&mut record, request, next)).await;
    let answer = answer.unwrap_or(Err(Refusal::TimedOut));
    let refusal = match &answer {
        Ok(response) => refusals::of(response, &method),
        Err(_) => None,
    };
    let (mut response, sent_error) = match (answer, refusal) {
        (Err(refusal), _) => {
            let (response, sent_error) = refusal.render(&record.request_id);
            (response, Some(sent_error))
        }
        (Ok(response), Some(refusal)) => {
            let (mut rendered, sent_error) = refusal.render(&record.request_id);
            if let Some(allowed) = response.headers().get(header::ALLOW) {
                rendered.headers_mut().insert(header::ALLOW, allowed.clone());
            }
            (rendered, Some(sent_error))
        }
        (Ok(response), None) => (response, None),
    };
    if let Some(sent) = response.headers_mut().get_mut(header::CONTENT_TYPE).filter(|sent| *sent == SCIM_JSON) {
        *sent = HeaderValue::from_static(media_type);
    }
    // Errors that a connection check provokes are not the tenant's.
    if let (None, Some(tenant), Some(sent_error)) = (check_tenant, record.tenant, &sent_error) {
        state.metrics.request_refused(tenant.0, sent_error.error.status);
    }
    middleware.journal.record(&record, &mut response, sent_error).await;
    response
}

/// Reads the whole body, within the limit. The request keeps it, and the record has it for the journal.
async fn read_body(record: &mut RequestRecord, request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ScimError::payload_too_large(u64::try_from(BODY_LIMIT).unwrap_or(u64::MAX))
        } else {
            ScimError::invalid_syntax("The body did not arrive whole.")
        }
    })?;
    record.body = body.to_bytes();
    Ok(Request::from_parts(parts, Body::from(record.body.clone())))
}

/// Reads the body of a rejected request if it is short and arrives soon. Otherwise the connection would be closed under a
/// client that is still sending and has not read the response.
async fn discard_body(request: Request) {
    // The client waits for permission to send it: RFC 9110 §10.1.1 lets the final status come at once.
    if request.headers().contains_key(header::EXPECT) {
        return;
    }
    let mut body = Limited::new(request.into_body(), DISCARDED);
    let arrival = async { while let Some(Ok(_part)) = body.frame().await {} };
    // A body that is too long or too slow closes the connection.
    timeout(DISCARD_TIME, arrival).await.unwrap_or_default();
}

fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

fn may_have_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH].contains(method)
}

/// A trailing slash changes nothing.
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
    fn a_trailing_slash_changes_nothing() {
        for (sent, routed) in
            [("/Users/", "/Users"), ("/Users//?a=b/", "/Users?a=b/"), ("/Users", "/Users"), ("/", "/"), ("//", "//")]
        {
            let mut uri: Uri = sent.parse().unwrap();
            trim_trailing_slash(&mut uri);
            assert_eq!(uri.to_string(), routed);
        }
    }
}
