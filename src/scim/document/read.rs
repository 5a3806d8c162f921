//! Reads a whole resource as a client sent it into its canonical form.

use super::{
    Document, Incoming,
    value::{canonical, member, schemas},
};
use crate::scim::{
    ResourceType, ScimError,
    schema::{Attribute, Mutability, Schema},
};
use serde_json::{Map, Value};

impl Document {
    /// Reads a resource as a client sent it with POST or PUT.
    ///
    /// RFC 7644 §3.3: "attributes whose mutability is 'readOnly' […] SHALL be ignored"; unknown ones are ignored too.
    pub fn read(resource_type: &ResourceType, sent: &Value) -> Result<Incoming, ScimError> {
        let sent = sent.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object."))?;
        schemas(sent)?;
        let unfolded = unfold_core(resource_type, sent);
        let sent = unfolded.as_ref().unwrap_or(sent);
        let unqualified = unqualify(resource_type, sent);
        let sent = unqualified.as_ref().unwrap_or(sent);
        let mut incoming = Incoming::default();
        for attribute in resource_type.core_attributes() {
            let Some(value) = given(attribute, sent, &attribute.name)? else {
                continue;
            };
            match (attribute.mutability, value) {
                (Mutability::WriteOnly, Value::String(secret)) => incoming.password = Some(secret),
                (_, value) => _ = incoming.document.0.insert(attribute.name.to_string(), value),
            }
        }
        for extension in &*resource_type.extensions {
            let values = extension_values(extension, sent)?;
            if !values.is_empty() {
                incoming.document.0.insert(extension.id.to_string(), Value::Object(values));
            }
        }
        incoming.document.complete(resource_type)?;
        Ok(incoming)
    }

    /// Refuses a document that lacks what its schema requires.
    pub(in crate::scim) fn complete(&self, resource_type: &ResourceType) -> Result<(), ScimError> {
        let missing = |attribute: &&Attribute| attribute.required && !self.0.contains_key(&*attribute.name);
        if let Some(attribute) = resource_type.schema.attributes.iter().find(missing) {
            return Err(ScimError::invalid_value(&attribute.name, "it is required"));
        }
        for extension in &*resource_type.extensions {
            let missing = |known: &&Attribute| known.required && self.get(&[&extension.id, &known.name]).is_none();
            if let Some(attribute) = extension.attributes.iter().find(missing) {
                return Err(ScimError::invalid_value(extension.path(attribute), "it is required"));
            }
        }
        Ok(())
    }
}

/// The attributes that a client put under the URN of the core schema, among those of the resource, to which they belong
/// (RFC 7643 §3.3 gives only extensions an object of their own); none where there is no such object:
/// `{"urn:ietf:params:scim:schemas:core:2.0:User":{"title":"Dev"}}`.
pub(in crate::scim) fn unfold_core(
    resource_type: &ResourceType,
    sent: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let is_core =
        |(key, value): &(&String, &Value)| resource_type.schema.id.eq_ignore_ascii_case(key) && value.is_object();
    let (core, inner) = sent.iter().find(is_core)?;
    let mut unfolded = sent.clone();
    unfolded.shift_remove(core);
    for (key, value) in inner.as_object()?.iter().filter(|entry| !is_core(entry)) {
        unfolded.retain(|known, _| !known.eq_ignore_ascii_case(key));
        unfolded.insert(key.clone(), value.clone());
    }
    Some(unfolded)
}

/// The attributes that a client named by URN and name, where a resource has them; none where there is no such name:
/// `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Sales"}`. Entra names them so in a PATCH.
fn unqualify(resource_type: &ResourceType, sent: &Map<String, Value>) -> Option<Map<String, Value>> {
    let qualified = |key: &str| {
        let (urn, name) = key.rsplit_once(':')?;
        match resource_type.extension(urn) {
            Some(extension) => extension.attribute(name).map(|attribute| (Some(extension), &attribute.name)),
            None if resource_type.schema.id.eq_ignore_ascii_case(urn) => {
                resource_type.core_attribute(name).map(|attribute| (None, &attribute.name))
            }
            None => None,
        }
    };
    if !sent.keys().any(|key| qualified(key).is_some()) {
        return None;
    }
    let mut unqualified = sent.clone();
    for (key, value) in sent {
        let Some((extension, name)) = qualified(key) else { continue };
        unqualified.shift_remove(key);
        let object = match extension {
            None => &mut unqualified,
            Some(extension) => {
                let known = unqualified.keys().find(|known| known.eq_ignore_ascii_case(&extension.id)).cloned();
                let known = known.unwrap_or_else(|| extension.id.to_string());
                match unqualified.entry(known).or_insert_with(|| Value::Object(Map::new())) {
                    Value::Object(values) => values,
                    _ => continue,
                }
            }
        };
        object.retain(|known, _| !known.eq_ignore_ascii_case(name));
        object.insert(name.to_string(), value.clone());
    }
    Some(unqualified)
}

fn extension_values(extension: &Schema, sent: &Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
    let mut values = Map::new();
    let sent = match member(sent, &extension.id) {
        None | Some(Value::Null) => return Ok(values),
        Some(Value::Array(sent)) if sent.is_empty() => return Ok(values),
        Some(Value::Object(sent)) => sent,
        Some(_) => {
            return Err(ScimError::invalid_value(&extension.id, "it must be a JSON object"));
        }
    };
    for attribute in &*extension.attributes {
        let path = format!("{}:{}", extension.id, attribute.name);
        match given(attribute, sent, &path)? {
            Some(_) if attribute.is_secret() => {}
            Some(value) => _ = values.insert(attribute.name.to_string(), value),
            None => {}
        }
    }
    Ok(values)
}

fn given(attribute: &Attribute, sent: &Map<String, Value>, path: &str) -> Result<Option<Value>, ScimError> {
    match member(sent, &attribute.name) {
        Some(value) if attribute.mutability != Mutability::ReadOnly => canonical(attribute, value, path),
        _ => Ok(None),
    }
}
