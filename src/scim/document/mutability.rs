//! Values that a client may not change once they are set (RFC 7643 §7): readOnly and immutable ones. In the built-in
//! schemas those are only parts of members, which are rows of their own; here it is about a tenant's extensions.

use super::Document;
use crate::scim::{
    ResourceType, ScimError, compare,
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};

impl Document {
    /// The document that replaces `before` (PUT).
    ///
    /// RFC 7644 §3.5.1: of readOnly values, "any values provided SHALL be ignored"; of immutable ones that are set, "the
    /// input value(s) MUST match, or HTTP status code 400 SHOULD be returned with a 'scimType' error code of 'mutability'".
    /// Our decision: where no value is given, the one that is set stays.
    pub fn replacing(mut self, before: &Self, resource_type: &ResourceType) -> Result<Self, ScimError> {
        for (urn, attribute) in resource_type.restricted_attributes() {
            if self.get(&[urn, &attribute.name]).is_none() {
                self.keep(before, urn, attribute);
            }
        }
        self.changed_from(before, resource_type)
    }

    /// The document that `before` is changed to (PATCH).
    ///
    /// RFC 7643 §7 on immutable: "The attribute SHALL NOT be updated."
    pub(in crate::scim) fn changed_from(
        mut self,
        before: &Self,
        resource_type: &ResourceType,
    ) -> Result<Self, ScimError> {
        for (urn, attribute) in resource_type.restricted_attributes() {
            let steps = [urn, &*attribute.name];
            let (old, new) = (before.get(&steps), self.get(&steps));
            if old == new {
                continue;
            }
            match (attribute.mutability, old) {
                (Mutability::Immutable, None) => {}
                (Mutability::Immutable, Some(old)) if !new.is_some_and(|new| same(attribute, old, new)) => {
                    let path = format!("{urn}:{}", attribute.name);
                    return Err(ScimError::mutability(path, "it is immutable, and has a value already"));
                }
                _ => self.keep(before, urn, attribute),
            }
        }
        Ok(self)
    }

    /// Restores a value from `before`.
    fn keep(&mut self, before: &Self, urn: &str, attribute: &Attribute) {
        match before.get(&[urn, &attribute.name]) {
            Some(value) => {
                let values = self.0.entry(urn).or_insert_with(|| Value::Object(Map::new()));
                values[&*attribute.name] = value.clone();
            }
            None => {
                if let Some(values) = self.0.get_mut(urn).and_then(Value::as_object_mut) {
                    values.shift_remove(&*attribute.name);
                    if values.is_empty() {
                        self.0.shift_remove(urn);
                    }
                }
            }
        }
    }
}

impl ResourceType {
    /// The attributes of extensions that are readOnly or immutable and kept in documents.
    fn restricted_attributes(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        let attributes = self
            .extensions
            .iter()
            .flat_map(|extension| extension.attributes.iter().map(|attribute| (&*extension.id, attribute)));
        attributes.filter(|(_, attribute)| {
            matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable) && !attribute.is_secret()
        })
    }
}

/// Texts that differ in letter case only are the same value, unless the schema says otherwise.
fn same(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => compare::key(attribute, one) == compare::key(attribute, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(attribute, one, other))
        }
        _ => one == other,
    }
}
