//! Properties of documents, on random input.

use super::*;
use crate::scim::arbitrary::{check, document, group, user};
use proptest::{prelude::Strategy, prop_assert, prop_assert_eq};
use std::collections::HashMap;

/// A client may send back what it read (checklist 53).
#[test]
fn what_is_read_and_shown_and_read_again_is_the_same() {
    check(300, document(), |(resource_type, document)| {
        let shown = rendered(resource_type, document.clone());
        prop_assert_eq!(&Document::read(resource_type, &shown).map(|incoming| incoming.document), &Ok(document));
        Ok(())
    });
}

/// What the store keeps as text is shown without being taken apart.
#[test]
fn text_is_shown_as_its_document_is() {
    check(300, document(), |(resource_type, document)| {
        let resource = resource(resource_type, document);
        let text = resource.clone().into_text(resource_type).unwrap();
        let mut shown = Vec::new();
        text.write(resource_type, "https://x/v2/scim", &mut shown).unwrap();
        prop_assert_eq!(
            String::from_utf8(shown).unwrap(),
            resource.render(resource_type, "https://x/v2/scim").to_string()
        );
        Ok(())
    });
}

/// What was added to and taken from each attribute, counted: what the journal says of a change is what happened.
#[test]
fn differences_list_what_was_added_and_what_was_removed() {
    let pair = |one: fn(Value) -> Document, other: proptest::strategy::BoxedStrategy<Value>| {
        (other.clone(), other).prop_map(move |(before, after)| (one(before), one(after)))
    };
    let users = pair(|sent| read(schema::user(), sent).document, user().boxed());
    let groups = pair(|sent| read(schema::group(), sent).document, group().boxed());
    check(500, users, |(before, after)| changes_are_complete(&before, &after));
    check(200, groups, |(before, after)| changes_are_complete(&before, &after));
}

fn changes_are_complete(before: &Document, after: &Document) -> Result<(), proptest::test_runner::TestCaseError> {
    let mut expected = HashMap::new();
    count(&mut expected, "", &Value::Object(after.as_map().clone()), 1);
    count(&mut expected, "", &Value::Object(before.as_map().clone()), -1);
    let mut reported = HashMap::new();
    for Change { attribute, old, new } in differences(before, after) {
        prop_assert!(old != new, "{attribute}");
        let (list, part) = attribute.split_once('[').unwrap_or((&attribute, ""));
        let path = format!("{list}{}", part.rsplit_once(']').map_or("", |(_, part)| part));
        for (text, sign) in [(old, -1), (new, 1)] {
            if let Some(text) = text {
                *reported.entry((path.clone(), text)).or_default() += sign;
            }
        }
    }
    for counts in [&mut expected, &mut reported] {
        // The type is part of the path; of members only the id is reported.
        counts.retain(|(path, _): &(String, String), count: &mut i32| {
            *count != 0 && path.rsplit_once('.').is_none_or(|(_, part)| part != "type")
        });
    }
    prop_assert_eq!(reported, expected);
    Ok(())
}

fn count(counts: &mut HashMap<(String, String), i32>, path: &str, value: &Value, sign: i32) {
    match value {
        Value::Array(elements) if path == "members" => {
            for element in elements {
                count(counts, path, &element["value"], sign);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| count(counts, path, element, sign)),
        Value::Object(parts) => {
            for (name, value) in parts {
                let path = match (path, name.contains(':')) {
                    (_, true) => String::new(),
                    ("", false) => name.clone(),
                    _ => format!("{path}.{name}"),
                };
                count(counts, &path, value, sign);
            }
        }
        Value::String(text) => *counts.entry((path.to_owned(), text.clone())).or_default() += sign,
        _ => *counts.entry((path.to_owned(), value.to_string())).or_default() += sign,
    }
}
