//! A flood by one tenant and normal requests of another.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::task::JoinHandle;

use crate::support::{Answer, TestApp, user};

#[tokio::test]
async fn only_a_tenant_with_too_many_requests_in_progress_is_throttled() {
    let app = TestApp::with(|config| config.rate_limit = 0).await;
    let (loud, quiet) = (app.entra(), app.other_tenant().await);
    for tenant in [&loud, &quiet] {
        tenant.get("/v2/scim/Users").await.expect(200);
    }
    // Writes wait while another process writes.
    let file = SqliteConnectOptions::new().filename(app.state.config.data_dir.join("rollcall.db"));
    let mut other = file.connect().await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let create = |number: usize| {
        let loud = loud.clone();
        tokio::spawn(async move { loud.post("/v2/scim/Users", &user(&format!("u{number}"))).await })
    };
    let flood: Vec<JoinHandle<Answer>> = (0..80).map(create).collect();
    // 64 are admitted; the others are refused immediately, except one whose journal entry has to wait, too.
    while flood.iter().filter(|request| request.is_finished()).count() < 15 {
        tokio::task::yield_now().await;
    }
    let refused = loud.get("/v2/scim/Users").await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    refused.expect_error(429, None);
    quiet.get("/v2/scim/Users").await.expect(200);
    other.execute("rollback").await.unwrap();
    let mut made = 0;
    for request in flood {
        let answer = request.await.unwrap();
        if answer.status == 201 {
            made += 1;
        } else {
            answer.expect_error(429, None);
        }
    }
    assert_eq!(made, 64);
    loud.get("/v2/scim/Users").await.expect(200);
    quiet.create_user("ana").await;
}
