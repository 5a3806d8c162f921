//! Migrations, on databases that already hold rows.

use rollcall::model::id::UserId;
use rollcall::model::journal::ResourceKind::User;
use rollcall::model::page::UserQuery;
use rollcall::store::{Store, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use crate::store::{at, id, insert_user, list, open_with_tenant};

#[tokio::test]
async fn opening_again_changes_nothing() {
    let (folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, serde_json::json!({"userName": "ana"})).await.unwrap();
    store.close().await;
    let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    assert_eq!(list(&store, tenant, User, None, 0, 10).await.0, 1);
    assert_eq!(store.tenants().await.unwrap()[0].created, at(0));
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let (folder, store, _) = open_with_tenant().await;
    store.close().await;
    let path = folder.path().join("rollcall.db");
    let mut db = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    db.execute(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'from the future', 1, x'00', 0)",
    )
    .await
    .unwrap();
    db.close().await.unwrap();
    let refused = Store::open(&path).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 9999, .. })), "{refused:?}");
}

#[tokio::test]
async fn the_database_guards_itself() {
    let (folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, serde_json::json!({"userName": "ana"})).await.unwrap();
    let path = folder.path().join("rollcall.db");
    let mut db = SqliteConnectOptions::new().filename(&path).foreign_keys(true).connect().await.unwrap();
    for refused in [
        "update journal set status = 'Success'",
        "update users set active = 'yes'",
        "update users set user_name_key = ''",
        "insert into user_members values (1, 'nobody', 'nobody', '', '')",
        "insert into settings (tenant_id) values (99)",
    ] {
        assert!(db.execute(refused).await.is_err(), "{refused}");
    }
    let (mode,): (String,) = sqlx::query_as("pragma journal_mode").fetch_one(&mut db).await.unwrap();
    assert_eq!(mode, "wal");
    let (tables,): (i64,) =
        sqlx::query_as("select count(*) from pragma_table_list where schema = 'main' and type = 'table' and strict = 0 and name not like 'sqlite%' and name not like '\\_sqlx%' escape '\\'")
            .fetch_one(&mut db)
            .await
            .unwrap();
    assert_eq!(tables, 0, "every table is strict");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_corrupt() {
    let (folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, serde_json::json!({"userName": "ana"})).await.unwrap();
    let path = folder.path().join("rollcall.db");
    let mut db = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    db.execute("update users set document = 'torn'").await.unwrap();
    let read = store.user(tenant, UserId(id(1))).await;
    assert!(matches!(read, Err(StoreError::Corrupt { table: "users", .. })), "{read:?}");
    let read = store.user_rows(tenant, &UserQuery::default()).await;
    assert!(matches!(read, Err(StoreError::Corrupt { table: "users", .. })), "{read:?}");
}
