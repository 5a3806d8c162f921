//! Operations on the values of a multi-valued attribute: all of them, or those a filter selects.

use super::{
    Op, Options, PatchPath,
    parts::{clear_part, merge_parts},
};
use crate::scim::{
    AttributePath, Filter, ScimError, compare,
    document::{
        equality::{identity, is_same, key, overlay},
        render::with_reference,
        value::{canonical, check_count, element, is_kept, is_primary},
    },
    filter::{Literal, Operator, Scope, eval},
    schema::{Attribute, Kind},
};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Up to so many new values are looked for one by one; for more of them a map of the existing values is built. Clients also
/// send thousands of operations with one value each, where building the map each time would take minutes.
const LINEAR_SEARCH_LIMIT: usize = 4;

/// §3.5.2.1: "If the target location specifies a multi-valued attribute, a new value is added to the attribute." "If the
/// target location already contains the value specified, no changes SHOULD be made to the resource".
pub(super) fn append(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    sent: Option<Value>,
) -> Result<(), ScimError> {
    let Some(Value::Array(sent)) = sent else { return Ok(()) };
    let mut elements = take(values, attribute);
    let written = add(attribute, &mut elements, sent);
    put_added(values, attribute, elements, &written)
}

/// Adds values to a list, each once: a value that is there already gets the parts that are sent now. Returns the indices of
/// those that are new or have become primary.
fn add(attribute: &Attribute, elements: &mut Vec<Value>, sent: Vec<Value>) -> Vec<usize> {
    let mut by_key: Option<HashMap<String, usize>> = (sent.len() > LINEAR_SEARCH_LIMIT)
        .then(|| elements.iter().enumerate().map(|(index, element)| (key(attribute, element), index)).collect());
    let mut written = Vec::with_capacity(sent.len());
    for new in sent {
        let next = elements.len();
        let index = match &mut by_key {
            Some(by_key) => *by_key.entry(key(attribute, &new)).or_insert(next),
            None => elements.iter().position(|element| is_same(attribute, element, &new)).unwrap_or(next),
        };
        if index == next || is_primary(&new) {
            written.push(index);
        }
        match elements.get_mut(index) {
            Some(existing) => overlay(attribute, existing, new),
            None => elements.push(new),
        }
    }
    written
}

/// A sub-attribute without a filter (`emails.display`): of every value, or of a new one where there is none.
pub(super) fn write_every(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    given: &Map<String, Value>,
) -> Result<(), ScimError> {
    let mut elements = take(values, attribute);
    if elements.is_empty() {
        elements.push(Value::Object(Map::new()));
    }
    let all: Vec<usize> = (0..elements.len()).collect();
    merge_each(attribute, &mut elements, &all, given)?;
    put_changed(values, attribute, elements, &all)
}

/// Takes a sub-attribute away from every value.
pub(super) fn clear_every(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    part: &Attribute,
) -> Result<(), ScimError> {
    let mut elements = take(values, attribute);
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        clear_part(attribute, part, element)?;
    }
    let all: Vec<usize> = (0..elements.len()).collect();
    merge_written(attribute, &mut elements, &all);
    put_added(values, attribute, elements, &[])
}

/// Writes to the values a filter selects. `given` are the parts that the operation brings.
///
/// §3.5.2.3: "If the target location is a multi-valued attribute and a value selection ('valuePath') filter is specified
/// that matches one or more values of the multi-valued attribute, then all matching record values SHALL be replaced." Where
/// "no record match was made, the service provider SHALL indicate failure by returning HTTP status code 400 and a
/// 'scimType' error code of 'noTarget'." Of `add` the RFC says nothing; our decision: it creates what the filter describes.
pub(super) fn write_selected(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    op: Op,
    options: Options<'_>,
    (path, filter): (&PatchPath, &Filter),
    given: &Map<String, Value>,
) -> Result<(), ScimError> {
    let mut elements = take(values, attribute);
    let mut selected = select(attribute, &elements, filter, options.base_url);
    let whole = path.sub_attribute.is_none();
    if selected.is_empty() {
        let described = described_by(attribute, filter).filter(|described| {
            op == Op::Add || options.replace_without_match_creates && may_be_created(attribute, described)
        });
        let mut new = described.ok_or_else(|| ScimError::no_target(path))?;
        let mut brought = Map::new();
        merge_parts(attribute, &mut brought, given)?;
        let brings = !brought.is_empty();
        new.append(&mut brought);
        let new = Value::Object(new);
        let written = if brings { add(attribute, &mut elements, vec![new]) } else { Vec::new() };
        return put_added(values, attribute, elements, &written);
    }
    if whole && op == Op::Replace {
        let replacement = element(attribute, &Value::Object(given.clone()), &attribute.name)?.unwrap_or_default();
        for &index in &selected {
            elements[index] = replacement.clone();
        }
        if attribute.lists_resources() {
            // They have become one and the same.
            let same = |element: &Value| identity(element) == identity(&replacement);
            let first = elements.iter().position(same);
            let mut index = 0..;
            elements.retain(|element| index.next() == first || !same(element));
            selected.clear();
        }
    } else {
        merge_each(attribute, &mut elements, &selected, given)?;
    }
    put_changed(values, attribute, elements, &selected)
}

