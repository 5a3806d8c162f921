//! What holds of the pure core whatever bytes it is given: no panic, no refusal that is not the client's fault, and what
//! was read can be written and read again. The fuzz targets call these functions, and so does a test of the main build.

mod documents;
mod patches;
#[path = "../../src/scim/patch/tests/reference/mod.rs"]
mod reference;

use reference::ReferencePatch;
use rollcall::scim::{
    self, AttributePath, DateTime, Document, Filter, Resource, ResourceKind, ResourceType, ScimError, ScimType,
    document::Text,
    filter::{MAX_LENGTH, eval},
    patch::{Options, PatchPath, PatchRequest, apply, lenient},
    schema,
};
use serde_json::Value;

const BASE_URL: &str = "https://rollcall.example/v2/scim";
const ID: &str = "2819c223-7f76-453a-919d-413861904646";

/// A filter as it stands in a query, or between the brackets of a path.
pub fn filter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => return refused(&error, &[ScimType::InvalidFilter]),
    };
    let printed = filter.to_string();
    if printed.len() <= MAX_LENGTH {
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "{printed}");
    }
    for (resource_type, document) in documents::samples() {
        if let Err(error) = filter.check(resource_type) {
            refused(&error, &[ScimType::InvalidFilter]);
        }
        let rendered = resource(resource_type, document).render(resource_type, BASE_URL);
        let matches = eval::matches(&filter, resource_type, &rendered);
        let opposite = Filter::Not(Box::new(filter.clone()));
        assert_ne!(matches, eval::matches(&opposite, resource_type, &rendered), "{printed}");
    }
}

/// The path of an attribute, and the path of a PATCH operation.
pub fn path(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<AttributePath>() {
        Ok(path) => {
            assert_eq!(path.to_string(), *text);
            for (resource_type, _) in documents::samples() {
                let upper: AttributePath = text.to_uppercase().parse().unwrap();
                assert_eq!(resource_type.resolve(&path).is_some(), resource_type.resolve(&upper).is_some(), "{text}");
            }
        }
        Err(error) => refused(&error, &[ScimType::InvalidPath]),
    }
    match text.parse::<PatchPath>() {
        Ok(path) => {
            let printed = path.to_string();
            if printed.len() <= MAX_LENGTH {
                assert_eq!(printed.parse::<PatchPath>().as_ref(), Ok(&path), "{printed}");
            }
        }
        Err(error) => refused(&error, &[ScimType::InvalidPath, ScimType::InvalidFilter]),
    }
}

/// A PATCH: a JSON body, or lines of it in short (see [`patches::in_short`]), on a user and on a group.
pub fn patch(bytes: &[u8]) {
    let body = serde_json::from_slice(bytes).unwrap_or_else(|_| patches::in_short(&String::from_utf8_lossy(bytes)));
    let request = match PatchRequest::read(&body) {
        Ok(request) => request,
        Err(error) => {
            return refused(&error, &[ScimType::InvalidSyntax, ScimType::InvalidPath, ScimType::InvalidFilter]);
        }
    };
    // A tenant's choice, and chance has many lengths to choose from.
    let replace_without_match_creates = bytes.len() % 2 == 1;
    for (resource_type, before) in documents::samples() {
        let request = lenient::normalize(request.clone(), resource_type);
        let options = Options { replace_without_match_creates, base_url: "" };
        let plain = ReferencePatch {
            resource_type,
            id: ID,
            replace_without_match_creates,
            document: before.as_map().clone(),
            password: None,
        };
        match (apply(resource_type, ID, before, &request, options), plain.patched(&request.operations)) {
            (Ok(after), Ok(plain)) => {
                assert_eq!(after.document.as_map(), &plain.document, "{body}");
                documents::canonical(resource_type, &after.document, before);
            }
            (Err(error), Err(expected)) => refused(&error, &expected),
            (really, plainly) => {
                panic!("{body}: really {really:?}, plainly {:?}", plainly.map(|plain| plain.document))
            }
        }
    }
}

/// A resource as it is created or replaced.
pub fn body(bytes: &[u8]) {
    let Ok(sent) = serde_json::from_slice::<Value>(bytes) else { return };
    for (resource_type, before) in documents::samples() {
        match Document::read(resource_type, &sent) {
            Ok(incoming) => documents::canonical(resource_type, &incoming.document, before),
            Err(error) => refused(&error, &[ScimType::InvalidSyntax, ScimType::InvalidValue]),
        }
    }
}

fn refused(error: &ScimError, expected: &[ScimType]) {
    let word = error.scim_type.filter(|word| expected.contains(word));
    assert!(error.status == 400 && word.is_some() && !error.detail.is_empty(), "{error:?}");
}

fn resource(resource_type: &ResourceType, document: &Document) -> Resource {
    Resource {
        id: ID.to_owned(),
        kind: if resource_type.name == "User" { ResourceKind::User } else { ResourceKind::Group },
        created: DateTime::from_millis(0),
        last_modified: DateTime::from_millis(1),
        version: 1,
        document: document.clone(),
        groups: Vec::new(),
    }
}
