//! What the operations do to one attribute.

use super::{
    super::scim::{
        Filter, ScimType,
        patch::{Op, PatchPath},
        schema::{Attribute, Kind, Mutability},
    },
    Location, Object, Outcome, ReferencePatch, refused, renew, same,
    select::{eq_terms, holds},
};
use serde_json::{Value, json};

impl<'a> ReferencePatch<'a> {
    /// An attribute as a whole.
    pub(super) fn write(&mut self, op: Op, location: Location<'a>, value: &Value) -> Outcome<()> {
        if location.attribute.name == "password" {
            self.password = match self.read(location, value)? {
                Some(Value::String(password)) => Some(password),
                _ => return refused(ScimType::Mutability),
            };
            return Ok(());
        }
        if location.attribute.multi_valued {
            let new = self.read(location, value)?.and_then(|list| list.as_array().cloned()).unwrap_or_default();
            let new: Vec<Object> = new.into_iter().filter_map(|element| element.as_object().cloned()).collect();
            if op == Op::Add {
                return self.append(location, new);
            }
            self.put_list(location, &new, &[]);
            return Ok(());
        }
        if location.attribute.kind == Kind::Complex {
            let given = self.parts(location, value)?;
            let before = self.get(location).and_then(|value| value.as_object().cloned()).unwrap_or_default();
            self.put(location, Some(json!(merged(&before, &given))));
            return Ok(());
        }
        let value = self.read(location, value)?;
        if (location.attribute.required || location.attribute.name == "active") && value.is_none() {
            return refused(ScimType::InvalidValue);
        }
        self.put(location, value);
        Ok(())
    }

    /// §3.5.2.1: "If the target location already contains the value specified, no changes SHOULD be made".
    fn append(&mut self, location: Location<'_>, new: Vec<Object>) -> Outcome<()> {
        let mut list = self.list(location);
        let mut written = Vec::new();
        for element in new {
            if let Some(index) = list.iter().position(|other| same(location.attribute, other, &element)) {
                renew(location.attribute, &mut list[index], &element);
                if element.get("primary") == Some(&json!(true)) {
                    written.push(index);
                }
            } else {
                written.push(list.len());
                list.push(element);
            }
        }
        keep_one_primary(&mut list, &written)?;
        self.put_list(location, &list, &[]);
        Ok(())
    }

    pub(super) fn write_at(&mut self, op: Op, path: &PatchPath, value: &Value) -> Outcome<()> {
        if self.is_schemas(path) {
            return if path.filter.is_some() { refused(ScimType::InvalidPath) } else { self.write_schemas(op, value) };
        }
        let (location, part) = self.find(path)?;
        let part_of = |part: &Attribute| json!({ &*part.name: value });
        match (&path.filter, part) {
            (None, None) => self.write(op, location, value),
            (None, Some(part)) if !location.attribute.multi_valued => self.write(op, location, &part_of(part)),
            (None, Some(part)) => {
                let list = self.list(location);
                if list.is_empty() {
                    let given = self.parts(location, &part_of(part))?;
                    return self.add_new(location, &Object::new(), &given);
                }
                self.merge(location, list, |_| true, &part_of(part))
            }
            (Some(filter), part) => {
                let list = self.list(location);
                let matches = |element: &Object| holds(filter, location.attribute, element);
                if !list.iter().any(matches) {
                    let value = part.map_or_else(|| value.clone(), part_of);
                    return self.create(op, location, filter, &value);
                }
                match part {
                    Some(part) => self.merge(location, list, matches, &part_of(part)),
                    None if op == Op::Add && is_nothing(value) => Ok(()),
                    None if op == Op::Add => self.merge(location, list, matches, value),
                    None => self.replace_matches(location, list, matches, value),
                }
            }
        }
    }

