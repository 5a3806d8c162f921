//! From a name as a client writes it to the attribute it means.

use super::{Attribute, ResourceType};
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
}

impl<'a> Resolved<'a> {
    /// The canonical steps from the root of a document, e.g. `["urn:…:User", "manager", "value"]`.
    #[must_use]
    pub fn pointer(&self) -> Vec<&'a str> {
        todo!()
    }

    /// The attribute that holds the value compared by a filter: the sub-attribute, or `value` of a complex attribute
    /// named alone, or the attribute itself.
    #[must_use]
    pub fn compared(&self) -> &'a Attribute {
        todo!()
    }
}

impl ResourceType {
    /// What a path means in resources of this type; none if the schemas do not know it.
    #[must_use]
    pub fn resolve(&self, _path: &AttributePath) -> Option<Resolved<'_>> {
        todo!()
    }
}
