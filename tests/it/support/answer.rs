//! A response.

use axum::{
    body::{Bytes, to_bytes},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Value, json};

use super::ERROR;

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Checks that this is a SCIM error according to RFC 7644 §3.12, and returns its detail.
    #[track_caller]
    pub fn expect_error(&self, status: u16, scim_type: Option<&str>) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/scim+json"));
        let body = self.json();
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        assert!(!detail.is_empty(), "the detail is never empty: {body}");
        let mut expected = json!({"schemas": [ERROR], "status": status.to_string(), "detail": detail});
        if let Some(scim_type) = scim_type {
            expected["scimType"] = scim_type.into();
        }
        assert_eq!(body, expected);
        detail
    }

    #[track_caller]
    pub fn created_id(self) -> String {
        self.expect(201).json()["id"].as_str().expect("a new resource has an id").to_owned()
    }

    /// The session cookie, as a browser sends it back.
    pub fn session_cookie(&self) -> Option<String> {
        self.cookies().find(|pair| pair.contains("rollcall=") && !pair.ends_with('='))
    }

    /// The cookie of this name that the response sets, as `name=value`.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().find(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
    }

    fn cookies(&self) -> impl Iterator<Item = String> {
        let cookies = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        cookies.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
    }
}
