//! Nothing stays behind: what was made is noticed wherever it was made, and deleted whatever became of the test.

use serde_json::Value;

use super::{Session, resource};
use crate::check::answer::Answer;
use crate::check::clock;
use crate::check::compare::member;
use crate::check::outcome::{Failure, Outcome, Verdict};
use crate::check::request::Request;
use crate::check::test::{Run, Test, rfc};

/// The end of each run.
const CLEAN_UP: Test = rfc(
    "RFC 7644 §3.6",
    "cleanup.everything_made_is_deleted",
    "Everything that the check made can be deleted again",
    Run::Code(|_| Ok(())),
)
.meaning("What Entra deletes stays on the service. What is listed here has to be deleted by hand.");

/// How often the remains are looked for.
const ROUNDS: usize = 10;

const COLLECTIONS: [(&str, &str); 2] = [("/Users", "userName"), ("/Groups", "displayName")];

impl Session {
    /// Keeps account of what a request made or deleted.
    pub(super) fn track(&mut self, request: &Request, answer: &Answer) {
        let is_done = (200..300).contains(&answer.status);
        match request.method {
            "DELETE" if is_done => self.untrack(&request.path),
            "POST" if request.path == "/Bulk" => self.track_bulk(request, answer),
            "POST" | "PUT" => {
                let known = COLLECTIONS.iter().find(|(endpoint, _)| request.path.trim_end_matches('/') == *endpoint);
                let Some((endpoint, attribute)) = known else {
                    return self.track_put(request, answer);
                };
                match answer.member("id").as_str() {
                    Some(id) if is_done && !id.is_empty() => self.created.push(resource(endpoint, id)),
                    // Whoever gave up, or answered with nonsense, may have done it all the same.
                    _ if is_done || answer.status == 0 || answer.status >= 500 => {
                        let sent = request.body.as_ref().and_then(|(_, text)| serde_json::from_str(text).ok());
                        self.track_unconfirmed(endpoint, attribute, &sent.unwrap_or_default());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// A PUT never creates (RFC 7644 §3.5.1); a service that does it all the same is cleaned up after.
    fn track_put(&mut self, request: &Request, answer: &Answer) {
        if request.method == "PUT" && matches!(answer.status, 200 | 201) && !self.created.contains(&request.path) {
            let is_known = self.deleted_at_end.contains(&request.path);
            if !is_known && COLLECTIONS.iter().any(|(endpoint, _)| request.path.starts_with(endpoint)) {
                self.created.push(request.path.clone());
            }
        }
    }

    fn track_bulk(&mut self, request: &Request, answer: &Answer) {
        let sent = request.body.as_ref().and_then(|(_, text)| serde_json::from_str(text).ok());
        let sent: Value = sent.unwrap_or_default();
        for operation in sent["Operations"].as_array().into_iter().flatten() {
            for (endpoint, attribute) in COLLECTIONS {
                if operation["method"] == "POST" && operation["path"] == endpoint {
                    self.track_unconfirmed(endpoint, attribute, &operation["data"]);
                }
            }
        }
        for operation in answer.member("Operations").as_array().into_iter().flatten() {
            let location = operation["location"].as_str().unwrap_or_default();
            let mut parts = location.rsplit('/');
            if let (Some(id), Some(kind)) = (parts.next(), parts.next()) {
                let known = COLLECTIONS.iter().find(|(endpoint, _)| endpoint.trim_start_matches('/') == kind);
                let is_new = operation["method"] == "POST" && !id.is_empty();
                self.created.extend(known.filter(|_| is_new).map(|(endpoint, _)| format!("{endpoint}/{id}")));
            }
        }
    }

    fn track_unconfirmed(&mut self, endpoint: &'static str, attribute: &str, body: &Value) {
        let name = member(body, attribute).as_str().filter(|name| self.names.is_from_this_run(name));
        self.unconfirmed.extend(name.map(|name| (endpoint, name.to_owned())));
    }

    fn untrack(&mut self, path: &str) {
        self.created.retain(|made| made != path);
        self.deleted_at_end.retain(|made| made != path);
    }

    /// Deletes what the test made, last first; what cannot be deleted is tried again in the end.
    pub(super) fn delete_created(&mut self) {
        while let Some(path) = self.created.pop() {
            if self.try_delete(&path).is_some() {
                self.deleted_at_end.push(path);
            }
        }
    }

    /// Deletes what is left of the whole run, and says what could not be deleted.
    pub fn clean_up(&mut self) -> Outcome {
        let started = clock::now();
        self.http.reset_unanswered();
        self.delete_created();
        let mut failed = std::mem::take(&mut self.deleted_at_end);
        failed.reverse();
        failed.retain(|path| self.try_delete(path).is_some());
        let mut left = self.delete_by_name();
        let mut fault = None;
        for path in failed {
            // A last try: what could not be deleted may have been held by what is gone now.
            if let Some(answer) = self.try_delete(&path) {
                left.push(path);
                fault = Some(answer);
            }
        }
        left.sort();
        left.dedup();
        let verdict = match (left.is_empty(), fault) {
            (true, _) => Verdict::Passed,
            (false, fault) => Verdict::Failed(Failure {
                what: format!("left behind: {}", left.join(", ")),
                exchange: fault.map(|answer| answer.exchange().clone()),
            }),
        };
        Outcome::of(&CLEAN_UP, verdict, started.elapsed())
    }

    /// Deletes; the answer when that failed.
    fn try_delete(&mut self, path: &str) -> Option<Answer> {
        let answer = self.http.send(&Request::new("DELETE", path));
        let is_gone = (200..300).contains(&answer.status) || matches!(answer.status, 404 | 410);
        (!is_gone).then_some(answer)
    }

    /// Looks for what bears a name of this run, and deletes it; gives what is still there. A service whose filters do
    /// not work may answer with other people's resources: only our own names count.
    fn delete_by_name(&mut self) -> Vec<String> {
        let mut filters: Vec<_> =
            self.unconfirmed.iter().map(|(endpoint, name)| (*endpoint, "eq", name.clone())).collect();
        let prefix = self.names.prefix().to_owned();
        filters.extend(COLLECTIONS.iter().map(|(endpoint, _)| (*endpoint, "sw", prefix.clone())));
        filters.dedup();
        let mut left = Vec::new();
        for (endpoint, operator, name) in filters {
            let attribute = if endpoint == "/Users" { "userName" } else { "displayName" };
            let filter = format!("{attribute} {operator} {}", Value::from(name));
            let mut found = Vec::new();
            for _ in 0..ROUNDS {
                found = self.find_remaining(endpoint, attribute, &filter);
                found.retain(|path| !left.contains(path) && self.try_delete(path).is_some());
                if found.is_empty() || self.http.stopped_answering() {
                    break;
                }
            }
            left.append(&mut found);
        }
        left
    }

    fn find_remaining(&mut self, endpoint: &str, attribute: &str, filter: &str) -> Vec<String> {
        let answer = self.http.send(&Request::get(endpoint).query("filter", filter).query("count", "100"));
        let resources = answer.member("Resources").as_array().map(Vec::as_slice).unwrap_or_default();
        let ours =
            resources.iter().filter(|found| found[attribute].as_str().is_some_and(|n| self.names.is_from_this_run(n)));
        ours.filter_map(|found| Some(resource(endpoint, found["id"].as_str()?))).collect()
    }
}
