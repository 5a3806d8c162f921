//! A request to be sent.

use serde_json::Value;

/// The media type of SCIM (RFC 7644 §8.1).
pub const SCIM: &str = "application/scim+json";

/// The `Authorization` header of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// The token, as `Bearer …`.
    Token,
    /// The token with another spelling of the scheme.
    TokenWithScheme(&'static str),
    /// Another header value.
    Other(&'static str),
    /// No header.
    None,
}

/// One request, relative to the Tenant URL.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`
    pub method: &'static str,
    /// `/Users/1`
    pub path: String,
    /// Encoded query parameters: `filter=userName+eq+%22x%22`.
    pub query: Vec<String>,
    /// `Content-Type` and body.
    pub body: Option<(&'static str, String)>,
    /// Additional headers.
    pub headers: Vec<(&'static str, String)>,
    /// `Accept`.
    pub accept: &'static str,
    /// `Authorization`.
    pub authorization: Authorization,
}

impl Request {
    /// A request without a body.
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            headers: Vec::new(),
            accept: SCIM,
            authorization: Authorization::Token,
        }
    }

    /// `GET`
    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    /// Adds a query parameter, encoded as Entra does, with `+` for a space.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push(format!("{name}={}", form_encode(value)));
        self
    }

    /// Adds an encoded part of the query.
    pub fn raw_query(mut self, part: impl Into<String>) -> Self {
        self.query.push(part.into());
        self
    }

    /// Sets a JSON body with the `Content-Type` that Entra sends.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/scim+json; charset=utf-8", body.to_string())
    }

    /// Sets a body of any type.
    pub fn text(mut self, content_type: &'static str, text: impl Into<String>) -> Self {
        self.body = Some((content_type, text.into()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets `Accept`.
    pub fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = media_type;
        self
    }

    /// Sets `Authorization`.
    pub fn authorization(mut self, authorization: Authorization) -> Self {
        self.authorization = authorization;
        self
    }

    /// The full address; the query of the Tenant URL comes first.
    pub fn address(&self, base: &str, tenant_query: Option<&str>) -> String {
        let parts: Vec<_> = tenant_query.into_iter().chain(self.query.iter().map(String::as_str)).collect();
        if parts.is_empty() {
            format!("{base}{}", self.path)
        } else {
            format!("{base}{}?{}", self.path, parts.join("&"))
        }
    }
}

/// Form encoding, with `+` for a space.
pub fn form_encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02x}")),
        }
        encoded
    })
}

/// A segment of a path.
pub fn path_segment(text: &str) -> String {
    form_encode(text).replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_the_tenant_url_comes_first() {
        let request = Request::get("/Users").query("filter", r#"userName eq "a+b ü""#);
        assert_eq!(
            request.address("https://x.org/scim", Some("aadOptscim062020")),
            "https://x.org/scim/Users?aadOptscim062020&filter=userName+eq+%22a%2bb+%c3%bc%22"
        );
        assert_eq!(Request::get("/Users").address("https://x.org", None), "https://x.org/Users");
        assert_eq!(path_segment("a/b c"), "a%2fb%20c");
    }
}
