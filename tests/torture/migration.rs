//! Killed during the upgrade of an old database: the next start completes it.

use std::{fs, path::Path, thread, time::Duration};

use sqlx::{ConnectOptions as _, Connection as _, migrate::Migrator, sqlite::SqliteConnectOptions};

use crate::{Report, Settings, observe, program::Installation, random::Random};

/// A company of the first version: 20,000 users, each in one of 2,000 groups.
const OLD: &str = "
    insert into tenants (name, created) values ('Old', 0);
    insert into settings (tenant_id) values (1);
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into users (tenant_id, id, version, source, active, created, last_modified, user_name_key, external_id,
        display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, document, search)
    select 1, 'u' || i, 1, 'Idp', 1, 0, 0, 'c0-u' || i, '', '', '', 'f1', 't1', '', i || '@x', '{}', '{}' from n;
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
    insert into groups (tenant_id, id, version, created, last_modified, display_name_key, external_id, document, search)
    select 1, 'g' || i, 1, 0, 0, 'g' || i, '', '{}', '{}' from n;
    insert into user_members (tenant_id, group_id, user_id, display, display_key)
    select 1, 'g' || (1 + seq % 2000), id, '', '' from users;";

pub fn run(settings: &Settings) -> Report {
    let mut random = Random::new(settings.seed);
    let installation = Installation::new(&settings.program);
    let old = installation.sibling("old.db");
    make_old(&installation, &old);
    let rounds = settings.choose(4, 60);
    let mut kills = 0;
    for _ in 0..rounds {
        for file in fs::read_dir(&installation.folder).expect("a folder") {
            let path = file.expect("an entry").path();
            if path.to_string_lossy().contains("rollcall.db") {
                fs::remove_file(path).expect("a file");
            }
        }
        fs::copy(&old, installation.database()).expect("a copy");
        for _ in 0..=random.below(3) {
            let mut server = installation.spawn(|_| {});
            thread::sleep(Duration::from_millis(random.next() % 400));
            server.kill();
            kills += 1;
        }
        let server = installation.serve();
        observe::check_counts(&installation.database()).unwrap_or_else(|error| panic!("{error}"));
        assert!(server.stop().success());
    }
    Report::new([("old databases upgraded", rounds), ("kills during upgrades", kills)])
}

/// A database of the first version, with rows.
fn make_old(installation: &Installation, path: &Path) {
    let first = installation.sibling("first");
    fs::create_dir(&first).expect("a folder");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    fs::copy(migrations.join("0001_ground.sql"), first.join("0001_ground.sql")).expect("the first migration");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut db = options.connect().await.expect("a database");
        let migrator = Migrator::new(first).await.expect("a migration");
        migrator.run(&mut db).await.expect("it runs");
        sqlx::raw_sql(OLD).execute(&mut db).await.expect("rows");
        db.close().await.expect("it closes");
    });
}
