//! Migrations of databases that contain rows.

use std::fs::File;
use std::path::{Path, PathBuf};

use rollcall::model::id::UserId;
use rollcall::model::journal::ResourceKind::{Group, User};
use rollcall::model::page::UserQuery;
use rollcall::scim::{Filter, schema};
use rollcall::store::{Store, StoreError};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::commands::rollcall;
use crate::store::{at, id, insert_user, list, open_with_tenant};

/// The folder of migrations.
async fn folder() -> Migrator {
    Migrator::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite")).await.unwrap()
}

/// A database after the first migrations, with rows.
async fn old(migrations: usize, rows: &'static str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).foreign_keys(true);
    let mut db = options.connect().await.unwrap();
    let known = self::folder().await.iter().take(migrations).cloned().collect();
    Migrator::with_migrations(known).run(&mut db).await.unwrap();
    db.execute(rows).await.unwrap();
    db.close().await.unwrap();
    (folder, path)
}

/// Up to 3.51.2 a checkpoint beside a commit could lose pages: <https://sqlite.org/wal.html#walresetbug>.
#[test]
fn sqlite_is_a_version_without_the_wal_reset_bug() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[tokio::test]
async fn every_migration_of_the_folder_is_applied() {
    let (folder, store, _) = open_with_tenant().await;
    store.close().await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("rollcall.db"));
    let mut db = options.connect().await.unwrap();
    let applied = "select version, description from _sqlx_migrations order by version";
    let applied: Vec<(i64, String)> = sqlx::query_as(applied).fetch_all(&mut db).await.unwrap();
    let there: Vec<_> = self::folder().await.iter().map(|it| (it.version, it.description.to_string())).collect();
    assert_eq!(applied, there);
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let (folder, store, tenant) = open_with_tenant().await;
    insert_user(&store, tenant, 1, serde_json::json!({"userName": "ana"})).await.unwrap();
    store.close().await;
    let store = Store::open(&folder.path().join("rollcall.db")).await.unwrap();
    assert_eq!(list(&store, tenant, User, None, 0, 10).await.0, 1);
    assert_eq!(store.tenants().await.unwrap()[0].created, at(0));
}

/// 0002 on a database that contains groups with members.
#[tokio::test]
async fn existing_groups_and_members_are_counted() {
    let (_folder, path) = old(
        1,
        "insert into tenants (id, name, created) values (1, 'Contoso', 0), (2, 'Fabrikam', 0);
        insert into groups (tenant_id, id, version, created, last_modified, display_name_key, external_id, document, search)
        select t.id, 'g' || n.value, 1, 0, 0, 'g' || n.value, '', '{}', '{}' from tenants t, json_each('[1, 2, 3]') n
        where t.id = 1 or n.value = 1;
        insert into users (tenant_id, id, version, source, active, created, last_modified, user_name_key, external_id,
        display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, document, search)
        values (1, 'u', 1, 'Idp', 1, 0, 0, 'u', '', '', '', '', '', '', '', '{}', '{}');
        insert into user_members values (1, 'g1', 'u', '', '');
        insert into group_members values (1, 'g1', 'g2', '', ''), (1, 'g2', 'g3', '', '')",
    )
    .await;
    Store::open(&path).await.unwrap().close().await;
    let mut db = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let members: Vec<(i64, String, i64)> =
        sqlx::query_as("select tenant_id, id, members from groups order by 1, 2").fetch_all(&mut db).await.unwrap();
    let expected = [(1, "g1", 2), (1, "g2", 1), (1, "g3", 0), (2, "g1", 0)];
    assert_eq!(members, expected.map(|(tenant, id, members)| (tenant, id.to_owned(), members)));
    let counts: Vec<(i64, i64)> = sqlx::query_as("select * from group_counts").fetch_all(&mut db).await.unwrap();
    assert_eq!(counts, [(1, 3), (2, 1)]);
}

/// 0005 on a database that contains users: they stay unchanged, and their tenant has no schemas.
#[tokio::test]
async fn existing_users_get_a_tenant_without_schemas() {
    let (_folder, path) = old(
        4,
        "insert into tenants (id, name, created) values (1, 'Contoso', 0);
        insert into settings (tenant_id, provisioning) values (1, 1);
        insert into users (tenant_id, id, version, source, active, created, last_modified, user_name_key, external_id,
        display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, document, search)
        values (1, 'u', 1, 'Idp', 1, 0, 0, 'u', '', '', '', '', '', '', '', '{\"userName\":\"u\"}', '{\"userName\":\"u\"}')",
    )
    .await;
    let store = Store::open(&path).await.unwrap();
    let tenant = store.sole_tenant().await.unwrap().unwrap();
    assert_eq!(store.current_types(tenant).await.unwrap().version(), 0);
    assert!(store.settings(tenant).await.unwrap().provisioning);
    assert_eq!(list(&store, tenant, User, None, 0, 10).await.0, 1);
}

