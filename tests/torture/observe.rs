//! What is really in a database, read with statements of our own, and the laws that hold in it whatever was asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use crate::{
    client::prefix,
    model::{Group, Ids, SHARED, User, World},
};

/// The first of the laws are about damage and counts, and hold in any database.
const COUNTS: usize = 5;
/// What must give no row, and what a row would mean.
const LAWS: &[(&str, &str)] = &[
    ("the database is damaged", "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'"),
    ("a row refers to nothing", "select \"table\" from pragma_foreign_key_check"),
    (
        "users are miscounted",
        "select source from (select tenant_id, source, active > 0 as active, count(*) as users from users group by 1, 2, 3) r \
         full join user_counts c using (tenant_id, source, active) where coalesce(c.users, 0) <> coalesce(r.users, 0)",
    ),
    (
        "groups are miscounted",
        "select tenant_id from group_counts where groups <> (select count(*) from groups g where g.tenant_id = group_counts.tenant_id)",
    ),
    (
        "members are miscounted",
        "select id from groups g where members <> (select count(*) from user_members where group_id = g.id) + \
         (select count(*) from group_members where group_id = g.id)",
    ),
    (
        "a value is found that no user has",
        "select value_key from user_values v where not exists (select 1 from users u where u.seq = v.user_seq and \
         u.email_key = v.value_key)",
    ),
    (
        "a user's value is not found",
        "select id from users where email_key <> '' and 1 <> (select count(*) from user_values where user_seq = seq)",
    ),
    (
        "a user has not as many versions as the journal tells changes",
        "select id from users u where version <> (select count(*) from journal j where j.tenant_id = u.tenant_id and \
         j.resource_id = u.id and j.status = 'Success')",
    ),
    (
        "the journal does not tell of one beginning, or tells of two ends",
        "select resource_id from journal where status = 'Success' and resource_id is not null group by resource_id \
         having sum(action = 'Create') <> 1 or sum(action = 'Delete') > 1",
    ),
    (
        "what the journal tells is there is not, or the other way round",
        "select resource_id from journal where status = 'Success' and resource_id is not null group by resource_id \
         having sum(action = 'Delete') = (resource_id in (select id from users union all select id from groups))",
    ),
    (
        "the journal tells a change twice",
        "select request_id from journal where status = 'Success' and resource_id is not null \
         group by request_id, resource_id having count(*) > 1",
    ),
];

/// All that the clients wrote.
pub struct Seen {
    pub worlds: Vec<World>,
    pub ids: Ids,
    /// Changes that the journal tells, by request, after the row that was asked for.
    pub told: BTreeMap<String, usize>,
    /// The journal's last row.
    pub last: i64,
}

/// Reads the database; an error is a broken law.
pub fn look(database: &Path, clients: usize, after: i64) -> Result<Seen, String> {
    with(database, async |db| {
        obeys(db, LAWS).await?;
        read(db, clients, after).await
    })
}

/// Looks after damage and wrong counts alone, in a database that the clients did not write.
pub fn counts(database: &Path) -> Result<(), String> {
    with(database, async |db| obeys(db, &LAWS[..COUNTS]).await)
}

/// The requests that the journal tells of, in its order.
pub fn journal(database: &Path) -> Vec<(i64, String)> {
    let told = with(database, async |db| rows(db, "select id, request_id from journal order by id").await);
    told.unwrap_or_else(|broken| panic!("{broken}"))
}

fn with<T>(database: &Path, read: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, String>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).foreign_keys(true);
        let mut db = options.connect().await.map_err(|error| format!("the database cannot be opened: {error}"))?;
        let seen = read(&mut db).await;
        db.close().await.map_err(|error| error.to_string())?;
        seen
    })
}

async fn obeys(db: &mut SqliteConnection, laws: &[(&str, &str)]) -> Result<(), String> {
    for (broken, law) in laws {
        let rows: Vec<(String,)> = rows(db, law).await?;
        if let Some((row,)) = rows.first() {
            return Err(format!("{broken}: {row} ({} rows)", rows.len()));
        }
    }
    Ok(())
}

type UserRow = (String, String, i64, i64, String, String, String, String, String);

async fn read(db: &mut SqliteConnection, clients: usize, after: i64) -> Result<Seen, String> {
    let mut worlds = vec![World::default(); clients];
    let mut ids = Ids::new();
    let users: Vec<UserRow> = rows(
        db,
        "select id, document ->> '$.userName', version, active, document, user_name_key, title_key, family_name_key, \
         email_key from users",
    )
    .await?;
    for (id, name, version, active, document, key, title, family, email) in users {
        let mark: u64 = title.trim_start_matches('t').parse().map_err(|_| format!("{name} has the title {title:?}"))?;
        let document: Value = serde_json::from_str(&document).map_err(|error| format!("{name}: {error}"))?;
        let told = (&document["title"], &document["name"]["familyName"], &document["emails"][0]["value"]);
        let whole = key == name
            && family == format!("f{mark}")
            && email == format!("{mark}@contoso.example")
            && (told.0 == &title && told.1 == &family && told.2 == &email)
            && document["active"] == (active > 0);
        if !whole {
            return Err(format!("{name} is half changed: {title} {family} {email} {active} {document}"));
        }
        let world = worlds.iter_mut().enumerate().find(|(index, _)| name.starts_with(&prefix(*index)));
        let (_, world) = world.ok_or_else(|| format!("{name} is nobody's"))?;
        ids.insert(name.clone(), id);
        world.users.insert(name, User { mark, active: active > 0, version });
    }
    let groups: Vec<(String, String, String, i64)> =
        rows(db, "select id, document ->> '$.displayName', external_id, version from groups").await?;
    for (id, name, mark, version) in groups {
        ids.insert(name.clone(), id);
        if let Some((_, world)) = worlds.iter_mut().enumerate().find(|(index, _)| name.starts_with(&prefix(*index))) {
            let mark = mark.parse().map_err(|_| format!("{name} has the mark {mark:?}"))?;
            world.groups.insert(name, Group { mark, members: BTreeSet::new(), version });
        }
    }
    let members: Vec<(String, String)> = rows(
        db,
        "select g.document ->> '$.displayName', u.document ->> '$.userName' from user_members m \
         join groups g on g.id = m.group_id join users u on u.id = m.user_id",
    )
    .await?;
    for (group, user) in members {
        let world = worlds.iter_mut().enumerate().find(|(index, _)| user.starts_with(&prefix(*index)));
        let (_, world) = world.ok_or_else(|| format!("{user} is nobody's"))?;
        if group == SHARED {
            world.shared.insert(user);
        } else {
            world.groups.get_mut(&group).ok_or_else(|| format!("{user} is in another's {group}"))?.members.insert(user);
        }
    }
    let told: Vec<(String, i64)> = rows(
        db,
        &format!(
            "select request_id, count(*) from journal where id > {after} and status = 'Success' and actor = 'token' and \
             resource_id is not null group by request_id"
        ),
    )
    .await?;
    let told = told.into_iter().map(|(id, count)| (id, usize::try_from(count).unwrap_or(0))).collect();
    let last: Vec<(i64,)> = rows(db, "select coalesce(max(id), 0) from journal").await?;
    Ok(Seen { worlds, ids, told, last: last[0].0 })
}

async fn rows<R>(db: &mut SqliteConnection, statement: &str) -> Result<Vec<R>, String>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    sqlx::query_as(AssertSqlSafe(statement)).fetch_all(db).await.map_err(|error| format!("{error}: {statement}"))
}
