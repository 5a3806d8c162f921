//! The parts of composed statements that differ by engine, as `SQLite` has them. Other text is accepted by `PostgreSQL`, too,
//! except constants that use JSON functions.

use super::sql::Sql;
use super::sqlite;
use crate::scim::compare::Rule;
use crate::scim::schema::Attribute;

/// Before a column: keeps the engine from using its index.
pub(super) const UNINDEXED: &str = "+";

/// The order of elements [`elements`] in which the primary one comes first, then the others as they were sent.
pub(super) const PRIMARY_FIRST: &str =
    "case when e.type = 'object' then coalesce(json_extract(e.value, '$.primary'), 0) else 0 end desc, e.key";

/// The path to a value in a document: `$."name"."givenName"`. The names are the schemas' own, without quotes in them.
pub(super) fn path(steps: &[&str]) -> String {
    steps.iter().fold("$".to_owned(), |path, step| format!("{path}.\"{step}\""))
}

/// The value at a path, null where there is none.
pub(super) fn value_at(document: &'static str, steps: &[&str]) -> Sql {
    let mut sql = Sql::new("json_extract(");
    sql.push(document).push(", ").bind(path(steps)).push(")");
    sql
}

/// That there is a value at a path.
pub(super) fn has_value_at(document: &'static str, steps: &[&str]) -> Sql {
    let mut sql = Sql::new("json_type(");
    sql.push(document).push(", ").bind(path(steps)).push(") is not null");
    sql
}

/// The elements of the value at a path as rows `e`, of which `e.value` is the element. A single value is its own only element.
pub(super) fn elements(document: &'static str, steps: &[&str]) -> Sql {
    let mut sql = Sql::new("json_each(");
    sql.push(document).push(", ").bind(path(steps)).push(") e");
    sql
}

/// That a column has one of these numbers.
pub(super) fn is_one_of(column: &'static str, numbers: &[i64]) -> Sql {
    let mut sql = Sql::new(column);
    sql.push(" in (select value from json_each(").bind(serde_json::json!(numbers).to_string()).push("))");
    sql
}

/// The key by which values of an attribute are compared.
pub(super) fn comparable(attribute: &Attribute, value: Sql) -> Sql {
    let Some(rule) = Rule::of(attribute) else { return value };
    let mut sql = Sql::new(sqlite::function(rule));
    sql.push("(").append(&value).push(")");
    sql
}

/// That a text contains another.
pub(super) fn contains(text: &Sql, part: &str) -> Sql {
    let mut sql = Sql::new("instr(");
    sql.append(text).push(", ").bind(part).push(") > 0");
    sql
}

/// That a text ends with another.
pub(super) fn ends_with(text: &Sql, part: &str) -> Sql {
    let mut sql = Sql::new("substr(");
    sql.append(text).push(", ").bind(-characters(part)).push(") = ").bind(part);
    sql
}

/// How many characters a text has.
pub(super) fn characters(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// A column of milliseconds as `scim` writes times.
pub(super) fn time_as_text(column: &'static str) -> Sql {
    let mut sql = Sql::new("strftime('%Y-%m-%dT%H:%M:%S', ");
    sql.push(column).push(" / 1000, 'unixepoch') || printf('.%03dZ', ").push(column).push(" % 1000)");
    sql
}
