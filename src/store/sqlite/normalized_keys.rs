//! Keys from before comparisons ignored Unicode composition: recomputed once, with a migration. Most databases have none;
//! those that do got a name from macOS, which decomposes letters and accents.

use std::path::Path;

use tracing::warn;

use super::connection::open_to_write;
use crate::store::StoreError;

/// The migration that this belongs to.
pub(super) const SCHEMA: i64 = 7;

/// Tables with the columns that hold keys. A key that would equal another row's is left as it is.
const TABLES: [(&str, &[&str]); 6] = [
    ("users", &["display_name_key", "given_name_key", "family_name_key", "title_key", "email_key"]),
    ("groups", &["display_name_key"]),
    ("user_values", &["value_key"]),
    ("unique_values", &["value_key"]),
    ("user_members", &["display_key"]),
    ("group_members", &["display_key"]),
];
const EXISTS: &str = "select exists (select 1 from sqlite_schema where type = 'table' and name = ?1)";
const LEFT: &str = "select count(*) from groups where display_name_key <> fold(display_name_key)";

/// Recomputes all keys. Runs before the migration, so that it runs again if the program is stopped between the two; a second
/// run changes nothing.
pub(super) fn normalize(database: &Path) -> Result<(), StoreError> {
    let db = open_to_write(database)?;
    for (table, columns) in TABLES {
        if db.query_row(EXISTS, [table], |row| row.get(0))? {
            let set: Vec<_> = columns.iter().map(|column| format!("{column} = fold({column})")).collect();
            let differ: Vec<_> = columns.iter().map(|column| format!("{column} <> fold({column})")).collect();
            let (set, differ) = (set.join(", "), differ.join(" or "));
            db.execute(&format!("update or ignore {table} set {set} where {differ}"), ())?;
        }
    }
    let left: i64 =
        if db.query_row(EXISTS, ["groups"], |row| row.get(0))? { db.query_row(LEFT, (), |row| row.get(0))? } else { 0 };
    if left > 0 {
        warn!(
            groups = left,
            "{left} groups have a name that differs from another group's in composition only; rename them"
        );
    }
    Ok(())
}
