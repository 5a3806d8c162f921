//! A conversation with the service: what tests ask with, and what remembers everything they made.

use serde_json::{Value, json};

use super::answer::Answer;
use super::clock;
use super::http::HttpClient;
use super::names::UniqueNames;
use super::outcome::{Failure, Outcome, Verdict};
use super::request::{Request, path_segment};
use super::service::{ENTERPRISE, GROUP, ServiceDescription, USER};
use super::suite::test_users::TestUsers;
use super::test::{NotPassed, Run, Test};

mod cleanup;
mod data_tests;

/// The URN of a PATCH request (RFC 7644 §3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One run.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub http: HttpClient,
    /// Names of this run.
    pub names: UniqueNames,
    /// What the service says of itself.
    pub service: ServiceDescription,
    /// Paths of what the present test made, in order.
    created: Vec<String>,
    /// Paths of what is needed until the end, or could not be deleted yet.
    deleted_at_end: Vec<String>,
    /// Collection and name of what may have been made although nobody said so.
    unconfirmed: Vec<(&'static str, String)>,
    test_users: Option<Result<TestUsers, String>>,
}

/// A resource that a test made.
#[derive(Debug, Clone)]
pub struct CreatedResource {
    /// Its id.
    pub id: String,
    /// `/Users/1`
    pub path: String,
    /// Its userName or displayName.
    pub name: String,
    /// The answer to its creation.
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

    /// Runs one test and deletes what it made.
    pub fn run_test(&mut self, test: &Test) -> Outcome {
        let started = clock::now();
        let lacking = test.required_features.iter().find_map(|feature| self.service.lacks(*feature));
        let verdict = match lacking {
            Some(reason) => Verdict::Skipped { reason },
            None if self.http.stopped_answering() => {
                let what = "the service has stopped answering; the test was not tried".into();
                Verdict::Failed(Failure { what, exchange: None })
            }
            None => match self.execute(test.run) {
                Ok(()) => Verdict::Passed,
                Err(NotPassed::Failed(failure)) => Verdict::Failed(*failure),
                Err(NotPassed::Skipped(reason)) => Verdict::Skipped { reason },
            },
        };
        self.delete_created();
        Outcome::of(test, verdict, started.elapsed())
    }

    fn execute(&mut self, run: Run) -> Result<(), NotPassed> {
        match run {
            Run::Code(code) => code(self),
            Run::Filter { filter, expected } => self.run_filter(filter, expected),
            Run::Patch { before, operations, after } => self.run_patch(before, operations, after),
            Run::RefusedPatch { before, operations } => self.run_refused_patch(before, operations),
        }
    }

    /// Sends a request, and remembers what it made.
    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.http.send(request);
        self.track(request, &answer);
        answer
    }

    /// `GET`
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&Request::get(path))
    }

    /// `GET` of a resource that has to be there.
    pub fn read(&mut self, path: &str) -> Result<Answer, NotPassed> {
        self.get(path).require_ok()
    }

    /// `GET` of those whom a filter finds.
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

    /// Makes a user with these attributes besides a name of its own.
    pub fn user(&mut self, attributes: &Value) -> Result<CreatedResource, NotPassed> {
        let name = self.names.user_name();
        let body = user_body(&name, attributes);
        self.create("/Users", name, &body)
    }

    /// Makes a group with these members.
    pub fn group(&mut self, members: &[&str]) -> Result<CreatedResource, NotPassed> {
        let name = self.names.group_name();
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        self.create("/Groups", name.clone(), &json!({"schemas": [GROUP], "displayName": name, "members": members}))
    }

    /// Makes a resource that a test needs.
    pub fn create(&mut self, endpoint: &str, name: String, body: &Value) -> Result<CreatedResource, NotPassed> {
        // That it has to be 201 is a test of its own.
        let answer = self.post(endpoint, body).require_object(&[201, 200])?;
        let id = answer.id()?;
        Ok(CreatedResource { path: resource(endpoint, &id), id, name, answer })
    }

    /// The people whom filters and lists are tried on; made once, kept until the end.
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
            Some(Err(why)) => Err(NotPassed::failed(format!("the people to look for could not be made: {why}"), None)),
            None => Err(NotPassed::failed("there is nobody to look for", None)),
        }
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
