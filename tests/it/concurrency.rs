//! Requests at the same moment act as if they had come one after another. Small cases are drawn by a fixed seed; what
//! came of them together is compared with what comes of every serial order, tried out one by one on twins of the same
//! resource. So the service itself, asked slowly, is the model of the service asked at once.

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

/// A request about one resource, which is named when it is sent.
#[derive(Clone, Debug)]
struct Wish {
    method: Method,
    body: Option<Value>,
    if_match: Option<&'static str>,
}

impl Wish {
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

/// What one caller wants: one thing, or several in a bulk request.
type Caller = Vec<Wish>;

/// Sends what one caller wants; gives the status of each.
async fn perform(client: &Client, path: &str, caller: &Caller) -> Vec<u16> {
    if let [only] = &caller[..] {
        return vec![only.send(client, path).await.status.as_u16()];
    }
    let operation = |wish: &Wish| {
        let mut operation = json!({"method": wish.method.as_str(), "path": path});
        if let Some(body) = &wish.body {
            operation["data"] = body.clone();
        }
        if let Some(version) = wish.if_match {
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

/// What came of it: the statuses of each caller, and the resource without what tells twins apart.
type Outcome = (Vec<Vec<u16>>, Value);

async fn read_back(client: &Client, path: &str) -> Value {
    let mut resource = client.get(&format!("/v2/scim{path}")).await.json();
    let object = resource.as_object_mut().unwrap();
    let version = object.get_mut("meta").map(|meta| meta["version"].take());
    for name in ["id", "meta", "userName", "displayName", "detail"] {
        object.remove(name);
    }
    object.insert("version".to_owned(), version.into());
    // Members have no order.
    if let Some(members) = object.get_mut("members").and_then(Value::as_array_mut) {
        members.sort_by_key(|member| member["value"].to_string());
    }
    resource
}

/// Every order in which the wishes can be had one after another; those of one caller keep theirs.
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
        let wish = &callers[caller][statuses[caller].len()];
        // A single DELETE answers what one in a bulk request does; so do the others but for a PATCH of a group.
        let status = wish.send(client, path).await.status.as_u16();
        let bulk = callers[caller].len() > 1;
        statuses[caller].push(if bulk && status == 204 && wish.method == Method::PATCH { 200 } else { status });
    }
    (statuses, read_back(client, path).await)
}

/// Sends all at once, and checks that one of the serial orders explains what came of it. `make` makes a twin.
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

/// Begins all before any is done; gives what they came to, in order.
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

/// A few numbers that can be drawn again.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Two or three callers; sometimes one of them sends two wishes in bulk.
fn draw_callers(draw: &mut Draw, wish: impl Fn(&mut Draw) -> Wish) -> Vec<Caller> {
    let mut callers: Vec<Caller> = (0..2 + draw.below(2)).map(|_| vec![wish(draw)]).collect();
    if draw.below(3) == 0 {
        callers.truncate(2);
        callers[0].push(wish(draw));
    }
    callers
}

fn a_wish_about_a_user(draw: &mut Draw) -> Wish {
    let value = format!("v{}", draw.below(3));
    let mail = |kind: &str| json!({"type": kind, "value": format!("{value}@x.example")});
    let mut wish = match draw.below(10) {
        0 | 1 => Wish::patch(&json!([{"op": "replace", "path": "title", "value": value}])),
        2 => Wish::patch(&json!([{"op": "add", "path": "emails", "value": [mail("home")]}])),
        3 => Wish::patch(&json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": value}])),
        4 => Wish::patch(&json!([{"op": "remove", "path": "emails[type eq \"work\"]"}])),
        5 => Wish::patch(&json!([{"op": "replace", "path": "active", "value": draw.below(2) == 0}])),
        6 => Wish::patch(&json!([
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "emails", "value": [mail("other")]},
        ])),
        7 | 8 => Wish::new(Method::PUT, json!({"schemas": [USER], "userName": "whoever", "title": value})),
        _ => Wish { method: Method::DELETE, body: None, if_match: None },
    };
    if draw.below(4) == 0 {
        wish.if_match = Some("W/\"1\"");
    }
    wish
}

#[tokio::test]
async fn changes_of_one_user_act_as_if_one_after_another() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let client = app.entra();
    let made = AtomicU64::new(0);
    for seed in 0..CASES {
        let mut draw = Draw(seed);
        let mut callers = draw_callers(&mut draw, a_wish_about_a_user);
        // A PUT names the user; twins are named apart, so each case gives them all a new name of its own.
        let name = format!("case{seed}");
        for body in
            callers.iter_mut().flatten().filter(|wish| wish.method == Method::PUT).filter_map(|wish| wish.body.as_mut())
        {
            body["userName"] = json!(name);
        }
        let taken = callers.iter().flatten().any(|wish| wish.method == Method::PUT);
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

/// Renames whoever is called so, as the next twin will want the name.
async fn free(client: &Client, name: &str) {
    let page = client.get(&format!("/v2/scim/Users?filter=userName eq \"{name}\"")).await.expect(200).json();
    for user in page["Resources"].as_array().into_iter().flatten() {
        client.delete(&format!("/v2/scim/Users/{}", user["id"].as_str().unwrap())).await.expect(204);
    }
}

#[tokio::test]
async fn changes_of_one_group_act_as_if_one_after_another() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let client = app.entra();
    let mut people = Vec::new();
    for name in ["ana", "ben", "cem"] {
        people.push(client.create_user(name).await);
    }
    let made = AtomicU64::new(0);
    let wish = |draw: &mut Draw| {
        let person = people[usize::try_from(draw.below(3)).unwrap()].clone();
        let mut wish = match draw.below(10) {
            0..3 => Wish::patch(&json!([{"op": "add", "path": "members", "value": [{"value": person}]}])),
            3..6 => Wish::patch(&json!([{"op": "remove", "path": format!("members[value eq \"{person}\"]")}])),
            6 => Wish::patch(&json!([{"op": "replace", "path": "members", "value": [{"value": person}]}])),
            7 => Wish::patch(
                &json!([{"op": "remove", "path": "members"}, {"op": "add", "path": "externalId", "value": "e"}]),
            ),
            8 => Wish::patch(&json!([{"op": "replace", "path": "externalId", "value": format!("v{}", draw.below(3))}])),
            _ => Wish { method: Method::DELETE, body: None, if_match: None },
        };
        if draw.below(4) == 0 {
            wish.if_match = Some("W/\"1\"");
        }
        wish
    };
    for seed in 0..CASES {
        let callers = draw_callers(&mut Draw(seed), wish);
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
async fn of_many_who_create_the_same_name_one_does() {
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
async fn if_match_lets_exactly_one_of_many_through() {
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
async fn whoever_is_put_into_a_group_by_many_at_once_is_there_and_whoever_was_not_named_stays() {
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
