//! Discovery (RFC 7644 §4; RFC 7643 §5 to §7).

use serde_json::{Value, json};

use crate::check::answer::Answer;
use crate::check::compare::member;
use crate::check::failure::NotPassed;
use crate::check::request::{Request, path_segment};
use crate::check::service::{ENTERPRISE, GROUP, USER};
use crate::check::session::Session;
use crate::check::test::{Run, Test, gallery, rfc, validator};

const BLIND: &str = "Entra cannot read the attribute list from the service; administrators enter it by hand.";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

pub const TESTS: &[Test] = &[
    rfc("RFC 7643 §5", "discovery.config", "ServiceProviderConfig declares the supported features", Run::Code(config))
        .meaning("Clients do not know which features to use; this check skips features that are not declared."),
    rfc("RFC 7643 §5", "discovery.schemes", "ServiceProviderConfig lists authentication schemes", Run::Code(schemes))
        .meaning("Administrators cannot find out that the service needs a bearer token."),
    rfc(
        "RFC 7644 §4",
        "discovery.resource_types",
        "ResourceTypes lists User with its endpoint and schema",
        Run::Code(types),
    )
    .meaning(BLIND),
    rfc("RFC 7644 §4", "discovery.one_resource_type", "Each resource type can be read by its id", Run::Code(one_type))
        .meaning(BLIND),
    rfc("RFC 7644 §4", "discovery.schemas", "Schemas lists the schemas of all resource types", Run::Code(schemas))
        .meaning(BLIND),
    rfc("RFC 7644 §4", "discovery.one_schema", "Each schema can be read by its URN", Run::Code(one_schema))
        .meaning(BLIND),
    rfc("RFC 7644 §4", "discovery.unknown_schema", "An unknown schema or resource type is 404", Run::Code(unknown))
        .meaning(BLIND),
    rfc(
        "RFC 7643 §7",
        "discovery.characteristics",
        "Attribute characteristics have the values defined in the RFC",
        Run::Code(characteristics),
    )
    .meaning("Microsoft's validator cannot read the schema."),
    rfc(
        "RFC 7643 §4.1.1",
        "discovery.user_name",
        "userName is required, unique and case-insensitive",
        Run::Code(user_name),
    )
    .meaning("Entra shows userName as optional, and administrators may match by another attribute."),
    rfc(
        "RFC 7644 §4",
        "discovery.no_query",
        "Discovery ignores paging and does not support filters",
        Run::Code(no_query),
    )
    .meaning("Clients that add a query to each request get an incomplete schema."),
    rfc("RFC 7644 §4", "discovery.read_only", "Discovery endpoints are read-only", Run::Code(read_only))
        .meaning("None for Entra."),
    validator(
        "Discover schema mode",
        "discovery.validator_schema",
        "The User schema omits attributes that the validator cannot handle",
        no_blockers,
    )
    .meaning("Microsoft's validator stops in its mode \"Discover schema\"; \"Default attributes\" is not affected."),
    gallery(
        "Schema discoverability",
        "discovery.gallery_attributes",
        "The schemas contain Entra's default attributes",
        default_attributes,
    )
    .meaning("The gallery's schema discovery does not offer these attributes to administrators."),
];

fn config(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.read("/ServiceProviderConfig")?;
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        let supported = &answer.member(feature)["supported"];
        answer.require(supported.is_boolean(), || {
            format!("{feature}.supported should be true or false, but is {supported}")
        })?;
    }
    let numbers = [("bulk", "maxOperations"), ("bulk", "maxPayloadSize"), ("filter", "maxResults")];
    for (feature, limit) in numbers.into_iter().filter(|(feature, _)| answer.member(feature)["supported"] == true) {
        let number = &answer.member(feature)[limit];
        answer.require(number.is_u64(), || format!("{feature}.{limit} should be a number, but is {number}"))?;
    }
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    let urn = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    answer.require(urns.iter().any(|named| named == urn), || format!("schemas does not contain {urn}"))
}

fn schemes(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.read("/ServiceProviderConfig")?;
    let schemes = answer.member("authenticationSchemes").as_array().cloned().unwrap_or_default();
    answer.require(!schemes.is_empty(), || "authenticationSchemes is empty".into())?;
    for (scheme, name) in schemes.iter().flat_map(|scheme| ["type", "name", "description"].map(|name| (scheme, name))) {
        answer.require(scheme[name].is_string(), || format!("authenticationSchemes: {name} is missing"))?;
    }
    Ok(())
}

