//! Concurrent requests have the same result as some serial order of them. Small random cases (fixed seed) are executed
//! concurrently, and the result is compared with that of every serial order, executed on copies of the same resource. So the
//! service itself, called serially, is the model of the service called concurrently.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, GROUP, TestApp, USER, patch_of};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// Cases of each kind.
const CASES: u64 = 25;

/// A request about one resource, whose path is given when it is sent.
#[derive(Clone, Debug)]
struct Request {
    method: Method,
    body: Option<Value>,
    if_match: Option<&'static str>,
}

impl Request {
    fn new(method: Method, body: Value) -> Self {
        Self { method, body: Some(body), if_match: None }
    }

    fn patch(operations: &Value) -> Self {
        Self::new(Method::PATCH, patch_of(operations))
    }

    async fn send(&self, client: &Client, path: &str) -> Answer {
        let client = match self.if_match {
            Some(version) => client.clone().header("if-match", version),
            None => client.clone(),
        };
        let path = format!("/v2/scim{path}");
        match &self.body {
            Some(body) => client.json(self.method.clone(), &path, body).await,
            None => client.delete(&path).await,
        }
    }
}

/// The requests of one caller: one, or several in a bulk request.
type Caller = Vec<Request>;

/// Sends the requests of one caller and returns their statuses.
async fn perform(client: &Client, path: &str, caller: &Caller) -> Vec<u16> {
    if let [only] = &caller[..] {
        return vec![only.send(client, path).await.status.as_u16()];
    }
    let operation = |request: &Request| {
        let mut operation = json!({"method": request.method.as_str(), "path": path});
        if let Some(body) = &request.body {
            operation["data"] = body.clone();
        }
        if let Some(version) = request.if_match {
            operation["version"] = json!(version);
        }
        operation
    };
    let operations: Vec<_> = caller.iter().map(operation).collect();
    let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
    let answer = client.post("/v2/scim/Bulk", &body).await.expect(200).json();
    let status = |answer: &Value| answer["status"].as_str().unwrap().parse().unwrap();
    answer["Operations"].as_array().unwrap().iter().map(status).collect()
}

/// The result: the statuses of each caller, and the resource without what differs between copies.
type Outcome = (Vec<Vec<u16>>, Value);

async fn read_back(client: &Client, path: &str) -> Value {
    let mut resource = client.get(&format!("/v2/scim{path}")).await.json();
    let object = resource.as_object_mut().unwrap();
    let version = object.get_mut("meta").map(|meta| meta["version"].take());
    for name in ["id", "meta", "userName", "displayName", "detail"] {
        object.remove(name);
    }
    object.insert("version".to_owned(), version.into());
    // Members are unordered.
    if let Some(members) = object.get_mut("members").and_then(Value::as_array_mut) {
        members.sort_by_key(|member| member["value"].to_string());
    }
    resource
}

/// Every serial order of the requests; those of one caller keep their order.
fn serial_orders(callers: &[Caller]) -> Vec<Vec<usize>> {
    fn go_on(left: &mut Vec<usize>, order: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
        if left.iter().all(|&left| left == 0) {
            orders.push(order.clone());
        }
        for caller in 0..left.len() {
            if left[caller] > 0 {
                left[caller] -= 1;
                order.push(caller);
                go_on(left, order, orders);
                order.pop();
                left[caller] += 1;
            }
        }
    }
    let mut orders = Vec::new();
    go_on(&mut callers.iter().map(Vec::len).collect(), &mut Vec::new(), &mut orders);
    orders
}

async fn serially(client: &Client, path: &str, callers: &[Caller], order: &[usize]) -> Outcome {
    let mut statuses: Vec<Vec<u16>> = callers.iter().map(|_| Vec::new()).collect();
    for &caller in order {
        let request = &callers[caller][statuses[caller].len()];
        // Single requests have the same status as in a bulk request, except a PATCH of a group.
        let status = request.send(client, path).await.status.as_u16();
        let bulk = callers[caller].len() > 1;
        statuses[caller].push(if bulk && status == 204 && request.method == Method::PATCH { 200 } else { status });
    }
    (statuses, read_back(client, path).await)
}

