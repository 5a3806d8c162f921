//! Random PATCH requests, over the schemas of users and groups.

use crate::scim::{
    Document, ResourceType, arbitrary,
    schema::{ENTERPRISE_URN, GROUP_URN, USER_URN},
};
use proptest::{
    bool,
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::select,
};
use serde_json::{Value, json};
use std::fmt;

const IN_CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User:";
const IN_ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

/// A resource and what is asked of it.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) resource_type: &'static ResourceType,
    pub(super) document: Document,
    pub(super) operations: Vec<Value>,
    pub(super) creates: bool,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operations, document) = (json!(self.operations), json!(self.document));
        write!(f, "{} {document}\n  {operations} creates {}", self.resource_type.name, self.creates)
    }
}

pub(super) fn case() -> BoxedStrategy<Case> {
    (arbitrary::document(), vec(operation(), 1..4), bool::weighted(0.9), any::<bool>())
        .prop_map(|((resource_type, document), mut operations, suited, creates)| {
            if suited {
                for operation in &mut operations {
                    suit(operation, resource_type);
                }
            }
            Case { resource_type, document, operations, creates }
        })
        .boxed()
}

/// Puts an attribute that the resource has in the place of one that it has not.
fn suit(operation: &mut Value, resource_type: &ResourceType) {
    let Some(path) = operation["path"].as_str() else { return };
    let (lists, others) =
        (["emails", "phoneNumbers", "addresses", "roles"], ["title", "nickName", "userName", "active", "name"]);
    let suited = match &*resource_type.name {
        "User" => path.replacen("members", "emails", 1),
        _ if others.iter().any(|other| path.starts_with(other)) => "externalId".to_owned(),
        _ => lists.iter().fold(path.to_owned(), |path, list| path.replacen(list, "members", 1)),
    };
    operation["path"] = json!(suited);
}

fn operation() -> BoxedStrategy<Value> {
    let op = select(&["add", "replace", "remove"][..]);
    let at_path = (op.clone(), path(), option::weighted(0.9, value())).prop_map(|(op, path, value)| match value {
        Some(value) if op != "remove" => json!({"op": op, "path": path, "value": value}),
        _ => json!({"op": op, "path": path}),
    });
    let fitting = (op.clone(), fitting()).prop_map(|(op, (path, value))| match op {
        "remove" => json!({"op": op, "path": path}),
        _ => json!({"op": op, "path": path, "value": value}),
    });
    let listed = (select(&["members", "emails", "roles"][..]), value())
        .prop_map(|(path, value)| json!({"op": "remove", "path": path, "value": value}));
    let listed_schemas =
        (op.clone(), option::weighted(0.8, schemas()), any::<bool>()).prop_map(|(op, value, at_path)| {
            match (value, at_path) {
                (Some(value), true) => json!({"op": op, "path": "schemas", "value": value}),
                (Some(value), false) => json!({"op": op, "value": {"title": "x", "schemas": value}}),
                (None, _) => json!({"op": op, "path": format!("schemas[value ew {}]", json!(&ENTERPRISE_URN[30..]))}),
            }
        });
    let pathless = (op, object()).prop_map(|(op, value)| json!({"op": op, "value": value}));
    prop_oneof![2 => at_path, 12 => fitting, 1 => listed, 1 => listed_schemas, 2 => pathless].boxed()
}

/// A list of schemas, known and unknown.
fn schemas() -> BoxedStrategy<Value> {
    let urn = prop_oneof![
        3 => select(&[ENTERPRISE_URN, USER_URN, GROUP_URN, "urn:x", ""][..]).prop_map(Value::from),
        1 => Just(json!({"value": ENTERPRISE_URN.to_uppercase()})),
    ];
    prop_oneof![4 => vec(urn.clone(), 0..3).prop_map(Value::from), 1 => urn].boxed()
}

