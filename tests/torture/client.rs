//! A client that sends random changes and records their results.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    http::{Answer, Http},
    model::{self, Change, ClientState, Ids, Request, SHARED},
    random::Random,
};

/// The maximum number of changes in a bulk request.
const BULK: usize = 6;

pub struct Client {
    pub http: Http,
    /// The acknowledged state.
    pub state: ClientState,
    pub ids: Ids,
    /// Every acknowledged change, with its times according to the clock of [`Client::work`].
    pub steps: Vec<Step>,
    /// The changes of the request that was not answered, in order: none, some or all of them were made.
    pub unanswered: Vec<Change>,
    /// Successful requests: id and number of changes.
    pub acknowledged: Vec<(String, usize)>,
    /// The number of requests that were refused because nothing could be written.
    pub refused: usize,
    prefix: String,
    number: u64,
    random: Random,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub change: Change,
    pub sent: u64,
    pub answered: u64,
}

impl Client {
    pub fn new(index: usize, http: Http, random: Random) -> Self {
        Self {
            http,
            state: ClientState::default(),
            ids: Ids::new(),
            steps: Vec::new(),
            unanswered: Vec::new(),
            acknowledged: Vec::new(),
            refused: 0,
            prefix: prefix(index),
            number: 0,
            random,
        }
    }

    /// Sends requests until `stop` is set or a response is missing. `mark` is the clock.
    pub fn work(&mut self, stop: &AtomicBool, mark: impl Fn() -> u64) {
        while !stop.load(Ordering::Relaxed) && self.unanswered.is_empty() {
            self.once(&mark);
        }
    }

    /// Sends one request.
    pub fn once(&mut self, mark: &impl Fn() -> u64) {
        let changes = self.draw();
        let request = match &changes[..] {
            [only] => only.request(&self.ids),
            several => model::bulk(several, &self.ids),
        };
        let sent = mark();
        let path = format!("/v2/scim{}", request.path);
        let Some(answer) = self.http.send(request.method, &path, request.body.as_ref()) else {
            self.unanswered = changes;
            return;
        };
        let answered = mark();
        if [503, 507].contains(&answer.status) {
            self.refused += 1;
            check_refusal(&answer);
            return;
        }
        let done = self.done(&changes, &request, &answer);
        self.acknowledged.push((answer.request_id, done.len()));
        for change in done {
            self.state.apply(&change);
            self.steps.push(Step { change, sent, answered });
        }
    }

    /// The changes that were made according to the response. A response other than success or a disk fault is an error.
    fn done(&mut self, changes: &[Change], request: &Request, answer: &Answer) -> Vec<Change> {
        assert_eq!(answer.status, request.status, "{changes:?}: {}", answer.text);
        let json = answer.json();
        if let [only] = changes {
            if let (Some(name), Some(id)) = (only.creates(), json["id"].as_str()) {
                self.ids.insert(name.to_owned(), id.to_owned());
            }
            return changes.to_vec();
        }
        let mut done = Vec::new();
        let answers = json["Operations"].as_array().expect("a bulk response has operations");
        assert_eq!(answers.len(), changes.len(), "{}", answer.text);
        for (change, answer) in changes.iter().zip(answers) {
            match answer["status"].as_str() {
                Some("503" | "507") => self.refused += 1,
                Some("200" | "201" | "204") => {
                    if let Some(name) = change.creates() {
                        let location = answer["location"].as_str().expect("a created resource has a location");
                        self.ids.insert(name.to_owned(), location.rsplit('/').next().unwrap_or_default().to_owned());
                    }
                    done.push(change.clone());
                }
                _ => panic!("{change:?}: {answer}"),
            }
        }
        done
    }

    /// A change, or sometimes several independent ones.
    fn draw(&mut self) -> Vec<Change> {
        let wanted = if self.random.chance(10) { 2 + self.random.below(BULK - 1) } else { 1 };
        let mut changes: Vec<Change> = Vec::new();
        let mut touched = BTreeSet::new();
        for _ in 0..wanted {
            self.number += 1;
            let change = self.state.draw(&mut self.random, &self.ids, &self.prefix, self.number);
            let names = self.touched_by(&change);
            if touched.is_disjoint(&names) {
                touched.extend(names);
                changes.push(change);
            }
        }
        changes
    }

    fn touched_by(&self, change: &Change) -> BTreeSet<String> {
        match change {
            Change::DeleteUser(user) => {
                let groups = self.state.groups.iter().filter(|(_, group)| group.members.contains(user));
                groups.map(|(name, _)| name.clone()).chain([user.clone(), SHARED.to_owned()]).collect()
            }
            Change::CreateGroup(name, _, members) => members.iter().chain([name]).cloned().collect(),
            Change::Join(one, other) | Change::Leave(one, other) => [one.clone(), other.clone()].into(),
            Change::JoinShared(user) | Change::LeaveShared(user) => [user.clone(), SHARED.to_owned()].into(),
            Change::CreateUser(name, _)
            | Change::PatchUser(name, _)
            | Change::ReplaceUser(name, _)
            | Change::Switch(name, _)
            | Change::PatchGroup(name, _)
            | Change::DeleteGroup(name) => [name.clone()].into(),
        }
    }

    /// Continues with the state found after a crash, which is the acknowledged one plus some of the first changes that
    /// were not answered. Returns how many.
    pub fn reconcile(&mut self, found: &ClientState, ids: &Ids) -> Result<usize, String> {
        let mut expected = self.state.clone();
        for made in 0..=self.unanswered.len() {
            if expected == *found {
                self.state = expected;
                self.ids = ids
                    .iter()
                    .filter(|(name, _)| *name == SHARED || name.starts_with(&self.prefix))
                    .map(|(name, id)| (name.clone(), id.clone()))
                    .collect();
                self.unanswered.clear();
                return Ok(made);
            }
            if let Some(change) = self.unanswered.get(made) {
                expected.apply(change);
            }
        }
        Err(format!(
            "{} has neither the acknowledged state nor one with unanswered changes.\n  acknowledged {:?}\n  unanswered {:?}\n  found {found:?}",
            self.prefix, self.state, self.unanswered
        ))
    }
}

/// The prefix of the names of one client's users and groups.
pub fn prefix(index: usize) -> String {
    format!("c{index}-")
}

/// Runs the clients concurrently for as long as `meanwhile` takes, which may stop them.
pub fn run_clients<T>(
    clients: &mut [Client],
    mark: impl Fn() -> u64 + Sync,
    meanwhile: impl FnOnce(&AtomicBool) -> T,
) -> T {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (stop, mark) = (&stop, &mark);
        for client in clients {
            scope.spawn(move || client.work(stop, mark));
        }
        // Also stops them when `meanwhile` panics.
        let _stopped = StopAtEnd(stop);
        meanwhile(stop)
    })
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// RFC 7644 §3.12, and `Retry-After`.
fn check_refusal(answer: &Answer) {
    let json = answer.json();
    assert_eq!(json["status"], answer.status.to_string(), "{}", answer.text);
    assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.text);
    assert_eq!(json["scimType"], serde_json::Value::Null, "{}", answer.text);
    let seconds = answer.retry_after.as_deref().and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
}
