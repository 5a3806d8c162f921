//! The contents of a database, read with separate statements, and the invariants that must hold in it.

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
    model::{ClientState, Group, Ids, SHARED, User},
};

/// The first invariants are about damage and counts, and hold in any database.
const COUNTS: usize = 5;
/// Queries that must return no row, and what a row would mean.
const INVARIANTS: &[(&str, &str)] = &[
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
        "an indexed value belongs to no user",
        "select value_key from user_values v where not exists (select 1 from users u where u.seq = v.user_seq and \
         u.email_key = v.value_key)",
    ),
    (
        "a user's value is not indexed",
        "select id from users where email_key <> '' and 1 <> (select count(*) from user_values where user_seq = seq)",
    ),
    (
        "a user's version differs from the number of changes in the journal",
        "select id from users u where version <> (select count(*) from journal j where j.tenant_id = u.tenant_id and \
         j.resource_id = u.id and j.status = 'Success')",
    ),
    (
        "the journal does not have exactly one Create, or has two Deletes",
        "select resource_id from journal where status = 'Success' and resource_id is not null group by resource_id \
         having sum(action = 'Create') <> 1 or sum(action = 'Delete') > 1",
    ),
    (
        "the journal and the tables disagree on whether a resource exists",
        "select resource_id from journal where status = 'Success' and resource_id is not null group by resource_id \
         having sum(action = 'Delete') = (resource_id in (select id from users union all select id from groups))",
    ),
    (
        "the journal has a change twice",
        "select request_id from journal where status = 'Success' and resource_id is not null \
         group by request_id, resource_id having count(*) > 1",
    ),
];

/// Everything that the clients wrote.
pub struct Snapshot {
    pub states: Vec<ClientState>,
    pub ids: Ids,
    /// The number of changes in the journal by request, after a given row.
    pub journaled: BTreeMap<String, usize>,
    /// The last row of the journal.
    pub last: i64,
}

/// Reads the database; fails if an invariant does not hold.
pub fn read_snapshot(database: &Path, clients: usize, after: i64) -> Result<Snapshot, String> {
    with(database, async |db| {
        check_invariants(db, INVARIANTS).await?;
        read(db, clients, after).await
    })
}

/// Checks only for damage and wrong counts, in a database that the clients did not write.
pub fn check_counts(database: &Path) -> Result<(), String> {
    with(database, async |db| check_invariants(db, &INVARIANTS[..COUNTS]).await)
}

/// The requests in the journal, in its order.
pub fn journal(database: &Path) -> Vec<(i64, String)> {
    let requests = with(database, async |db| rows(db, "select id, request_id from journal order by id").await);
    requests.unwrap_or_else(|error| panic!("{error}"))
}

fn with<T>(database: &Path, read: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, String>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database).foreign_keys(true);
        let mut db = options.connect().await.map_err(|error| format!("the database cannot be opened: {error}"))?;
        let snapshot = read(&mut db).await;
        db.close().await.map_err(|error| error.to_string())?;
        snapshot
    })
}

async fn check_invariants(db: &mut SqliteConnection, invariants: &[(&str, &str)]) -> Result<(), String> {
    for (error, invariant) in invariants {
        let rows: Vec<(String,)> = rows(db, invariant).await?;
        if let Some((row,)) = rows.first() {
            return Err(format!("{error}: {row} ({} rows)", rows.len()));
        }
    }
    Ok(())
}

type UserRow = (String, String, i64, i64, String, String, String, String, String);

async fn read(db: &mut SqliteConnection, clients: usize, after: i64) -> Result<Snapshot, String> {
    let mut states = vec![ClientState::default(); clients];
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
        let in_document = (&document["title"], &document["name"]["familyName"], &document["emails"][0]["value"]);
        let whole = key == name
            && family == format!("f{mark}")
            && email == format!("{mark}@contoso.example")
            && (in_document.0 == &title && in_document.1 == &family && in_document.2 == &email)
            && document["active"] == (active > 0);
        if !whole {
            return Err(format!("{name} is half changed: {title} {family} {email} {active} {document}"));
        }
        let state = states.iter_mut().enumerate().find(|(index, _)| name.starts_with(&prefix(*index)));
        let (_, state) = state.ok_or_else(|| format!("{name} belongs to no client"))?;
        ids.insert(name.clone(), id);
        state.users.insert(name, User { mark, active: active > 0, version });
    }
    let groups: Vec<(String, String, String, i64)> =
        rows(db, "select id, document ->> '$.displayName', external_id, version from groups").await?;
    for (id, name, mark, version) in groups {
        ids.insert(name.clone(), id);
        if let Some((_, state)) = states.iter_mut().enumerate().find(|(index, _)| name.starts_with(&prefix(*index))) {
            let mark = mark.parse().map_err(|_| format!("{name} has the mark {mark:?}"))?;
            state.groups.insert(name, Group { mark, members: BTreeSet::new(), version });
        }
    }
    let members: Vec<(String, String)> = rows(
        db,
        "select g.document ->> '$.displayName', u.document ->> '$.userName' from user_members m \
         join groups g on g.id = m.group_id join users u on u.id = m.user_id",
    )
    .await?;
    for (group, user) in members {
        let state = states.iter_mut().enumerate().find(|(index, _)| user.starts_with(&prefix(*index)));
        let (_, state) = state.ok_or_else(|| format!("{user} belongs to no client"))?;
        if group == SHARED {
            state.shared.insert(user);
        } else {
            state
                .groups
                .get_mut(&group)
                .ok_or_else(|| format!("{user} is in {group} of another client"))?
                .members
                .insert(user);
        }
    }
    let journaled: Vec<(String, i64)> = rows(
        db,
        &format!(
            "select request_id, count(*) from journal where id > {after} and status = 'Success' and actor = 'token' and \
             resource_id is not null group by request_id"
        ),
    )
    .await?;
    let journaled = journaled.into_iter().map(|(id, count)| (id, usize::try_from(count).unwrap_or(0))).collect();
    let last: Vec<(i64,)> = rows(db, "select coalesce(max(id), 0) from journal").await?;
    Ok(Snapshot { states, ids, journaled, last: last[0].0 })
}

async fn rows<R>(db: &mut SqliteConnection, statement: &str) -> Result<Vec<R>, String>
where
    R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    sqlx::query_as(AssertSqlSafe(statement)).fetch_all(db).await.map_err(|error| format!("{error}: {statement}"))
}
