//! The strict engine: operations on a document, all or nothing. It knows RFC 7644 §3.5.2 and no client.

use super::{
    Op, Operation, Options, PatchPath, PatchRequest, check_count,
    cost::{MAX_COST, cost},
    elements,
    parts::merge_parts,
    schemas,
    target::Target,
};
use crate::scim::{
    Document, Incoming, ResourceType, ScimError,
    document::value::{canonical, element, member, parts},
    schema::{Attribute, Kind, Mutability, Schema},
};
use serde_json::{Map, Value};

const VALUE_WITHOUT_PARTS: &str = "a value without parts is added or removed, not changed in place";

/// The document after all operations, or the first refusal. `id` is the resource's own: a path-less value may repeat it.
///
/// §3.5.2: "a PATCH request, regardless of the number of operations, SHALL be treated as atomic": the document given is
/// not touched, and there is a new one only when every operation succeeded.
pub fn apply(
    resource_type: &ResourceType,
    id: &str,
    before: &Document,
    request: &PatchRequest,
    options: Options<'_>,
) -> Result<Incoming, ScimError> {
    // Again: `lenient` makes several operations of one.
    check_count(request.operations.len())?;
    if cost(resource_type, before, request) > MAX_COST {
        return Err(ScimError::too_much_work());
    }
    let mut run = PatchRun { resource_type, id, options, incoming: before.clone().into() };
    for operation in &request.operations {
        run.perform(operation)?;
    }
    let Incoming { mut document, password } = run.incoming;
    document.as_map_mut().retain(|_, value| value.as_object().is_none_or(|values| !values.is_empty()));
    let document = document.changed_from(before, resource_type)?;
    document.complete(resource_type)?;
    Ok(Incoming { document, password })
}

/// A document while operations are applied to it. After an error it is discarded, so nothing has to be undone.
struct PatchRun<'a> {
    resource_type: &'a ResourceType,
    id: &'a str,
    options: Options<'a>,
    incoming: Incoming,
}

