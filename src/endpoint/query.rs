//! Query parameters. Unknown ones are ignored, on every method.

use axum::{
    extract::{FromRequestParts, Query as UrlQuery},
    http::request::Parts,
};

use crate::{
    endpoint::refusals::Refusal,
    scim::{
        error::ScimError,
        list::{ListQuery, PARAMETERS},
        patch::PatchPath,
        projection::Projection,
    },
    store::MemberSelection,
};

/// The decoded query. `+` and `%20` both mean a space; the value of a name without one is empty.
#[derive(Clone, Debug)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// The first value of a name, which is case-insensitive.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryParameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let unreadable = || ScimError::invalid_syntax("The query cannot be read: it is not UTF-8, percent-encoded.");
        if !parts.uri.query().unwrap_or_default().split('&').all(is_readable) {
            return Err(unreadable().into());
        }
        let pairs = UrlQuery::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let UrlQuery(pairs) = pairs.map_err(|_| unreadable())?;
        Ok(Self(pairs))
    }
}

/// Whether one `name=value` of a query is UTF-8 once decoded. The decoder would insert replacement characters, and a filter with
/// those could match something else. RFC 7644 §3.4.2: unknown parameters "SHALL be ignored", whatever their value.
fn is_readable(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    if !PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return true;
    }
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// The attributes that the response contains.
#[derive(Clone, Debug)]
pub struct SelectedAttributes(pub Projection);

impl SelectedAttributes {
    /// Whether the client selected attributes: then even a PATCH of a group is answered with a body (RFC 7644 §3.5.2).
    #[must_use]
    pub fn has_selection(&self) -> bool {
        self.0 != Projection::Default
    }

    /// Which members of a group have to be read.
    #[must_use]
    pub fn members(&self) -> MemberSelection<'static> {
        members(&self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SelectedAttributes {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let pairs = QueryParameters::from_request_parts(parts, state).await?;
        Ok(Self(Projection::read(pairs.value("attributes"), pairs.value("excludedAttributes"))?))
    }
}

/// The query parameters of a list.
#[derive(Clone, Debug)]
pub struct ListParameters(pub ListQuery);

impl<S: Send + Sync> FromRequestParts<S> for ListParameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let QueryParameters(pairs) = QueryParameters::from_request_parts(parts, state).await?;
        Ok(Self(ListQuery::read(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))?))
    }
}

/// Which members of a group have to be read. Entra excludes them, so that a large group costs nothing.
#[must_use]
pub fn members(projection: &Projection) -> MemberSelection<'static> {
    let named = |path: &PatchPath| path.attribute.attribute.eq_ignore_ascii_case("members");
    let whole = |path: &PatchPath| {
        path.filter.is_none() && path.sub_attribute.is_none() && path.attribute.sub_attribute.is_none()
    };
    let wanted = match projection {
        Projection::Default => true,
        Projection::Only(paths) => paths.iter().any(named),
        Projection::Without(paths) => !paths.iter().any(|path| named(path) && whole(path)),
    };
    if wanted { MemberSelection::All } else { MemberSelection::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_parameter_is_text_once_decoded() {
        for (pair, readable) in [
            ("", true),
            ("filter", true),
            ("filter=userName%20eq%20%22%C3%A9%22", true),
            ("filter=100%", true),
            ("filter=%zz%4", true),
            ("filter=%ff", false),
            ("Attributes=%FF%fe", false),
            ("sortBy=%C3", false),
            ("count=%C3%28", false),
            ("unknown=%ff", true),
            ("%ff=%ff", true),
        ] {
            assert_eq!(is_readable(pair), readable, "{pair}");
        }
    }
}
