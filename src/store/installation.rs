//! What the database tells of itself as a whole: whose key its tokens were made with, and whether it is sound.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::migrations::SCHEMA;
use super::writer::execute;
use super::{BUSY_TIMEOUT, Store, StoreError};
use crate::scim::time::DateTime;

const KEY_MARK: &str = "select key_mark from installation";
const SET_KEY_MARK: &str = "insert into installation (id, key_mark) values (1, ?1) on conflict (id) do update set key_mark = excluded.key_mark";
const ANY_WORKING: &str =
    "select exists (select 1 from tokens where revoked is null and (expires is null or expires > ?1))";
const HAS_MARKS: &str = "select exists (select 1 from sqlite_schema where name = 'installation')";
const NEWEST_ENTRY: &str = "select at from journal order by id desc limit 1";
const QUICK: &str = "pragma quick_check(10)";
const WHOLE: &str = "pragma integrity_check(10)";
const DANGLING: &str = "select \"table\" || ' refers to a row of ' || parent || ' that is gone' \
    from pragma_foreign_key_check limit 10";

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page, but not whether indexes and rows agree.
    Quick,
    /// Everything that SQLite can check.
    Full,
}

/// What a database is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Its last migration.
    pub schema: i64,
    /// What is wrong with it; empty when it is sound.
    pub faults: Vec<String>,
    /// What the key of its installation makes; `None` in databases older than the mark.
    pub key_mark: Option<[u8; 32]>,
    /// Whether any token in it works.
    pub any_valid_token: bool,
    /// When the journal's newest entry was made.
    pub newest_entry: Option<DateTime>,
}

/// Looks at a database as it is: changes nothing, and brings nothing up to date. A server may be running on it.
pub async fn inspect(path: &Path, depth: Depth, now: DateTime) -> Result<Inspection, StoreError> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).pragma("query_only", "on");
    let mut db = options.connect().await?;
    let found = look(&mut db, depth, now).await;
    db.close().await?;
    found
}

async fn look(db: &mut SqliteConnection, depth: Depth, now: DateTime) -> Result<Inspection, StoreError> {
    let check = if depth == Depth::Full { WHOLE } else { QUICK };
    let mut faults: Vec<String> = sqlx::query_scalar(check).fetch_all(&mut *db).await?;
    faults.retain(|fault| fault != "ok");
    if depth == Depth::Full {
        faults.extend(sqlx::query_scalar::<_, String>(DANGLING).fetch_all(&mut *db).await?);
    }
    let schema: Option<i64> = sqlx::query_scalar(SCHEMA).fetch_one(&mut *db).await?;
    let marked: bool = sqlx::query_scalar(HAS_MARKS).fetch_one(&mut *db).await?;
    let mark: Option<Vec<u8>> =
        if marked { sqlx::query_scalar(KEY_MARK).fetch_optional(&mut *db).await? } else { None };
    let newest: Option<i64> = sqlx::query_scalar(NEWEST_ENTRY).fetch_optional(&mut *db).await?;
    Ok(Inspection {
        schema: schema.unwrap_or_default(),
        faults,
        key_mark: mark.map(read_mark).transpose()?,
        any_valid_token: sqlx::query_scalar(ANY_WORKING).bind(now.as_millis()).fetch_one(db).await?,
        newest_entry: newest.map(DateTime::from_millis),
    })
}

fn read_mark(mark: Vec<u8>) -> Result<[u8; 32], StoreError> {
    mark.try_into().map_err(|_| StoreError::corrupt("installation", 1, "the mark has another length"))
}

impl Store {
    /// The mark of the key that the tokens here were made with; `None` until one was used.
    pub async fn key_mark(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let mark: Option<Vec<u8>> = sqlx::query_scalar(KEY_MARK).fetch_optional(&mut *self.reader().await?).await?;
        mark.map(read_mark).transpose()
    }

    /// From now on this is the key's mark.
    pub async fn set_key_mark(&self, mark: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |db| execute(db, SET_KEY_MARK, (mark,)).map(drop)).await
    }

    /// Whether any token of any tenant works.
    pub async fn any_valid_token(&self, now: DateTime) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(ANY_WORKING).bind(now.as_millis()).fetch_one(&mut *self.reader().await?).await?)
    }
}