fn list(session: &mut Session, path: &str) -> Result<(Answer, Vec<Value>), NotPassed> {
    let answer = session.read(path)?;
    let urns = answer.member("schemas").as_array().cloned().unwrap_or_default();
    answer.require(urns.iter().any(|urn| urn == LIST), || format!("schemas does not contain {LIST}"))?;
    let resources = answer.resources()?.to_vec();
    answer
        .require(answer.total()? == resources.len() as u64, || "totalResults is not the number of resources".into())?;
    Ok((answer, resources))
}

fn types(session: &mut Session) -> Result<(), NotPassed> {
    let (answer, types) = list(session, "/ResourceTypes")?;
    let user = types.iter().find(|kind| kind["name"] == "User").cloned().unwrap_or_default();
    answer.require(user.is_object(), || "the list has no User".into())?;
    let endpoint = user["endpoint"].as_str().unwrap_or_default();
    answer
        .require(endpoint.trim_end_matches('/').ends_with("/Users"), || format!("User's endpoint is {endpoint:?}"))?;
    answer.require(user["schema"] == USER, || format!("User's schema is {}", user["schema"]))
}

fn one_type(session: &mut Session) -> Result<(), NotPassed> {
    let (answer, types) = list(session, "/ResourceTypes")?;
    for kind in types {
        let id = kind["id"].as_str().or(kind["name"].as_str()).unwrap_or_default().to_owned();
        answer.require(!id.is_empty(), || "a resource type has neither id nor name".into())?;
        let one = session.read(&format!("/ResourceTypes/{}", path_segment(&id)))?;
        one.require_values(&json!({"name": kind["name"], "endpoint": kind["endpoint"], "schema": kind["schema"]}))?;
    }
    Ok(())
}

fn schemas(session: &mut Session) -> Result<(), NotPassed> {
    let (_, types) = list(session, "/ResourceTypes")?;
    let (answer, schemas) = list(session, "/Schemas")?;
    for kind in types {
        let extensions = kind["schemaExtensions"].as_array().cloned().unwrap_or_default();
        let named = extensions.iter().map(|extension| &extension["schema"]).chain([&kind["schema"]]);
        for urn in named {
            answer.require(schemas.iter().any(|schema| &schema["id"] == urn), || format!("Schemas lacks {urn}"))?;
        }
    }
    Ok(())
}

fn one_schema(session: &mut Session) -> Result<(), NotPassed> {
    let (answer, schemas) = list(session, "/Schemas")?;
    for schema in schemas {
        let urn = schema["id"].as_str().unwrap_or_default().to_owned();
        answer.require(!urn.is_empty(), || "a schema has no id".into())?;
        let one = session.read(&format!("/Schemas/{urn}"))?;
        one.require_values(&json!({"id": urn}))?;
        one.require(one.member("attributes").is_array(), || "the schema has no attributes".into())?;
    }
    Ok(())
}

fn unknown(session: &mut Session) -> Result<(), NotPassed> {
    session.get("/Schemas/urn:rollcall:check:no-such-schema").require_status(&[404])?;
    session.get("/ResourceTypes/NoSuchType").require_status(&[404]).map(drop)
}

fn characteristics(session: &mut Session) -> Result<(), NotPassed> {
    let (answer, schemas) = list(session, "/Schemas")?;
    schemas.iter().try_for_each(|schema| {
        schema["attributes"]
            .as_array()
            .into_iter()
            .flatten()
            .try_for_each(|attribute| check_attribute(&answer, attribute, ""))
    })
}