impl PatchRun<'_> {
    fn perform(&mut self, operation: &Operation) -> Result<(), ScimError> {
        match (operation.op, &operation.path, &operation.value) {
            // §3.5.2.2: "If 'path' is unspecified, the operation fails with […] 'noTarget'".
            (Op::Remove, None, _) => Err(ScimError::no_path()),
            (Op::Remove, Some(path), value) => self.remove(path, value.as_ref()),
            (_, None, None) => Err(ScimError::invalid_value("value", "`add` and `replace` need one")),
            (_, Some(path), None) => Err(ScimError::invalid_value(path, "`add` and `replace` need one")),
            (op, None, Some(Value::Object(given))) => self.merge(op, given),
            (_, None, Some(_)) => Err(ScimError::invalid_value("value", "without a path it must be a JSON object")),
            (op, Some(path), Some(value)) => self.write(op, path, value),
        }
    }

    /// §3.5.2.1, §3.5.2.3: without a path, "the 'value' attribute SHALL contain a list of one or more
    /// attributes".
    fn merge(&mut self, op: Op, given: &Map<String, Value>) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        // First, whatever the order of the members: it may remove an extension that another member writes to.
        if let (Some(schemas), Some(value)) = (resource_type.core_attribute("schemas"), member(given, "schemas")) {
            schemas::write(self.values(None), resource_type, schemas, op, value)?;
        }
        for (key, value) in given {
            if let Some(attribute) = resource_type.core_attribute(key) {
                if attribute.name == "id" && !value.is_null() && value != self.id {
                    return Err(ScimError::mutability("id", "the server assigned it, and it never changes"));
                }
                self.write_whole(op, None, attribute, value)?;
            } else if let Some(extension) = resource_type.extension(key) {
                self.merge_extension(op, extension, value)?;
            }
        }
        Ok(())
    }

    fn merge_extension(&mut self, op: Op, extension: &Schema, value: &Value) -> Result<(), ScimError> {
        match value {
            Value::Object(given) => given.iter().try_for_each(|(name, value)| match extension.attribute(name) {
                Some(attribute) => self.write_whole(op, Some(extension), attribute, value),
                None => Ok(()),
            }),
            Value::Null => {
                self.incoming.document.as_map_mut().shift_remove(&*extension.id);
                Ok(())
            }
            _ => Err(ScimError::invalid_value(&extension.id, "it must be a JSON object")),
        }
    }

    /// One attribute of a path-less value; readOnly ones are ignored there.
    fn write_whole(
        &mut self,
        op: Op,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: &Value,
    ) -> Result<(), ScimError> {
        let extension = extension.map(|extension| &*extension.id);
        match attribute.mutability {
            Mutability::ReadOnly => Ok(()),
            _ if attribute.is_secret() => self.write_secret(extension, attribute, value),
            _ => write_attribute(self.values(extension), op, attribute, value),
        }
    }

    /// Checks a secret value, which is not kept in the document.
    fn write_secret(&mut self, extension: Option<&str>, attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
        match canonical(attribute, value, &attribute.name)? {
            Some(Value::String(secret)) if extension.is_none() => {
                self.incoming.password = Some(secret);
                Ok(())
            }
            _ if extension.is_some() => Ok(()),
            _ => Err(ScimError::mutability(&attribute.name, "it can be replaced, but not taken away")),
        }
    }

    fn write(&mut self, op: Op, path: &PatchPath, value: &Value) -> Result<(), ScimError> {
        let resource_type = self.resource_type;
        if let Some(schemas) = schemas::at(resource_type, path) {
            return match path.filter {
                None => schemas::write(self.values(None), resource_type, schemas, op, value),
                Some(_) => Err(ScimError::invalid_path(path, VALUE_WITHOUT_PARTS)),
            };
        }
        let target = Target::find(resource_type, path)?;
        let Target { extension, attribute, part } = target;
        if attribute.is_secret() {
            return self.write_secret(extension, attribute, value);
        }
        let options = self.options;
        let values = self.values(extension);
        match (&path.filter, part) {
            (Some(_), _) if attribute.kind != Kind::Complex => Err(ScimError::invalid_path(path, VALUE_WITHOUT_PARTS)),
            (Some(filter), _) => {
                elements::write_selected(values, attribute, op, options, (path, filter), &target.given(value, path)?)
            }
            (None, Some(_)) if attribute.multi_valued => {
                elements::write_every(values, attribute, &target.given(value, path)?)
            }
            (None, Some(part)) => {
                let given = Value::Object(Map::from_iter([(part.name.to_string(), value.clone())]));
                write_attribute(values, op, attribute, &given)
            }
            (None, None) => write_attribute(values, op, attribute, value),
        }
    }

    fn remove(&mut self, path: &PatchPath, value: Option<&Value>) -> Result<(), ScimError> {
        let names_no_value = || ScimError::invalid_value(path, "it does not say what to remove");
        let resource_type = self.resource_type;
        if let Some(schemas) = schemas::at(resource_type, path) {
            if path.filter.is_none() && value.is_some_and(|value| !value.is_null()) {
                return Err(names_no_value());
            }
            return schemas::remove(self.values(None), resource_type, schemas, path);
        }
        let target = Target::find(resource_type, path)?;
        let Target { extension, attribute, part } = target;
        // §3.5.2.2: "If an attribute is removed or becomes unassigned and is defined as a required attribute or a
        // read-only attribute, the server SHALL return […] 'mutability'".
        // One of several values is not the attribute.
        if part.unwrap_or(attribute).required && (part.is_some() || path.filter.is_none()) {
            return Err(ScimError::mutability(path, "it is required"));
        }
        if attribute.always_assigned {
            return Err(cannot_be_unassigned(path));
        }
        if attribute.is_secret() {
            return self.write_secret(extension, attribute, &Value::Null);
        }
        let base_url = self.options.base_url;
        let values = self.values(extension);
        match (&path.filter, part) {
            (Some(filter), part) => elements::remove_selected(values, attribute, part, (path, filter), base_url),
            (None, Some(part)) if attribute.multi_valued => elements::clear_every(values, attribute, part),
            (None, Some(part)) => {
                let nothing = Value::Object(Map::from_iter([(part.name.to_string(), Value::Null)]));
                write_attribute(values, Op::Replace, attribute, &nothing)
            }
            (None, None) if attribute.multi_valued && value.is_some_and(|value| !value.is_null()) => {
                Err(names_no_value())
            }
            (None, None) => {
                values.shift_remove(&*attribute.name);
                Ok(())
            }
        }
    }

    /// The object that holds the attributes of the core or of an extension. An empty extension is removed in the end.
    fn values(&mut self, extension: Option<&str>) -> &mut Map<String, Value> {
        let values = self.incoming.document.as_map_mut();
        let Some(urn) = extension else { return values };
        let slot = values.entry(urn).or_insert_with(|| Value::Object(Map::new()));
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        slot.as_object_mut().expect("it was made an object the line before")
    }
}

/// Writes an attribute as a whole: replaces a value, merges a complex one, adds to a list.
fn write_attribute(
    values: &mut Map<String, Value>,
    op: Op,
    attribute: &Attribute,
    value: &Value,
) -> Result<(), ScimError> {
    let name = &*attribute.name;
    let written = if attribute.multi_valued {
        let sent = canonical(attribute, value, name)?;
        if op == Op::Add {
            return elements::append(values, attribute, sent);
        }
        sent
    } else if attribute.kind == Kind::Complex {
        match parts(attribute, value, name)? {
            None => None,
            Some(given) => {
                let mut existing = values.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
                merge_parts(attribute, &mut existing, &given)?;
                (!existing.is_empty()).then_some(Value::Object(existing))
            }
        }
    } else {
        element(attribute, value, name)?
    };
    match written {
        Some(written) => _ = values.insert(name.to_owned(), written),
        None if attribute.required => return Err(ScimError::invalid_value(name, "it is required")),
        None if attribute.always_assigned => return Err(cannot_be_unassigned(name)),
        None => _ = values.shift_remove(name),
    }
    Ok(())
}

fn cannot_be_unassigned(path: impl std::fmt::Display) -> ScimError {
    ScimError::invalid_value(path, "it must be true or false, and cannot be removed; `false` disables the user")
}
