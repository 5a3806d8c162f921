//! Whether a second address leads to the service under test. The tests themselves do not cover DNS, certificates or
//! proxies.

use std::time::Duration;

use super::Options;
use super::http::HttpClient;
use super::request::{Authorization, Request};

/// Who answers at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reachability {
    /// The service under test.
    SameService,
    /// Something else; a description.
    Other(String),
    /// No one; the reason.
    Unreachable(String),
}

/// Reads the public discovery document (RFC 7644 §4) from both addresses and compares them.
#[must_use]
pub fn reachability(url: &str, service: &str, timeout: Duration) -> Reachability {
    let fetch = |url: &str| {
        let mut http =
            HttpClient::new(&Options { timeout, ..Options::new(url, "none") }).map_err(|error| error.to_string())?;
        Ok::<_, String>(http.send(&Request::get("/ServiceProviderConfig").authorization(Authorization::None)))
    };
    let (answer, own) = match (fetch(url), fetch(service)) {
        (Ok(answer), Ok(own)) => (answer, own),
        (Err(why), _) | (_, Err(why)) => return Reachability::Unreachable(why),
    };
    match (answer.status, answer.header("location")) {
        (0, _) => Reachability::Unreachable(answer.exchange().response_body.clone()),
        (status, Some(target)) if (300..400).contains(&status) => {
            Reachability::Other(format!("it redirects to {target} ({status})"))
        }
        (200, _) if answer.body.is_object() && answer.body == own.body => Reachability::SameService,
        (200, _) => Reachability::Other("it answers, but not like this service".into()),
        (status, _) => Reachability::Other(format!("it answers {status}")),
    }
}
