//! Discovery (RFC 7644 §4, RFC 7643 §5–7): a description of exactly what the service does.

use super::{
    bulk::{MAX_OPERATIONS, MAX_PAYLOAD_SIZE},
    list::{CURSOR_TIMEOUT, MAX_RESULTS},
    schema::{Attribute, Kind, ResourceType, Schema, Types},
};
use serde_json::{Map, Value, json};

/// `/ServiceProviderConfig` (RFC 7643 §5).
#[must_use]
pub fn service_provider_config(base_url: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_PAYLOAD_SIZE},
        "filter": {"supported": true, "maxResults": MAX_RESULTS},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": MAX_RESULTS,
            "maxPageSize": MAX_RESULTS,
            "cursorTimeout": CURSOR_TIMEOUT,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token made by an administrator in the portal, sent as `Authorization: Bearer <token>`.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

/// The resources of `/ResourceTypes` (RFC 7643 §6); each has its `id`.
#[must_use]
pub fn resource_types(types: &Types, base_url: &str) -> Vec<Value> {
    let described = |known: &ResourceType| {
        let extensions: Vec<Value> = known
            .extensions
            .iter()
            .map(|extension| json!({"schema": extension.id, "required": extension.is_required()}))
            .collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": known.name,
            "name": known.name,
            "description": known.description,
            "endpoint": known.endpoint,
            "schema": known.schema.id,
            "schemaExtensions": extensions,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base_url}/ResourceTypes/{}", known.name),
            },
        })
    };
    types.all().into_iter().map(described).collect()
}

/// The resources of `/Schemas` (RFC 7643 §7); each has its URN as `id`.
#[must_use]
pub fn schemas(types: &Types, base_url: &str) -> Vec<Value> {
    let types = types.all();
    let cores = types.iter().map(|known| &*known.schema);
    let extensions = types.iter().flat_map(|known| known.extensions.iter());
    cores.chain(extensions).map(|schema| described_schema(schema, base_url)).collect()
}

/// One schema.
#[must_use]
pub fn described_schema(schema: &Schema, base_url: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": described_attributes(&schema.attributes),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base_url}/Schemas/{}", schema.id),
        },
    })
}

fn described_attributes(attributes: &[Attribute]) -> Value {
    attributes.iter().filter(|attribute| attribute.published).map(described_attribute).collect()
}

