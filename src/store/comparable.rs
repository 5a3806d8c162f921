//! Texts of documents as they are compared: the rules of [`scim::compare`](crate::scim::compare) as SQL functions, so that
//! the database answers a filter as `scim::filter::eval` does. Columns with an index hold keys already.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};

use super::sql::Sql;
use crate::scim::compare::Rule;
use crate::scim::schema::Attribute;

/// What the value of an attribute is compared by.
pub(super) fn comparable(attribute: &Attribute, value: Sql) -> Sql {
    let Some(rule) = Rule::of(attribute) else { return value };
    let mut sql = Sql::new(function(rule));
    sql.push("(").append(&value).push(")");
    sql
}

/// Makes the functions known to a connection.
pub(super) fn register(db: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for rule in Rule::ALL {
        db.create_scalar_function(function(rule), 1, flags, move |context| {
            Ok(match context.get_raw(0) {
                ValueRef::Text(text) => Value::Text(rule.key(&String::from_utf8_lossy(text))),
                other => other.try_into()?,
            })
        })?;
    }
    Ok(())
}

const fn function(rule: Rule) -> &'static str {
    match rule {
        Rule::Fold => "fold",
        Rule::UserName => "precis",
        Rule::Instant => "instant",
    }
}
