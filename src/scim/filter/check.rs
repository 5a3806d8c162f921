//! Filters that can be parsed but not evaluated: ordering of booleans, and secrets.

use super::{Filter, Literal, Operator, Test};
use crate::scim::{
    AttributePath, DateTime, ResourceType, ScimError,
    schema::{Attribute, Kind, Resolved},
};

/// Where the paths of a filter start: at a resource, or inside `[ ]` at one value of an attribute.
#[derive(Clone, Copy)]
pub(in crate::scim) enum Scope<'a> {
    Resource(&'a ResourceType),
    Value(&'a Attribute),
}

impl<'a> Scope<'a> {
    /// The attribute that a path names here. Inside `[ ]` it can only be the bare name of a sub-attribute.
    pub(in crate::scim) fn resolve(self, path: &AttributePath) -> Option<Resolved<'a>> {
        match self {
            Self::Resource(resource_type) => resource_type.resolve(path),
            Self::Value(_) if path.urn.is_some() || path.sub_attribute.is_some() => None,
            Self::Value(attribute) => attribute.within(&path.attribute),
        }
    }
}

impl Scope<'_> {
    /// Whether a value without that part is compared as if it were false. RFC 7643 §2.4: "If not specified, the value of
    /// 'primary' SHALL be assumed to be 'false'."
    pub(in crate::scim) fn assumes_false(self, resolved: &Resolved<'_>) -> bool {
        match (self, resolved.sub_attribute) {
            (Self::Resource(_), Some(part)) => resolved.attribute.assumes_false(part),
            (Self::Resource(_), None) => false,
            (Self::Value(attribute), _) => !resolved.is_value && attribute.assumes_false(resolved.attribute),
        }
    }
}

impl Filter {
    /// Refuses what can be read but not asked of this type.
    ///
    /// §3.4.2.2 on `gt`, `ge`, `lt`, `le`: "Boolean and Binary attributes SHALL cause a failed response (HTTP status code
    /// 400) with 'scimType' of 'invalidFilter'." And a secret could be guessed by filtering, letter by letter.
    pub fn check(&self, resource_type: &ResourceType) -> Result<(), ScimError> {
        self.check_in(Scope::Resource(resource_type))
    }

    pub(in crate::scim) fn check_in(&self, scope: Scope<'_>) -> Result<(), ScimError> {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().try_for_each(|term| term.check_in(scope)),
            Self::Not(filter) => filter.check_in(scope),
            Self::Present(path) => check_term(scope.resolve(path), path, None),
            Self::Compare { path, operator, value } => check_term(scope.resolve(path), path, Some((*operator, value))),
            Self::ValuePath { path, filter, then } => {
                let Some(resolved) = scope.resolve(path) else {
                    return Ok(());
                };
                check_term(Some(resolved), path, None)?;
                filter.check_in(Scope::Value(resolved.leaf()))?;
                let Some((sub_attribute, test)) = then else {
                    return Ok(());
                };
                let test = match test {
                    Test::Present => None,
                    Test::Compare(operator, value) => Some((*operator, value)),
                };
                let inner = AttributePath::bare(sub_attribute);
                check_term(Scope::Value(resolved.leaf()).resolve(&inner), &inner, test)
            }
        }
    }
}

fn check_term(
    resolved: Option<Resolved<'_>>,
    path: &impl std::fmt::Display,
    test: Option<(Operator, &Literal)>,
) -> Result<(), ScimError> {
    let refused = |why: &str| Err(ScimError::invalid_filter(format!("The filter cannot be used: `{path}` {why}.")));
    if resolved.is_some_and(|resolved| resolved.attribute.is_secret()) {
        return refused("is secret");
    }
    let Some((operator, value)) = test else {
        return Ok(());
    };
    if operator.is_ordering() && matches!(value, Literal::Bool(_) | Literal::Null) {
        return refused("cannot be greater or less than true, false or null");
    }
    let Some(kind) = resolved.map(|resolved| resolved.compared().leaf().kind) else {
        return Ok(());
    };
    match (kind, value) {
        (Kind::Boolean, _) if operator.is_ordering() => refused("is true or false; it has no order"),
        (Kind::Binary, _) if operator.is_ordering() => refused("is binary; it has no order"),
        (_, Literal::Null) => Ok(()),
        (Kind::DateTime, Literal::String(_)) if matches!(operator, Operator::Co | Operator::Sw | Operator::Ew) => {
            Ok(())
        }
        (Kind::DateTime, Literal::String(instant)) if DateTime::parse(instant).is_some() => Ok(()),
        (Kind::DateTime, _) => refused("is a date and time, and is compared with one such as \"2026-11-22T22:50:00Z\""),
        _ => Ok(()),
    }
}
