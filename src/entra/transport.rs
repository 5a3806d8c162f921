//! Sends requests as Entra's service does: no `User-Agent`, one bearer token, `Retry-After` respected.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use ureq::config::AutoHeaderValue;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body};

use super::SimulateError;
use super::failure::Failure;
use super::wire::patch::Dialect;
use super::wire::query;

/// The timeout of one request.
const TIMEOUT: Duration = Duration::from_secs(100);
/// How often a throttled request or a failed read is sent at most.
const ATTEMPTS: u32 = 5;
/// After this many requests in a row without a response, requests are no longer repeated.
const UNANSWERED_LIMIT: u64 = 10;
/// The longest single wait, whatever `Retry-After` asks for.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The largest response that is read.
const LARGEST_ANSWER: u64 = 256 * 1024 * 1024;

/// A client of one SCIM service.
pub struct Client {
    agent: Agent,
    base: String,
    tenant_query: Option<String>,
    authorization: String,
    requests: AtomicU64,
    throttled: AtomicU64,
    /// Requests in a row without a response.
    unanswered: AtomicU64,
}

impl Client {
    /// A client for a Tenant URL, which may have a query, and an optional flag to add to the query.
    pub fn new(url: &str, flag: Option<&str>, token: &str, concurrency: usize) -> Result<Self, SimulateError> {
        let (base, url_query) =
            url.trim().split_once('?').map_or((url.trim(), None), |(base, query)| (base, Some(query)));
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(SimulateError::Usage(format!(
                "{base} is not a Tenant URL: it has to start with https:// or http://"
            )));
        }
        if token.is_empty() || token.chars().any(|letter| letter.is_control() || letter == ' ') {
            return Err(SimulateError::Usage("the token is empty or contains a space or line break".into()));
        }
        let parts: Vec<_> = url_query.into_iter().chain(flag).filter(|part| !part.is_empty()).collect();
        let host = base.split('/').nth(2).unwrap_or_default();
        let is_loopback = ["127.", "localhost", "[::1]"].iter().any(|prefix| host.starts_with(prefix));
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(AutoHeaderValue::None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(concurrency.max(1))
            .timeout_global(Some(TIMEOUT));
        if is_loopback {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            base: base.trim_end_matches('/').to_owned(),
            tenant_query: (!parts.is_empty()).then(|| parts.join("&")),
            authorization: format!("Bearer {token}"),
            requests: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
        })
    }

    /// The Tenant URL without its query.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The PATCH dialect that the Tenant URL selects.
    pub fn dialect(&self) -> Dialect {
        Dialect::of(self.tenant_query.as_deref())
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Responses 429 so far.
    pub fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// Reads; the response has to be 200 and JSON.
    pub fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, Failure> {
        let (status, body) = self.send(&Method::GET, path, parameters, None)?;
        body.filter(|_| status == 200)
            .ok_or_else(|| Failure::incompatible(format!("GET {path} answered {status} without a resource")))
    }

    /// Creates; the response has to contain the new resource.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let (status, body) = self.send(&Method::POST, path, &[], Some(body))?;
        body.filter(|_| matches!(status, 200 | 201))
            .ok_or_else(|| Failure::incompatible(format!("POST {path} answered {status} without the resource")))
    }

    /// Changes; the response may be empty.
    pub fn patch(&self, path: &str, body: &Value) -> Result<(), Failure> {
        self.send(&Method::PATCH, path, &[], Some(body)).map(drop)
    }

    /// Deletes; 404 counts as success.
    pub fn delete(&self, path: &str) -> Result<(), Failure> {
        match self.send(&Method::DELETE, path, &[], None) {
            Err(failure) if failure.is_not_found() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Sends one request. A throttled request waits as requested, a failed read is repeated. A failed write is left to the
    /// next cycle, since it may have taken effect.
    fn send(
        &self,
        method: &Method,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<(u16, Option<Value>), Failure> {
        let address = format!("{}{}", self.base, query::address(path, self.tenant_query.as_deref(), parameters));
        let mut attempt = 1;
        loop {
            let answer = self.send_once(method, &address, body);
            let again = match &answer {
                Ok((429, wait, _)) => {
                    self.throttled.fetch_add(1, Ordering::Relaxed);
                    Some(wait.unwrap_or_else(|| back_off(attempt)))
                }
                Ok((503, Some(wait), _)) => Some(*wait),
                Ok((500.., ..)) | Err(_) if method == Method::GET => Some(back_off(attempt)),
                _ => None,
            };
            match &answer {
                Ok(_) => self.unanswered.store(0, Ordering::Relaxed),
                Err(_) => drop(self.unanswered.fetch_add(1, Ordering::Relaxed)),
            }
            // If the server has stopped responding, do not send five requests for each user.
            let is_gone = self.unanswered.load(Ordering::Relaxed) > UNANSWERED_LIMIT;
            match again {
                Some(wait) if attempt < ATTEMPTS && !is_gone => {
                    std::thread::sleep(wait.min(LONGEST_WAIT));
                }
                _ => {
                    let (status, _, text) = answer?;
                    return read_answer(status, &text);
                }
            }
            attempt += 1;
        }
    }

    fn send_once(
        &self,
        method: &Method,
        address: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Option<Duration>, String), Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("Authorization", &self.authorization)
            .header("Accept", "application/scim+json");
        let refused = |error: ureq::http::Error| Failure::protocol(error.to_string());
        let answer = match body {
            Some(body) => {
                let request =
                    request.header("Content-Type", "application/scim+json; charset=utf-8").body(body.to_string());
                self.agent.run(request.map_err(refused)?)
            }
            None => self.agent.run(request.body(()).map_err(refused)?),
        };
        let mut answer: Response<Body> = answer.map_err(|error| Failure::from_transport(&error))?;
        let wait = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let text = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string();
        let text = text.map_err(|error| Failure::from_transport(&error))?;
        Ok((answer.status().as_u16(), wait.map(Duration::from_secs), text))
    }
}

fn read_answer(status: u16, text: &str) -> Result<(u16, Option<Value>), Failure> {
    let body = if text.trim().is_empty() { None } else { Some(serde_json::from_str::<Value>(text)) };
    match (status, body) {
        (200..=299, None) => Ok((status, None)),
        (200..=299, Some(Ok(body))) => Ok((status, Some(body))),
        (200..=299, Some(Err(error))) => Err(Failure::incompatible(format!("the response is not JSON: {error}"))),
        (_, body) => Err(Failure::from_answer(status, body.and_then(Result::ok).as_ref(), text)),
    }
}

fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(200 << attempt.min(8))
}