/// A path with a value of the kind it wants.
fn fitting() -> BoxedStrategy<(String, Value)> {
    let text =
        || prop_oneof![9 => arbitrary::text().prop_map(Value::from), 1 => Just(Value::Null), 1 => Just(json!(""))];
    let texts = select(
        &["title", "nickName", "userName", "displayName", "externalId", "name.givenName", "name.familyName"][..],
    );
    let departments = select(&["department", "manager.value", "manager.$ref", "manager"][..])
        .prop_map(|name| format!("{ENTERPRISE_URN}:{name}"));
    let elements =
        prop_oneof![element().prop_map(|one| json!([one])), vec(element(), 0..3).prop_map(|some| json!(some))];
    let lists = select(&["emails", "phoneNumbers", "addresses", "roles", "members"][..]);
    prop_oneof![
        (texts.prop_map(str::to_owned), text()),
        (departments, text()),
        (Just("name".to_owned()), element()),
        (Just("active".to_owned()), any::<bool>().prop_map(Value::from)),
        (lists.clone().prop_map(str::to_owned), elements),
        ((lists.clone(), condition()).prop_map(|(list, condition)| format!("{list}[{condition}]")), element()),
        (
            (lists.clone(), condition(), part())
                .prop_map(|(list, condition, part)| format!("{list}[{condition}].{part}")),
            text(),
        ),
        (
            (lists, condition()).prop_map(|(list, condition)| format!("{list}[{condition}].primary")),
            any::<bool>().prop_map(Value::from),
        ),
    ]
    .prop_flat_map(|(path, value)| (cased(path), Just(value)))
    .boxed()
}

/// Paths of every form, with and without sense.
fn path() -> BoxedStrategy<String> {
    let names = select(
        &[
            "userName",
            "displayName",
            "title",
            "active",
            "externalId",
            "password",
            "id",
            "groups",
            "meta.created",
            "schemas",
            "shoeSize",
            "name",
            "name.givenName",
            "name.shoeSize",
            "title.value",
            "emails",
            "emails.value",
            "emails.primary",
            "emails.type",
            "phoneNumbers",
            "phoneNumbers.value",
            "addresses",
            "addresses.country",
            "roles",
            "roles.primary",
            "members",
            "members.value",
            "members.display",
            "members.type",
            "members.$ref",
            "department",
            "manager",
            "manager.value",
            "manager.$ref",
            "manager.displayName",
            "x509Certificates.value",
        ][..],
    );
    let lists =
        select(&["emails", "phoneNumbers", "addresses", "roles", "members", "groups", "name", "manager", "title"][..]);
    let filtered = (lists, condition(), option::of(part())).prop_map(|(list, condition, part)| {
        format!("{list}[{condition}]") + &part.map_or(String::new(), |part| format!(".{part}"))
    });
    let urn = select(&["", "", "", "urn:x:", IN_CORE, IN_ENTERPRISE][..]);
    let qualified = (urn, prop_oneof![2 => names.prop_map(str::to_owned), 1 => filtered])
        .prop_map(|(urn, name)| format!("{urn}{name}"));
    prop_oneof![
        20 => qualified,
        1 => Just(ENTERPRISE_URN.to_owned()),
        1 => Just(USER_URN.to_owned()),
    ]
    .prop_flat_map(cased)
    .boxed()
}

/// In upper or lower case, except within quotation marks.
fn cased(path: String) -> BoxedStrategy<String> {
    let other = |path: &str, change: fn(&str) -> String| {
        let turn = |(index, text): (usize, &str)| if index % 2 == 0 { change(text) } else { text.to_owned() };
        path.split('"').enumerate().map(turn).collect::<Vec<_>>().join("\"")
    };
    let (upper, lower) = (other(&path, str::to_ascii_uppercase), other(&path, str::to_ascii_lowercase));
    prop_oneof![8 => Just(path), 1 => Just(upper), 1 => Just(lower)].boxed()
}

fn part() -> BoxedStrategy<&'static str> {
    select(&["value", "value", "type", "primary", "display", "country", "$ref", "shoeSize"][..]).boxed()
}

