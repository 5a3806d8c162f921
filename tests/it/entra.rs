//! What Entra sends, as captured in `fixtures/entra`: each file a user, and the exchanges that follow (checklist I, K).
//! `{id}` stands for the user's id; an answer holds at least the members of `response`.

use std::{fs, path::Path};

use axum::{body::Body, http::Method};
use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn every_captured_exchange_is_answered_as_entra_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/entra");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10);
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let fixture: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        replay(&name, &fixture).await;
    }
}

async fn replay(name: &str, fixture: &Value) {
    let app = TestApp::new().await;
    let id = app.entra().create(&fixture["before"]).await;
    for (index, exchange) in fixture["exchanges"].as_array().unwrap().iter().enumerate() {
        let method = Method::from_bytes(exchange["method"].as_str().unwrap().as_bytes()).unwrap();
        let path = format!("/v2/scim{}", exchange["path"].as_str().unwrap().replace("{id}", &id));
        let answer = match exchange.get("body") {
            Some(body) => app.entra().json(method, &path, body).await,
            None => app.entra().send(method, &path, Body::empty()).await,
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
            assert_eq!(app.entra().user(&id).await, got, "{name} {index}: read back");
        }
    }
}
