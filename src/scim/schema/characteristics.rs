//! The characteristics of attributes (RFC 7643 §2.2, §7) and the few words the tables are written in.

use super::{Attribute, Kind, Mutability, Returned, Uniqueness};
use std::{
    borrow::Cow,
    mem::{forget, replace},
};

/// A list of words in a table.
pub(super) type StringList = &'static [Cow<'static, str>];

/// RFC 7643 §2.2: what an attribute is when its schema does not say otherwise: "string", "singular", not required,
/// `caseExact` false, `readWrite`, returned by default, not unique.
impl Attribute {
    pub(super) const fn string(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::String, description, &[])
    }

    pub(super) const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Boolean, description, &[])
    }

    pub(super) const fn date_time(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::DateTime, description, &[])
    }

    pub(super) const fn binary(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Binary, description, &[]).case_exact()
    }

    pub(super) const fn reference(name: &'static str, types: StringList, description: &'static str) -> Self {
        let mut attribute = Self::new(name, Kind::Reference, description, &[]);
        forget(replace(&mut attribute.reference_types, Cow::Borrowed(types)));
        attribute
    }

    pub(super) const fn complex(
        name: &'static str,
        description: &'static str,
        sub_attributes: &'static [Self],
    ) -> Self {
        Self::new(name, Kind::Complex, description, sub_attributes)
    }

    const fn new(name: &'static str, kind: Kind, description: &'static str, sub_attributes: &'static [Self]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            kind,
            multi_valued: false,
            description: Cow::Borrowed(description),
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: Cow::Borrowed(&[]),
            reference_types: Cow::Borrowed(&[]),
            sub_attributes: Cow::Borrowed(sub_attributes),
            published: true,
            always_assigned: false,
        }
    }

    pub(super) const fn many(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    pub(super) const fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self
    }

    pub(super) const fn immutable(mut self) -> Self {
        self.mutability = Mutability::Immutable;
        self
    }

    pub(super) const fn always_returned(mut self) -> Self {
        self.returned = Returned::Always;
        self
    }

    /// Written, never read: passwords.
    pub(super) const fn secret(mut self) -> Self {
        self.mutability = Mutability::WriteOnly;
        self.returned = Returned::Never;
        self
    }

    pub(super) const fn unique_in_tenant(mut self) -> Self {
        self.uniqueness = Uniqueness::Server;
        self
    }

    /// Accepted, but not shown by `/Schemas`.
    pub(super) const fn unpublished(mut self) -> Self {
        self.published = false;
        self
    }

    pub(super) const fn always_assigned(mut self) -> Self {
        self.always_assigned = true;
        self
    }

    pub(super) const fn suggesting(mut self, words: StringList) -> Self {
        forget(replace(&mut self.canonical_values, Cow::Borrowed(words)));
        self
    }
}

impl Attribute {
    /// The sub-attribute of that name, in any letter case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&Self> {
        find(&self.sub_attributes, name)
    }

    /// Whether one of its values without that part is taken to have `false` there (RFC 7643 §2.4): it is its `primary`.
    #[must_use]
    pub fn assumes_false(&self, part: &Self) -> bool {
        self.multi_valued && part.kind == Kind::Boolean && part.name == "primary" && !self.sub_attributes.is_empty()
    }

    /// Whether its values are resources pointed at by an immutable `value`, as `members` are: there, two values are
    /// the same when their `value` is.
    #[must_use]
    pub fn lists_resources(&self) -> bool {
        self.multi_valued && self.sub_attribute("value").is_some_and(|value| value.mutability == Mutability::Immutable)
    }
}

pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
