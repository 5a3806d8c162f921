//! Properties of PATCH, on random requests and resources, and a comparison with the reference implementation.

use super::{
    super::{Options, PatchRequest, apply, lenient},
    random::{Case, case},
    reference::ReferencePatch,
    *,
};
use crate::scim::arbitrary::{PropertyResult, check};
use proptest::{prelude::Strategy, prop_assert, prop_assert_eq};
use std::cell::Cell;

const ID: &str = "2819c223";

/// What a request makes of the case's document; the words of the request are those of the case.
fn outcome(case: &Case) -> Result<Incoming, ScimError> {
    apply(case.resource_type, ID, &case.document, &request(case)?, options(case))
}

fn request(case: &Case) -> Result<PatchRequest, ScimError> {
    let sent = json!({"schemas": [PATCH_OP_URN], "Operations": case.operations});
    PatchRequest::read(&sent).map(|request| lenient::normalize(request, case.resource_type))
}

fn options(case: &Case) -> Options<'static> {
    Options { replace_without_match_creates: case.creates, base_url: "" }
}

#[test]
fn the_reference_implementation_agrees() {
    let (done, refused) = (Cell::new(0), Cell::new(0));
    check(2_500, case(), |case| {
        let Ok(request) = request(&case) else { return Ok(()) };
        let plain = ReferencePatch {
            resource_type: case.resource_type,
            id: ID,
            replace_without_match_creates: case.creates,
            document: case.document.as_map().clone(),
            password: None,
        };
        let count = |count: &Cell<u32>| count.set(count.get() + 1);
        match (outcome(&case), plain.patched(&request.operations)) {
            (Ok(real), Ok(plain)) => {
                count(&done);
                prop_assert_eq!(real.document.as_map(), &plain.document);
                prop_assert_eq!(real.password, plain.password);
            }
            (Err(real), Err(plain)) => {
                count(&refused);
                prop_assert!(real.scim_type.is_some_and(|real| plain.contains(&real)), "{real:?}, plainly {plain:?}");
            }
            (real, plain) => prop_assert!(false, "really {real:?}, plainly {:?}", plain.map(|plain| plain.document)),
        }
        Ok(())
    });
    assert!(done.get() > 700 && refused.get() > 400, "{done:?} done, {refused:?} refused");
}

/// Whatever is sent, what is stored is canonical: reading it again changes nothing.
#[test]
fn any_patch_leaves_a_canonical_document_or_is_refused() {
    check(600, case(), |case| {
        match outcome(&case) {
            Ok(outcome) => {
                let mut again = outcome.document.clone().into_value();
                again["schemas"] = json!(["x"]);
                let again = Document::read(case.resource_type, &again).map(|incoming| incoming.document);
                prop_assert_eq!(again, Ok(outcome.document));
            }
            Err(error) => prop_assert!(error.status == 400 && error.scim_type.is_some() && !error.detail.is_empty()),
        }
        Ok(())
    });
}

