//! The rules by which texts are compared, [`scim::compare`](crate::scim::compare), as SQL functions, so that the database
//! answers a filter as `scim::filter::eval` does. Columns with an index hold keys already.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};

use crate::scim::compare::Rule;

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

/// The function of a rule.
pub(in crate::store) const fn function(rule: Rule) -> &'static str {
    match rule {
        Rule::Fold => "fold",
        Rule::UserName => "precis",
        Rule::Instant => "instant",
    }
}
