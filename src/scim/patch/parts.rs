//! The sub-attributes of one complex value: set, merged and cleared.

use crate::scim::{
    ScimError,
    document::value::{canonical, is_kept, member},
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};

/// §3.5.2.3: "If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified in the
/// 'value' parameter that replaces any existing values or adds where an attribute did not previously exist."
pub(super) fn merge_parts(
    attribute: &Attribute,
    existing: &mut Map<String, Value>,
    given: &Map<String, Value>,
) -> Result<(), ScimError> {
    let value_before = existing.get("value").cloned();
    for part in attribute.sub_attributes.iter().filter(|part| is_kept(attribute, part)) {
        let Some(value) = member(given, &part.name) else {
            continue;
        };
        match canonical(part, value, &format!("{}.{}", attribute.name, part.name))? {
            None => clear_part(attribute, part, existing)?,
            Some(new) => {
                refuse_if_fixed(attribute, part, existing, &new)?;
                existing.insert(part.name.to_string(), new);
            }
        }
    }
    // A reference says where `value` is found; it cannot outlive the value it came with.
    if existing.get("value") != value_before.as_ref() && member(given, "$ref").is_none() {
        existing.shift_remove("$ref");
    }
    Ok(())
}

pub(super) fn clear_part(
    attribute: &Attribute,
    part: &Attribute,
    existing: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    if part.required {
        let path = format!("{}.{}", attribute.name, part.name);
        return Err(ScimError::invalid_value(path, "it is required"));
    }
    refuse_if_fixed(attribute, part, existing, &Value::Null)?;
    existing.shift_remove(&*part.name);
    Ok(())
}

/// RFC 7643 §7: an immutable attribute "MAY be defined at resource creation […]. The attribute SHALL NOT be updated."
fn refuse_if_fixed(
    attribute: &Attribute,
    part: &Attribute,
    existing: &Map<String, Value>,
    new: &Value,
) -> Result<(), ScimError> {
    let fixed = part.mutability == Mutability::Immutable;
    match existing.get(&*part.name) {
        Some(old) if fixed && old != new => {
            let path = format!("{}.{}", attribute.name, part.name);
            Err(ScimError::mutability(path, "it was set for good when the value was added"))
        }
        _ => Ok(()),
    }
}
