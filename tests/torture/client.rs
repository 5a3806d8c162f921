//! One identity provider at work: it draws a change, asks for it, and remembers what came of it.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{
    http::{Answer, Http},
    model::{self, Asked, Change, Ids, SHARED, World},
    random::Random,
};

/// Changes in one bulk request at most.
const BULK: usize = 6;

pub struct Client {
    pub http: Http,
    /// As acknowledged.
    pub world: World,
    pub ids: Ids,
    /// Every acknowledged change, and when by the marks of [`Client::work`].
    pub steps: Vec<Step>,
    /// The changes of the request that was never answered, in their order: none, some or all of them were made.
    pub doubt: Vec<Change>,
    /// Requests answered with success: id, and how many changes.
    pub acknowledged: Vec<(String, usize)>,
    /// Requests that were refused because nothing could be written.
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
            world: World::default(),
            ids: Ids::new(),
            steps: Vec::new(),
            doubt: Vec::new(),
            acknowledged: Vec::new(),
            refused: 0,
            prefix: prefix(index),
            number: 0,
            random,
        }
    }

    /// Works until told to stop, or until an answer does not come. `mark` tells the time of sending and answering.
    pub fn work(&mut self, stop: &AtomicBool, mark: impl Fn() -> u64) {
        while !stop.load(Ordering::Relaxed) && self.doubt.is_empty() {
            self.once(&mark);
        }
    }

    /// One request.
    pub fn once(&mut self, mark: &impl Fn() -> u64) {
        let changes = self.draw();
        let asked = match &changes[..] {
            [only] => only.asked(&self.ids),
            several => model::bulk(several, &self.ids),
        };
        let sent = mark();
        let path = format!("/v2/scim{}", asked.path);
        let Some(answer) = self.http.send(asked.method, &path, asked.body.as_ref()) else {
            self.doubt = changes;
            return;
        };
        let answered = mark();
        if [503, 507].contains(&answer.status) {
            self.refused += 1;
            check_refusal(&answer);
            return;
        }
        let done = self.done(&changes, &asked, &answer);
        self.acknowledged.push((answer.request_id, done.len()));
        for change in done {
            self.world.apply(&change);
            self.steps.push(Step { change, sent, answered });
        }
    }

    /// The changes that the answer says were made; any answer but success, or a full disk, is a fault of the server.
    fn done(&mut self, changes: &[Change], asked: &Asked, answer: &Answer) -> Vec<Change> {
        assert_eq!(answer.status, asked.status, "{changes:?}: {}", answer.text);
        let json = answer.json();
        if let [only] = changes {
            if let (Some(name), Some(id)) = (only.makes(), json["id"].as_str()) {
                self.ids.insert(name.to_owned(), id.to_owned());
            }
            return changes.to_vec();
        }
        let mut done = Vec::new();
        let answers = json["Operations"].as_array().expect("a bulk answer has operations");
        assert_eq!(answers.len(), changes.len(), "{}", answer.text);
        for (change, answer) in changes.iter().zip(answers) {
            match answer["status"].as_str() {
                Some("503" | "507") => self.refused += 1,
                Some("200" | "201" | "204") => {
                    if let Some(name) = change.makes() {
                        let location = answer["location"].as_str().expect("what was made is somewhere");
                        self.ids.insert(name.to_owned(), location.rsplit('/').next().unwrap_or_default().to_owned());
                    }
                    done.push(change.clone());
                }
                _ => panic!("{change:?}: {answer}"),
            }
        }
        done
    }

    /// A change, or sometimes several that have nothing to do with one another.
    fn draw(&mut self) -> Vec<Change> {
        let wanted = if self.random.chance(10) { 2 + self.random.below(BULK - 1) } else { 1 };
        let mut changes: Vec<Change> = Vec::new();
        let mut touched = BTreeSet::new();
        for _ in 0..wanted {
            self.number += 1;
            let change = self.world.draw(&mut self.random, &self.ids, &self.prefix, self.number);
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
                let groups = self.world.groups.iter().filter(|(_, group)| group.members.contains(user));
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

    /// Goes on from what was found after a crash: as acknowledged, or with the first so many of the changes in doubt.
    /// Gives how many.
    pub fn settle(&mut self, found: &World, ids: &Ids) -> Result<usize, String> {
        let mut expected = self.world.clone();
        for made in 0..=self.doubt.len() {
            if expected == *found {
                self.world = expected;
                self.ids = ids
                    .iter()
                    .filter(|(name, _)| *name == SHARED || name.starts_with(&self.prefix))
                    .map(|(name, id)| (name.clone(), id.clone()))
                    .collect();
                self.doubt.clear();
                return Ok(made);
            }
            if let Some(change) = self.doubt.get(made) {
                expected.apply(change);
            }
        }
        Err(format!(
            "{} is neither as acknowledged nor as asked.\n  acknowledged {:?}\n  in doubt {:?}\n  found {found:?}",
            self.prefix, self.world, self.doubt
        ))
    }
}

/// What begins the names of one client's users and groups.
pub fn prefix(index: usize) -> String {
    format!("c{index}-")
}

/// The clients work side by side for as long as `meanwhile` takes, which may tell them to stop.
pub fn together<T>(
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
        // Also when something is found amiss meanwhile: they would work for ever.
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

/// RFC 7644 §3.12, and when to come back.
fn check_refusal(answer: &Answer) {
    let json = answer.json();
    assert_eq!(json["status"], answer.status.to_string(), "{}", answer.text);
    assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.text);
    assert_eq!(json["scimType"], serde_json::Value::Null, "{}", answer.text);
    let seconds = answer.retry_after.as_deref().and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
}
