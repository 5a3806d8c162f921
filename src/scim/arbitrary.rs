//! Random input for property tests: texts, resources and documents. The seed is fixed, so each run has the same cases, and a
//! failing case is shrunk.

use super::{Document, ResourceType, schema};
use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};

/// The outcome of a property for one case.
pub(in crate::scim) type PropertyResult = Result<(), TestCaseError>;

/// Checks a property on that many cases.
#[track_caller]
pub(in crate::scim) fn check<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value) -> PropertyResult) {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(0x5ca1_ab1e),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, property) {
        panic!("{failure}");
    }
}

/// Texts from a small set, so that equal ones are common, in different letter cases.
pub(in crate::scim) fn text() -> BoxedStrategy<String> {
    select(&["a", "A", "b", "work", "Work", "home", "x y", "é", "É", "ß", "\"]", "true", "5"][..])
        .prop_map(str::to_owned)
        .boxed()
}

/// A user or a group, with its schema.
pub(in crate::scim) fn document() -> BoxedStrategy<(&'static ResourceType, Document)> {
    prop_oneof![
        3 => user().prop_map(|sent| read(schema::user(), &sent)),
        1 => group().prop_map(|sent| read(schema::group(), &sent)),
    ]
    .boxed()
}

fn read(resource_type: &'static ResourceType, sent: &Value) -> (&'static ResourceType, Document) {
    let read = Document::read(resource_type, sent).expect("what is made here can be read");
    (resource_type, read.document)
}

/// A user as a client could send it.
pub(in crate::scim) fn user() -> BoxedStrategy<Value> {
    let texts = some_of(&["displayName", "nickName", "title", "externalId", "profileUrl", "locale"]);
    let name = some_of(&["givenName", "familyName", "formatted"]);
    let enterprise = some_of(&["department", "costCenter", "employeeNumber"]);
    let manager = some_of(&["value", "$ref"]);
    let lists = (
        elements(&["value", "type", "display"]),
        elements(&["value", "type"]),
        elements(&["type", "country", "locality"]),
        elements(&["value"]),
    );
    (texts, name, enterprise, manager, option::of(any::<bool>()), lists).prop_map(
        |(mut user, name, mut enterprise, manager, active, (emails, phone_numbers, addresses, roles))| {
            enterprise.insert("manager".to_owned(), json!(manager));
            let rest = json!({
                "schemas": [schema::USER_URN], "userName": "Ana", "active": active, "name": name, "emails": emails,
                "phoneNumbers": phone_numbers, "addresses": addresses, "roles": roles, schema::ENTERPRISE_URN: enterprise,
            });
            user.extend(rest.as_object().cloned().unwrap_or_default());
            Value::Object(user)
        },
    )
    .boxed()
}

/// A group as a client could send it.
pub(in crate::scim) fn group() -> BoxedStrategy<Value> {
    let kind = option::of(select(&["User", "group", "work"][..]));
    let member = (select(&["a", "A", "b", "c"][..]), some_of(&["display"]), kind).prop_map(|(id, mut member, kind)| {
        member.insert("value".to_owned(), json!(id));
        if let Some(kind) = kind {
            member.insert("type".to_owned(), json!(kind));
        }
        member
    });
    (vec(member, 0..4), some_of(&["externalId"]))
        .prop_map(|(members, mut group)| {
            group.extend([
                ("schemas".to_owned(), json!([schema::GROUP_URN])),
                ("displayName".to_owned(), json!("Sales")),
                ("members".to_owned(), json!(members)),
            ]);
            Value::Object(group)
        })
        .boxed()
}

/// Some of these names, each with a text.
fn some_of(names: &'static [&'static str]) -> BoxedStrategy<Map<String, Value>> {
    (subsequence(names, 0..=names.len()), vec(text(), names.len()))
        .prop_map(|(names, texts)| {
            names.into_iter().map(str::to_owned).zip(texts.into_iter().map(Value::from)).collect()
        })
        .boxed()
}

/// Values of a multi-valued attribute, one of them primary at most.
fn elements(parts: &'static [&'static str]) -> BoxedStrategy<Vec<Map<String, Value>>> {
    let primary = prop_oneof![Just(None), Just(Some(false)), Just(Some(true))];
    vec((some_of(parts), primary), 0..4)
        .prop_map(|elements| {
            let mut has_primary = false;
            let mut listed = Vec::new();
            for (mut element, primary) in elements {
                if let Some(primary) = primary {
                    element.insert("primary".to_owned(), json!(primary && !has_primary));
                    has_primary |= primary;
                }
                listed.push(element);
            }
            listed
        })
        .boxed()
}
