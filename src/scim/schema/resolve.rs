//! From a name as a client writes it to the attribute it means.

use super::{Attribute, Kind, ResourceType, Schema, characteristics::find, common::COMMON};
use crate::scim::AttributePath;

/// An attribute found in a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The URN of the extension the attribute belongs to; none for core and common attributes.
    pub extension: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// Its sub-attribute, if the path names one.
    pub sub_attribute: Option<&'a Attribute>,
    /// Whether it is one value of a list of plain values, which is called `value` inside `[ ]`.
    pub is_value: bool,
}

impl<'a> Resolved<'a> {
    /// The canonical steps from the root of a document, e.g. `["urn:…:User", "manager", "value"]`.
    #[must_use]
    pub fn pointer(&self) -> Vec<&'a str> {
        if self.is_value {
            return Vec::new();
        }
        let names = [Some(self.attribute), self.sub_attribute].into_iter().flatten().map(|named| &*named.name);
        self.extension.into_iter().chain(names).collect()
    }

    /// The attribute a path means at last.
    #[must_use]
    pub fn leaf(&self) -> &'a Attribute {
        self.sub_attribute.unwrap_or(self.attribute)
    }

    /// The same, but for a complex attribute with a `value`, that `value`. A filter on `emails` or `manager` compares
    /// it: RFC 7643 §2.4, `value` is "the attribute's significant value".
    #[must_use]
    pub fn compared(&self) -> Self {
        let value = if self.sub_attribute.is_none() { self.attribute.sub_attribute("value") } else { None };
        Self { sub_attribute: self.sub_attribute.or(value), ..*self }
    }
}

impl ResourceType {
    /// The attribute that a path names in resources of this type; none if no schema has it.
    ///
    /// Letter case does not count. A bare name that no core attribute has belongs to the extension that alone has it:
    /// Entra writes `department` where the RFC wants `urn:…:User:department`.
    #[must_use]
    pub fn resolve(&self, path: &AttributePath) -> Option<Resolved<'_>> {
        let (extension, attribute) = match &path.urn {
            None => self.core_attribute(&path.attribute).map(|found| (None, found)).or_else(|| {
                let mut found = self.extensions.iter().filter_map(|extension| {
                    find(&extension.attributes, &path.attribute).map(|found| (Some(&*extension.id), found))
                });
                found.next().filter(|_| found.next().is_none())
            }),
            Some(urn) if self.schema.id.eq_ignore_ascii_case(urn) => {
                self.core_attribute(&path.attribute).map(|found| (None, found))
            }
            Some(urn) => {
                let extension = self.extension(urn)?;
                find(&extension.attributes, &path.attribute).map(|found| (Some(&*extension.id), found))
            }
        }?;
        let sub_attribute = match &path.sub_attribute {
            Some(name) => Some(attribute.sub_attribute(name)?),
            None => None,
        };
        Some(Resolved { extension, attribute, sub_attribute, is_value: false })
    }

    /// The attribute at the canonical steps from the root of a document; see [`Resolved::pointer`].
    #[must_use]
    pub fn at(&self, pointer: &[&str]) -> Option<&Attribute> {
        let (first, rest) = pointer.split_first()?;
        let (attribute, rest) = match self.extension(first) {
            Some(extension) => rest.split_first().and_then(|(name, rest)| Some((extension.attribute(name)?, rest)))?,
            None => (self.core_attribute(first)?, rest),
        };
        rest.iter().try_fold(attribute, |attribute, name| attribute.sub_attribute(name))
    }

    /// The common or core attribute of that name.
    #[must_use]
    pub fn core_attribute(&self, name: &str) -> Option<&Attribute> {
        find(COMMON, name).or_else(|| find(&self.schema.attributes, name))
    }

    /// The common and core attributes, in the order in which a resource shows them, but `meta`, which comes last.
    pub fn core_attributes(&self) -> impl Iterator<Item = &Attribute> {
        COMMON.iter().filter(|attribute| attribute.name != "meta").chain(self.schema.attributes.iter())
    }

    /// The extension with that URN.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|extension| extension.id.eq_ignore_ascii_case(urn))
    }
}

impl Attribute {
    /// What a bare name means inside `[ ]`, at one value of this attribute: one of its parts, or, where a value has none,
    /// the value itself. RFC 7643 §2.4 has `value` for that.
    #[must_use]
    pub fn within(&self, name: &str) -> Option<Resolved<'_>> {
        let here = |attribute, is_value| Resolved { extension: None, attribute, sub_attribute: None, is_value };
        if self.kind == Kind::Complex {
            return self.sub_attribute(name).map(|part| here(part, false));
        }
        (self.multi_valued && name.eq_ignore_ascii_case("value")).then(|| here(self, true))
    }
}

impl Schema {
    /// The attribute of that name, in any letter case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}