/// 0006 on a database that stores documents twice: filters still find them, with and without an index.
#[tokio::test]
async fn documents_that_were_stored_twice_are_found_as_before() {
    let (_folder, path) = old(
        5,
        r#"insert into tenants (id, name, created) values (1, 'Contoso', 0);
        insert into settings (tenant_id, provisioning) values (1, 1);
        insert into users (tenant_id, id, version, source, active, created, last_modified, user_name_key, external_id,
        display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, document, search)
        values (1, '2819c223-7f76-453a-919d-413861904646', 1, 'Idp', 1, 0, 0, 'ana', '', '', '', '', '', '', '',
        '{"userName":"Ana","nickName":"Anita"}', '{"userName":"ana","nickName":"anita"}');
        insert into groups (tenant_id, id, version, created, last_modified, display_name_key, external_id, document, search)
        values (1, '2819c223-7f76-453a-919d-413861904647', 1, 0, 0, 'sales', '', '{"displayName":"Sales"}',
        '{"displayName":"sales"}')"#,
    )
    .await;
    let store = Store::open(&path).await.unwrap();
    let tenant = store.sole_tenant().await.unwrap().unwrap();
    for filter in [r#"userName eq "ANA""#, r#"nickName eq "ANITA""#, r#"nickName co "NIT""#] {
        assert_eq!(list(&store, tenant, User, Some(&Filter::parse(filter).unwrap()), 0, 10).await.0, 1, "{filter}");
    }
    let sales = Filter::parse(r#"displayName eq "SALES""#).unwrap();
    assert_eq!(list(&store, tenant, Group, Some(&sales), 0, 10).await.0, 1);
}

/// 0007 on a database with a user without `active`, and with decomposed names as macOS writes them.
#[tokio::test]
async fn all_users_get_active_and_keys_are_composed() {
    let (_folder, path) = old(
        6,
        r#"insert into tenants (id, name, created) values (1, 'Contoso', 0);
        insert into settings (tenant_id, provisioning) values (1, 1);
        insert into users (tenant_id, id, version, source, active, created, last_modified, user_name_key, external_id,
        display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, document)
        values (1, '2819c223-7f76-453a-919d-413861904646', 4, 'Idp', 2, 0, 0, 'ana', '', 'e' || char(769) || 'va', '', '', '', '', '',
        '{"userName":"Ana","displayName":"E' || char(769) || 'va","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}}'),
        (1, '2819c223-7f76-453a-919d-413861904647', 4, 'Idp', 0, 0, 0, 'bo', '', '', '', '', '', '', '', '{"userName":"Bo","active":false}');
        insert into groups (tenant_id, id, version, created, last_modified, display_name_key, external_id, document)
        values (1, '2819c223-7f76-453a-919d-413861904648', 1, 0, 0, 'e' || char(769), '', '{"displayName":"E' || char(769) || '"}'),
        (1, '2819c223-7f76-453a-919d-413861904649', 1, 0, 0, 'a' || char(769), '', '{"displayName":"a' || char(769) || '"}'),
        (1, '2819c223-7f76-453a-919d-413861904650', 1, 0, 0, char(225), '', '{"displayName":"' || char(225) || '"}')"#,
    )
    .await;
    let store = Store::open(&path).await.unwrap();
    let tenant = store.sole_tenant().await.unwrap().unwrap();
    assert!(store.settings(tenant).await.unwrap().replace_without_match_creates);
    let found = async |kind, filter: &str| {
        let filter = Filter::parse(filter).unwrap();
        list(&store, tenant, kind, Some(&filter), 0, 10).await.1
    };
    let active = found(User, "active eq true").await;
    assert_eq!((active.len(), active[0].version, active[0].document.get(&["active"])), (1, 5, Some(&true.into())));
    let mut shown = Vec::new();
    let text = active[0].clone().into_text(schema::user()).unwrap();
    text.write(schema::user(), "", &mut shown).unwrap();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&shown).unwrap(), active[0].render(schema::user(), ""));
    let inactive = found(User, "active eq false").await;
    assert_eq!((inactive.len(), inactive[0].version), (1, 4));
    assert_eq!(found(User, "active eq null").await, []);
    assert_eq!(found(User, "displayName eq \"\u{c9}va\"").await.len(), 1);
    assert_eq!(found(Group, "displayName eq \"\u{c9}\"").await.len(), 1);
    // Two groups whose names have become equal both stay.
    assert_eq!(found(Group, "displayName pr").await.len(), 3);
    assert_eq!(found(Group, "displayName eq \"\u{e1}\"").await.len(), 1);
}

/// A running server of an older version cannot use a migrated database.
#[tokio::test]
async fn a_database_in_use_is_not_migrated_by_another_process() {
    let (folder, _) = old(5, "insert into tenants (id, name, created) values (1, 'Contoso', 0)").await;
    let server = File::create(folder.path().join("rollcall.lock")).unwrap();
    server.lock().unwrap();
    let list = || rollcall(folder.path(), &["tenant", "list"]);
    list().refused(1, &["has to be created or migrated, and another rollcall uses the data folder"]);
    drop(server);
    let brought = list();
    assert!(brought.stdout.contains("Contoso") && brought.stderr.contains("Bringing the database up to date"));
    let server = File::create(folder.path().join("rollcall.lock")).unwrap();
    server.lock().unwrap();
    assert!(list().success().contains("Contoso"), "a current database can be shared");
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
async fn the_database_enforces_its_constraints() {
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
