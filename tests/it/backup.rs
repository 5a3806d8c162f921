//! A backup taken while the server runs is complete and can be served.

use std::sync::Arc;

use rollcall::{auth::token::TokenKey, server, state::AppState, store::Store};

use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_server_starts_from_a_backup_taken_under_load() {
    let app = TestApp::new().await;
    let ana = app.entra().create_user("ana").await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("rollcall.db");
    app.state.store.backup(&copy).await.unwrap();
    assert!(app.state.store.backup(&copy).await.is_err(), "a backup never overwrites another");
    app.entra().create_user("ben").await;

    let state = AppState {
        store: Store::open(&copy).await.unwrap(),
        token_key: TokenKey::load_or_create(&app.state.config.data_dir).unwrap(),
        config: Arc::clone(&app.state.config),
        ..app.state.clone()
    };
    let restored = Client::new(&server::router(&state)).bearer(app.token());
    assert_eq!(restored.user(&ana).await, app.entra().user(&ana).await);
    assert_eq!(restored.found("userName pr").await, ["ana"]);
}
