//! Errors as RFC 7644 §3.12 has them: a status, sometimes a keyword, and a sentence that an administrator can act on. One
//! constructor for each failure, so that all wording is in this file.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// The message URN of an error body.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A SCIM error. Serialises as the error body of RFC 7644 §3.12.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status code.
    pub status: u16,
    /// The keyword of RFC 7644 §3.12, table 9, where one applies.
    pub scim_type: Option<ScimType>,
    /// A sentence for the tenant's administrator; never empty.
    pub detail: String,
}

/// The keywords of RFC 7644 §3.12, table 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ScimType {
    /// The filter cannot be read, or compares what cannot be compared.
    InvalidFilter,
    /// More results than the server is willing to calculate.
    TooMany,
    /// Another resource already has that value.
    Uniqueness,
    /// The attribute may not be changed so.
    Mutability,
    /// The body is not a valid message.
    InvalidSyntax,
    /// The path of a PATCH operation cannot be read or names nothing.
    InvalidPath,
    /// The path of a PATCH operation matched nothing to work on.
    NoTarget,
    /// A value is missing or of the wrong kind.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request URI holds personal or secret data.
    Sensitive,
    /// The cursor is not one of ours, or belongs to another query (RFC 9865 §2.2.1).
    InvalidCursor,
    /// The cursor is too old (RFC 9865 §2.2.1).
    ExpiredCursor,
    /// A page of that size cannot be had, or not with this cursor (RFC 9865 §2.2.1).
    InvalidCount,
}

impl ScimType {
    /// Every keyword.
    pub const ALL: [Self; 13] = [
        Self::InvalidFilter,
        Self::TooMany,
        Self::Uniqueness,
        Self::Mutability,
        Self::InvalidSyntax,
        Self::InvalidPath,
        Self::NoTarget,
        Self::InvalidValue,
        Self::InvalidVers,
        Self::Sensitive,
        Self::InvalidCursor,
        Self::ExpiredCursor,
        Self::InvalidCount,
    ];

    /// The keyword as it is written in an error body.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl std::fmt::Display for ScimType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ScimError {
    fn new(status: u16, scim_type: impl Into<Option<ScimType>>, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        // What a client sent may be part of it, and is kept in the journal, where a text cannot hold U+0000.
        if detail.contains('\0') {
            detail = detail.replace('\0', "\u{fffd}");
        }
        Self { status, scim_type: scim_type.into(), detail }
    }

