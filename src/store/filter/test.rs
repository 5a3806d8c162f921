//! One comparison, on whatever holds the value.

use crate::scim::compare;
use crate::scim::filter::{Literal, Operator};
use crate::scim::schema::{Attribute, Kind};
use crate::scim::time::DateTime;
use crate::store::dialect::{characters, contains, ends_with, time_as_text};
use crate::store::sql::{Sql, prefix};
use crate::store::value::Value;

/// A test on one value.
pub(super) struct Test {
    /// Whether absence passes.
    pub(super) when_absent: bool,
    check: Check,
    /// Whether it asks if there is a value, not what it is.
    is_presence: bool,
    /// The same on a column of milliseconds, where the literal is an instant.
    instant: Option<(&'static str, i64)>,
}

enum Check {
    /// Whatever is there passes.
    Any,
    /// Nothing that is there passes.
    None,
    /// Operator and value.
    Compare(&'static str, Value<'static>),
    /// These three are never empty.
    Contains(String),
    StartsWith(String),
    EndsWith(String),
}

/// RFC 7644 leaves open what an absent attribute is compared to; see `scim::filter::eval`.
pub(super) fn passes_absent(operator: Operator, literal: &Literal) -> bool {
    match operator {
        Operator::Eq => *literal == Literal::Null,
        Operator::Ne => *literal != Literal::Null,
        _ => false,
    }
}

impl Test {
    /// `pr`
    pub(super) const fn present() -> Self {
        Self { when_absent: false, check: Check::Any, is_presence: true, instant: None }
    }

    /// A comparison with a literal, prepared for values of that attribute.
    pub(super) fn compare(attribute: &Attribute, operator: Operator, literal: &Literal) -> Self {
        let check = match (attribute.kind, literal) {
            (Kind::Boolean, Literal::Bool(truth)) => Check::number(operator, Value::Integer((*truth).into())),
            (Kind::Boolean, Literal::String(text)) if text.eq_ignore_ascii_case("true") => {
                Check::number(operator, Value::Integer(1))
            }
            (Kind::Boolean, Literal::String(text)) if text.eq_ignore_ascii_case("false") => {
                Check::number(operator, Value::Integer(0))
            }
            (Kind::Integer | Kind::Decimal, Literal::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Check::number(operator, Value::Integer(whole)),
                (_, Some(real)) => Check::number(operator, Value::Real(real)),
                _ => Check::different(operator),
            },
            (Kind::Integer | Kind::Decimal, Literal::String(text)) => {
                return compare::number(text).map_or_else(
                    || Self::different(operator, literal),
                    |number| Self::compare(attribute, operator, &Literal::Number(number)),
                );
            }
            (Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Complex, _) => Check::different(operator),
            (_, Literal::String(text)) => Check::text(operator, compare::key(attribute, text)),
            _ => Check::different(operator),
        };
        let instant = match literal {
            Literal::String(text) if attribute.kind == Kind::DateTime => DateTime::parse(text),
            _ => None,
        };
        Self {
            when_absent: passes_absent(operator, literal),
            check,
            is_presence: false,
            instant: symbol(operator).zip(instant.map(DateTime::as_millis)),
        }
    }

    fn different(operator: Operator, literal: &Literal) -> Self {
        Self {
            when_absent: passes_absent(operator, literal),
            check: Check::different(operator),
            is_presence: false,
            instant: None,
        }
    }

    /// Whether it asks if there is a value, not what it is.
    pub(super) const fn is_presence(&self) -> bool {
        self.is_presence
    }

    /// The key of the one value that passes, where no other does.
    pub(super) fn equal_key(&self) -> Option<String> {
        match &self.check {
            Check::Compare(" = ", Value::Integer(number)) if !self.when_absent => Some(number.to_string()),
            _ => self.equals().map(str::to_owned),
        }
    }

    /// The text to look up by index, where one text passes and no other.
    pub(super) fn equals(&self) -> Option<&str> {
        match &self.check {
            Check::Compare(" = ", Value::Text(text)) if !text.is_empty() && !self.when_absent => Some(&**text),
            _ => None,
        }
    }

    /// The beginning to look up by index.
    pub(super) fn begins(&self) -> Option<&str> {
        match &self.check {
            Check::StartsWith(text) => Some(text),
            _ => None,
        }
    }