fn condition() -> BoxedStrategy<String> {
    let test = prop_oneof![
        4 => arbitrary::text().prop_map(|text| format!("eq {}", json!(text))),
        1 => (select(&["ne", "co", "sw", "ew", "gt", "le"][..]), arbitrary::text()).prop_map(|(operator, text)| format!("{operator} {}", json!(text))),
        1 => Just("pr".to_owned()),
        1 => select(&["eq true", "ne true", "eq null", "ne null", "eq 5", "eq \"True\"", "gt null"][..]).prop_map(str::to_owned),
    ];
    let term = prop_oneof![
        6 => (part(), test).prop_map(|(part, test)| format!("{part} {test}")),
        12 => select(&["type eq \"work\"", "value pr", "type eq \"work\"", "value eq \"a\"", "primary eq true", "primary eq false", "type eq \"home\"", "$ref eq \"/Users/a\"", "$ref ew \"b\""][..]).prop_map(str::to_owned),
    ];
    term.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} and {other}")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} or {other})")),
            inner.prop_map(|one| format!("not ({one})")),
        ]
    })
    .boxed()
}

fn object() -> BoxedStrategy<Value> {
    let entry = prop_oneof![
        1 => (path(), value()),
        6 => fitting(),
        1 => vec(prop_oneof![4 => fitting(), 1 => (path(), value())], 0..3)
            .prop_map(|inner| (ENTERPRISE_URN.to_owned(), Value::Object(inner.into_iter().map(|(key, value)| (key.replace(IN_ENTERPRISE, ""), value)).collect()))),
    ];
    vec(entry, 0..4)
        .prop_map(|entries| {
            let mut object = serde_json::Map::new();
            for (key, value) in entries {
                if !object.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
                    object.insert(key, value);
                }
            }
            Value::Object(object)
        })
        .boxed()
}

fn element() -> BoxedStrategy<Value> {
    let text = || {
        option::of(
            prop_oneof![6 => arbitrary::text().prop_map(Value::from), 1 => Just(Value::Null), 1 => Just(json!(""))],
        )
    };
    let primary = option::of(select(vec![json!(true), json!(true), json!(false), Value::Null]));
    (text(), text(), text(), text(), primary)
        .prop_map(|(value, kind, display, other, primary)| {
            let parts = [
                ("value", value),
                ("type", kind),
                ("display", display),
                ("primary", primary),
                ("country", other.clone()),
                ("givenName", other.clone()),
                ("$ref", other),
            ];
            parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
        .boxed()
}

/// Values of every kind, in and out of place.
fn value() -> BoxedStrategy<Value> {
    let odd = select(
        &[
            "null",
            "true",
            "\"False\"",
            "\"\"",
            "5",
            "-1.5",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "[\"a\",\"b\"]",
            "[{}]",
            "{\"VALUE\":\"a\",\"TYPE\":\"work\"}",
            "{\"value\":5}",
        ][..],
    )
    .prop_map(|text| serde_json::from_str(text).unwrap_or_default());
    prop_oneof![
        3 => arbitrary::text().prop_map(Value::from),
        2 => element(),
        2 => vec(element(), 0..3).prop_map(Value::from),
        3 => odd,
    ]
    .boxed()
}

/// The same operation as clients send it that deviate from the RFC.
pub(super) fn in_dialect(operation: &Value) -> Value {
    let mut in_dialect = operation.clone();
    let op = operation["op"].as_str().unwrap_or_default();
    in_dialect["op"] = json!(op[..1].to_uppercase() + &op[1..]);
    let path = operation["path"].as_str();
    let value = match (path, &operation["value"]) {
        (Some(path), Value::Bool(truth)) if path.eq_ignore_ascii_case("active") => {
            json!(if *truth { "True" } else { "False" })
        }
        (Some(path), Value::Array(list)) if list.len() == 1 && list[0].is_object() && is_list(path) => list[0].clone(),
        _ => return in_dialect,
    };
    in_dialect["value"] = value;
    in_dialect
}

fn is_list(path: &str) -> bool {
    ["emails", "phoneNumbers", "addresses", "roles", "members"].iter().any(|list| path.eq_ignore_ascii_case(list))
}
