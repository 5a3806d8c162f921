//! The description holds together: what it refers to is there, and it follows the tables.

use super::description;
use crate::scim::{
    error::{ScimError, ScimType},
    list::PARAMETERS,
    schema::{Mutability, Returned, Types},
};
use serde_json::{Value, json};

const BASE: &str = "https://x/v2/scim";

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let whole = description(&Types::built_in(), BASE);
    let mut found = Vec::new();
    references(&whole, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(whole.pointer(pointer).is_some_and(Value::is_object), "{reference}");
    }
    for (kind, components) in whole["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
            assert!(found.contains(&&*format!("#/components/{kind}/{name}")), "{kind}/{name}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_links_lead_to_them() {
    let whole = description(&Types::built_in(), BASE);
    let mut names = Vec::new();
    let mut links = Vec::new();
    for path in whole["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            names.push(operation["operationId"].as_str().unwrap());
            let made = operation.pointer("/responses/201/links").and_then(Value::as_object);
            links.extend(made.into_iter().flatten().map(|(_, link)| link["operationId"].as_str().unwrap()));
        }
    }
    assert!(links.len() == 8 && links.iter().all(|link| names.contains(link)), "{links:?}");
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn resources_are_described_as_the_tables_have_them() {
    let whole = description(&Types::built_in(), BASE);
    let schemas = &whole["components"]["schemas"];
    for known in Types::built_in().all() {
        let (answered, sent) = (&schemas[&*known.name], &schemas[format!("{}Sent", known.name)]);
        for attribute in known.core_attributes().chain(known.core_attribute("meta")) {
            let name = &*attribute.name;
            assert_eq!(answered["properties"].get(name).is_some(), attribute.returned != Returned::Never, "{name}");
            let written = attribute.mutability != Mutability::ReadOnly || name == "schemas";
            assert_eq!(sent["properties"].get(name).is_some(), written, "{name}");
        }
        for extension in &*known.extensions {
            let reference = answered["properties"][&*extension.id]["$ref"].as_str().unwrap();
            let described = whole.pointer(&reference[1..]).unwrap()["properties"].as_object().unwrap();
            assert_eq!(described.len(), extension.attributes.len());
        }
        assert_eq!(answered["required"], json!(["schemas", "id"]));
    }
    assert_eq!(schemas["UserSent"]["required"], json!(["schemas", "userName"]));
    assert_eq!(schemas["User"]["properties"]["emails"]["items"]["properties"]["primary"]["type"], "boolean");
    assert_eq!(schemas["GroupSent"]["properties"]["members"]["items"]["required"], json!(["value"]));
    assert_eq!(schemas["User"]["properties"]["password"], Value::Null);
}

#[test]
fn parameters_are_those_that_queries_are_read_with() {
    let whole = description(&Types::built_in(), BASE);
    let listed = whole["paths"]["/Users"]["get"]["parameters"].as_array().unwrap();
    assert_eq!(listed.len(), PARAMETERS.len());
    for name in PARAMETERS {
        let parameter = &whole["components"]["parameters"][name];
        let schema = &parameter["schema"];
        assert!(
            schema["description"].as_str().is_some_and(|text| !text.is_empty()) || schema["enum"].is_array(),
            "{name}"
        );
        assert!(!whole["components"]["schemas"]["SearchRequest"]["properties"][name].is_null(), "{name}");
    }
}

#[test]
fn an_error_has_no_keyword_that_is_not_described() {
    let whole = description(&Types::built_in(), BASE);
    let listed = whole["components"]["schemas"]["Error"]["properties"]["scimType"]["enum"].as_array().unwrap();
    assert_eq!(listed.len(), ScimType::ALL.len());
    let errors = [ScimError::too_many(), ScimError::invalid_cursor(), ScimError::no_path()];
    for error in errors {
        assert!(listed.contains(&json!(error.scim_type.unwrap().as_str())));
    }
}
