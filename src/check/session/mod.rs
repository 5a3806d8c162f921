//! A conversation with the service: what tests ask with, and what remembers everything they made.

use serde_json::{Value, json};

use super::answer::Answer;
use super::clock;
use super::http::Http;
use super::names::Names;
use super::outcome::{Failure, Outcome, Verdict};
use super::request::{Request, segment};
use super::service::{ENTERPRISE, GROUP, Service, USER};
use super::suite::cast::Cast;
use super::test::{Run, Stop, Test};

mod cleaning;
mod performing;

/// The URN of a PATCH request (RFC 7644 §3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One run.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub http: Http,
    /// Names of this run.
    pub names: Names,
    /// What the service says of itself.
    pub service: Service,
    /// Paths of what the present test made, in order.
    made: Vec<String>,
    /// Paths of what is needed until the end, or could not be deleted yet.
    kept: Vec<String>,
    /// Collection and name of what may have been made although nobody said so.
    claims: Vec<(&'static str, String)>,
    cast: Option<Result<Cast, String>>,
}

/// A resource that a test made.
#[derive(Debug, Clone)]
pub struct Made {
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
    pub fn new(http: Http, domain: &str) -> Self {
        Self {
            http,
            names: Names::new(domain),
            service: Service::default(),
            made: Vec::new(),
            kept: Vec::new(),
            claims: Vec::new(),
            cast: None,
        }
    }

    /// Runs one test and deletes what it made.
    pub fn play(&mut self, test: &Test) -> Outcome {
        let started = clock::start();
        let lacking = test.needs.iter().find_map(|need| self.service.lacks(*need));
        let verdict = match lacking {
            Some(reason) => Verdict::Skipped { reason },
            None if self.http.is_gone() => {
                let what = "the service has stopped answering; the test was not tried".into();
                Verdict::Failed(Failure { what, exchange: None })
            }
            None => match self.perform(test.run) {
                Ok(()) => Verdict::Passed,
                Err(Stop::Failed(failure)) => Verdict::Failed(*failure),
                Err(Stop::Skipped(reason)) => Verdict::Skipped { reason },
            },
        };
        self.tidy();
        Outcome::of(test, verdict, started.elapsed())
    }

    fn perform(&mut self, run: Run) -> Result<(), Stop> {
        match run {
            Run::Code(code) => code(self),
            Run::Finds { filter, whom } => self.finds(filter, whom),
            Run::Patches { before, operations, after } => self.patches(before, operations, after),
            Run::Refuses { before, operations } => self.refuses(before, operations),
        }
    }

    /// Sends a request, and remembers what it made.
    pub fn send(&mut self, request: &Request) -> Answer {
        let answer = self.http.send(request);
        self.notice(request, &answer);
        answer
    }

    /// `GET`
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(&Request::get(path))
    }

    /// `GET` of a resource that has to be there.
    pub fn read(&mut self, path: &str) -> Result<Answer, Stop> {
        self.get(path).ok()
    }

    /// `GET` of those whom a filter finds.
    pub fn find(&mut self, endpoint: &str, filter: &str) -> Answer {
        self.send(&Request::get(endpoint).with("filter", filter))
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
    pub fn user(&mut self, attributes: &Value) -> Result<Made, Stop> {
        let name = self.names.user();
        let body = user_body(&name, attributes);
        self.make("/Users", name, &body)
    }

    /// Makes a group with these members.
    pub fn group(&mut self, members: &[&str]) -> Result<Made, Stop> {
        let name = self.names.group();
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        self.make("/Groups", name.clone(), &json!({"schemas": [GROUP], "displayName": name, "members": members}))
    }

    /// Makes a resource that a test needs.
    pub fn make(&mut self, endpoint: &str, name: String, body: &Value) -> Result<Made, Stop> {
        // That it has to be 201 is a test of its own.
        let answer = self.post(endpoint, body).object(&[201, 200])?;
        let id = answer.id()?;
        Ok(Made { path: resource(endpoint, &id), id, name, answer })
    }

    /// The people whom filters and lists are tried on; made once, kept until the end.
    pub fn cast(&mut self) -> Result<Cast, Stop> {
        if self.cast.is_none() {
            let cast = Cast::engage(self).map_err(|stop| match stop {
                Stop::Failed(failure) => failure.what,
                Stop::Skipped(reason) => reason,
            });
            self.kept.append(&mut self.made);
            self.cast = Some(cast);
        }
        match &self.cast {
            Some(Ok(cast)) => Ok(cast.clone()),
            Some(Err(why)) => Err(Stop::failed(format!("the people to look for could not be made: {why}"), None)),
            None => Err(Stop::failed("there is nobody to look for", None)),
        }
    }
}

/// The path of one resource.
pub fn resource(endpoint: &str, id: &str) -> String {
    format!("{endpoint}/{}", segment(id))
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