/// Whether `replace` may create the value that its filter describes and does not find: an address of a type, the primary
/// role. A filter on `value` means one particular value, and one that is not there cannot be replaced; and nobody becomes a
/// member of a group that way.
fn may_be_created(attribute: &Attribute, described: &Map<String, Value>) -> bool {
    !attribute.lists_resources() && !described.contains_key("value")
}

/// §3.5.2.2: "If the target location is a multi-valued attribute and a complex filter is specified comparing a 'value',
/// the values matched by the filter are removed." Without a match: success for members, whose absence is what the client
/// wants, else `noTarget` (decision).
pub(super) fn remove_selected(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    part: Option<&Attribute>,
    (path, filter): (&PatchPath, &Filter),
    base_url: &str,
) -> Result<(), ScimError> {
    let mut elements = take(values, attribute);
    let selected = select(attribute, &elements, filter, base_url);
    if selected.is_empty() && !attribute.lists_resources() {
        return Err(ScimError::no_target(path));
    }
    for &index in &selected {
        match (part, elements[index].as_object_mut()) {
            (Some(part), Some(element)) => clear_part(attribute, part, element)?,
            _ => elements[index] = Value::Null,
        }
    }
    if part.is_some() {
        merge_written(attribute, &mut elements, &selected);
    }
    put_added(values, attribute, elements, &[])
}

fn take(values: &mut Map<String, Value>, attribute: &Attribute) -> Vec<Value> {
    match values.get_mut(&*attribute.name) {
        Some(Value::Array(elements)) => std::mem::take(elements),
        _ => Vec::new(),
    }
}

/// Puts back values of which some were changed in place, so that two may have become the same.
fn put_changed(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    mut elements: Vec<Value>,
    changed: &[usize],
) -> Result<(), ScimError> {
    keep_one_primary(attribute, &mut elements, changed)?;
    merge_written(attribute, &mut elements, changed);
    put_added(values, attribute, elements, &[])
}

/// Puts the values back without those that became empty.
fn put_added(
    values: &mut Map<String, Value>,
    attribute: &Attribute,
    mut elements: Vec<Value>,
    added: &[usize],
) -> Result<(), ScimError> {
    keep_one_primary(attribute, &mut elements, added)?;
    elements.retain(|element| !is_empty(element));
    check_count(attribute, elements.len(), &attribute.name)?;
    if elements.is_empty() {
        values.shift_remove(&*attribute.name);
    } else {
        values.insert(attribute.name.to_string(), Value::Array(elements));
    }
    Ok(())
}

fn is_empty(element: &Value) -> bool {
    element.is_null() || element.as_object().is_some_and(Map::is_empty)
}

/// Where one of the `written` values is primary, no other remains so (RFC 7643 §2.4: "The primary attribute value 'true' MUST
/// appear no more than once").
fn keep_one_primary(attribute: &Attribute, elements: &mut [Value], written: &[usize]) -> Result<(), ScimError> {
    let is_nameless = |&index: &usize| elements[index]["value"].is_null() && !is_empty(&elements[index]);
    if attribute.lists_resources() && written.iter().any(is_nameless) {
        return Err(ScimError::invalid_value(format!("{}.value", attribute.name), "it is required"));
    }
    let primary: Vec<usize> = written.iter().copied().filter(|&index| is_primary(&elements[index])).collect();
    if primary.len() > 1 {
        return Err(ScimError::invalid_value(&attribute.name, "only one value may be primary"));
    }
    if let [primary] = primary[..] {
        for (index, element) in elements.iter_mut().enumerate() {
            if index != primary && is_primary(element) {
                element["primary"] = Value::Bool(false);
            }
        }
    }
    Ok(())
}