fn check_attribute(answer: &Answer, attribute: &Value, parent: &str) -> Result<(), NotPassed> {
    const TYPES: &[&str] = &["string", "boolean", "decimal", "integer", "dateTime", "reference", "complex", "binary"];
    const WORDS: [(&str, &[&str]); 4] = [
        ("type", TYPES),
        ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]),
        ("returned", &["always", "never", "default", "request"]),
        ("uniqueness", &["none", "server", "global"]),
    ];
    let name = format!("{parent}{}", attribute["name"].as_str().unwrap_or_default());
    answer.require(attribute["name"].is_string(), || format!("an attribute of {parent:?} has no name"))?;
    for (key, allowed) in WORDS {
        let word = &attribute[key];
        // Only the type has no default (RFC 7643 §2.2).
        let is_left_out = word.is_null() && attribute.get(key).is_none() && key != "type";
        let is_allowed = is_left_out || word.as_str().is_some_and(|word| allowed.contains(&word));
        answer
            .require(is_allowed, || format!("{name}: {key} should be one of {}, but is {word}", allowed.join(", ")))?;
    }
    for key in ["multiValued", "required", "caseExact"] {
        let flag = attribute.get(key);
        answer.require(flag.is_none_or(Value::is_boolean), || format!("{name}: {key} is not a boolean"))?;
    }
    let parts = attribute["subAttributes"].as_array();
    parts.into_iter().flatten().try_for_each(|part| check_attribute(answer, part, &format!("{name}.")))
}

fn user_name(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.read(&format!("/Schemas/{USER}"))?;
    let attributes = answer.member("attributes").as_array().cloned().unwrap_or_default();
    let found = attributes.iter().find(|attribute| attribute["name"] == "userName");
    let Some(user_name) = found else {
        return Err(answer.failure("the schema has no userName"));
    };
    answer.require(user_name["required"] == true, || "userName is not required".into())?;
    answer.require(user_name["caseExact"] != true, || "userName is caseExact".into())?;
    let uniqueness = &user_name["uniqueness"];
    answer
        .require(uniqueness == "server" || uniqueness == "global", || format!("userName's uniqueness is {uniqueness}"))
}

fn no_query(session: &mut Session) -> Result<(), NotPassed> {
    let (_, whole) = list(session, "/Schemas")?;
    let paged = Request::get("/Schemas").query("startIndex", "2").query("count", "1").query("attributes", "id");
    let answer = session.send(&paged).require_ok()?;
    let count = answer.resources()?.len();
    answer.require(count == whole.len(), || format!("{count} of {} schemas are listed", whole.len()))?;
    let filtered = session.find("/Schemas", "id eq \"x\"").require_status(&[403, 400, 200])?;
    let is_whole = filtered.status != 200 || filtered.resources()?.len() == whole.len();
    filtered.require(is_whole, || "the filter was applied".into())
}

fn read_only(session: &mut Session) -> Result<(), NotPassed> {
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        session.post(path, &json!({"schemas": [USER]})).require_status(&[405, 404, 403, 400, 501])?;
    }
    Ok(())
}

fn no_blockers(session: &mut Session) -> Result<(), NotPassed> {
    let answer = session.read(&format!("/Schemas/{USER}"))?;
    let has = |path: &[&str]| session.service.attribute(USER, path).is_some();
    answer.require(!has(&["password"]), || "the schema advertises password".into())?;
    answer.require(!has(&["emails", "display"]), || "the schema advertises emails.display".into())
}

fn default_attributes(session: &mut Session) -> Result<(), NotPassed> {
    const PATHS: [(&str, &[&str]); 11] = [
        (USER, &["userName"]),
        (USER, &["active"]),
        (USER, &["title"]),
        (USER, &["emails", "value"]),
        (USER, &["emails", "type"]),
        (USER, &["name", "givenName"]),
        (USER, &["name", "familyName"]),
        (USER, &["phoneNumbers", "value"]),
        (USER, &["phoneNumbers", "type"]),
        (ENTERPRISE, &["manager"]),
        (GROUP, &["members", "value"]),
    ];
    let answer = session.read("/Schemas")?;
    for (urn, path) in PATHS {
        let is_there = session.service.attribute(urn, path).is_some();
        answer.require(is_there, || format!("{} of {urn} is missing", path.join(".")))?;
    }
    for kind in ["emails", "phoneNumbers"] {
        let found = session.service.attribute(USER, &[kind, "type"]);
        let values = found.map(|attribute| member(attribute, "canonicalValues").clone()).unwrap_or_default();
        let has_work = values.as_array().is_some_and(|values| values.iter().any(|value| value == "work"));
        answer.require(has_work, || format!("canonicalValues of {kind}.type do not include work"))?;
    }
    Ok(())
}
