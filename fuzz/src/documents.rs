//! Two documents to start from, and what makes any document a good one.

use super::{BASE_URL, Document, ResourceType, Text, Value, resource, schema};
use rollcall::scim::document::{Change, differences};
use serde_json::json;
use std::sync::LazyLock;

/// A user and a group.
pub fn samples() -> [(&'static ResourceType, &'static Document); 2] {
    static DOCUMENTS: LazyLock<[Document; 2]> =
        LazyLock::new(|| [read(schema::user(), &user()), read(schema::group(), &group())]);
    [(schema::user(), &DOCUMENTS[0]), (schema::group(), &DOCUMENTS[1])]
}

fn read(resource_type: &ResourceType, sent: &Value) -> Document {
    Document::read(resource_type, sent).expect("the samples are as they should be").document
}

fn user() -> Value {
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_URN],
        "externalId": "7b0f", "userName": "Ana@contoso.com", "active": true, "title": "Dev", "displayName": "Ana Ruiz",
        "name": {"givenName": "Ana", "familyName": "Ruiz"},
        "emails": [{"value": "ana@contoso.com", "type": "work", "primary": true}, {"value": "a@x.org", "type": "home"}],
        "phoneNumbers": [{"value": "5551234", "type": "work"}, {"type": "fax"}],
        "addresses": [{"type": "work", "country": "SE", "locality": "Lund"}],
        "roles": [{"value": "a"}, {"value": "b", "primary": true}],
        schema::ENTERPRISE_URN: {"department": "Sales", "manager": {"value": "26118915", "$ref": "../Users/26118915"}},
    })
}

fn group() -> Value {
    json!({
        "schemas": [schema::GROUP_URN], "displayName": "Sales", "externalId": "8aa1",
        "members": [{"value": "a", "type": "User", "display": "Ana"}, {"value": "b"}, {"value": "c", "type": "Group"}],
    })
}

/// Nothing in it that reading it again would change, whichever way it went out; and the journal can tell what changed.
pub fn canonical(resource_type: &'static ResourceType, after: &Document, before: &Document) {
    let mut again = after.clone().into_value();
    again["schemas"] = json!([resource_type.schema.id]);
    let again = Document::read(resource_type, &again).unwrap_or_else(|error| panic!("{error}: {after:?}"));
    assert_eq!(&again.document, after, "what is stored is canonical");
    let rendered = resource(resource_type, after).render(resource_type, BASE_URL);
    let again = Document::read(resource_type, &rendered).unwrap_or_else(|error| panic!("{error}: {rendered}"));
    assert_eq!(&again.document, after, "a client may send back what it read");
    assert_eq!(rendered["schemas"].as_array().map(Vec::len), Some(1 + extensions(resource_type, after)));
    let stored = Text::of(after, resource_type).expect("a document is JSON").0;
    assert_eq!(&serde_json::from_str::<Document>(&stored).expect(&stored), after, "nothing is lost in the store");
    told(before, after);
}

fn extensions(resource_type: &ResourceType, document: &Document) -> usize {
    resource_type.extensions.iter().filter(|extension| document.as_map().contains_key(&*extension.id)).count()
}

/// The way back is the way there, backwards; and nothing is said where nothing happened.
fn told(before: &Document, after: &Document) {
    let there = differences(before, after);
    let back = differences(after, before).into_iter();
    let mut back: Vec<_> =
        back.map(|Change { attribute, old, new }| Change { attribute, old: new, new: old }).collect();
    for change in &there {
        assert_ne!(change.old, change.new, "{}", change.attribute);
        let same = back.iter().position(|other| other == change);
        back.swap_remove(same.unwrap_or_else(|| panic!("{change:?} has no way back")));
    }
    assert!(back.is_empty(), "{back:?}");
    assert!(before != after || there.is_empty());
}
