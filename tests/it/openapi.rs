//! `/openapi.json`: it lists exactly the existing routes, and every status and media type that occurs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use axum::{body::Body, http::Method};
use serde_json::{Value, json};

use crate::support::{Answer, BASE, Client, SEARCH_REQUEST, TestApp, UNKNOWN_ID, USER, group, patch_of, user};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Server errors, which no request can cause.
const FAULTS: [&str; 3] = ["500", "503", "507"];

async fn description(app: &TestApp) -> Value {
    let answer = app.anon().get("/v2/scim/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// The operations of a description: path, method, operation.
fn operations(description: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().map(move |(method, operation)| (&**path, &**method, operation))
        })
        .collect()
}

/// A path with values for its parameters.
fn filled(template: &str) -> String {
    template.replace("{id}", UNKNOWN_ID).replace("{name}", "User").replace("{urn}", "urn:x")
}

#[tokio::test]
async fn the_description_needs_no_token_and_has_the_tenant_url() {
    let app = TestApp::new().await;
    let open = description(&app).await;
    assert_eq!(open["openapi"], "3.1.0");
    assert_eq!(open["servers"], json!([{"url": BASE}]));
    assert_eq!(app.entra().get("/v2/scim/openapi.json").await.expect(200).json(), open);
    app.anon().bearer("wrong").get("/v2/scim/openapi.json").await.expect_error(401, None);
    app.entra().post("/v2/scim/openapi.json", &json!({})).await.expect_error(405, None);
}

/// The routes are read from the source, because axum does not list them.
#[tokio::test]
async fn it_lists_exactly_the_routes_that_exist() {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/endpoint/mod.rs")).unwrap();
    let (_, routes) = source.split_once("fn routes(").unwrap();
    let (routes, _) = routes.split_once("\n}").unwrap();
    let (collection, root) = routes.split_once("};").unwrap();
    let named = |text: &str, call: &str| -> Vec<String> {
        text.split(call).skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned()).collect()
    };
    let mut routes: BTreeSet<String> = named(root, ".route(").into_iter().collect();
    for nest in named(root, ".nest(") {
        routes
            .extend(named(collection, ".route(").iter().map(|route| format!("{nest}{}", route.trim_end_matches('/'))));
    }
    assert!(routes.len() > 10, "{routes:?}");
    let app = TestApp::new().await;
    let description = description(&app).await;
    let listed: BTreeSet<String> = description["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(listed, routes);
}

/// RFC 9110 §10.2.1: `Allow` "lists the set of methods advertised as supported by the target resource".
#[tokio::test]
async fn it_lists_exactly_the_methods_that_are_allowed() {
    let app = TestApp::new().await;
    let description = description(&app).await;
    for (path, operations) in description["paths"].as_object().unwrap() {
        let answer = app.entra().send(Method::TRACE, &format!("/v2/scim{}", filled(path)), Body::empty()).await;
        answer.expect_error(405, None);
        let allowed: BTreeSet<_> = answer.header("allow").unwrap().split(',').map(str::to_lowercase).collect();
        let mut listed: BTreeSet<String> = operations.as_object().unwrap().keys().cloned().collect();
        if listed.contains("get") {
            listed.insert("head".to_owned());
        }
        assert_eq!(allowed, listed, "{path}");
    }
}

