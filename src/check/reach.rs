//! Whether a second address leads to the service that is checked: what stands in front of a service (names, certificates,
//! proxies) is no part of the check itself.

use std::time::Duration;

use super::Options;
use super::http::Http;
use super::request::{Proof, Request};

/// What answers at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The service itself.
    Service,
    /// Something else, in words.
    Other(String),
    /// Nothing, and why.
    Nothing(String),
}

/// Asks both addresses what discovery tells everybody (RFC 7644 §4), and compares.
#[must_use]
pub fn reach(url: &str, service: &str, timeout: Duration) -> Reach {
    let ask = |url: &str| {
        let mut http =
            Http::new(&Options { timeout, ..Options::new(url, "none") }).map_err(|error| error.to_string())?;
        Ok::<_, String>(http.send(&Request::get("/ServiceProviderConfig").proof(Proof::None)))
    };
    let (answer, own) = match (ask(url), ask(service)) {
        (Ok(answer), Ok(own)) => (answer, own),
        (Err(why), _) | (_, Err(why)) => return Reach::Nothing(why),
    };
    match (answer.status, answer.header("location")) {
        (0, _) => Reach::Nothing(answer.exchange().response_body.clone()),
        (status, Some(target)) if (300..400).contains(&status) => {
            Reach::Other(format!("it sends callers on to {target} ({status})"))
        }
        (200, _) if answer.body.is_object() && answer.body == own.body => Reach::Service,
        (200, _) => Reach::Other("it answers, but not as this service does".into()),
        (status, _) => Reach::Other(format!("it answers {status}")),
    }
}
