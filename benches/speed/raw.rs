//! SQLite alone: the same rows as the endpoint's, written by one connection on one thread, one after another,
//! durably, with prepared statements. The values are prepared before the measurement.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rollcall::scim::{
    document::{Document, differences},
    schema::{ENTERPRISE_URN, Types},
};
use rusqlite::{Connection, Params};
use serde_json::{Value, json};

use crate::{load::as_float, sample_users, wire::spread};

const INSERT: &str = "insert into users (tenant_id, id, version, source, created, last_modified, active, \
    user_name_key, external_id, display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, \
    document) values (1, ?1, 1, 'Idp', ?2, ?2, 1, ?3, ?1, ?4, ?5, ?5, 'engineer', ?6, ?3, ?7)";
const INSERT_VALUES: &str = "insert into user_values (tenant_id, attribute, value_key, user_seq) \
    select 1, value ->> 0, value ->> 1, last_insert_rowid() from json_each(?1)";
const JOURNAL_INSERT: &str = "insert into journal (tenant_id, at, action, status, identity, identity_key, actor, actor_id, \
    actor_name, method, path, http_status, request_id, resource_kind, resource_id, probe, changes, request) values (1, ?2, \
    'Create', 'Success', ?3, ?3, 'token', ?1, 'Bench', 'POST', '/v2/scim/Users', 201, ?1, 'User', ?1, 0, ?4, ?5)";
const UPDATE: &str = "update users set version = version + 1, last_modified = ?2, title_key = ?3, document = ?4 \
    where tenant_id = 1 and id = ?1";
const JOURNAL_UPDATE: &str = "insert into journal (tenant_id, at, action, status, identity, identity_key, actor, actor_id, \
    actor_name, method, path, http_status, request_id, resource_kind, resource_id, probe, changes, request) values (1, ?2, \
    'Update', 'Success', ?3, ?3, 'token', ?1, 'Bench', 'PATCH', '/v2/scim/Users/' || ?1, 200, ?1, 'User', ?1, 0, ?4, ?5)";
const NOW: i64 = 1_763_852_000_000;
/// Rows prepared before the measurement.
const PREPARED: u32 = 30_000;

/// One connection to a database file.
pub struct Raw {
    db: Connection,
    size: u32,
    written: u32,
}

impl Raw {
    pub fn open(file: &Path, size: u32) -> Self {
        let db = Connection::open(file).unwrap();
        db.execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on").unwrap();
        Self { db, size, written: 0 }
    }

    /// Inserts users, `to_a_commit` per commit.
    pub fn inserts(&mut self, time: Duration, to_a_commit: u32) -> f64 {
        let from = self.size + 10_000_000 + self.written;
        let rows: Vec<_> = (from..from + PREPARED).map(Inserted::new).collect();
        self.written += PREPARED;
        self.write(time, to_a_commit, &rows, Inserted::write)
    }

    /// Changes the titles of users.
    pub fn updates(&mut self, time: Duration, to_a_commit: u32) -> f64 {
        let from = self.written;
        let rows: Vec<_> = (from..from + PREPARED).map(|turn| Updated::new(spread(turn.into(), self.size))).collect();
        self.written += PREPARED;
        self.write(time, to_a_commit, &rows, Updated::write)
    }

    /// Rows per second.
    fn write<T>(&self, time: Duration, to_a_commit: u32, rows: &[T], write: impl Fn(&T, &Connection)) -> f64 {
        let (began, mut written) = (Instant::now(), 0_u64);
        let mut commits = rows.chunks(to_a_commit as usize);
        while began.elapsed() < time
            && let Some(rows) = commits.next()
        {
            self.db.execute_batch("begin immediate").unwrap();
            for row in rows {
                write(row, &self.db);
                written += 1;
            }
            self.db.execute_batch("commit").unwrap();
        }
        as_float(written) / began.elapsed().as_secs_f64()
    }
}

fn execute(db: &Connection, statement: &str, values: impl Params) {
    db.prepare_cached(statement).unwrap().execute(values).unwrap();
}

struct Inserted {
    id: String,
    mail: String,
    name: String,
    part: String,
    manager: String,
    document: String,
    values: String,
    changes: String,
    request: String,
}

impl Inserted {
    fn new(number: u32) -> Self {
        let sent = sample_users::document(number);
        let document = Document::read(Types::built_in().user(), &sent).unwrap().document;
        let text = |value: &Value| value.as_str().unwrap().to_lowercase();
        let several = |name: &str| {
            sent[name].as_array().unwrap().iter().map(|each| json!([name, each["value"]])).collect::<Vec<_>>()
        };
        Self {
            id: sample_users::id(number).to_string(),
            mail: sample_users::user_name(number),
            name: text(&sent["displayName"]),
            part: text(&sent["name"]["givenName"]),
            manager: text(&sent[ENTERPRISE_URN]["manager"]["value"]),
            document: serde_json::to_string(&document).unwrap(),
            values: json!([several("emails"), several("phoneNumbers")].concat()).to_string(),
            changes: serde_json::to_string(&differences(&Document::default(), &document)).unwrap(),
            request: sent.to_string(),
        }
    }

    fn write(&self, db: &Connection) {
        let Self { id, mail, name, part, manager, document, values, changes, request } = self;
        execute(db, INSERT, (id, NOW, mail, name, part, manager, document));
        execute(db, INSERT_VALUES, (values,));
        execute(db, JOURNAL_INSERT, (id, NOW, mail, changes, request));
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

    fn write(&self, db: &Connection) {
        let Self { inserted: Inserted { id, document, .. }, title, changes, request } = self;
        execute(db, UPDATE, (id, NOW, title, document));
        execute(db, JOURNAL_UPDATE, (id, NOW, title, changes, request));
    }
}