/// §3.5.2: what no operation names is as it was; and a request that is refused leaves no trace at all, for the function
/// only reads the document it is given.
#[test]
fn what_is_not_named_is_not_touched() {
    check(1_000, case(), |case| {
        let Ok(outcome) = outcome(&case) else { return Ok(()) };
        let named = named(&case);
        let untouched = |(path, _): &(String, Value)| {
            !named
                .iter()
                .any(|named| path.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        let before: Vec<_> = attributes(&case.document).into_iter().filter(untouched).collect();
        let after: Vec<_> = attributes(&outcome.document).into_iter().filter(untouched).collect();
        prop_assert_eq!(after, before);
        Ok(())
    });
}

/// The attributes a request names: paths, keys and keys within extensions; `name.givenName` names that part only.
fn named(case: &Case) -> Vec<String> {
    let mut named = Vec::new();
    for operation in &case.operations {
        match (operation["path"].as_str(), operation["value"].as_object()) {
            (Some(path), _) => name(case.resource_type, path, &operation["value"], &mut named),
            (None, Some(given)) => {
                given.iter().for_each(|(key, value)| name(case.resource_type, key, value, &mut named));
            }
            (None, None) => {}
        }
    }
    named
}

fn name(resource_type: &ResourceType, path: &str, value: &Value, named: &mut Vec<String>) {
    if let Some(extension) = resource_type.extension(path) {
        match value {
            Value::Object(given) => {
                for (key, value) in given {
                    name(resource_type, &format!("{}:{key}", extension.id), value, named);
                }
            }
            _ => named
                .extend(extension.attributes.iter().map(|attribute| format!("{}:{}", extension.id, attribute.name))),
        }
        return;
    }
    let Ok(path) = path.parse::<PatchPath>() else { return };
    let Some(resolved) = resource_type.resolve(&path.attribute) else { return };
    if resolved.attribute.name == "schemas" {
        // What an extension holds goes with its URN.
        for extension in &*resource_type.extensions {
            name(resource_type, &extension.id, &Value::Null, named);
        }
    }
    let attribute = resolved.extension.map_or(String::new(), |urn| format!("{urn}:")) + &resolved.attribute.name;
    let parts = &resolved.attribute.sub_attributes;
    match resolved.sub_attribute {
        Some(part) if !resolved.attribute.multi_valued => named.push(format!("{attribute}.{}", part.name)),
        _ if !resolved.attribute.multi_valued && !parts.is_empty() => {
            let given = |part: &str| {
                value.as_object().is_none_or(|given| given.keys().any(|key| key.eq_ignore_ascii_case(part)))
            };
            named
                .extend(parts.iter().filter(|part| given(&part.name)).map(|part| format!("{attribute}.{}", part.name)));
        }
        _ => named.push(attribute.clone()),
    }
    // A reference follows its value.
    if named.last().is_some_and(|last| last.ends_with(":manager.value")) {
        named.push(format!("{attribute}.$ref"));
    }
}

/// Every attribute with its value; of a complex one, its parts.
fn attributes(document: &Document) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut note = |path: String, value: &Value| match value {
        Value::Object(parts) => {
            found.extend(parts.iter().map(|(part, value)| (format!("{path}.{part}"), value.clone())));
        }
        _ => found.push((path, value.clone())),
    };
    for (name, value) in document.as_map() {
        match value {
            Value::Object(attributes) if name.contains(':') => {
                attributes.iter().for_each(|(attribute, value)| note(format!("{name}:{attribute}"), value));
            }
            _ => note(name.clone(), value),
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

/// A replace sets a value, so doing it twice has the effect of doing it once. Filters are left out: a value that is replaced
/// may not match any more.
#[test]
fn replacing_twice_is_replacing_once() {
    let replaces = case().prop_map(|mut case| {
        case.operations.retain(|operation| !operation.to_string().contains('['));
        case.operations.iter_mut().for_each(|operation| operation["op"] = json!("replace"));
        case
    });
    check(800, replaces, |case| {
        if let Ok(once) = outcome(&case) {
            let again = Case { document: once.document.clone(), ..case };
            prop_assert_eq!(outcome(&again).map(|twice| twice.document), Ok(once.document));
        }
        Ok(())
    });
}

/// A request in a client's dialect has the effect of the same request as the RFC has it.
#[test]
fn a_request_in_a_dialect_has_the_effect_of_the_plain_one() {
    let (changed, done) = (Cell::new(0), Cell::new(0));
    check(1_000, case(), |case| {
        let in_dialect =
            Case { operations: case.operations.iter().map(super::random::in_dialect).collect(), ..case.clone() };
        changed.set(changed.get() + u32::from(in_dialect.operations != case.operations));
        let (plain, in_dialect) = (outcome(&case), outcome(&in_dialect));
        done.set(done.get() + u32::from(plain.is_ok()));
        same_outcome(plain, in_dialect)
    });
    assert!(changed.get() > 250 && done.get() > 250, "{changed:?} in a dialect, {done:?} done");
}

fn same_outcome(plain: Result<Incoming, ScimError>, in_dialect: Result<Incoming, ScimError>) -> PropertyResult {
    match (plain, in_dialect) {
        (Ok(plain), Ok(in_dialect)) => prop_assert_eq!(plain, in_dialect),
        (Err(plain), Err(in_dialect)) => prop_assert_eq!(plain.scim_type, in_dialect.scim_type),
        (plain, in_dialect) => prop_assert!(false, "plainly {plain:?}, in a dialect {in_dialect:?}"),
    }
    Ok(())
}
