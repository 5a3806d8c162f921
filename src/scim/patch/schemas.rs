//! Operations on `schemas`. A resource lists the schemas that it has values of, so removing the URN of an extension removes
//! those values, and a URN that was added is listed as soon as the extension has a value.
//!
//! RFC 7644 §3.5.2: "If one of the PATCH operations modifies the 'schemas' attribute, subsequent operations SHALL assume the
//! modified state of the 'schemas' attribute." Our decision: URNs of unknown schemas are ignored, as in a POST.

use super::{Op, PatchPath};
use crate::scim::{
    ResourceType, ScimError,
    document::value::canonical,
    filter::{Scope, eval},
    schema::Attribute,
};
use serde_json::{Map, Value};

/// The attribute, if a path names it.
pub(super) fn at<'a>(resource_type: &'a ResourceType, path: &PatchPath) -> Option<&'a Attribute> {
    let resolved = resource_type.resolve(&path.attribute)?;
    let is_schemas = resolved.extension.is_none() && resolved.attribute.name == "schemas";
    (is_schemas && path.sub_attribute.is_none()).then_some(resolved.attribute)
}

pub(super) fn write(
    values: &mut Map<String, Value>,
    resource_type: &ResourceType,
    schemas: &Attribute,
    op: Op,
    value: &Value,
) -> Result<(), ScimError> {
    let sent = canonical(schemas, value, "schemas")?;
    let listed: Vec<&str> =
        sent.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if op == Op::Replace && listed.is_empty() {
        return Err(ScimError::invalid_value("schemas", "it is required"));
    }
    let lists = |urn: &str| listed.iter().any(|listed| listed.eq_ignore_ascii_case(urn));
    let names_a_known_one =
        lists(&resource_type.schema.id) || resource_type.extensions.iter().any(|extension| lists(&extension.id));
    for extension in &*resource_type.extensions {
        if lists(&extension.id) {
            values.entry(&*extension.id).or_insert_with(|| Value::Object(Map::new()));
        } else if op == Op::Replace && names_a_known_one {
            values.shift_remove(&*extension.id);
        }
    }
    Ok(())
}

pub(super) fn remove(
    values: &mut Map<String, Value>,
    resource_type: &ResourceType,
    schemas: &Attribute,
    path: &PatchPath,
) -> Result<(), ScimError> {
    let Some(filter) = &path.filter else {
        return Err(ScimError::mutability(path, "it is required"));
    };
    filter.check_in(Scope::Value(schemas))?;
    let selects = |urn: &str| eval::matches_value(filter, schemas, &Value::from(urn));
    if selects(&resource_type.schema.id) {
        return Err(ScimError::mutability(path, "the core schema is required"));
    }
    for extension in resource_type.extensions.iter().filter(|extension| selects(&extension.id)) {
        values.shift_remove(&*extension.id);
    }
    Ok(())
}
