//! What SQLite alone does: the same rows as the endpoint's, written by one connection one after another, durably. The
//! texts are made before the clock runs; each row is one call.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rollcall::scim::{
    document::{Document, differences},
    schema::{ENTERPRISE_URN, Types},
};
use serde_json::{Value, json};
use sqlx::{
    ConnectOptions, Executor,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};

use crate::{load::as_float, people, wire::spread};

const INSERT: &str = "insert into users (tenant_id, id, version, source, created, last_modified, active, \
    user_name_key, external_id, display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, \
    document, search) values (1, $1, 1, 'Idp', $2, $2, 1, $3, $4, $5, $6, $7, $8, $9, $3, $10, $11); \
    insert into user_values (tenant_id, attribute, value_key, user_seq) \
    select 1, value ->> 0, value ->> 1, last_insert_rowid() from json_each($12); \
    insert into journal (tenant_id, at, action, status, identity, identity_key, actor, actor_id, actor_name, method, \
    path, http_status, request_id, resource_kind, resource_id, probe, changes, request) values (1, $2, 'Create', \
    'Success', $3, $3, 'token', $1, 'Bench', 'POST', '/v2/scim/Users', 201, $1, 'User', $1, 0, $13, $14)";
const UPDATE: &str = "update users set version = version + 1, last_modified = $2, title_key = $3, document = $4, \
    search = $5 where tenant_id = 1 and id = $1; \
    insert into journal (tenant_id, at, action, status, identity, identity_key, actor, actor_id, actor_name, method, \
    path, http_status, request_id, resource_kind, resource_id, probe, changes, request) values (1, $2, 'Update', \
    'Success', $3, $3, 'token', $1, 'Bench', 'PATCH', '/v2/scim/Users/' || $1, 200, $1, 'User', $1, 0, $6, $7)";
/// Rows made ready before the clock runs.
const READY: u32 = 30_000;

/// One connection to a database file.
pub struct Raw {
    db: SqliteConnection,
    size: u32,
    written: u32,
}

impl Raw {
    pub async fn open(file: &Path, size: u32) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        Self { db: options.connect().await.unwrap(), size, written: 0 }
    }

    /// New users, `to_a_commit` at a time.
    pub async fn inserts(&mut self, time: Duration, to_a_commit: u32) -> f64 {
        let from = self.size + 10_000_000 + self.written;
        let rows: Vec<_> = (from..from + READY).map(Inserted::new).collect();
        self.written += READY;
        write(&mut self.db, time, to_a_commit, rows.iter().map(Inserted::query)).await
    }

    /// New titles of users there are.
    pub async fn updates(&mut self, time: Duration, to_a_commit: u32) -> f64 {
        let from = self.written;
        let rows: Vec<_> = (from..from + READY).map(|turn| Updated::new(spread(turn.into(), self.size))).collect();
        self.written += READY;
        write(&mut self.db, time, to_a_commit, rows.iter().map(Updated::query)).await
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments<'q>>;

/// Rows a second.
async fn write<'q>(
    db: &mut SqliteConnection,
    time: Duration,
    to_a_commit: u32,
    mut rows: impl Iterator<Item = Query<'q>>,
) -> f64 {
    let (began, mut written) = (Instant::now(), 0_u64);
    while began.elapsed() < time {
        db.execute("begin immediate").await.unwrap();
        for query in rows.by_ref().take(to_a_commit as usize) {
            query.execute(&mut *db).await.unwrap();
            written += 1;
        }
        db.execute("commit").await.unwrap();
    }
    as_float(written) / began.elapsed().as_secs_f64()
}

struct Inserted {
    id: String,
    mail: String,
    name: String,
    part: String,
    manager: String,
    document: String,
    search: String,
    values: String,
    changes: String,
    request: String,
}

impl Inserted {
    fn new(number: u32) -> Self {
        let sent = people::document(number);
        let document = Document::read(Types::built_in().user(), &sent).unwrap().document;
        let text = |value: &Value| value.as_str().unwrap().to_lowercase();
        let several = |name: &str| {
            sent[name].as_array().unwrap().iter().map(|each| json!([name, each["value"]])).collect::<Vec<_>>()
        };
        let written = serde_json::to_string(&document).unwrap();
        Self {
            id: people::id(number).to_string(),
            mail: people::user_name(number),
            name: text(&sent["displayName"]),
            part: text(&sent["name"]["givenName"]),
            manager: text(&sent[ENTERPRISE_URN]["manager"]["value"]),
            search: written.to_lowercase(),
            document: written,
            values: json!([several("emails"), several("phoneNumbers")].concat()).to_string(),
            changes: serde_json::to_string(&differences(&Document::default(), &document)).unwrap(),
            request: sent.to_string(),
        }
    }

    fn query(&self) -> Query<'_> {
        sqlx::query(INSERT)
            .bind(&self.id)
            .bind(1_763_852_000_000_i64)
            .bind(&self.mail)
            .bind(&self.id)
            .bind(&self.name)
            .bind(&self.part)
            .bind(&self.part)
            .bind("engineer")
            .bind(&self.manager)
            .bind(&self.document)
            .bind(&self.search)
            .bind(&self.values)
            .bind(&self.changes)
            .bind(&self.request)
    }
}

struct Updated {
    inserted: Inserted,
    title: String,
    changes: String,
    request: String,
}

impl Updated {
    fn new(number: u32) -> Self {
        Self {
            inserted: Inserted::new(number),
            title: format!("raw {number}"),
            changes: json!([{"path": "title", "before": "Engineer 1", "after": "Raw 1"}]).to_string(),
            request: json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "title", "value": "Raw 1"}],
            })
            .to_string(),
        }
    }

    fn query(&self) -> Query<'_> {
        sqlx::query(UPDATE)
            .bind(&self.inserted.id)
            .bind(1_763_852_000_000_i64)
            .bind(&self.title)
            .bind(&self.inserted.document)
            .bind(&self.inserted.search)
            .bind(&self.changes)
            .bind(&self.request)
    }
}