/// Sends requests and compares the responses with the description.
struct Prober {
    description: Value,
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl Prober {
    async fn ask(&mut self, client: &Client, method: &str, template: &str, path: &str, body: &str) -> Answer {
        let sent = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = client.send(sent, &format!("/v2/scim{path}"), Body::from(body.to_owned())).await;
        let operation = &self.description["paths"][template][method];
        let status = answer.status.as_u16().to_string();
        let described = operation["responses"].get(&status);
        let described =
            described.unwrap_or_else(|| panic!("{method} {path}: {status} is not described: {}", answer.text()));
        let described = match described["$ref"].as_str() {
            Some(reference) => self.description.pointer(&reference[1..]).unwrap(),
            None => described,
        };
        let media_type = described["content"].as_object().map(|content| content.keys().next().unwrap().as_str());
        assert_eq!(answer.header("content-type"), media_type, "{method} {path}: {status}");
        assert_eq!(answer.body.is_empty(), media_type.is_none(), "{method} {path}: {status}");
        for header in described["headers"].as_object().into_iter().flat_map(serde_json::Map::keys) {
            assert!(answer.header(header).is_some(), "{method} {path}: {status} without {header}");
        }
        let operation = operation["operationId"].as_str().unwrap().to_owned();
        self.seen.entry(operation).or_default().insert(status);
        answer
    }

    /// Sends a similar request to every operation.
    async fn ask_each(&mut self, client: &Client, body: &str, asked: impl Fn(&str, &str, &Value) -> Option<String>) {
        let description = self.description.clone();
        for (template, method, operation) in operations(&description) {
            if let Some(path) = asked(template, method, operation) {
                self.ask(client, method, template, &path, body).await;
            }
        }
    }
}

/// Checklist 5: "only a client whose `Accept` names `application/json` alone may get that type back".
#[tokio::test]
async fn both_media_types_of_responses_are_described() {
    let app = TestApp::new().await;
    let description = description(&app).await;
    let plain = app.entra().header("accept", "application/json");
    for (path, method, operation) in operations(&description) {
        let types: BTreeSet<_> = operation["responses"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(|answer| {
                let answer =
                    answer["$ref"].as_str().map_or(Some(answer), |reference| description.pointer(&reference[1..]));
                Some(answer?["content"].as_object()?.keys().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        let scim = vec!["application/scim+json", "application/json"];
        let own = vec!["application/json"];
        let expected = if path == "/openapi.json" { BTreeSet::from([scim, own]) } else { BTreeSet::from([scim]) };
        assert_eq!(types, expected, "{method} {path}");
    }
    for path in ["/Users", "/Schemas", "/Me", "/nowhere"] {
        let answer = plain.get(&format!("/v2/scim{path}")).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    }
}

#[tokio::test]
async fn it_describes_exactly_the_statuses_and_media_types_that_occur() {
    let app = TestApp::new().await;
    let mut prober = Prober { description: description(&app).await, seen: BTreeMap::new() };
    let reads = |operation: &Value| operation.get("requestBody").is_some();
    let json = |client: Client| client.header("content-type", "application/scim+json");
    let entra = json(app.entra());

    // Authentication and media types.
    prober.ask_each(&json(app.anon().bearer("wrong")), "{}", |path, _, _| Some(filled(path))).await;
    let off = TestApp::new().await;
    off.settings(|settings| settings.provisioning = false).await;
    prober.ask_each(&json(off.entra()), "{}", |path, _, _| Some(filled(path))).await;
    let slow = TestApp::with(|config| config.rate_limit = 1).await;
    for _ in 0..2 {
        slow.entra().get("/v2/scim/Users").await.expect(200);
    }
    prober.ask_each(&json(slow.entra()), "{}", |path, _, _| Some(filled(path))).await;
    let xml = app.entra().header("content-type", "application/xml");
    prober.ask_each(&xml, "<a/>", |path, _, operation| reads(operation).then(|| filled(path))).await;
    prober.ask_each(&entra, "[", |path, _, operation| reads(operation).then(|| filled(path))).await;
    let huge = " ".repeat(1_048_577);
    let may_have_body = |method: &str| ["post", "put", "patch"].contains(&method);
    prober.ask_each(&entra, &huge, |path, method, _| may_have_body(method).then(|| filled(path))).await;
    prober
        .ask_each(&entra, "", |path, method, _| {
            (method == "get").then(|| format!("{}?filter=%ff&attributes=%ff", filled(path)))
        })
        .await;
    prober.ask_each(&entra, "", |path, _, _| (path == "/Me").then(|| path.to_owned())).await;

    // Each type in turn; `taken` is another resource's name.
    let name = |kind: &str, name: &str| (if kind == "Users" { user(name) } else { group(name) }).to_string();
    for kind in ["Users", "Groups"] {
        let (all, one) = (format!("/{kind}"), format!("/{kind}/{{id}}"));
        let key = if kind == "Users" { "userName" } else { "displayName" };
        let rename = |to: &str| patch_of(&json!([{"op": "replace", "path": key, "value": to}])).to_string();
        let id = prober.ask(&entra, "post", &all, &all, &name(kind, "ana")).await.created_id();
        prober.ask(&entra, "post", &all, &all, &name(kind, "taken")).await.expect(201);
        prober.ask(&entra, "post", &all, &all, &name(kind, "ANA")).await.expect(409);
        let (at, nowhere) = (format!("/{kind}/{id}"), filled(&one));
        let etag = prober.ask(&entra, "get", &one, &at, "").await.expect(200).header("etag").unwrap().to_owned();
        prober.ask(&entra.clone().header("if-none-match", &etag), "get", &one, &at, "").await.expect(304);
        let stale = entra.clone().header("if-match", "W/\"0\"");
        let change = [("put", name(kind, "ana")), ("patch", rename("ana"))];
        for (method, body) in &change {
            prober.ask(&entra, method, &one, &nowhere, body).await.expect(404);
            prober.ask(&stale, method, &one, &at, body).await.expect(412);
            prober.ask(&entra, method, &one, &format!("{at}?attributes={key}"), body).await.expect(200);
        }
        prober.ask(&entra, "put", &one, &at, &name(kind, "taken")).await.expect(409);
        prober.ask(&entra, "patch", &one, &at, &rename("taken")).await.expect(409);
        prober.ask(&entra, "patch", &one, &at, &rename("bea")).await;
        prober.ask(&entra, "get", &one, &nowhere, "").await.expect(404);
        prober.ask(&stale, "delete", &one, &at, "").await.expect(412);
        prober.ask(&entra, "delete", &one, &format!("/{kind}/%ff"), "").await.expect(400);
        prober.ask(&entra, "delete", &one, &at, "").await.expect(204);
        prober.ask(&entra, "delete", &one, &at, "").await.expect(404);
    }
    let search = json!({"schemas": [SEARCH_REQUEST]}).to_string();
    for template in ["/Users/.search", "/Groups/.search", "/.search"] {
        prober.ask(&entra, "post", template, template, &search).await.expect(200);
    }
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []});
    prober.ask(&entra, "post", "/Bulk", "/Bulk", &bulk.to_string()).await.expect(200);
    let readable = |path: &str, method: &str, _: &Value| {
        let path = path.replace("{name}", "User").replace("{urn}", USER);
        (method == "get" && !path.contains('{')).then_some(path)
    };
    prober.ask_each(&entra, "", readable).await;
    prober.ask(&entra, "get", "/Schemas/{urn}", "/Schemas/urn:x", "").await.expect(404);
    prober.ask(&entra, "get", "/ResourceTypes/{name}", "/ResourceTypes/Device", "").await.expect(404);

    for (path, method, operation) in operations(&prober.description) {
        let described = operation["responses"].as_object().unwrap().keys();
        let described: BTreeSet<String> = described.filter(|status| !FAULTS.contains(&&***status)).cloned().collect();
        assert_eq!(described, prober.seen[operation["operationId"].as_str().unwrap()], "{method} {path}");
    }
    assert!(operations(&prober.description).iter().all(|(_, method, _)| METHODS.contains(method)));
}