/// Sends all requests concurrently, and checks that a serial order has the same result. `make` creates a copy.
async fn check(client: &Client, callers: &[Caller], make: impl AsyncFn() -> String) {
    let mut explained = Vec::new();
    for order in serial_orders(callers) {
        let outcome = serially(client, &make().await, callers, &order).await;
        if !explained.contains(&outcome) {
            explained.push(outcome);
        }
    }
    let path = make().await;
    let performed = callers.iter().map(|caller| {
        let (client, path, caller) = (client.clone(), path.clone(), caller.clone());
        async move { perform(&client, &path, &caller).await }
    });
    let statuses = at_once(performed).await;
    let outcome = (statuses, read_back(client, &path).await);
    assert!(
        explained.contains(&outcome),
        "{callers:#?}\ncame to {outcome:#?}\nwhich no order explains: {explained:#?}"
    );
}

/// Starts all futures before any is done; returns their results in order.
async fn at_once<F>(futures: impl Iterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut outputs = Vec::new();
    for begun in futures.map(tokio::spawn).collect::<Vec<_>>() {
        outputs.push(begun.await.unwrap());
    }
    outputs
}

async fn patch_at_once(client: &Client, path: &str, changes: &[Value]) -> Vec<Answer> {
    let patches = changes.iter().map(|change| {
        let (client, path, change) = (client.clone(), path.to_owned(), change.clone());
        async move { client.patch(&path, &change).await }
    });
    at_once(patches).await
}

/// Reproducible random numbers.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Two or three callers; sometimes one of them sends two requests in bulk.
fn draw_callers(draw: &mut Draw, request: impl Fn(&mut Draw) -> Request) -> Vec<Caller> {
    let mut callers: Vec<Caller> = (0..2 + draw.below(2)).map(|_| vec![request(draw)]).collect();
    if draw.below(3) == 0 {
        callers.truncate(2);
        callers[0].push(request(draw));
    }
    callers
}

fn random_user_request(draw: &mut Draw) -> Request {
    let value = format!("v{}", draw.below(3));
    let mail = |kind: &str| json!({"type": kind, "value": format!("{value}@x.example")});
    let mut request = match draw.below(10) {
        0 | 1 => Request::patch(&json!([{"op": "replace", "path": "title", "value": value}])),
        2 => Request::patch(&json!([{"op": "add", "path": "emails", "value": [mail("home")]}])),
        3 => Request::patch(&json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": value}])),
        4 => Request::patch(&json!([{"op": "remove", "path": "emails[type eq \"work\"]"}])),
        5 => Request::patch(&json!([{"op": "replace", "path": "active", "value": draw.below(2) == 0}])),
        6 => Request::patch(&json!([
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "emails", "value": [mail("other")]},
        ])),
        7 | 8 => Request::new(Method::PUT, json!({"schemas": [USER], "userName": "whoever", "title": value})),
        _ => Request { method: Method::DELETE, body: None, if_match: None },
    };
    if draw.below(4) == 0 {
        request.if_match = Some("W/\"1\"");
    }
    request
}

#[tokio::test]
async fn concurrent_changes_of_a_user_are_serializable() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let client = app.entra();
    let made = AtomicU64::new(0);
    for seed in 0..CASES {
        let mut draw = Draw(seed);
        let mut callers = draw_callers(&mut draw, random_user_request);
        // A PUT contains the userName, which must be unique, so each case uses a new one.
        let name = format!("case{seed}");
        for body in callers
            .iter_mut()
            .flatten()
            .filter(|request| request.method == Method::PUT)
            .filter_map(|request| request.body.as_mut())
        {
            body["userName"] = json!(name);
        }
        let taken = callers.iter().flatten().any(|request| request.method == Method::PUT);
        check(&client, &callers, async || {
            let count = made.fetch_add(1, Ordering::Relaxed);
            if taken {
                free(&client, &name).await;
            }
            let work = json!([{"type": "work", "value": "w@x.example"}]);
            let user = json!({"schemas": [USER], "userName": format!("u{count}"), "title": "v0", "emails": work});
            format!("/Users/{}", client.create(&user).await)
        })
        .await;
    }
}

/// Renames the user with this name, because the next copy needs it.
async fn free(client: &Client, name: &str) {
    let page = client.get(&format!("/v2/scim/Users?filter=userName eq \"{name}\"")).await.expect(200).json();
    for user in page["Resources"].as_array().into_iter().flatten() {
        client.delete(&format!("/v2/scim/Users/{}", user["id"].as_str().unwrap())).await.expect(204);
    }
}