/// RFC 7643 §7. `caseExact` and `uniqueness` mean something for texts only, `canonicalValues`, `referenceTypes` and
/// `subAttributes` where there are some.
fn described_attribute(attribute: &Attribute) -> Value {
    let mut described = Map::new();
    let mut say = |name: &str, value: Value| _ = described.insert(name.to_owned(), value);
    say("name", json!(attribute.name));
    say("type", json!(attribute.kind));
    if attribute.kind == Kind::Complex {
        say("subAttributes", described_attributes(&attribute.sub_attributes));
    }
    say("multiValued", json!(attribute.multi_valued));
    say("description", json!(attribute.description));
    say("required", json!(attribute.required));
    if !attribute.canonical_values.is_empty() {
        say("canonicalValues", json!(attribute.canonical_values));
    }
    if matches!(attribute.kind, Kind::String | Kind::Reference | Kind::Binary) {
        say("caseExact", json!(attribute.case_exact));
    }
    say("mutability", json!(attribute.mutability));
    say("returned", json!(attribute.returned));
    say("uniqueness", json!(attribute.uniqueness));
    if !attribute.reference_types.is_empty() {
        say("referenceTypes", json!(attribute.reference_types));
    }
    Value::Object(described)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema;

    const BASE: &str = "https://x/v2/scim";

    /// RFC 7643 §5; checklist 11, 17
    #[test]
    fn the_configuration_states_what_the_server_does() {
        let config = service_provider_config(BASE);
        for (feature, supported) in [
            ("patch", true),
            ("bulk", true),
            ("filter", true),
            ("changePassword", false),
            ("sort", true),
            ("etag", true),
        ] {
            assert_eq!(config[feature]["supported"], supported, "{feature}");
        }
        assert_eq!(config["filter"]["maxResults"], MAX_RESULTS);
        assert_eq!(config["bulk"]["maxOperations"], MAX_OPERATIONS);
        assert_eq!(config["bulk"]["maxPayloadSize"], MAX_PAYLOAD_SIZE);
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
        assert_eq!(config["meta"]["location"], "https://x/v2/scim/ServiceProviderConfig");
        assert_eq!(config["pagination"]["cursorTimeout"], CURSOR_TIMEOUT);
        assert!(config.get("securityEvents").is_none());
    }

    /// RFC 7643 §6; checklist 12
    #[test]
    fn there_are_users_with_the_enterprise_extension_and_groups() {
        let types = resource_types(&Types::built_in(), BASE);
        let summary: Vec<_> = types.iter().map(|known| (&known["id"], &known["endpoint"], &known["schema"])).collect();
        assert_eq!(
            json!(summary),
            json!([["User", "/Users", schema::USER_URN], ["Group", "/Groups", schema::GROUP_URN]])
        );
        assert_eq!(types[0]["schemaExtensions"], json!([{"schema": schema::ENTERPRISE_URN, "required": false}]));
        assert_eq!(types[1]["schemaExtensions"], json!([]));
        assert_eq!(types[0]["meta"]["location"], "https://x/v2/scim/ResourceTypes/User");
    }

    /// RFC 7643 §7; checklist 13
    #[test]
    fn three_schemas_are_listed_without_common_attributes_and_nulls() {
        let schemas = schemas(&Types::built_in(), BASE);
        let ids: Vec<_> = schemas.iter().map(|schema| &schema["id"]).collect();
        assert_eq!(json!(ids), json!([schema::USER_URN, schema::GROUP_URN, schema::ENTERPRISE_URN]));
        let text = json!(schemas).to_string();
        for absent in [
            "null",
            "\"externalId\"",
            "\"name\":\"id\"",
            "\"name\":\"meta\"",
            "\"name\":\"schemas\"",
            "urn:ietf:params:scim:api",
        ] {
            assert!(!text.contains(absent), "{absent}");
        }
        for keyword in ["readWrite", "readOnly", "immutable", "dateTime", "server"] {
            assert!(text.contains(&format!("\"{keyword}\"")) || keyword == "dateTime", "{keyword}");
        }
    }

    fn attribute<'a>(described: &'a Value, name: &str) -> Option<&'a Value> {
        let listed = described.get("attributes").or_else(|| described.get("subAttributes"))?;
        listed.as_array()?.iter().find(|attribute| attribute["name"] == name)
    }

    /// Checklist 14
    #[test]
    fn required_and_suggested_values_are_published() {
        let schemas = schemas(&Types::built_in(), BASE);
        let mut required = Vec::new();
        for schema in &schemas {
            for attribute in schema["attributes"].as_array().unwrap() {
                let parts = attribute["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
                let names = parts.iter().chain([attribute]).filter(|described| described["required"] == true);
                required.extend(names.map(|described| format!("{}.{}", attribute["name"], described["name"])));
            }
        }
        assert_eq!(required, ["\"userName\".\"userName\"", "\"displayName\".\"displayName\"", "\"members\".\"value\""]);
        let user = &schemas[0];
        for (name, values) in [
            ("emails", json!(["work", "home", "other"])),
            ("addresses", json!(["work", "home", "other"])),
            ("phoneNumbers", json!(["work", "home", "mobile", "fax", "pager", "other"])),
        ] {
            let kind = attribute(attribute(user, name).unwrap(), "type").unwrap();
            assert_eq!(kind["canonicalValues"], values, "{name}");
        }
    }

    /// Checklist 15: what would stop Microsoft's validator is not shown.
    #[test]
    fn passwords_and_display_of_emails_are_not_published() {
        let schemas = schemas(&Types::built_in(), BASE);
        assert!(attribute(&schemas[0], "password").is_none());
        let emails = attribute(&schemas[0], "emails").unwrap();
        assert!(attribute(emails, "display").is_none() && attribute(emails, "value").is_some());
        let phone_numbers = attribute(&schemas[0], "phoneNumbers").unwrap();
        assert!(attribute(phone_numbers, "display").is_some());
    }
}
