//! Whether a resource matches a filter, in memory. The store answers the same question in SQL, by the same rules:
//!
//! - A test is made on each value of the path, and one that passes is enough. Where there is no value (no attribute,
//!   an empty list, or an element without that sub-attribute) it is made once on "absent".
//! - Absent passes `ne` with anything but null, and `eq null`; nothing else. A name unknown to the schema is absent.
//! - A value without `primary` is compared as if that were false; `pr` asks whether it was given.
//! - Texts are compared by [`compare::key`]; values and literals of different kinds are unequal and have no order. A text
//!   that is a number is one where the attribute is.

use super::{Filter, Literal, Operator, Scope, Test};
use crate::scim::{
    AttributePath, ResourceType, compare,
    document::value::boolean,
    schema::{Attribute, Kind, Resolved},
};
use serde_json::{Number, Value};
use std::{borrow::Cow, cmp::Ordering};

/// Whether a rendered resource matches. The filter should have passed [`Filter::check`].
#[must_use]
pub fn matches(filter: &Filter, resource_type: &ResourceType, resource: &Value) -> bool {
    matches_in(filter, Scope::Resource(resource_type), resource)
}

/// Whether one value of a multi-valued attribute matches the filter of a value path.
pub(in crate::scim) fn matches_value(filter: &Filter, attribute: &Attribute, value: &Value) -> bool {
    matches_in(filter, Scope::Value(attribute), value)
}

fn matches_in(filter: &Filter, scope: Scope<'_>, value: &Value) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| matches_in(term, scope, value)),
        Filter::Or(terms) => terms.iter().any(|term| matches_in(term, scope, value)),
        Filter::Not(filter) => !matches_in(filter, scope, value),
        Filter::Present(path) => passes(scope, path, value, &Test::Present),
        Filter::Compare { path, operator, value: literal } => compare_at(scope, path, value, *operator, literal),
        Filter::ValuePath { path, filter, then } => {
            let Some(resolved) = scope.resolve(path) else {
                return false;
            };
            let inner = Scope::Value(resolved.leaf());
            values_at(&resolved, value, None).into_iter().flatten().any(|element| {
                matches_in(filter, inner, element)
                    && then.as_ref().is_none_or(|(sub_attribute, test)| {
                        passes(inner, &AttributePath::bare(sub_attribute), element, test)
                    })
            })
        }
    }
}

fn passes(scope: Scope<'_>, path: &AttributePath, value: &Value, test: &Test) -> bool {
    match test {
        Test::Compare(operator, literal) => compare_at(scope, path, value, *operator, literal),
        Test::Present => scope.resolve(path).is_some_and(|resolved| {
            values_at(&resolved, value, None).into_iter().flatten().any(|found| !is_empty(found))
        }),
    }
}

fn compare_at(scope: Scope<'_>, path: &AttributePath, value: &Value, operator: Operator, literal: &Literal) -> bool {
    let Some(resolved) = scope.resolve(path).map(|resolved| resolved.compared()) else {
        return passes_absent(operator, literal);
    };
    let operand = Operand::new(resolved.leaf(), literal);
    let assumed = scope.assumes_false(&resolved).then_some(&Value::Bool(false));
    values_at(&resolved, value, assumed).into_iter().any(|found| match found.filter(|found| !is_empty(found)) {
        None => passes_absent(operator, literal),
        Some(found) => operand.passes(operator, resolved.leaf(), found),
    })
}

/// The values a path leads to, each `None` where it ends early; at least one entry. `assumed` is what a value without the
/// last step has there.
fn values_at<'a>(resolved: &Resolved<'_>, value: &'a Value, assumed: Option<&'a Value>) -> Vec<Option<&'a Value>> {
    let steps = resolved.pointer();
    let mut found = vec![Some(value)];
    for (index, step) in steps.iter().enumerate() {
        let assumed = assumed.filter(|_| index + 1 == steps.len());
        found = found
            .into_iter()
            .flat_map(|value| match value.map(|value| value.get(step)) {
                Some(Some(Value::Array(elements))) if !elements.is_empty() => elements.iter().map(Some).collect(),
                Some(Some(Value::Array(_))) | None => vec![None],
                Some(None | Some(Value::Null)) => vec![assumed],
                Some(found) => vec![found],
            })
            .collect();
    }
    found
}

/// RFC 7644 §3.4.2.2 on `pr`: "If the attribute has a non-empty or non-null value, or if it contains a non-empty node for
/// complex attributes, there is a match."
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn passes_absent(operator: Operator, literal: &Literal) -> bool {
    match operator {
        Operator::Eq => *literal == Literal::Null,
        Operator::Ne => *literal != Literal::Null,
        _ => false,
    }
}

/// A literal made ready to be compared with values of one attribute.
enum Operand<'a> {
    Key(String),
    Number(Cow<'a, Number>),
    Bool(bool),
    /// Null, or a literal of another kind than the attribute: equal to nothing.
    Other,
}

impl<'a> Operand<'a> {
    fn new(attribute: &Attribute, literal: &'a Literal) -> Self {
        match (attribute.kind, literal) {
            (Kind::Boolean, Literal::Bool(truth)) => Self::Bool(*truth),
            (Kind::Boolean, Literal::String(text)) => boolean(text).map_or(Self::Other, Self::Bool),
            (Kind::Integer | Kind::Decimal, Literal::Number(number)) => Self::Number(Cow::Borrowed(number)),
            (Kind::Integer | Kind::Decimal, Literal::String(text)) => {
                compare::number(text).map_or(Self::Other, |number| Self::Number(Cow::Owned(number)))
            }
            (Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Complex, _) => Self::Other,
            (_, Literal::String(text)) => Self::Key(compare::key(attribute, text)),
            _ => Self::Other,
        }
    }

    fn passes(&self, operator: Operator, attribute: &Attribute, value: &Value) -> bool {
        let key = |text: &str| compare::key(attribute, text);
        match (self, value) {
            (Self::Key(operand), Value::String(text)) => match operator {
                Operator::Co => key(text).contains(operand.as_str()),
                Operator::Sw => key(text).starts_with(operand.as_str()),
                Operator::Ew => key(text).ends_with(operand.as_str()),
                _ => ordered(operator, Some(key(text).as_str().cmp(operand))),
            },
            (Self::Number(operand), Value::Number(number)) => ordered(operator, compare_numbers(number, operand)),
            (Self::Bool(operand), Value::Bool(truth)) => ordered(operator, Some(truth.cmp(operand))),
            _ => operator == Operator::Ne,
        }
    }
}

fn ordered(operator: Operator, ordering: Option<Ordering>) -> bool {
    match operator {
        Operator::Ne => ordering != Some(Ordering::Equal),
        Operator::Eq => ordering == Some(Ordering::Equal),
        Operator::Gt => ordering == Some(Ordering::Greater),
        Operator::Lt => ordering == Some(Ordering::Less),
        Operator::Ge => ordering.is_some_and(Ordering::is_ge),
        Operator::Le => ordering.is_some_and(Ordering::is_le),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
