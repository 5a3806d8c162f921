//! A reference implementation of PATCH, simple and slow, to compare the real one with: written from RFC 7644 §3.5.2 and the
//! decisions in `docs/` alone, on copies, one rule after the other. It reads values by putting them into a resource and
//! reading that.
//!
//! It uses only what is public in `scim`, so that the fuzz targets can compare with it, too.

mod select;
mod write;

use super::scim::{
    Document, Filter, ResourceType, ScimType,
    compare::fold,
    filter::eval,
    patch::{Op, Operation, PatchPath},
    schema::{Attribute, Kind, Mutability},
};
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;
/// An operation may be wrong in two ways, and which of them is reported is left open, so a refusal names them all.
type Outcome<T> = Result<T, Vec<ScimType>>;

/// A resource in the middle of a PATCH.
#[derive(Clone)]
pub struct ReferencePatch<'a> {
    pub resource_type: &'a ResourceType,
    pub id: &'a str,
    pub replace_without_match_creates: bool,
    pub document: Object,
    pub password: Option<String>,
}

/// Where an attribute is found: its extension, if it has one, and itself.
#[derive(Clone, Copy)]
struct Location<'a> {
    extension: Option<&'a str>,
    attribute: &'a Attribute,
}

impl<'a> ReferencePatch<'a> {
    /// "Each operation is applied in the order given"; the resource is left alone if one fails.
    pub fn patched(mut self, operations: &[Operation]) -> Outcome<Self> {
        for operation in operations {
            self = self.after(operation)?;
        }
        let complete = |attribute: &Attribute| !attribute.required || self.document.contains_key(&*attribute.name);
        if self.resource_type.schema.attributes.iter().all(complete) {
            Ok(self)
        } else {
            refused(ScimType::InvalidValue)
        }
    }

    fn after(mut self, operation: &Operation) -> Outcome<Self> {
        let Operation { op, path, value } = operation;
        match (op, path, value) {
            (Op::Remove, None, _) => return refused(ScimType::NoTarget),
            (Op::Remove, Some(path), value) => {
                self.remove(path, value.as_ref().is_some_and(|value| !value.is_null()))?;
            }
            (_, None, Some(Value::Object(given))) => self.write_all(*op, given)?,
            (_, Some(path), Some(value)) => self.write_at(*op, path, value)?,
            (_, path, None) => {
                let mut faults =
                    path.as_ref().map_or(Ok(()), |path| self.find(path).map(drop)).err().unwrap_or_default();
                faults.push(ScimType::InvalidValue);
                return Err(faults);
            }
            (_, None, Some(_)) => return refused(ScimType::InvalidValue),
        }
        Ok(self)
    }

    fn write_all(&mut self, op: Op, given: &Object) -> Outcome<()> {
        let is_schemas = |name: &&String| name.eq_ignore_ascii_case("schemas");
        if let Some(name) = given.keys().find(is_schemas) {
            self.write_schemas(op, &given[name])?;
        }
        for (key, value) in given {
            let extension = self.resource_type.extension(key);
            match (extension, self.resource_type.core_attribute(key), value) {
                (Some(extension), _, Value::Object(given)) => {
                    for (name, value) in given {
                        if let Some(attribute) = extension.attribute(name) {
                            self.write_unless_read_only(
                                op,
                                Location { extension: Some(&extension.id), attribute },
                                value,
                            )?;
                        }
                    }
                }
                (Some(extension), _, Value::Null) => _ = self.document.shift_remove(&*extension.id),
                (Some(_), ..) => return refused(ScimType::InvalidValue),
                (None, Some(attribute), value) => {
                    self.write_unless_read_only(op, Location { extension: None, attribute }, value)?;
                }
                (None, None, _) => {}
            }
        }
        Ok(())
    }

    fn write_unless_read_only(&mut self, op: Op, location: Location<'a>, value: &Value) -> Outcome<()> {
        if location.attribute.name == "id" && !value.is_null() && value != self.id {
            return refused(ScimType::Mutability);
        }
        if location.attribute.mutability == Mutability::ReadOnly { Ok(()) } else { self.write(op, location, value) }
    }

