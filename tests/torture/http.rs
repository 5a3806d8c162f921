//! A simple HTTP client: a request, and a response or none.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use ureq::{Agent, http::Request};

/// The timeout, longer than every limit of the server.
const TIMEOUT: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub struct Http {
    agent: Agent,
    base: String,
    token: String,
}

/// A complete response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub request_id: String,
    pub retry_after: Option<String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

impl Http {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT));
        Self { agent: config.build().new_agent(), base: format!("http://{address}"), token: token.to_owned() }
    }

    /// The same client with separate connections.
    pub fn separate(&self) -> Self {
        let address = self.base.trim_start_matches("http://").parse().expect("created from an address");
        Self::new(address, &self.token)
    }

    pub fn get(&self, path: &str) -> Option<Answer> {
        self.send("GET", path, None)
    }

    /// None if the response is missing or incomplete; the request may have been executed or not.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/scim+json");
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_string()).ok()?),
            None => self.agent.run(request.body(()).ok()?),
        };
        read(answer.ok()?)
    }

    /// Posts a form like a page of the portal.
    pub fn form(&self, path: &str, fields: &str) -> Option<Answer> {
        let request = Request::builder()
            .method("POST")
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded");
        read(self.agent.run(request.body(fields.to_owned()).ok()?).ok()?)
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Option<Answer> {
    let header = |name: &str| answer.headers().get(name)?.to_str().ok().map(str::to_owned);
    let (request_id, retry_after) = (header("x-request-id").unwrap_or_default(), header("retry-after"));
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(100 << 20).read_to_string().ok()?;
    Some(Answer { status, request_id, retry_after, text })
}
