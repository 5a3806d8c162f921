//! The routes of the endpoint, each with its operations.

use super::{messages::list_of, operation::Operation, resources};
use crate::scim::{
    bulk::BULK_REQUEST_URN,
    list::{PARAMETERS, SEARCH_REQUEST_URN},
    patch::PATCH_OP_URN,
    schema::{self, Attribute, Kind, ResourceType, Types},
};
use serde_json::{Map, Value, json};

/// The parameters that choose attributes.
const CHOICE: [&str; 2] = ["attributes", "excludedAttributes"];
const METHODS_OF_ME: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// All routes.
pub(super) fn all(types: &Types) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: String, operations: Vec<(&str, Operation)>| {
        let described = operations.into_iter().map(|(method, operation)| (method.to_owned(), operation.describe()));
        paths.insert(path, described.collect());
    };
    for known in types.all() {
        let endpoint = &known.endpoint;
        add(endpoint.to_string(), vec![("get", list(known)), ("post", create(known))]);
        add(format!("{endpoint}/.search"), vec![("post", search(&known.name))]);
        let one =
            vec![("get", get(known)), ("put", replace(known)), ("patch", patch(known)), ("delete", delete(known))];
        add(format!("{endpoint}/{{id}}"), one);
    }
    let everything = Operation::new("listAll", "Lists resources of all types.");
    add("/".to_owned(), vec![("get", everything.takes(PARAMETERS).answers(200, &list_of("Any")).refuses(&[400]))]);
    add("/.search".to_owned(), vec![("post", search("Any"))]);
    add("/Bulk".to_owned(), vec![("post", bulk(types.user()))]);
    let me = |method: &'static str| {
        let operation = Operation::new(&format!("{method}Me"), "Not supported.").refuses(&[501]);
        let has_body = ["post", "put", "patch"].contains(&method);
        (method, if has_body { operation.refuses(&[413]) } else { operation })
    };
    add("/Me".to_owned(), METHODS_OF_ME.map(me).into());
    for (path, operation) in discovery() {
        add(path.to_owned(), vec![("get", operation.without_token())]);
    }
    paths
}

fn list(known: &ResourceType) -> Operation {
    let id = format!("list{}s", known.name);
    let operation = Operation::new(&id, "Lists, filters, sorts and pages.").takes(PARAMETERS);
    operation.answers(200, &list_of(&known.name)).refuses(&[400])
}

fn search(name: &str) -> Operation {
    let id = format!("search{name}");
    let by_name = json!({"schemas": [SEARCH_REQUEST_URN], "filter": "displayName sw \"a\"", "count": 10});
    Operation::new(&id, "The same with the query in the body, so that it is in no address and no log of addresses.")
        .reads("SearchRequest", &[("aFilter", by_name)])
        .answers(200, &list_of(name))
}

fn create(known: &ResourceType) -> Operation {
    let one = ["get", "replace", "patch", "delete"].map(|verb| format!("{verb}{}", known.name));
    Operation::new(&format!("create{}", known.name), "Makes a resource.")
        .takes(CHOICE)
        .reads(&resources::sent(known), &[("theLeast", least(known))])
        .answers(201, &known.name)
        .with_headers(201, &["ETag", "Location"])
        .leads_to(&one)
        .refuses(&[409, 507])
}

fn get(known: &ResourceType) -> Operation {
    Operation::new(&format!("get{}", known.name), "Reads a resource.")
        .takes(["id", "If-None-Match"])
        .takes(CHOICE)
        .answers(200, &known.name)
        .with_headers(200, &["ETag"])
        .answers_nothing(304, "The client has this version already.")
        .with_headers(304, &["ETag"])
        .refuses(&[400, 404])
}

fn replace(known: &ResourceType) -> Operation {
    Operation::new(&format!("replace{}", known.name), "Replaces what a client may write; makes nothing.")
        .takes(["id", "If-Match"])
        .takes(CHOICE)
        .reads(&resources::sent(known), &[("theLeast", least(known))])
        .answers(200, &known.name)
        .with_headers(200, &["ETag"])
        .refuses(&[404, 409, 412, 507])
}