    /// Decision of 2026-11-27: a known extension that is listed may come, one that is not listed any more goes with what it
    /// holds, and unknown URNs mean nothing.
    fn write_schemas(&mut self, op: Op, value: &Value) -> Outcome<()> {
        let listed = match value {
            Value::Null => Vec::new(),
            Value::Array(listed) => listed.clone(),
            _ => return refused(ScimType::InvalidValue),
        };
        let mut urns = Vec::new();
        for urn in &listed {
            let urn = urn.as_object().map_or(urn, |parts| {
                let value = parts.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"));
                value.map_or(
                    if parts.values().all(Value::is_null) { &Value::Null } else { &Value::Bool(true) },
                    |(_, value)| value,
                )
            });
            match urn {
                Value::String(urn) if urn.contains('\0') => return refused(ScimType::InvalidValue),
                Value::String(urn) => urns.push(urn.to_lowercase()),
                Value::Null => {}
                _ => return refused(ScimType::InvalidValue),
            }
        }
        urns.retain(|urn| !urn.is_empty());
        if urns.is_empty() && op == Op::Replace {
            return refused(ScimType::InvalidValue);
        }
        let known: Vec<&str> = self.resource_type.extensions.iter().map(|extension| &*extension.id).collect();
        let core = self.resource_type.schema.id.to_lowercase();
        let listed = |urn: &str| urns.contains(&urn.to_lowercase());
        if op == Op::Replace && (urns.contains(&core) || known.iter().any(|urn| listed(urn))) {
            self.document.retain(|name, _| !known.contains(&name.as_str()) || listed(name));
        }
        Ok(())
    }

    fn remove_schemas(&mut self, path: &PatchPath, unread: bool) -> Outcome<()> {
        let Some(filter) = &path.filter else {
            return refused(if unread { ScimType::InvalidValue } else { ScimType::Mutability });
        };
        let whole = Filter::ValuePath { path: path.attribute.clone(), filter: filter.clone().into(), then: None };
        whole.check(self.resource_type).map_err(|_| vec![ScimType::InvalidFilter])?;
        let selects = |urn: &str| {
            let resource = json!({"schemas": [urn]});
            eval::matches(&whole, self.resource_type, &resource)
        };
        if selects(&self.resource_type.schema.id) {
            return refused(ScimType::Mutability);
        }
        self.document.retain(|name, _| self.resource_type.extension(name).is_none() || !selects(name));
        Ok(())
    }

    fn is_schemas(&self, path: &PatchPath) -> bool {
        let resolved = self.resource_type.resolve(&path.attribute);
        resolved.is_some_and(|found| found.attribute.name == "schemas") && path.sub_attribute.is_none()
    }

    fn find(&self, path: &PatchPath) -> Outcome<(Location<'a>, Option<&'a Attribute>)> {
        let resolved = self.resource_type.resolve(&path.attribute).ok_or(vec![ScimType::InvalidPath])?;
        let (attribute, mut part) = (resolved.attribute, resolved.sub_attribute);
        if let Some(name) = &path.sub_attribute {
            part = Some(attribute.sub_attribute(name).ok_or(vec![ScimType::InvalidPath])?);
        }
        if attribute.mutability == Mutability::ReadOnly
            || part.is_some_and(|part| part.mutability == Mutability::ReadOnly)
        {
            return refused(ScimType::Mutability);
        }
        if let Some(filter) = &path.filter {
            if !attribute.multi_valued || attribute.kind != Kind::Complex {
                return refused(ScimType::InvalidPath);
            }
            let whole = Filter::ValuePath { path: path.attribute.clone(), filter: filter.clone().into(), then: None };
            whole.check(self.resource_type).map_err(|_| vec![ScimType::InvalidFilter])?;
        }
        Ok((Location { extension: resolved.extension, attribute }, part))
    }

    fn get(&self, location: Location<'_>) -> Option<Value> {
        let object = location.extension.map_or(Some(&self.document), |urn| self.document.get(urn)?.as_object());
        object?.get(&*location.attribute.name).cloned()
    }

    fn list(&self, location: Location<'_>) -> Vec<Object> {
        let listed = self.get(location).and_then(|value| value.as_array().cloned()).unwrap_or_default();
        listed.into_iter().filter_map(|element| element.as_object().cloned()).collect()
    }

    /// Nothing, an empty list and an empty object are all the same: not there.
    fn put(&mut self, location: Location<'_>, value: Option<Value>) {
        let value = value.filter(|value| *value != json!([]) && *value != json!({}));
        let object = match location.extension {
            Some(urn) => match self.document.entry(urn).or_insert_with(|| json!({})) {
                Value::Object(object) => object,
                _ => unreachable!("an extension is an object"),
            },
            None => &mut self.document,
        };
        match value {
            Some(value) => _ = object.insert(location.attribute.name.to_string(), value),
            None => _ = object.shift_remove(&*location.attribute.name),
        }
        if location.extension.is_some_and(|urn| self.document[urn] == json!({})) {
            self.document.shift_remove(location.extension.unwrap_or_default());
        }
    }

