//! Request bodies in `application/scim+json` or `application/json`, and responses with resources.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    endpoint::{
        caller::Caller,
        redact,
        refusals::Refusal,
        scim_json::{SCIM_JSON, json_response},
    },
    scim::{
        document::{Resource, Text},
        error::ScimError,
        json::parse,
        list::ListResponse,
        projection::Projection,
        schema::{ResourceType, Types},
    },
};

/// The result of a handler.
pub type Answer = Result<Response, Refusal>;

/// The JSON object in a request body.
///
/// `Content-Type` may be missing, as some clients send none: RFC 7231 §3.1.1.5 lets a recipient examine the data then.
#[derive(Debug)]
pub struct JsonBody {
    /// The object.
    pub json: Value,
    /// The same without secrets, for the journal.
    pub redacted: Value,
}

/// The body as the middleware has parsed it, if it is JSON. An extension of the request, so that it is parsed once.
#[derive(Clone, Debug)]
pub struct ParsedBody(pub Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Refusal> {
        check_media_type(request.headers())?;
        check_content_encoding(request.headers())?;
        let caller = request.extensions().get::<Caller>();
        let types = caller.map_or_else(Types::built_in, |caller| Arc::clone(&caller.types));
        let parsed = request.extensions_mut().remove::<ParsedBody>();
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| ScimError::invalid_syntax("The body cannot be read."))?;
        let json = match parsed {
            Some(ParsedBody(json)) => json,
            None => parse(&bytes)
                .map_err(|error| ScimError::invalid_syntax(format!("The body cannot be read as JSON: {error}.")))?,
        };
        if !json.is_object() {
            return Err(ScimError::invalid_syntax("The body is not a JSON object.").into());
        }
        let redacted = redact::body(&json, bytes.len(), &types);
        Ok(Self { json, redacted })
    }
}

fn check_media_type(headers: &HeaderMap) -> Result<(), ScimError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let text = content_type.to_str().unwrap_or("unreadable");
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let known = [SCIM_JSON, "application/json"].iter().any(|known| media_type.eq_ignore_ascii_case(known));
    let utf8 = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    if known && parts.all(utf8) { Ok(()) } else { Err(ScimError::unsupported_media_type(text)) }
}

/// RFC 9110 §8.4: a body with a content coding other than `identity` is refused.
fn check_content_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    let plain = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().all(plain) { Ok(()) } else { Err(Refusal::Compressed) }
}

/// The media type of the response: `application/json` for a client that accepts nothing else, else that of RFC 7644 §3.8.
#[must_use]
pub fn response_media_type(headers: &HeaderMap) -> &'static str {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    let (Some(only), None) = (accepted.next(), accepted.next()) else {
        return SCIM_JSON;
    };
    let media_type = only.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") && !only.as_bytes().contains(&b',') {
        return "application/json";
    }
    SCIM_JSON
}

/// 200 with a resource and its `ETag`.
///
/// # Errors
/// When it cannot be serialized.
pub fn found(caller: &Caller, projection: &Projection, resource: Resource) -> Answer {
    let resource_type = caller.types.of(resource.kind);
    stored(caller, projection, &resource.into_text(resource_type)?)
}

/// 201 with a resource and its `Location` (RFC 7644 §3.3).
///
/// # Errors
/// When it cannot be serialized.
pub fn created(caller: &Caller, projection: &Projection, resource: Resource) -> Answer {
    let location = [(header::LOCATION, resource.location(&caller.base_url))];
    Ok((StatusCode::CREATED, location, found(caller, projection, resource)?).into_response())
}

/// 200 with a stored resource and its `ETag`.
///
/// # Errors
/// When the stored document cannot be read.
pub fn stored(caller: &Caller, projection: &Projection, resource: &Resource<Text>) -> Answer {
    let shown = RenderedResource::new(caller, projection, resource)?;
    let mut json = Vec::with_capacity(shown.size());
    shown.write(&mut json)?;
    Ok(([(header::ETAG, resource.etag())], json_response(json)).into_response())
}

/// 200 with a page of a list.
///
/// # Errors
/// When a stored document cannot be read.
pub fn listed(page: &ListResponse<RenderedResource<'_>>) -> Answer {
    Ok(json_response(page.to_json(RenderedResource::size, RenderedResource::write)?))
}

/// A stored resource with the attributes that the response contains.
#[derive(Debug)]
pub enum RenderedResource<'a> {
    /// The default attributes.
    Whole {
        /// The resource.
        resource: &'a Resource<Text>,
        /// Its type.
        resource_type: &'a ResourceType,
        /// The Tenant URL.
        base_url: &'a str,
    },
    /// Selected attributes.
    Selected(Value),
}

impl<'a> RenderedResource<'a> {
    /// The resource with the attributes of this projection.
    ///
    /// # Errors
    /// When its document cannot be read.
    pub fn new(caller: &'a Caller, projection: &Projection, resource: &'a Resource<Text>) -> Result<Self, Refusal> {
        let resource_type = caller.types.of(resource.kind);
        match projection {
            // A type with attributes that are returned only on request has to be parsed.
            Projection::Default if !resource_type.has_attributes_on_request() => {
                Ok(Self::Whole { resource, resource_type, base_url: &caller.base_url })
            }
            _ => Ok(Self::Selected(render(caller, projection, &resource.clone().read()?))),
        }
    }

    /// About how long its JSON is, in bytes.
    fn size(&self) -> usize {
        /// `schemas`, `id` and `meta`.
        const AROUND: usize = 512;
        match self {
            Self::Whole { resource, .. } => resource.document.0.len() + AROUND,
            Self::Selected(_) => AROUND,
        }
    }

    fn write(&self, json: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Whole { resource, resource_type, base_url } => resource.write(resource_type, base_url, json),
            Self::Selected(value) => serde_json::to_writer(json, value),
        }
    }
}

fn render(caller: &Caller, projection: &Projection, resource: &Resource) -> Value {
    let resource_type = caller.types.of(resource.kind);
    projection.apply(resource_type, resource.render(resource_type, &caller.base_url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: &str, accepted: bool) {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
        assert_eq!(check_media_type(&headers).is_ok(), accepted, "{content_type}");
    }

    #[test]
    fn plain_json_is_for_those_who_take_nothing_else() {
        for (accept, expected) in [
            ("application/json", "application/json"),
            ("Application/JSON;q=0.9", "application/json"),
            ("application/json, application/scim+json", SCIM_JSON),
            ("application/json;q=0.5, text/plain", SCIM_JSON),
            ("*/*", SCIM_JSON),
            ("text/html", SCIM_JSON),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
            assert_eq!(response_media_type(&headers), expected, "{accept}");
        }
        assert_eq!(response_media_type(&HeaderMap::new()), SCIM_JSON);
    }

    #[test]
    fn bodies_are_json_in_utf8() {
        check("application/scim+json", true);
        check("application/json", true);
        check("Application/JSON; Charset=\"UTF-8\"", true);
        check("application/scim+json;charset=utf-8", true);
        check("application/json; charset=latin1", false);
        check("application/xml", false);
        check("text/json", false);
        check("application/x-www-form-urlencoded", false);
        check("", false);
    }
}
