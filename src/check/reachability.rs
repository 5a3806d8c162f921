//! Whether a second address leads to the service that is checked: what stands in front of a service (names, certificates,
//! proxies) is no part of the check itself.

use std::time::Duration;

use super::Options;
use super::http::HttpClient;
use super::request::{Authorization, Request};

/// What answers at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reachability {
    /// The service itself.
    SameService,
    /// Something else, in words.
    Other(String),
    /// Nothing, and why.
    Unreachable(String),
}

/// Asks both addresses what discovery tells everybody (RFC 7644 §4), and compares.
#[must_use]
pub fn reachability(url: &str, service: &str, timeout: Duration) -> Reachability {
    let ask = |url: &str| {
        let mut http =
            HttpClient::new(&Options { timeout, ..Options::new(url, "none") }).map_err(|error| error.to_string())?;
        Ok::<_, String>(http.send(&Request::get("/ServiceProviderConfig").authorization(Authorization::None)))
    };
    let (answer, own) = match (ask(url), ask(service)) {
        (Ok(answer), Ok(own)) => (answer, own),
        (Err(why), _) | (_, Err(why)) => return Reachability::Unreachable(why),
    };
    match (answer.status, answer.header("location")) {
        (0, _) => Reachability::Unreachable(answer.exchange().response_body.clone()),
        (status, Some(target)) if (300..400).contains(&status) => {
            Reachability::Other(format!("it sends callers on to {target} ({status})"))
        }
        (200, _) if answer.body.is_object() && answer.body == own.body => Reachability::SameService,
        (200, _) => Reachability::Other("it answers, but not as this service does".into()),
        (status, _) => Reachability::Other(format!("it answers {status}")),
    }
}