    /// Each value once: the older ones first, then those that were `written`, which win.
    fn put_list(&mut self, location: Location<'_>, list: &[Object], written: &[usize]) {
        let is_written = |index: &usize| written.contains(index);
        let indices = 0..list.len();
        let by_age = indices.clone().filter(|index| !is_written(index)).chain(indices.filter(is_written));
        let mut kept: Vec<(usize, Object)> = Vec::new();
        for index in by_age.filter(|&index| !list[index].is_empty()) {
            let element = &list[index];
            match kept.iter_mut().find(|(_, other)| same(location.attribute, other, element)) {
                Some((place, other)) => {
                    *place = index.min(*place);
                    renew(location.attribute, other, element);
                }
                None => kept.push((index, element.clone())),
            }
        }
        kept.sort_by_key(|(index, _)| *index);
        let list: Vec<_> = kept.into_iter().map(|(_, element)| element).collect();
        self.put(location, Some(json!(list)));
    }

    /// A value as it would be kept, were it part of a whole resource.
    fn read(&self, location: Location<'_>, value: &Value) -> Outcome<Option<Value>> {
        let mut resource = json!({"schemas": ["urn:x"], "userName": "x", "displayName": "x"});
        match location.extension {
            Some(urn) => resource[urn] = json!({ &*location.attribute.name: value }),
            None => resource[&*location.attribute.name] = value.clone(),
        }
        let incoming = Document::read(self.resource_type, &resource).map_err(|_| vec![ScimType::InvalidValue])?;
        let read = Self { document: incoming.document.as_map().clone(), ..self.clone() };
        Ok(incoming.password.map(Value::from).or_else(|| read.get(location)))
    }

    /// The parts of a complex value or of one value of a list: what is set, and what is cleared.
    fn parts(&self, location: Location<'_>, value: &Value) -> Outcome<(Object, Vec<String>)> {
        let value = match value {
            Value::Array(values) if values.len() == 1 && values[0].is_array() => {
                return refused(ScimType::InvalidValue);
            }
            Value::Array(values) if values.len() == 1 => &values[0],
            value => value,
        };
        // Checklist 24: a text is read as the `value` of a complex value.
        let text =
            value.as_str().filter(|text| !text.is_empty() && location.attribute.sub_attribute("value").is_some());
        let spelled = text.map(|text| json!({ "value": text }));
        let Value::Object(given) = spelled.as_ref().unwrap_or(value) else {
            let nothing = *value == json!(null) || (*value == json!([]) && !location.attribute.multi_valued);
            let everything = location.attribute.sub_attributes.iter().map(|part| part.name.to_string()).collect();
            return if nothing { Ok((Object::new(), everything)) } else { refused(ScimType::InvalidValue) };
        };
        let names = |name: &str| given.keys().any(|key| key.eq_ignore_ascii_case(name));
        let mut whole = given.clone();
        let is_nameless = location.attribute.lists_resources() && !names("value");
        if is_nameless {
            whole.insert("value".to_owned(), json!("x"));
        }
        let whole = if location.attribute.multi_valued { json!([whole]) } else { json!(whole) };
        let mut kept = match self.read(location, &whole)? {
            Some(Value::Array(mut list)) => list.remove(0).as_object().cloned().unwrap_or_default(),
            Some(Value::Object(kept)) => kept,
            _ => Object::new(),
        };
        if is_nameless {
            kept.shift_remove("value");
        }
        let cleared = location.attribute.sub_attributes.iter().map(|part| part.name.to_string());
        let cleared = cleared.filter(|name| names(name) && !kept.contains_key(name)).collect();
        Ok((kept, cleared))
    }
}

fn refused<T>(scim_type: ScimType) -> Outcome<T> {
    Err(vec![scim_type])
}

/// Decision of 2026-11-27: a value is the same in whatever letter case its schema does not tell apart, whether it is primary or
/// not, and whatever it is displayed as.
fn same(attribute: &Attribute, one: &Object, other: &Object) -> bool {
    if attribute.lists_resources() {
        return one["value"].as_str().map(fold) == other["value"].as_str().map(fold);
    }
    attribute.sub_attributes.iter().all(|part| {
        let folded = |element: &Object| match element.get(&*part.name) {
            Some(Value::String(text)) if !part.case_exact => Some(json!(fold(text))),
            found => found.cloned(),
        };
        let is_label = part.name == "primary" || part.name == "display" && one.contains_key("value");
        is_label || folded(one) == folded(other)
    })
}

/// What is said of a value again is said newly; but members are as they were.
fn renew(attribute: &Attribute, element: &mut Object, newer: &Object) {
    if !attribute.lists_resources() {
        element.extend(newer.clone());
    }
}