/// Makes one of values that have become the same: those that were `written`, in ascending order, are the newer ones.
fn merge_written(attribute: &Attribute, elements: &mut [Value], written: &[usize]) {
    if attribute.lists_resources() {
        return;
    }
    let is_written: HashSet<usize> = written.iter().copied().collect();
    let mut by_key: Option<HashMap<String, usize>> = (written.len() > LINEAR_SEARCH_LIMIT).then(|| {
        let is_older = |(index, element): &(usize, &Value)| !is_written.contains(index) && !is_empty(element);
        let older = elements.iter().enumerate().filter(is_older);
        older.map(|(index, element)| (key(attribute, element), index)).collect()
    });
    for &index in written {
        if is_empty(&elements[index]) {
            continue;
        }
        let older = match &mut by_key {
            Some(by_key) => by_key.insert(key(attribute, &elements[index]), index),
            None => elements.iter().enumerate().position(|(other, element)| {
                (other < index || !is_written.contains(&other))
                    && other != index
                    && !is_empty(element)
                    && is_same(attribute, element, &elements[index])
            }),
        };
        let Some(older) = older else { continue };
        let newer = elements[index].take();
        let mut merged = elements[older].take();
        overlay(attribute, &mut merged, newer);
        let place = older.min(index);
        if let Some(by_key) = &mut by_key {
            by_key.insert(key(attribute, &merged), place);
        }
        elements[place] = merged;
    }
}

fn select(attribute: &Attribute, elements: &[Value], filter: &Filter, base_url: &str) -> Vec<usize> {
    let wanted = wanted_values(attribute, filter);
    let shows_reference = attribute.lists_resources() && names(filter, "$ref");
    let matches = |(_, element): &(usize, &Value)| match (&wanted, element) {
        (Some((part, keys)), _) => {
            element["value"].as_str().is_some_and(|text| keys.contains(compare::key(part, text).as_str()))
        }
        (None, Value::Object(parts)) if shows_reference => {
            eval::matches_value(filter, attribute, &Value::Object(with_reference(parts, base_url)))
        }
        (None, _) => eval::matches_value(filter, attribute, element),
    };
    elements.iter().enumerate().filter(matches).map(|(index, _)| index).collect()
}

/// Whether a filter on values looks at this part of them.
fn names(filter: &Filter, part: &str) -> bool {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().any(|term| names(term, part)),
        Filter::Not(filter) => names(filter, part),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => {
            path.attribute.eq_ignore_ascii_case(part)
        }
    }
}

/// The values wanted by `value eq "…" or value eq "…" …`. A thousand members may be removed from ten thousand in one
/// operation, and looking each up beats asking the filter.
fn wanted_values<'a>(attribute: &'a Attribute, filter: &Filter) -> Option<(&'a Attribute, HashSet<String>)> {
    let part = attribute.sub_attribute("value").filter(|part| part.kind == Kind::String)?;
    let terms = match filter {
        Filter::Or(terms) => terms.as_slice(),
        single => std::slice::from_ref(single),
    };
    let key = |term: &Filter| match term {
        Filter::Compare { value: Literal::String(text), .. } if is_lookup(term) => Some(compare::key(part, text)),
        _ => None,
    };
    Some((part, terms.iter().map(key).collect::<Option<_>>()?))
}

/// How many tests a filter makes on each value: a lookup in a set of wanted values is one, however many are wanted.
pub(super) fn tests_per_value(filter: &Filter) -> usize {
    match filter {
        Filter::Or(terms) if terms.iter().all(is_lookup) => 1,
        filter => comparisons(filter),
    }
}

fn comparisons(filter: &Filter) -> usize {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().map(comparisons).sum(),
        Filter::Not(filter) | Filter::ValuePath { filter, .. } => comparisons(filter),
        Filter::Compare { .. } | Filter::Present(_) => 1,
    }
}

fn is_lookup(term: &Filter) -> bool {
    let Filter::Compare { path, operator: Operator::Eq, value: Literal::String(_) } = term else { return false };
    *path == AttributePath::bare("value")
}

fn merge_each(
    attribute: &Attribute,
    elements: &mut [Value],
    selected: &[usize],
    given: &Map<String, Value>,
) -> Result<(), ScimError> {
    for &index in selected {
        if let Some(element) = elements[index].as_object_mut() {
            merge_parts(attribute, element, given)?;
        }
    }
    Ok(())
}

/// The value that a filter made of `eq` and `and` describes: `type eq "work" and primary eq true`.
fn described_by(attribute: &Attribute, filter: &Filter) -> Option<Map<String, Value>> {
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut described = Map::new();
    for term in terms {
        let Filter::Compare { path, operator: Operator::Eq, value } = term else {
            return None;
        };
        let part = Scope::Value(attribute).resolve(path).map(|resolved| resolved.attribute);
        let part = part.filter(|part| is_kept(attribute, part))?;
        let value = match value {
            Literal::String(text) => Value::from(text.as_str()),
            Literal::Bool(truth) => Value::Bool(*truth),
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::Null => return None,
        };
        let value = canonical(part, &value, &part.name).ok()??;
        if described.insert(part.name.to_string(), value.clone()).is_some_and(|other| other != value) {
            return None;
        }
    }
    Some(described)
}
