//! Which members of a group a PATCH is about. A group may have a hundred thousand; to add one, only that one has to be
//! read.

use super::{Op, Operation, PatchRequest};
use crate::scim::{
    AttributePath, Filter, ResourceType, compare,
    document::value::member,
    filter::{Literal, Operator},
    schema::{Attribute, Resolved},
};
use serde_json::Value;

/// The ids of all members that the (normalized) request could change or look at; none if these can be any.
///
/// On a document that holds only these members, [`apply`](super::apply) does what it would do on the whole.
#[must_use]
pub fn members_named(request: &PatchRequest, resource_type: &ResourceType) -> Option<Vec<String>> {
    let mut named = Vec::new();
    for operation in &request.operations {
        named.extend(named_by(operation, resource_type)?);
    }
    named.sort_unstable();
    named.dedup();
    Some(named)
}

fn named_by(operation: &Operation, resource_type: &ResourceType) -> Option<Vec<String>> {
    let Some(path) = &operation.path else {
        return named_by_object(operation.op, operation.value.as_ref(), resource_type);
    };
    // A path that leads nowhere is refused before it changes anything.
    let Some(Resolved { attribute, sub_attribute, .. }) = resource_type.resolve(&path.attribute) else {
        return Some(Vec::new());
    };
    if !attribute.lists_resources() {
        return Some(Vec::new());
    }
    match (operation.op, &path.filter, &operation.value) {
        _ if sub_attribute.is_some() || path.sub_attribute.is_some() => None,
        (Op::Add, None, Some(value)) => listed(value),
        (Op::Remove, Some(filter), None) => selected(attribute, filter),
        _ => None,
    }
}

/// Without a path. An extension has no members.
fn named_by_object(op: Op, value: Option<&Value>, resource_type: &ResourceType) -> Option<Vec<String>> {
    let mut named = Vec::new();
    for (key, value) in value.and_then(Value::as_object).into_iter().flatten() {
        match resource_type.core_attribute(key) {
            Some(attribute) if attribute.lists_resources() && op == Op::Add => named.extend(listed(value)?),
            Some(attribute) if attribute.lists_resources() => return None,
            _ => {}
        }
    }
    Some(named)
}

/// The ids in `[{"value": "…"}, …]`.
fn listed(value: &Value) -> Option<Vec<String>> {
    let id = |element: &Value| match element {
        Value::String(id) => Some(id.clone()),
        Value::Object(parts) => member(parts, "value")?.as_str().map(str::to_owned),
        _ => None,
    };
    value.as_array()?.iter().map(id).collect()
}

/// The ids in `value eq "…" or value eq "…" …`.
fn selected(attribute: &Attribute, filter: &Filter) -> Option<Vec<String>> {
    let part = attribute.sub_attribute("value")?;
    let terms = match filter {
        Filter::Or(terms) => terms.as_slice(),
        single => std::slice::from_ref(single),
    };
    let id = |term: &Filter| match term {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::String(id) }
            if path.urn.is_none() && path.sub_attribute.is_none() && is_value(path) =>
        {
            Some(compare::key(part, id))
        }
        _ => None,
    };
    terms.iter().map(id).collect()
}

