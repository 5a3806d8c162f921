//! One run against a service: sends the requests of the tests and records which resources they create.

use serde_json::{Value, json};

use self::test_users::TestUsers;
use super::answer::Answer;
use super::failure::NotPassed;
use super::http::HttpClient;
use super::names::UniqueNames;
use super::request::{Request, path_segment};
use super::service::{ENTERPRISE, GROUP, ServiceDescription, USER};

mod cleanup;
mod test_users;

/// The URN of a PATCH request (RFC 7644 §3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One run.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub http: HttpClient,
    /// Names of this run.
    pub names: UniqueNames,
    /// What the service declares about itself.
    pub service: ServiceDescription,
    /// Paths of the resources that the current test created, in order.
    created: Vec<String>,
    /// Paths of resources that are used until the end of the run, or could not be deleted yet.
    deleted_at_end: Vec<String>,
    /// Collection and name of resources that may exist although no response confirmed it.
    unconfirmed: Vec<(&'static str, String)>,
    test_users: Option<Result<TestUsers, String>>,
}

/// A resource that a test created.
#[derive(Debug, Clone)]
pub struct CreatedResource {
    /// Its id.
    pub id: String,
    /// `/Users/1`
    pub path: String,
    /// Its userName or displayName.
    pub name: String,
    /// The response to its creation.
    pub answer: Answer,
}

impl Session {
    /// A new run.
    pub fn new(http: HttpClient, domain: &str) -> Self {
        Self {
            http,
            names: UniqueNames::new(domain),
            service: ServiceDescription::default(),
            created: Vec::new(),
            deleted_at_end: Vec::new(),
            unconfirmed: Vec::new(),
            test_users: None,
        }
    }

    /// Sends a request and records what it created or deleted.
    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.http.send(request);
        self.track(request, &answer);
        answer
    }

    /// `GET`
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&Request::get(path))
    }

    /// `GET` of a resource that has to exist.
    pub fn read(&mut self, path: &str) -> Result<Answer, NotPassed> {
        self.get(path).require_ok()
    }

    /// `GET` with a filter.
    pub fn find(&mut self, endpoint: &str, filter: &str) -> Answer {
        self.send(&Request::get(endpoint).query("filter", filter))
    }

    /// `POST`
    pub fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(&Request::new("POST", path).json(body))
    }

    /// `PUT`
    pub fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.send(&Request::new("PUT", path).json(body))
    }

    /// `PATCH` with these operations.
    pub fn patch(&mut self, path: &str, operations: &Value) -> Answer {
        self.send(&Request::new("PATCH", path).json(&patch_of(operations)))
    }

    /// `DELETE`
    pub fn delete(&mut self, path: &str) -> Answer {
        self.send(&Request::new("DELETE", path))
    }

    /// Creates a user with these attributes and a unique userName.
    pub fn user(&mut self, attributes: &Value) -> Result<CreatedResource, NotPassed> {
        let name = self.names.user_name();
        let body = user_body(&name, attributes);
        self.create("/Users", name, &body)
    }

    /// Creates a group with these members.
    pub fn group(&mut self, members: &[&str]) -> Result<CreatedResource, NotPassed> {
        let name = self.names.group_name();
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        self.create("/Groups", name.clone(), &json!({"schemas": [GROUP], "displayName": name, "members": members}))
    }

    /// Creates a resource that a test needs.
    pub fn create(&mut self, endpoint: &str, name: String, body: &Value) -> Result<CreatedResource, NotPassed> {
        // A test of its own requires 201.
        let answer = self.post(endpoint, body).require_object(&[201, 200])?;
        let id = answer.id()?;
        Ok(CreatedResource { path: resource(endpoint, &id), id, name, answer })
    }

    /// The users that filters, pages and sort orders are tested with; created once, deleted at the end of the run.
    pub fn test_users(&mut self) -> Result<TestUsers, NotPassed> {
        if self.test_users.is_none() {
            let test_users = TestUsers::create(self).map_err(|end| match end {
                NotPassed::Failed(failure) => failure.what,
                NotPassed::Skipped(reason) => reason,
            });
            self.deleted_at_end.append(&mut self.created);
            self.test_users = Some(test_users);
        }
        match &self.test_users {
            Some(Ok(test_users)) => Ok(test_users.clone()),
            Some(Err(why)) => Err(NotPassed::failed(format!("the test users could not be created: {why}"), None)),
            None => Err(NotPassed::failed("there are no test users", None)),
        }
    }

    /// A refused request must not have changed the resource.
    pub fn require_unchanged(&mut self, refusal: &Answer, before: &Answer, path: &str) -> Result<(), NotPassed> {
        let after = self.read(path)?;
        refusal.require(after.body == before.body, || {
            format!("the request was refused, but it changed the resource: {} became {}", before.body, after.body)
        })
    }
}

/// The path of one resource.
pub fn resource(endpoint: &str, id: &str) -> String {
    format!("{endpoint}/{}", path_segment(id))
}

/// A user of that name with these attributes.
pub fn user_body(name: &str, attributes: &Value) -> Value {
    let mut body = json!({"schemas": [USER], "userName": name});
    if attributes.get(ENTERPRISE).is_some() {
        body["schemas"] = json!([USER, ENTERPRISE]);
    }
    if let (Some(body), Some(attributes)) = (body.as_object_mut(), attributes.as_object()) {
        body.extend(attributes.clone());
    }
    body
}

/// A PATCH request of these operations.
pub fn patch_of(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}
