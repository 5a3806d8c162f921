//! `SQLite`: one thread that writes, questions on the threads of the requests, checkpoints, SQL functions, migrations,
//! integrity checks, and the file that says whether tokens were changed.

mod checkpoint;
mod connection;
mod epoch;
mod error;
mod functions;
mod inspection;
mod migrations;
mod normalized_keys;
mod queries;
mod row;
mod statement;
mod writer;

#[cfg(test)]
mod plans;

use std::path::Path;
use std::sync::Arc;

pub(super) use epoch::{Epoch, EpochFile};
pub(super) use functions::function;
pub use inspection::{Depth, Inspection, inspect};
pub use migrations::{is_behind, known_schema};
pub(super) use row::Row;
pub(super) use rusqlite::Connection;
use sqlx::Connection as _;
pub(super) use statement::{execute, query};
use tokio::task::spawn_blocking;

use super::StoreError;
use super::value::ToValue as _;
use queries::Queries;
use writer::Writer;

const COPY: &str = "vacuum into ?1";
const PING: &str = "select 1";
/// Writes a page of the database and changes nothing.
const TOUCH: &str = "pragma user_version = 0";

/// A database file. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    file: Arc<Path>,
    /// Runs units of writing.
    pub(super) writer: Writer,
    /// Answers questions.
    pub(super) queries: Queries,
}

impl Sqlite {
    /// Opens the database file, creates it where there is none, and applies the migrations that it has not seen.
    pub(super) async fn open(file: &Path) -> Result<Self, StoreError> {
        let migrated = migrations::migrate(file).await?;
        let sqlite = Self { file: file.into(), queries: Queries::open(file)?, writer: Writer::start(file)? };
        migrated.close().await?;
        Ok(sqlite)
    }

    /// Writes a consistent copy to `destination`, which must not exist yet; reading and writing continue meanwhile.
    pub(super) async fn copy(&self, destination: &Path) -> Result<(), StoreError> {
        let not_utf8 = || StoreError::Unavailable("the name of the copy is not UTF-8".into());
        let (file, destination) = (Arc::clone(&self.file), destination.to_str().ok_or_else(not_utf8)?.to_owned());
        // A connection of its own: it counts as writing, and would hold up the writer for long.
        let copying = spawn_blocking(move || {
            let db = connection::open_to_write(&file)?;
            statement::execute(&db, COPY, &[destination.to_value()]).map(drop)
        });
        copying.await.map_err(|_| StoreError::Panicked)?
    }

    /// Checks that the database answers and can be written. Writes only if the last commit failed: nothing else would
    /// show that writing is possible again.
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        if self.writer.is_closed() {
            return Err(StoreError::Closed);
        }
        self.queries.ask(PING, &[], row::single::<i64>).await?;
        if self.writer.is_troubled() {
            self.writer.run(|db| Ok(db.execute_batch(TOUCH)?)).await?;
        }
        Ok(())
    }

    /// Commits what is waiting, checkpoints the write-ahead log and closes all connections.
    pub(super) async fn close(&self) {
        self.queries.close();
        self.writer.close().await;
    }
}
