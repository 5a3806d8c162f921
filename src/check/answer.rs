//! The response to a request, and the requirements that a test can check on it.

use serde_json::Value;

use super::compare;
use super::exchange::Exchange;
use super::failure::NotPassed;

/// The URN of an error (RFC 7644 §3.12).
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A response; status 0 when there was none.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body; `null` when it is empty or not JSON.
    pub body: Value,
    /// Whether there was any body.
    pub has_body: bool,
    exchange: Exchange,
}

impl Answer {
    /// A response as received.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: &str, exchange: Exchange) -> Self {
        let has_body = status > 0 && !body.trim().is_empty();
        let body = if has_body { serde_json::from_str(body).unwrap_or_default() } else { Value::Null };
        Self { status, headers, body, has_body, exchange }
    }

    /// The exchange as the report shows it.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_lowercase()
    }

    /// A failure of the test, shown with this exchange.
    pub fn failure(&self, what: impl Into<String>) -> NotPassed {
        NotPassed::failed(what, Some(self.exchange.clone()))
    }

    /// Requires a condition.
    pub fn require(&self, condition: bool, what: impl FnOnce() -> String) -> Result<(), NotPassed> {
        if condition { Ok(()) } else { Err(self.failure(what())) }
    }

    /// Requires one of these statuses.
    pub fn require_status(self, expected: &[u16]) -> Result<Self, NotPassed> {
        if expected.contains(&self.status) {
            return Ok(self);
        }
        let words: Vec<_> = expected.iter().map(u16::to_string).collect();
        let got =
            if self.status == 0 { "there was no response".into() } else { format!("the response was {}", self.status) };
        Err(self.failure(format!("expected {}, but {got}", words.join(" or "))))
    }

    /// Requires 200 and a JSON object.
    pub fn require_ok(self) -> Result<Self, NotPassed> {
        self.require_object(&[200])
    }

    /// Requires one of these statuses and a JSON object.
    pub fn require_object(self, expected: &[u16]) -> Result<Self, NotPassed> {
        let answer = self.require_status(expected)?;
        answer.require(answer.body.is_object(), || "the body is not a JSON object".into())?;
        Ok(answer)
    }

    /// Requires an accepted write: 200 with the resource, or 204.
    pub fn require_accepted(self) -> Result<Self, NotPassed> {
        let answer = self.require_status(&[200, 204])?;
        answer.require(answer.status == 204 || answer.body.is_object(), || {
            "200 without the resource in the body".into()
        })?;
        Ok(answer)
    }

    /// Requires these values in the body.
    pub fn require_values(&self, expected: &Value) -> Result<(), NotPassed> {
        compare::difference(expected, &self.body).map_or(Ok(()), |what| Err(self.failure(what)))
    }

    /// A member of the body, or `null`.
    pub fn member(&self, name: &str) -> &Value {
        compare::member(&self.body, name)
    }

    /// The resource's id.
    pub fn id(&self) -> Result<String, NotPassed> {
        let id = self.member("id").as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        id.ok_or_else(|| self.failure("the resource has no id"))
    }

    /// The resources of a list. RFC 7644 §3.4.2 allows an empty list to omit the key.
    pub fn resources(&self) -> Result<&[Value], NotPassed> {
        match self.member("Resources") {
            Value::Array(resources) => Ok(resources),
            Value::Null => Ok(&[]),
            _ => Err(self.failure("Resources is not an array")),
        }
    }

    /// The ids of a list's resources.
    pub fn ids(&self) -> Result<Vec<&str>, NotPassed> {
        Ok(self.resources()?.iter().filter_map(|resource| resource["id"].as_str()).collect())
    }

    /// `totalResults`.
    pub fn total(&self) -> Result<u64, NotPassed> {
        self.member("totalResults").as_u64().ok_or_else(|| self.failure("totalResults is missing or not a number"))
    }

    /// Requires an error body as RFC 7644 §3.12 defines it.
    pub fn require_error_body(&self) -> Result<(), NotPassed> {
        self.require(self.body.is_object(), || "the error has no JSON body".into())?;
        let schemas = self.member("schemas").as_array();
        let is_error = schemas.is_some_and(|urns| urns.iter().any(|urn| urn == ERROR));
        self.require(is_error, || format!("schemas of the error does not contain {ERROR}"))?;
        let status = self.status.to_string();
        let written = self.member("status");
        self.require(written.as_str() == Some(status.as_str()), || {
            format!("status of the error should be the string \"{status}\", but is {written}")
        })
    }

    /// Requires a detail.
    pub fn require_detail(&self) -> Result<(), NotPassed> {
        let detail = self.member("detail").as_str().unwrap_or_default();
        self.require(!detail.trim().is_empty(), || "the error has no detail".into())
    }

    /// Requires one of these `scimType`s (RFC 7644 §3.12, table 9).
    pub fn require_scim_type(&self, expected: &[&str]) -> Result<(), NotPassed> {
        let written = self.member("scimType").as_str();
        self.require(written.is_some_and(|written| expected.contains(&written)), || {
            format!("scimType should be {}, but is {}", expected.join(" or "), written.unwrap_or("missing"))
        })
    }
}
