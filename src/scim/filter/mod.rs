//! The filter language (RFC 7644 §3.4.2.2) as a syntax tree, which can be printed.

mod check;
pub mod eval;
mod parse;

#[cfg(test)]
mod tests;

pub(in crate::scim) use check::Scope;
pub(in crate::scim) use parse::Parser;

use super::{AttributePath, ScimError};
use serde_json::Number;
use std::fmt;

/// The longest filter that is read, in bytes.
pub const MAX_LENGTH: usize = 8_192;
/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 32;
/// How many comparisons a filter may have.
pub const MAX_TERMS: usize = 256;

/// A filter. Chains of `and` and `or` are flat, so depth comes from brackets only.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; two or more.
    And(Vec<Filter>),
    /// Any of them; two or more.
    Or(Vec<Filter>),
    /// The opposite.
    Not(Box<Filter>),
    /// `path operator value`
    Compare {
        /// What is compared.
        path: AttributePath,
        /// How.
        operator: Operator,
        /// With what.
        value: Literal,
    },
    /// `path pr`
    Present(AttributePath),
    /// `path[filter]`: all terms hold for the same value of a multi-valued attribute.
    ValuePath {
        /// The multi-valued attribute.
        path: AttributePath,
        /// The filter for one of its values; its paths start at that value.
        filter: Box<Filter>,
        /// Entra's `emails[type eq "work"].value eq "x"`: a sub-attribute of the same value, tested too.
        then: Option<(String, Test)>,
    },
}

/// A test without the path it is made on.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `pr`
    Present,
    /// `operator value`
    Compare(Operator, Literal),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// equal
    Eq,
    /// not equal
    Ne,
    /// contains
    Co,
    /// starts with
    Sw,
    /// ends with
    Ew,
    /// greater than
    Gt,
    /// greater or equal
    Ge,
    /// less than
    Lt,
    /// less or equal
    Le,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text.
    String(String),
    /// A number.
    Number(Number),
    /// True or false.
    Bool(bool),
    /// Absent.
    Null,
}

impl Filter {
    /// Reads a filter; what cannot be read is 400 `invalidFilter`.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        if text.len() > MAX_LENGTH {
            let detail = format!("The filter has {} bytes; it may have at most {MAX_LENGTH}.", text.len());
            return Err(ScimError::invalid_filter(detail));
        }
        Parser::new(text).whole_filter()
    }
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The operator as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// Whether it asks which of two values comes first.
    #[must_use]
    pub const fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// Prints what [`Filter::parse`] reads back as the same tree; brackets are written only where precedence needs them.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => chain(f, terms, "and", |term| matches!(term, Self::And(_) | Self::Or(_))),
            Self::Or(terms) => chain(f, terms, "or", |term| matches!(term, Self::Or(_))),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Compare { path, operator, value } => write!(f, "{path} {operator} {value}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath { path, filter, then: None } => write!(f, "{path}[{filter}]"),
            Self::ValuePath { path, filter, then: Some((sub_attribute, test)) } => {
                write!(f, "{path}[{filter}].{sub_attribute} {test}")
            }
        }
    }
}

fn chain(
    f: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    word: &str,
    needs_brackets: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            write!(f, " {word} ")?;
        }
        if needs_brackets(term) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("pr"),
            Self::Compare(operator, value) => write!(f, "{operator} {value}"),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A JSON text, with JSON's escapes.
            Self::String(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Null => f.write_str("null"),
        }
    }
}
