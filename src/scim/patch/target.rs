//! From the path of an operation to the attribute it may write.

use super::PatchPath;
use crate::scim::{
    ResourceType, ScimError,
    document::value::parts,
    filter::Scope,
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};

/// The attribute that a path names.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The URN of its extension; none in the core.
    pub(super) extension: Option<&'a str>,
    pub(super) attribute: &'a Attribute,
    /// The sub-attribute the path ends with.
    pub(super) part: Option<&'a Attribute>,
}

impl<'a> Target<'a> {
    pub(super) fn find(resource_type: &'a ResourceType, path: &PatchPath) -> Result<Self, ScimError> {
        let unknown = || ScimError::invalid_path(path, "no schema of this resource knows it");
        let resolved = resource_type.resolve(&path.attribute).ok_or_else(unknown)?;
        let attribute = resolved.attribute;
        let part = match &path.sub_attribute {
            Some(name) => Some(attribute.sub_attribute(name).ok_or_else(unknown)?),
            None => resolved.sub_attribute,
        };
        if [attribute, part.unwrap_or(attribute)].iter().any(|found| found.mutability == Mutability::ReadOnly) {
            return Err(ScimError::mutability(path, "it is read-only"));
        }
        if let Some(filter) = &path.filter {
            if !attribute.multi_valued {
                return Err(ScimError::invalid_path(path, "only an attribute with several values takes a filter"));
            }
            filter.check_in(Scope::Value(attribute))?;
        }
        Ok(Self { extension: resolved.extension, attribute, part })
    }

    /// The parts that a value brings to each element it is written to.
    pub(super) fn given(&self, value: &Value, path: &PatchPath) -> Result<Map<String, Value>, ScimError> {
        if let Some(part) = self.part {
            return Ok(Map::from_iter([(part.name.to_string(), value.clone())]));
        }
        let value = match value {
            Value::Array(values) if values.len() == 1 => &values[0],
            value => value,
        };
        Ok(parts(self.attribute, value, &path.to_string())?.unwrap_or_default())
    }
}