    /// Checklist 60: "one element is created from the eq terms plus the value"; a filter that describes no value that
    /// could be kept has no target. Nothing comes of nothing.
    fn create(&mut self, op: Op, location: Location<'_>, filter: &Filter, value: &Value) -> Outcome<()> {
        let mut faults = Vec::new();
        let given = self.parts(location, value).unwrap_or_else(|fault| {
            faults.extend(fault);
            Default::default()
        });
        let may_replace = |described: &Object| {
            self.replace_without_match_creates
                && !location.attribute.lists_resources()
                && !described.contains_key("value")
        };
        let described = self.described(location, filter).filter(|described| op == Op::Add || may_replace(described));
        let Some(element) = described else {
            faults.push(ScimType::NoTarget);
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        self.add_new(location, &element, &given)
    }

    /// Nothing comes of nothing, and nothing in the value takes away what the filter describes: the next request with
    /// the same filter has to find it.
    fn add_new(
        &mut self,
        location: Location<'_>,
        described: &Object,
        (set, cleared): &(Object, Vec<String>),
    ) -> Outcome<()> {
        let is_required = |name: &String| location.attribute.sub_attribute(name).is_some_and(|part| part.required);
        if cleared.iter().any(is_required) {
            return refused(ScimType::InvalidValue);
        }
        if set.is_empty() {
            return Ok(());
        }
        let mut element = described.clone();
        element.extend(set.clone());
        if location.attribute.lists_resources() && !element.contains_key("value") {
            return refused(ScimType::InvalidValue);
        }
        self.append(location, vec![element])
    }

    fn described(&self, location: Location<'_>, filter: &Filter) -> Option<Object> {
        let mut element = Object::new();
        for (name, value) in eq_terms(filter)? {
            let part = location.attribute.sub_attribute(&name)?;
            let (set, _) = self.parts(location, &json!({ &*part.name: value })).ok()?;
            let value = set.get(&*part.name)?;
            if element.insert(part.name.to_string(), value.clone()).is_some_and(|other| other != *value) {
                return None;
            }
        }
        Some(element)
    }

    /// Checklist 59, 66: the given parts of each matching element are set, the others stay.
    fn merge(
        &mut self,
        location: Location<'_>,
        mut list: Vec<Object>,
        matches: impl Fn(&Object) -> bool,
        value: &Value,
    ) -> Outcome<()> {
        let given = self.parts(location, value)?;
        let mut changed = Vec::new();
        for (index, element) in list.iter_mut().enumerate() {
            if matches(element) {
                let after = merged(element, &given);
                unchanged_if_immutable(location.attribute, element, &after)?;
                *element = after;
                changed.push(index);
            }
        }
        keep_one_primary(&mut list, if given.0.contains_key("primary") { &changed } else { &[] })?;
        self.put_list(location, &list, &changed);
        Ok(())
    }

    /// Checklist 65: each matching element replaced as a whole.
    fn replace_matches(
        &mut self,
        location: Location<'_>,
        mut list: Vec<Object>,
        matches: impl Fn(&Object) -> bool,
        value: &Value,
    ) -> Outcome<()> {
        let (new, _) = self.parts(location, value)?;
        let says = |value: &Value| value.as_object().is_some_and(|given| given.values().any(|value| !value.is_null()));
        let says = says(value) || value.as_array().is_some_and(|values| values.iter().any(says));
        if location.attribute.lists_resources() && says && !new.contains_key("value") {
            return refused(ScimType::InvalidValue);
        }
        let mut written = Vec::new();
        for (index, element) in list.iter_mut().enumerate() {
            if matches(element) {
                element.clone_from(&new);
                written.push(index);
            }
        }
        keep_one_primary(&mut list, &written)?;
        self.put_list(location, &list, &written);
        Ok(())
    }

    /// Checklist 78, 89: a value matters for a whole list only, and there it was read before; what could not be read there
    /// must not empty the list.
    pub(super) fn remove(&mut self, path: &PatchPath, unread: bool) -> Outcome<()> {
        if self.is_schemas(path) {
            return self.remove_schemas(path, unread);
        }
        let (location, part) = self.find(path)?;
        let whole = path.filter.is_none() && part.is_none();
        if (whole && (location.attribute.required || location.attribute.name == "password"))
            || part.is_some_and(|part| part.required)
        {
            return refused(ScimType::Mutability);
        }
        if whole && location.attribute.name == "active" {
            return refused(ScimType::InvalidValue);
        }
        if whole && location.attribute.multi_valued && unread {
            return refused(ScimType::InvalidValue);
        }
        if whole {
            self.put(location, None);
            return Ok(());
        }
        if !location.attribute.multi_valued {
            let name = part.map(|part| part.name.to_string()).into_iter().collect();
            let before = self.get(location).and_then(|value| value.as_object().cloned()).unwrap_or_default();
            self.put(location, Some(json!(merged(&before, &(Object::new(), name)))));
            return Ok(());
        }
        let mut list = self.list(location);
        let mut changed = Vec::new();
        for (index, element) in list.iter_mut().enumerate() {
            if path.filter.as_ref().is_none_or(|filter| holds(filter, location.attribute, element)) {
                changed.push(index);
                let after = match part {
                    Some(part) => merged(element, &(Object::new(), vec![part.name.to_string()])),
                    None => Object::new(),
                };
                if part.is_some() {
                    unchanged_if_immutable(location.attribute, element, &after)?;
                }
                *element = after;
            }
        }
        if changed.is_empty() && path.filter.is_some() && location.attribute.name != "members" {
            return refused(ScimType::NoTarget);
        }
        self.put_list(location, &list, &changed);
        Ok(())
    }
}

/// To add nothing is to change nothing.
fn is_nothing(value: &Value) -> bool {
    *value == json!(null) || *value == json!([null])
}

/// A reference belongs to its value: when that goes or changes, so does the reference, unless a new one is given.
fn merged(before: &Object, (set, cleared): &(Object, Vec<String>)) -> Object {
    let mut after = before.clone();
    for name in cleared {
        after.shift_remove(name);
    }
    after.extend(set.clone());
    let given = set.contains_key("$ref") || cleared.iter().any(|name| name == "$ref");
    if !given && after.get("value") != before.get("value") {
        after.shift_remove("$ref");
    }
    after
}

/// §3.5.2: a client "MAY add a value to an immutable attribute if the attribute had no previous value".
fn unchanged_if_immutable(attribute: &Attribute, before: &Object, after: &Object) -> Outcome<()> {
    for part in &*attribute.sub_attributes {
        let (old, new) = (before.get(&*part.name), after.get(&*part.name));
        if part.mutability == Mutability::Immutable && old.is_some() && old != new {
            // To take away what is also required is wrong in two ways.
            let is_missing = part.required && new.is_none();
            return Err(vec![ScimType::Mutability]
                .into_iter()
                .chain(is_missing.then_some(ScimType::InvalidValue))
                .collect());
        }
    }
    Ok(())
}

/// Checklist 74: what was written as primary takes it from the others; two at once cannot be.
fn keep_one_primary(list: &mut [Object], written: &[usize]) -> Outcome<()> {
    let is_primary = |element: &Object| element.get("primary") == Some(&json!(true));
    let new = list.iter().enumerate().filter(|(index, element)| written.contains(index) && is_primary(element)).count();
    if new > 1 {
        return refused(ScimType::InvalidValue);
    }
    for (index, element) in list.iter_mut().enumerate() {
        if new == 1 && !written.contains(&index) && is_primary(element) {
            element.insert("primary".to_owned(), json!(false));
        }
    }
    Ok(())
}
