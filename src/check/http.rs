//! Sends requests as Entra's service does, without a `User-Agent`, and records each exchange for the report.

use std::time::Duration;

use ureq::config::AutoHeaderValue;
use ureq::http;
use ureq::{Agent, Body};

use super::answer::Answer;
use super::exchange::Exchange;
use super::request::{Authorization, Request};
use super::{CheckError, Options};

/// How often a throttled request is sent at most.
const ATTEMPTS: u32 = 5;
/// The longest single wait, whatever `Retry-After` asks for.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The longest total wait of a run for `Retry-After`.
const LONGEST_TOTAL_WAIT: Duration = Duration::from_mins(10);
/// The largest response that is read.
const LARGEST_ANSWER: u64 = 64 * 1024 * 1024;
/// How many characters of a body are recorded.
const LONGEST_BODY: usize = 4000;
/// The response headers that are recorded.
const REPORTED_HEADERS: [&str; 7] =
    ["content-type", "location", "etag", "www-authenticate", "allow", "retry-after", "server"];
/// After this many requests in a row without a response the run stops.
const UNANSWERED_LIMIT: u32 = 3;
/// A password for test users that satisfies common policies.
pub const PASSWORD: &str = "tr0mb0ne-Quilt-58-Harbour!";

/// A connection to one SCIM service.
#[derive(Debug)]
pub struct HttpClient {
    agent: Agent,
    base: String,
    tenant_query: Option<String>,
    token: String,
    header: Option<(&'static str, String)>,
    sent: u64,
    unanswered: u32,
    waited: Duration,
}

impl HttpClient {
    /// A connection to a Tenant URL, which may have a query.
    pub fn new(options: &Options) -> Result<Self, CheckError> {
        let url = options.url.trim();
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let (base, tenant_query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
        let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
        let host = host.map(|rest| rest.split('/').next().unwrap_or_default()).unwrap_or_default();
        if host.is_empty() || base.contains(char::is_whitespace) || base.parse::<http::Uri>().is_err() {
            let why = format!("{base} is not a Tenant URL such as https://example.com/scim/v2");
            return Err(CheckError::Usage(why));
        }
        let token = options.token.0.trim().to_owned();
        if token.is_empty() || !token.chars().all(|letter| letter.is_ascii_graphic()) {
            let why = "the token is empty or contains a character that is not allowed in an HTTP header";
            return Err(CheckError::Usage(why.into()));
        }
        let is_loopback = ["127.", "localhost", "[::1]"].iter().any(|prefix| host.starts_with(prefix));
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(AutoHeaderValue::None)
            .accept_encoding(AutoHeaderValue::None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(options.timeout));
        if is_loopback {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            base: base.trim_end_matches('/').to_owned(),
            tenant_query: tenant_query.filter(|query| !query.is_empty()).map(str::to_owned),
            token,
            header: options.header.clone(),
            sent: 0,
            unanswered: 0,
            waited: Duration::ZERO,
        })
    }

    /// The Tenant URL without its query.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Requests sent so far.
    pub fn requests_sent(&self) -> u64 {
        self.sent
    }

    /// Whether the service has stopped answering.
    pub fn stopped_answering(&self) -> bool {
        self.unanswered >= UNANSWERED_LIMIT
    }

    /// Allows requests again after the service stopped answering.
    pub fn reset_unanswered(&mut self) {
        self.unanswered = 0;
    }

    /// Sends a request, and repeats it after `Retry-After` if it is throttled. Status 0 stands for no response.
    pub fn send(&mut self, request: &Request) -> Answer {
        let mut attempt = 1;
        loop {
            let answer = self.send_once(request);
            self.unanswered = if answer.status == 0 { self.unanswered + 1 } else { 0 };
            let wait = match (answer.status, answer.header("retry-after").and_then(|text| text.trim().parse().ok())) {
                (429, seconds) => Duration::from_secs(seconds.unwrap_or(1)),
                (503, Some(seconds)) => Duration::from_secs(seconds),
                _ => return answer,
            };
            if attempt == ATTEMPTS || self.waited > LONGEST_TOTAL_WAIT {
                return answer;
            }
            attempt += 1;
            let wait = wait.min(LONGEST_WAIT);
            self.waited += wait;
            std::thread::sleep(wait);
        }
    }

