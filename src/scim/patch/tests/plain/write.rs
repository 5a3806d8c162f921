//! What the operations do to one attribute.

use super::{
    super::scim::{
        Filter, ScimType,
        compare::fold,
        patch::{Op, PatchPath},
        schema::{Attribute, Kind, Mutability},
    },
    Done, Home, Object, Plain, refused,
    select::{eq_terms, holds},
};
use serde_json::{Value, json};

impl<'a> Plain<'a> {
    /// An attribute as a whole.
    pub(super) fn write(&mut self, op: Op, home: Home<'a>, value: &Value) -> Done<()> {
        if home.attribute.name == "password" {
            self.password = match self.read(home, value)? {
                Some(Value::String(password)) => Some(password),
                _ => return refused(ScimType::Mutability),
            };
            return Ok(());
        }
        if home.attribute.multi_valued {
            let new = self.read(home, value)?.and_then(|list| list.as_array().cloned()).unwrap_or_default();
            let new = new.into_iter().filter_map(|element| element.as_object().cloned()).collect();
            if op == Op::Add {
                return self.append(home, new);
            }
            self.put_list(home, new);
            return Ok(());
        }
        if home.attribute.kind == Kind::Complex {
            let given = self.parts(home, value)?;
            let before = self.get(home).and_then(|value| value.as_object().cloned()).unwrap_or_default();
            self.put(home, Some(json!(merged(&before, &given))));
            return Ok(());
        }
        let value = self.read(home, value)?;
        if home.attribute.required && value.is_none() {
            return refused(ScimType::InvalidValue);
        }
        self.put(home, value);
        Ok(())
    }

    /// §3.5.2.1: "If the target location already contains the value specified, no changes SHOULD be made".
    fn append(&mut self, home: Home<'_>, new: Vec<Object>) -> Done<()> {
        let mut list = self.list(home);
        let mut written = Vec::new();
        for element in new {
            let same = |other: &Object| {
                if home.attribute.lists_resources() {
                    other["value"].as_str().map(fold) == element["value"].as_str().map(fold)
                } else {
                    *other == element
                }
            };
            if !list.iter().any(same) {
                written.push(list.len());
                list.push(element);
            }
        }
        one_primary(&mut list, &written)?;
        self.put_list(home, list);
        Ok(())
    }

    pub(super) fn write_at(&mut self, op: Op, path: &PatchPath, value: &Value) -> Done<()> {
        let (home, part) = self.find(path)?;
        let part_of = |part: &Attribute| json!({ &*part.name: value });
        match (&path.filter, part) {
            (None, None) => self.write(op, home, value),
            (None, Some(part)) if !home.attribute.multi_valued => self.write(op, home, &part_of(part)),
            (None, Some(part)) => {
                let list = self.list(home);
                if list.is_empty() {
                    let given = self.parts(home, &part_of(part))?;
                    return self.add_new(home, &Object::new(), &given);
                }
                self.merge(home, list, |_| true, &part_of(part))
            }
            (Some(filter), part) => {
                let list = self.list(home);
                let matches = |element: &Object| holds(filter, home.attribute, element);
                if !list.iter().any(matches) {
                    let value = part.map_or_else(|| value.clone(), part_of);
                    return self.create(op, home, filter, &value);
                }
                match part {
                    Some(part) => self.merge(home, list, matches, &part_of(part)),
                    None if op == Op::Add && is_nothing(value) => Ok(()),
                    None if op == Op::Add => self.merge(home, list, matches, value),
                    None => self.exchange(home, list, matches, value),
                }
            }
        }
    }

