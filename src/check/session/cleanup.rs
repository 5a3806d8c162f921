//! Records every resource that a request may have created, and deletes them after the test and at the end of the run.

use serde_json::Value;

use super::{Session, resource};
use crate::check::answer::Answer;
use crate::check::compare::member;
use crate::check::failure::NotPassed;
use crate::check::request::Request;

/// How many pages of remaining resources are deleted for one filter.
const ROUNDS: usize = 10;

const COLLECTIONS: [(&str, &str); 2] = [("/Users", "userName"), ("/Groups", "displayName")];

impl Session {
    /// Records what a request created or deleted.
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
                    // Without a usable response the service may still have created it.
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

    /// A PUT must not create (RFC 7644 §3.5.1), but if the service does, the resource has to be deleted too.
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
        self.created.retain(|created| created != path);
        self.deleted_at_end.retain(|created| created != path);
    }

    /// Deletes what the test created, last first; a resource that cannot be deleted is tried again at the end.
    pub fn delete_created(&mut self) {
        while let Some(path) = self.created.pop() {
            if self.try_delete(&path).is_some() {
                self.deleted_at_end.push(path);
            }
        }
    }

    /// Deletes what is left of the whole run; fails with what could not be deleted.
    pub fn delete_everything(&mut self) -> Result<(), NotPassed> {
        self.http.reset_unanswered();
        self.delete_created();
        let mut failed = std::mem::take(&mut self.deleted_at_end);
        failed.reverse();
        failed.retain(|path| self.try_delete(path).is_some());
        let mut left = self.delete_by_name();
        let mut refusal = None;
        for path in failed {
            // A resource deleted meanwhile may have prevented the first deletion.
            if let Some(answer) = self.try_delete(&path) {
                left.push(path);
                refusal = Some(answer);
            }
        }
        left.sort();
        left.dedup();
        if left.is_empty() {
            return Ok(());
        }
        let exchange = refusal.map(|answer| answer.exchange().clone());
        Err(NotPassed::failed(format!("could not be deleted: {}", left.join(", ")), exchange))
    }

    /// Deletes; returns the response if that failed.
    fn try_delete(&mut self, path: &str) -> Option<Answer> {
        let answer = self.http.send(&Request::new("DELETE", path));
        let is_gone = (200..300).contains(&answer.status) || matches!(answer.status, 404 | 410);
        (!is_gone).then_some(answer)
    }

    /// Searches for resources with a name of this run, deletes them, and returns those that remain. A service that
    /// ignores filters may answer with other resources: only names of this run count.
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
        let of_this_run =
            |resource: &&Value| resource[attribute].as_str().is_some_and(|n| self.names.is_from_this_run(n));
        resources
            .iter()
            .filter(of_this_run)
            .filter_map(|found| Some(resource(endpoint, found["id"].as_str()?)))
            .collect()
    }
}