    fn send_once(&mut self, request: &Request) -> Answer {
        self.sent += 1;
        let address = request.address(&self.base, self.tenant_query.as_deref());
        let authorization = match &request.authorization {
            Authorization::Token => Some(format!("Bearer {}", self.token)),
            Authorization::TokenWithScheme(scheme) => Some(format!("{scheme} {}", self.token)),
            Authorization::Other(header) => Some((*header).to_owned()),
            Authorization::None => None,
        };
        let mut headers = vec![("Accept", request.accept.to_owned())];
        headers.extend(authorization.map(|value| ("Authorization", value)));
        headers.extend(request.body.as_ref().map(|(content_type, _)| ("Content-Type", (*content_type).to_owned())));
        headers.extend(self.header.iter().chain(&request.headers).cloned());
        let sent =
            self.transmit(request.method, &address, &headers, request.body.as_ref().map(|(_, text)| text.as_str()));
        let (status, headers, body) = match sent {
            Ok(mut response) => {
                let name_and_value = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                let received: Vec<_> = response.headers().iter().map(name_and_value).collect();
                match response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec() {
                    Ok(bytes) => (response.status().as_u16(), received, String::from_utf8_lossy(&bytes).into_owned()),
                    Err(error) => (0, received, format!("the response was incomplete: {error}")),
                }
            }
            Err(why) => (0, Vec::new(), why),
        };
        let exchange = self.record(request, &address, status, &headers, &body);
        Answer::new(status, headers, &body, exchange)
    }

    fn transmit(
        &self,
        method: &str,
        address: &str,
        headers: &[(&'static str, String)],
        body: Option<&str>,
    ) -> Result<http::Response<Body>, String> {
        let mut request = http::Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let refused = |error: http::Error| format!("the request could not be sent: {error}");
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).map_err(refused)?),
            None => self.agent.run(request.body(()).map_err(refused)?),
        };
        answer.map_err(|error| match error {
            ureq::Error::Timeout(_) => format!("timeout: {error}"),
            _ => format!("no response: {error}"),
        })
    }

    /// The exchange as the report shows it.
    fn record(
        &self,
        request: &Request,
        address: &str,
        status: u16,
        headers: &[(String, String)],
        body: &str,
    ) -> Exchange {
        let redacted = |text: &str| shorten(&self.redact(text));
        let authorization = match request.authorization {
            Authorization::Token | Authorization::TokenWithScheme(_) => "Authorization: Bearer …",
            Authorization::Other(_) => "Authorization: (not the token)",
            Authorization::None => "(no Authorization)",
        };
        let mut request_headers = vec![authorization.to_owned(), format!("Accept: {}", request.accept)];
        request_headers.extend(request.body.iter().map(|(content_type, _)| format!("Content-Type: {content_type}")));
        request_headers.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let reported = headers.iter().filter(|(name, _)| REPORTED_HEADERS.contains(&name.as_str()));
        Exchange {
            request: redacted(&format!("{} {address}", request.method)),
            request_headers,
            request_body: request.body.as_ref().map(|(_, text)| redacted(text)).unwrap_or_default(),
            status: (status > 0).then_some(status),
            response_headers: reported.map(|(name, value)| redacted(&format!("{name}: {value}"))).collect(),
            response_body: redacted(body),
        }
    }

    fn redact(&self, text: &str) -> String {
        text.replace(&self.token, "…").replace(PASSWORD, "…")
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_BODY) {
        Some((end, _)) => format!("{} … ({} more bytes)", &text[..end], text.len() - end),
        None => text.to_owned(),
    }
}