fn is_value(path: &AttributePath) -> bool {
    path.attribute.eq_ignore_ascii_case("value")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{
        patch::{self, PATCH_OP_URN, lenient},
        schema,
    };
    use serde_json::json;

    #[track_caller]
    fn check(operations: &Value, named: Option<&[&str]>) {
        let request = json!({"schemas": [PATCH_OP_URN], "Operations": operations});
        let request = lenient::normalize(PatchRequest::read(&request).unwrap(), schema::group());
        let found = members_named(&request, schema::group());
        assert_eq!(
            found.as_deref(),
            named.map(|named| named.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref()
        );
    }

    #[test]
    fn what_names_its_members_is_about_those() {
        check(
            &json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "b"}, {"value": "a"}]}]),
            Some(&["a", "b"]),
        );
        check(&json!([{"op": "Add", "path": "MEMBERS", "value": {"Value": "a"}}]), Some(&["a"]));
        check(&json!([{"op": "add", "value": {"displayName": "x", "members": [{"value": "a"}]}}]), Some(&["a"]));
        check(&json!([{"op": "add", "value": {schema::GROUP_URN: {"members": [{"value": "a"}]}}}]), Some(&["a"]));
        check(&json!([{"op": "remove", "path": "members[value eq \"a\"]"}]), Some(&["a"]));
        check(
            &json!([{"op": "Remove", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}]),
            Some(&["a", "b"]),
        );
        check(
            &json!([
                {"op": "add", "path": "members", "value": [{"value": "a"}]},
                {"op": "remove", "path": "members[value eq \"b\" or value eq \"a\"]"},
                {"op": "replace", "path": "displayName", "value": "x"},
            ]),
            Some(&["a", "b"]),
        );
        check(&json!([{"op": "replace", "path": "displayName", "value": "x"}]), Some(&[]));
        check(&json!([{"op": "replace", "value": {"externalId": "x"}}]), Some(&[]));
    }

    #[test]
    fn what_does_not_is_about_any() {
        for operation in [
            json!({"op": "replace", "path": "members", "value": [{"value": "a"}]}),
            json!({"op": "replace", "value": {"members": []}}),
            json!({"op": "remove", "path": "members"}),
            json!({"op": "remove", "path": "members[display eq \"x\"]"}),
            json!({"op": "remove", "path": "members[value eq \"a\"].display"}),
            json!({"op": "replace", "path": "members[value eq \"a\"].display", "value": "x"}),
            json!({"op": "add", "path": "members", "value": [{"display": "x"}]}),
        ] {
            check(&json!([operation]), None);
        }
    }

    /// What happens to the window happens to the whole, and nothing else does.
    #[test]
    fn the_window_shows_all_that_happens() {
        let member = |id: &&str| json!({"value": id, "display": format!("the {id}")});
        let operations = [
            json!({"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}),
            json!({"op": "add", "path": "members", "value": {"value": "c", "display": "other"}}),
            json!({"op": "remove", "path": "members[value eq \"a\" or value eq \"d\"]"}),
            json!({"op": "remove", "path": "members", "value": [{"value": "b"}, {"value": "e"}]}),
            json!({"op": "add", "value": {"members": [{"value": "d"}], "displayName": "new"}}),
            json!({"op": "replace", "path": "externalId", "value": "x"}),
        ];
        for first in &operations {
            for second in &operations {
                let request = json!({"schemas": [PATCH_OP_URN], "Operations": [first, second]});
                let request = lenient::normalize(PatchRequest::read(&request).unwrap(), schema::group());
                let named = members_named(&request, schema::group()).unwrap();
                for chosen in 0..32_u8 {
                    let ids = ["a", "b", "c", "d", "f"].into_iter().enumerate();
                    let ids: Vec<_> = ids.filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, id)| id).collect();
                    let (seen, unseen): (Vec<_>, Vec<_>) =
                        ids.iter().partition(|id| named.iter().any(|name| name == **id));
                    let apply = |ids: &[&str]| -> (Value, Vec<Value>) {
                        let mut before =
                            json!({"displayName": "Sales", "members": ids.iter().map(member).collect::<Vec<_>>()});
                        if ids.is_empty() {
                            before.as_object_mut().unwrap().remove("members");
                        }
                        let before = serde_json::from_value(before).unwrap();
                        let after = patch::apply(schema::group(), "g", &before, &request, patch::Options::default());
                        let mut after = after.unwrap().document.into_value();
                        let members = after.as_object_mut().unwrap().remove("members").unwrap_or(json!([]));
                        let mut members: Vec<Value> = members.as_array().unwrap().clone();
                        members.sort_by_key(|member| member["value"].as_str().unwrap().to_owned());
                        (after, members)
                    };
                    let (whole, members) = apply(&ids);
                    let (part, mut window) = apply(&seen);
                    window.extend(unseen.iter().map(member));
                    window.sort_by_key(|member| member["value"].as_str().unwrap().to_owned());
                    assert_eq!((whole, members), (part, window), "{first} {second} {ids:?}");
                }
            }
        }
    }
}