#[tokio::test]
async fn concurrent_changes_of_a_group_are_serializable() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let client = app.entra();
    let mut people = Vec::new();
    for name in ["ana", "ben", "cem"] {
        people.push(client.create_user(name).await);
    }
    let made = AtomicU64::new(0);
    let request = |draw: &mut Draw| {
        let person = people[usize::try_from(draw.below(3)).unwrap()].clone();
        let mut request = match draw.below(10) {
            0..3 => Request::patch(&json!([{"op": "add", "path": "members", "value": [{"value": person}]}])),
            3..6 => Request::patch(&json!([{"op": "remove", "path": format!("members[value eq \"{person}\"]")}])),
            6 => Request::patch(&json!([{"op": "replace", "path": "members", "value": [{"value": person}]}])),
            7 => Request::patch(
                &json!([{"op": "remove", "path": "members"}, {"op": "add", "path": "externalId", "value": "e"}]),
            ),
            8 => Request::patch(
                &json!([{"op": "replace", "path": "externalId", "value": format!("v{}", draw.below(3))}]),
            ),
            _ => Request { method: Method::DELETE, body: None, if_match: None },
        };
        if draw.below(4) == 0 {
            request.if_match = Some("W/\"1\"");
        }
        request
    };
    for seed in 0..CASES {
        let callers = draw_callers(&mut Draw(seed), request);
        check(&client, &callers, async || {
            let count = made.fetch_add(1, Ordering::Relaxed);
            let group =
                json!({"schemas": [GROUP], "displayName": format!("g{count}"), "members": [{"value": people[0]}]});
            format!("/Groups/{}", client.post("/v2/scim/Groups", &group).await.created_id())
        })
        .await;
    }
}

#[tokio::test]
async fn one_of_many_concurrent_creates_of_a_name_succeeds() {
    let app = TestApp::new().await;
    for (endpoint, document) in [
        ("Users", json!({"schemas": [USER], "userName": "ana"})),
        ("Groups", json!({"schemas": [GROUP], "displayName": "Team"})),
    ] {
        let path = format!("/v2/scim/{endpoint}");
        let client = app.entra();
        let creates = (0..16).map(|_| {
            let (client, path, document) = (client.clone(), path.clone(), document.clone());
            async move { client.post(&path, &document).await }
        });
        let answers = at_once(creates).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!(made.len(), 1);
        for answer in refused {
            answer.expect_error(409, Some("uniqueness"));
        }
        assert_eq!(client.get(&path).await.json()["totalResults"], 1);
    }
}

#[tokio::test]
async fn one_of_many_concurrent_changes_with_if_match_succeeds() {
    let app = TestApp::new().await;
    let client = app.entra().header("if-match", "W/\"1\"");
    let user = app.entra().create_user("ana").await;
    let team = app.entra().create_group("Team").await;
    for path in [format!("/v2/scim/Users/{user}"), format!("/v2/scim/Groups/{team}")] {
        let changes: Vec<_> = (0..16)
            .map(|number| patch_of(&json!([{"op": "add", "path": "externalId", "value": number.to_string()}])))
            .collect();
        let answers = patch_at_once(&client, &path, &changes).await;
        let through: Vec<_> = (0..16).filter(|&number| answers[number].status.is_success()).collect();
        assert_eq!(through.len(), 1);
        for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
            answer.expect_error(412, None);
        }
        let now = app.entra().get(&path).await.json();
        assert_eq!((&now["externalId"], &now["meta"]["version"]), (&json!(through[0].to_string()), &json!("W/\"2\"")));
    }
}

#[tokio::test]
async fn concurrent_additions_to_a_group_are_all_applied() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let client = app.entra();
    let mut people = Vec::new();
    for number in 0..24 {
        people.push(client.create_user(&format!("u{number}")).await);
    }
    let team = client.create_group("Team").await;
    let path = format!("/v2/scim/Groups/{team}");
    let (stay, leave) = people.split_at(12);
    let add = |id: &String| patch_of(&json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
    let remove = |id: &String| patch_of(&json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]));
    for id in leave {
        client.patch(&path, &add(id)).await.expect(204);
    }
    let changes: Vec<_> = stay.iter().map(add).chain(leave.iter().map(remove)).collect();
    for answer in patch_at_once(&client, &path, &changes).await {
        answer.expect(204);
    }
    let group = client.group(&team).await;
    let members: BTreeSet<_> =
        group["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap()).collect();
    assert_eq!(members, stay.iter().map(String::as_str).collect());
    assert_eq!(group["meta"]["version"], "W/\"37\"", "each change is one version");
}