    /// On an expression that is null where there is no value.
    pub(super) fn on_nullable(&self, expression: &Sql) -> Sql {
        let mut sql = Sql::default();
        match (&self.check, self.when_absent) {
            (Check::Any, true) => return Sql::always(),
            (Check::None, false) => return Sql::never(),
            (Check::Any, false) => sql.append(expression).push(" is not null"),
            (Check::None, true) => sql.append(expression).push(" is null"),
            (_, absent) => {
                sql.push("coalesce(").append(&self.on_value(expression));
                sql.push(if absent { ", true)" } else { ", false)" })
            }
        };
        sql
    }

    /// On an expression that always has a value.
    pub(super) fn on_value(&self, expression: &Sql) -> Sql {
        let mut sql = Sql::default();
        match &self.check {
            Check::Any => return Sql::always(),
            Check::None => return Sql::never(),
            Check::Compare(operator, value) => sql.append(expression).push(operator).bind(value),
            Check::Contains(part) => sql.append(&contains(expression, part)),
            Check::StartsWith(part) => {
                sql.push("substr(").append(expression).push(", 1, ").bind(characters(part));
                sql.push(") = ").bind(part.as_str())
            }
            Check::EndsWith(part) => sql.append(&ends_with(expression, part)),
        };
        sql
    }

    /// On a column in which '' means absent, such that its index can be used.
    pub(super) fn on_key(&self, column: &'static str) -> Sql {
        let mut sql = Sql::new(column);
        match (&self.check, self.when_absent) {
            (Check::Any, true) => return Sql::always(),
            (Check::None, false) => return Sql::never(),
            (Check::Any, false) => sql.push(" <> ''"),
            (Check::None, true) => sql.push(" = ''"),
            (Check::Compare(operator, Value::Text(text)), _) if text.is_empty() => match *operator {
                " <> " => return Sql::always(),
                " > " | " >= " => sql.push(" <> ''"),
                _ => return Sql::never(),
            },
            (Check::Compare(operator @ (" < " | " <= "), text), _) => {
                sql = Sql::new("(");
                sql.push(column).push(operator).bind(text);
                sql.push(" and ").push(column).push(" <> '')")
            }
            (Check::StartsWith(part), _) => {
                sql = Sql::new("(");
                sql.append(&prefix(column, part)).push(")")
            }
            _ => return self.on_value(&sql),
        };
        sql
    }

    /// On the column `active`: 0, 1, and 2 where there is none.
    pub(super) fn on_active(&self, column: &'static str) -> Sql {
        let mut sql = Sql::new(column);
        match (&self.check, self.when_absent) {
            (Check::Any, true) => return Sql::always(),
            (Check::None, false) => return Sql::never(),
            (Check::Any, false) => sql.push(" <> 2"),
            (Check::None, true) => sql.push(" = 2"),
            // `ne` lets absence pass, as it is other than 0 and 1; `eq` does not. Orders of booleans were refused.
            _ => return self.on_value(&sql),
        };
        sql
    }

    /// On a column of milliseconds, or, where the literal is no instant, on the same as text.
    pub(super) fn on_instant(&self, column: &'static str) -> Sql {
        match self.instant {
            Some((operator, instant)) => {
                let mut sql = Sql::new(column);
                sql.push(operator).bind(instant);
                sql
            }
            None => self.on_value(&time_as_text(column)),
        }
    }
}

impl Check {
    fn text(operator: Operator, key: String) -> Self {
        match operator {
            Operator::Co | Operator::Sw | Operator::Ew if key.is_empty() => Self::Any,
            Operator::Co => Self::Contains(key),
            Operator::Sw => Self::StartsWith(key),
            Operator::Ew => Self::EndsWith(key),
            _ => symbol(operator).map_or(Self::None, |symbol| Self::Compare(symbol, key.into())),
        }
    }

    fn number(operator: Operator, value: Value<'static>) -> Self {
        symbol(operator).map_or(Self::None, |symbol| Self::Compare(symbol, value))
    }

    /// Values of another kind than the literal: unequal, without order.
    fn different(operator: Operator) -> Self {
        if operator == Operator::Ne { Self::Any } else { Self::None }
    }
}

const fn symbol(operator: Operator) -> Option<&'static str> {
    Some(match operator {
        Operator::Eq => " = ",
        Operator::Ne => " <> ",
        Operator::Gt => " > ",
        Operator::Ge => " >= ",
        Operator::Lt => " < ",
        Operator::Le => " <= ",
        Operator::Co | Operator::Sw | Operator::Ew => return None,
    })
}