    /// Checklist 60: "one element is created from the eq terms plus the value"; a filter that describes no value that
    /// could be kept has no target. Nothing comes of nothing.
    fn create(&mut self, op: Op, home: Home<'_>, filter: &Filter, value: &Value) -> Done<()> {
        let mut faults = Vec::new();
        let given = self.parts(home, value).unwrap_or_else(|fault| {
            faults.extend(fault);
            Default::default()
        });
        let described = self.described(home, filter).filter(|_| op == Op::Add || self.replace_without_match_creates);
        let Some(element) = described else {
            faults.push(ScimType::NoTarget);
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        self.add_new(home, &element, &given)
    }

    /// Nothing comes of nothing, and nothing in the value takes away what the filter describes: the next request with
    /// the same filter shall find it.
    fn add_new(&mut self, home: Home<'_>, described: &Object, (set, _): &(Object, Vec<String>)) -> Done<()> {
        if set.is_empty() {
            return Ok(());
        }
        let mut element = described.clone();
        element.extend(set.clone());
        if home.attribute.lists_resources() && !element.contains_key("value") {
            return refused(ScimType::InvalidValue);
        }
        self.append(home, vec![element])
    }

    fn described(&self, home: Home<'_>, filter: &Filter) -> Option<Object> {
        let mut element = Object::new();
        for (name, value) in eq_terms(filter)? {
            let part = home.attribute.sub_attribute(&name)?;
            let (set, _) = self.parts(home, &json!({ &*part.name: value })).ok()?;
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
        home: Home<'_>,
        mut list: Vec<Object>,
        matches: impl Fn(&Object) -> bool,
        value: &Value,
    ) -> Done<()> {
        let given = self.parts(home, value)?;
        let mut written = Vec::new();
        for (index, element) in list.iter_mut().enumerate() {
            if matches(element) {
                let after = merged(element, &given);
                unchanged_if_immutable(home.attribute, element, &after)?;
                *element = after;
                if given.0.contains_key("primary") {
                    written.push(index);
                }
            }
        }
        one_primary(&mut list, &written)?;
        self.put_list(home, list);
        Ok(())
    }

    /// Checklist 65: each matching element replaced as a whole.
    fn exchange(
        &mut self,
        home: Home<'_>,
        mut list: Vec<Object>,
        matches: impl Fn(&Object) -> bool,
        value: &Value,
    ) -> Done<()> {
        let (new, _) = self.parts(home, value)?;
        let says = |value: &Value| value.as_object().is_some_and(|given| given.values().any(|value| !value.is_null()));
        let says = says(value) || value.as_array().is_some_and(|values| values.iter().any(says));
        if home.attribute.lists_resources() && says && !new.contains_key("value") {
            return refused(ScimType::InvalidValue);
        }
        let mut written = Vec::new();
        for (index, element) in list.iter_mut().enumerate() {
            if matches(element) {
                element.clone_from(&new);
                written.push(index);
            }
        }
        one_primary(&mut list, &written)?;
        self.put_list(home, list);
        Ok(())
    }

    /// Checklist 78, 89: a value matters for a whole list only, and there it was read before; what could not be read there
    /// must not empty the list.
    pub(super) fn remove(&mut self, path: &PatchPath, unread: bool) -> Done<()> {
        let (home, part) = self.find(path)?;
        let whole = path.filter.is_none() && part.is_none();
        if (whole && (home.attribute.required || home.attribute.name == "password"))
            || part.is_some_and(|part| part.required)
        {
            return refused(ScimType::Mutability);
        }
        if whole && home.attribute.multi_valued && unread {
            return refused(ScimType::InvalidValue);
        }
        if whole {
            self.put(home, None);
            return Ok(());
        }
        if !home.attribute.multi_valued {
            let name = part.map(|part| part.name.to_string()).into_iter().collect();
            let before = self.get(home).and_then(|value| value.as_object().cloned()).unwrap_or_default();
            self.put(home, Some(json!(merged(&before, &(Object::new(), name)))));
            return Ok(());
        }
        let mut list = self.list(home);
        let mut any = false;
        for element in &mut list {
            if path.filter.as_ref().is_none_or(|filter| holds(filter, home.attribute, element)) {
                any = true;
                let after = match part {
                    Some(part) => merged(element, &(Object::new(), vec![part.name.to_string()])),
                    None => Object::new(),
                };
                if part.is_some() {
                    unchanged_if_immutable(home.attribute, element, &after)?;
                }
                *element = after;
            }
        }
        if !any && path.filter.is_some() && home.attribute.name != "members" {
            return refused(ScimType::NoTarget);
        }
        self.put_list(home, list);
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
fn unchanged_if_immutable(attribute: &Attribute, before: &Object, after: &Object) -> Done<()> {
    for part in &*attribute.sub_attributes {
        let (old, new) = (before.get(&*part.name), after.get(&*part.name));
        if part.mutability == Mutability::Immutable && old.is_some() && old != new {
            return refused(ScimType::Mutability);
        }
    }
    Ok(())
}

/// Checklist 74: what was written as primary takes it from the others; two at once cannot be.
fn one_primary(list: &mut [Object], written: &[usize]) -> Done<()> {
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