/// RFC 7644 §3.5.2; a group, which may be long, is answered only where attributes are chosen.
fn patch(known: &ResourceType) -> Operation {
    let operation = Operation::new(&format!("patch{}", known.name), "Changes a resource, all or nothing.")
        .takes(["id", "If-Match"])
        .takes(CHOICE)
        .reads("PatchRequest", &examples(known))
        .answers(200, &known.name)
        .with_headers(200, &["ETag"])
        .refuses(&[404, 409, 412, 507]);
    if known.schema.id == schema::GROUP_URN {
        return operation.answers_nothing(204, "Done, where no attributes were chosen.").with_headers(204, &["ETag"]);
    }
    operation
}

fn delete(known: &ResourceType) -> Operation {
    Operation::new(&format!("delete{}", known.name), "Deletes a resource.")
        .takes(["id", "If-Match"])
        .answers_nothing(204, "Done.")
        .refuses(&[400, 404, 412, 507])
}

fn bulk(user: &ResourceType) -> Operation {
    let made = json!({"method": "POST", "path": "/Users", "bulkId": "ana", "data": least(user)});
    let request = json!({"schemas": [BULK_REQUEST_URN], "failOnErrors": 1, "Operations": [made]});
    Operation::new("bulk", "Many changes in one request, each atomic by itself.")
        .reads("BulkRequest", &[("oneUser", request)])
        .answers(200, "BulkResponse")
        .refuses(&[507])
}

/// What may be read without a token.
fn discovery() -> [(&'static str, Operation); 6] {
    let read = |id, summary, schema| Operation::new(id, summary).answers(200, schema).refuses(&[400]);
    let description = Operation::new("getDescription", "This description.");
    [
        ("/ServiceProviderConfig", read("getServiceProviderConfig", "What the service does.", "ServiceProviderConfig")),
        ("/ResourceTypes", read("listResourceTypes", "What it keeps.", &list_of("ResourceType"))),
        (
            "/ResourceTypes/{name}",
            read("getResourceType", "One of them.", "ResourceType").takes(["name"]).refuses(&[404]),
        ),
        ("/Schemas", read("listSchemas", "Which attributes resources have.", &list_of("Schema"))),
        ("/Schemas/{urn}", read("getSchema", "One of them.", "Schema").takes(["urn"]).refuses(&[404])),
        ("/openapi.json", description.answers_as(200, &json!({"application/json": {"schema": {"type": "object"}}}))),
    ]
}

/// The least that makes a resource.
fn least(known: &ResourceType) -> Value {
    let required = known.schema.attributes.iter().filter(|attribute| attribute.required);
    let mut least: Map<String, Value> = required.map(|attribute| (attribute.name.to_string(), json!("ana"))).collect();
    let extensions: Vec<_> = known.extensions.iter().filter(|extension| extension.is_required()).collect();
    for extension in &extensions {
        let demanded = extension.attributes.iter().filter(|attribute| attribute.required);
        let values: Map<String, Value> = demanded.map(|known| (known.name.to_string(), sample(known))).collect();
        least.insert(extension.id.to_string(), Value::Object(values));
    }
    let urns: Vec<_> = std::iter::once(&known.schema.id).chain(extensions.iter().map(|known| &known.id)).collect();
    least.insert("schemas".to_owned(), json!(urns));
    Value::Object(least)
}

/// Some value of an attribute without parts.
fn sample(attribute: &Attribute) -> Value {
    let one = match attribute.kind {
        Kind::Boolean => json!(true),
        Kind::Decimal => json!(1.5),
        Kind::Integer => json!(1),
        Kind::DateTime => json!("2026-11-22T22:50:00Z"),
        Kind::Binary => json!("cm9sbGNhbGw="),
        Kind::String | Kind::Reference | Kind::Complex => json!("ana"),
    };
    if attribute.multi_valued { json!([one]) } else { one }
}

/// Changes of a resource: one attribute, or for a user several.
fn examples(known: &ResourceType) -> Vec<(&'static str, Value)> {
    let request = |operations: Value| json!({"schemas": [PATCH_OP_URN], "Operations": operations});
    let name = json!({"op": "replace", "path": "displayName", "value": "Ana Ruiz"});
    if known.schema.id == schema::GROUP_URN {
        let nobody = json!({"op": "remove", "path": "members"});
        return vec![("aName", request(json!([name]))), ("noMembers", request(json!([nobody])))];
    }
    let mail = json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "ana@contoso.example"});
    let disabled = json!({"op": "replace", "value": {"active": false, "name.familyName": "Ruiz"}});
    vec![("aName", request(json!([name]))), ("several", request(json!([mail, disabled])))]
}
