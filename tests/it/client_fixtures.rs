//! Documented requests of clients, in `fixtures/entra` and `fixtures/clients`: each file has a resource and the exchanges
//! that follow (checklist I–K, S). `{id}` stands for the id of the resource; a response contains at least the members of
//! `response`. A file may set the `user_agent` and the `dialect` that the journal should record.

use std::{fs, path::Path};

use axum::{body::Body, http::Method};
use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn every_documented_exchange_is_answered_as_entra_expects() {
    assert!(replay_all("entra").await > 10);
}

#[tokio::test]
async fn every_documented_exchange_is_answered_as_other_clients_expect() {
    assert!(replay_all("clients").await > 5);
}

async fn replay_all(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let fixture: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        replay(&name, &fixture).await;
    }
    files.len()
}

async fn replay(name: &str, fixture: &Value) {
    let app = TestApp::new().await;
    let client = match fixture["user_agent"].as_str() {
        Some(agent) => app.entra().header("user-agent", agent),
        None => app.entra(),
    };
    let collection = fixture["collection"].as_str().unwrap_or("/Users");
    let id = client.post(&format!("/v2/scim{collection}"), &fixture["before"]).await.created_id();
    for (index, exchange) in fixture["exchanges"].as_array().unwrap().iter().enumerate() {
        let method = Method::from_bytes(exchange["method"].as_str().unwrap().as_bytes()).unwrap();
        let path = format!("/v2/scim{}", exchange["path"].as_str().unwrap().replace("{id}", &id));
        let answer = match exchange.get("body") {
            Some(body) => {
                let body = serde_json::from_str(&body.to_string().replace("{id}", &id)).unwrap();
                client.json(method, &path, &body).await
            }
            None => client.send(method, &path, Body::empty()).await,
        };
        assert_eq!(answer.status.as_u16(), exchange["status"], "{name} {index}: {}", answer.text());
        let Some(expected) = exchange.get("response").and_then(Value::as_object) else {
            assert!(answer.body.is_empty() || answer.status != 204, "{name} {index}");
            continue;
        };
        let got = answer.json();
        for (member, value) in expected {
            assert_eq!(&got[member], value, "{name} {index} {member}");
        }
        if answer.status == 200 && path.contains(&id) {
            let read = client.get(&format!("/v2/scim{collection}/{id}")).await.expect(200).json();
            assert_eq!(read, got, "{name} {index}: read back");
        }
    }
    if let Some(dialect) = fixture["dialect"].as_str() {
        for entry in app.journal().await {
            assert_eq!(entry.dialect.as_deref(), Some(dialect), "{name}: {}", entry.entry.path);
        }
    }
}