    /// The filter cannot be read, or compares what cannot be compared.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::new(400, ScimType::InvalidFilter, detail)
    }

    /// The request is invalid as HTTP.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, None, detail)
    }

    /// The body is not a valid message.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::new(400, ScimType::InvalidSyntax, detail)
    }

    /// The path of a PATCH operation cannot be read or names nothing.
    pub fn invalid_path(path: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::new(400, ScimType::InvalidPath, format!("The path `{path}` cannot be used: {why}."))
    }

    /// A value is missing or of the wrong kind.
    pub fn invalid_value(attribute: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::new(400, ScimType::InvalidValue, format!("The value of `{attribute}` cannot be used: {why}."))
    }

    /// The path of a PATCH operation matched nothing to work on.
    pub fn no_target(path: impl std::fmt::Display) -> Self {
        Self::new(400, ScimType::NoTarget, format!("The path `{path}` matches nothing in this resource."))
    }

    /// A `remove` came without a path.
    pub fn no_path() -> Self {
        Self::new(400, ScimType::NoTarget, "A remove operation needs a path that says what to remove.")
    }

    /// The attribute may not be changed so.
    pub fn mutability(attribute: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::new(400, ScimType::Mutability, format!("`{attribute}` cannot be changed so: {why}."))
    }

    /// Another resource of this tenant already has that value.
    pub fn uniqueness(attribute: impl std::fmt::Display, value: impl std::fmt::Display) -> Self {
        Self::new(409, ScimType::Uniqueness, format!("Another resource already has the {attribute} `{value}`."))
    }

    /// More results than the server is willing to calculate.
    #[must_use]
    pub fn too_many() -> Self {
        Self::new(400, ScimType::TooMany, "The query has too many results; narrow its filter.")
    }

    /// The cursor is not one of ours, or belongs to another query.
    #[must_use]
    pub fn invalid_cursor() -> Self {
        let detail =
            "The cursor cannot be used: it belongs to another query or another client. Begin again without one.";
        Self::new(400, ScimType::InvalidCursor, detail)
    }

    /// The cursor is too old.
    #[must_use]
    pub fn expired_cursor() -> Self {
        Self::new(400, ScimType::ExpiredCursor, "The cursor has expired. Begin again without one.")
    }

    /// A page of that size cannot be had, or not with this cursor.
    pub fn invalid_count(why: impl std::fmt::Display) -> Self {
        Self::new(400, ScimType::InvalidCount, format!("The value of `count` cannot be used: {why}."))
    }

    /// No resource of that kind has that id.
    pub fn not_found(kind: impl std::fmt::Display, id: impl std::fmt::Display) -> Self {
        Self::new(404, None, format!("There is no {kind} with the id `{id}`."))
    }

    /// No token, or not a valid one. One sentence for every case, so that an attacker learns nothing from it.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(401, None, "The request needs a valid bearer token: `Authorization: Bearer <token>`.")
    }

    /// A bearer token in a wrong form.
    #[must_use]
    pub fn unauthorized_because(why: &str) -> Self {
        Self::new(401, None, format!("The request needs a valid bearer token: `Authorization: Bearer <token>`. {why}"))
    }

    /// Known caller, refused request.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, None, detail)
    }

    /// Nothing is served at this address.
    pub fn route_not_found(path: impl std::fmt::Display) -> Self {
        Self::new(404, None, format!("There is no SCIM endpoint at `{path}`."))
    }

    /// The address is served, the method is not.
    pub fn method_not_allowed(method: impl std::fmt::Display, allowed: impl std::fmt::Display) -> Self {
        Self::new(405, None, format!("{method} is not possible here; possible are: {allowed}."))
    }

    /// The body has a type that is not JSON.
    pub fn unsupported_media_type(got: impl std::fmt::Display) -> Self {
        let detail = format!("The body must be `application/scim+json` or `application/json`, not `{got}`.");
        Self::new(415, None, detail)
    }

    /// The body has a content coding, which the server does not support (RFC 9110 §8.4).
    #[must_use]
    pub fn unsupported_content_encoding() -> Self {
        Self::new(415, None, "The body is compressed. Send it without Content-Encoding.")
    }

    /// The body is larger than the server reads.
    #[must_use]
    pub fn payload_too_large(limit_bytes: u64) -> Self {
        Self::new(413, None, format!("The body may have at most {limit_bytes} bytes."))
    }

    /// A request has more operations than the server takes at once. RFC 7644 has no keyword for it: `tooMany` is about the
    /// results of a query.
    #[must_use]
    pub fn too_many_operations(limit: usize) -> Self {
        let detail =
            format!("A request may have at most {limit} operations; send the others in a request of their own.");
        Self::new(413, None, detail)
    }

    /// The operations of a PATCH together look through more values than the server does at once.
    #[must_use]
    pub fn too_much_work() -> Self {
        Self::new(413, None, "The operations look through too many values; send fewer of them in one request.")
    }

    /// An operation of a bulk request refers to a resource that no operation made.
    pub fn unknown_bulk_id(bulk_id: impl std::fmt::Display) -> Self {
        let detail = format!("No operation of this request made the resource that `bulkId:{bulk_id}` refers to.");
        Self::new(409, None, detail)
    }

    /// The caller has sent more requests than it may.
    #[must_use]
    pub fn too_many_requests(seconds: u64) -> Self {
        Self::new(429, None, format!("Too many requests; try again in {seconds} seconds."))
    }

    /// The resource is no longer in the version the caller named.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::new(412, None, "The resource was changed meanwhile; read it again and repeat the change.")
    }

    /// RFC 7644 knows this; this server does not do it.
    pub fn not_implemented(what: impl std::fmt::Display) -> Self {
        Self::new(501, None, format!("{what} is not supported by this server."))
    }

    /// An error of the server. It names only the request, whose id is in the log.
    pub fn internal(request_id: impl std::fmt::Display) -> Self {
        Self::new(500, None, format!("Something went wrong on the server; its log knows this as request {request_id}."))
    }

    /// Nothing can be written until there is room again (RFC 4918 §11.5); reads go on.
    #[must_use]
    pub fn insufficient_storage() -> Self {
        let detail = "The server's disk is full, so nothing was changed; reading goes on. Try again later.";
        Self::new(507, None, detail)
    }

    /// The server cannot answer just now.
    pub fn unavailable(why: impl std::fmt::Display) -> Self {
        Self::new(503, None, format!("The server cannot answer at the moment: {why}."))
    }
}

/// RFC 7644 §3.12: "status: The HTTP status code … expressed as a JSON string."
impl Serialize for ScimError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[ERROR_URN])?;
        map.serialize_entry("status", &self.status.to_string())?;
        if let Some(scim_type) = self.scim_type {
            map.serialize_entry("scimType", scim_type.as_str())?;
        }
        map.serialize_entry("detail", &self.detail)?;
        map.end()
    }
}
