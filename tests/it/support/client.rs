//! HTTP clients with different roles.

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, header},
};
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, group, user};

/// A client, with the headers that it sends in each request.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Client {
    pub fn new(router: &Router) -> Self {
        Self { router: router.clone(), headers: Vec::new() }
    }

    /// The same client with another header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    /// Requests a page like a browser.
    pub async fn page(&self, path: &str) -> Answer {
        self.clone().header("accept", "text/html,application/xhtml+xml").get(path).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, json: &Value) -> Answer {
        self.json(Method::POST, path, json).await
    }

    pub async fn put(&self, path: &str, json: &Value) -> Answer {
        self.json(Method::PUT, path, json).await
    }

    pub async fn patch(&self, path: &str, json: &Value) -> Answer {
        self.json(Method::PATCH, path, json).await
    }

    pub async fn json(&self, method: Method, path: &str, json: &Value) -> Answer {
        let typed = self.clone().header("content-type", "application/scim+json");
        typed.send(method, path, Body::from(json.to_string())).await
    }

    /// Posts a form like a page without scripts.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode =
            |text: &str| -> String {
                text.bytes()
                    .map(|byte| {
                        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
                    })
                    .collect()
            };
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let typed = self.clone().header("content-type", "application/x-www-form-urlencoded");
        typed.send(Method::POST, path, Body::from(body.join("&"))).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let path = path.replace(' ', "%20").replace('"', "%22");
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "rollcall.example");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        Answer::read(response).await
    }

    /// Creates a user and returns its id.
    pub async fn create_user(&self, user_name: &str) -> String {
        self.post("/v2/scim/Users", &user(user_name)).await.created_id()
    }

    /// Creates a user from this document and returns its id.
    pub async fn create(&self, document: &Value) -> String {
        self.post("/v2/scim/Users", document).await.created_id()
    }

    /// Creates a group and returns its id.
    pub async fn create_group(&self, display_name: &str) -> String {
        self.post("/v2/scim/Groups", &group(display_name)).await.created_id()
    }

    /// Reads a user.
    pub async fn user(&self, id: &str) -> Value {
        self.get(&format!("/v2/scim/Users/{id}")).await.expect(200).json()
    }

    /// Reads a group.
    pub async fn group(&self, id: &str) -> Value {
        self.get(&format!("/v2/scim/Groups/{id}")).await.expect(200).json()
    }

    /// The userNames of the matches of a filter, sorted.
    pub async fn found(&self, filter: &str) -> Vec<String> {
        let filter =
            filter.replace('%', "%25").replace('+', "%2B").replace('&', "%26").replace('#', "%23").replace('\\', "%5C");
        let answer = self.get(&format!("/v2/scim/Users?filter={filter}")).await.expect(200).json();
        let resources = answer["Resources"].as_array().unwrap();
        assert_eq!(answer["totalResults"], resources.len(), "{filter}");
        let mut names: Vec<_> = resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}
