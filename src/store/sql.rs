//! Statements that are composed at run time. Text comes from constants alone, values are always bound: what a client sent
//! cannot become SQL, because there is no way to push it.

use std::fmt;

use super::value::{ToValue, Value};

/// A statement, or a part of one, with the values of its placeholders.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value<'static>>,
}

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// A condition that is always true.
    pub(super) fn always() -> Self {
        Self::new("true")
    }

    /// A condition that is never true.
    pub(super) fn never() -> Self {
        Self::new("false")
    }

    /// Appends constant text.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and its value.
    pub(super) fn bind(&mut self, value: impl ToValue) -> &mut Self {
        self.text.push('?');
        self.values.push(value.to_value().into_owned());
        self
    }

    /// Appends placeholders and their values, with commas between them.
    pub(super) fn bind_all(&mut self, values: &[&dyn ToValue]) -> &mut Self {
        for (index, value) in values.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" }).bind(value);
        }
        self
    }

    /// Appends another part.
    pub(super) fn append(&mut self, part: &Self) -> &mut Self {
        self.text.push_str(&part.text);
        self.values.extend_from_slice(&part.values);
        self
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        let long = |value: &Value<'_>| if let Value::Text(text) = value { text.len() } else { 0 };
        size_of::<Self>() + self.text.len() + size_of_val(&*self.values) + self.values.iter().map(long).sum::<usize>()
    }

    /// The statement, with its placeholders.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The values of its placeholders, in order.
    pub(super) fn values(&self) -> &[Value<'static>] {
        &self.values
    }
}

/// The text, then the values, for snapshots.
impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.values.iter().try_for_each(|value| match value {
            Value::Text(text) => write!(f, "\n  {text:?}"),
            Value::Integer(number) => write!(f, "\n  {number}"),
            other => write!(f, "\n  {other:?}"),
        })
    }
}

/// That a column begins with `prefix`, as a range that an index can answer. UTF-8 bytes sort like code points, so the
/// first text after them is the prefix with its last character increased by one.
pub(super) fn prefix(column: &'static str, prefix: &str) -> Sql {
    let mut sql = Sql::new(column);
    sql.push(" >= ").bind(prefix);
    if let Some(end) = after_prefix(prefix) {
        sql.push(" and ").push(column).push(" < ").bind(end);
    }
    sql
}

/// The first text after all that begin with `prefix`; none when every later text does.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        // The range skips the surrogates, which are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            kept.push(next);
            return Some(kept);
        }
    }
    None
}
