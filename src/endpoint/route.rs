//! The route template of an address, for metrics: one of few.

/// The template of a path below the endpoint's prefix, with the prefix.
#[must_use]
pub fn template(path: &str) -> &'static str {
    let mut parts = path.trim_matches('/').split('/');
    match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
        ("", None, None) => "/v2/scim",
        (".search", None, None) => "/v2/scim/.search",
        ("Users", None, None) => "/v2/scim/Users",
        ("Users", Some(".search"), None) => "/v2/scim/Users/.search",
        ("Users", Some(_), None) => "/v2/scim/Users/{id}",
        ("Groups", None, None) => "/v2/scim/Groups",
        ("Groups", Some(".search"), None) => "/v2/scim/Groups/.search",
        ("Groups", Some(_), None) => "/v2/scim/Groups/{id}",
        ("Bulk", None, None) => "/v2/scim/Bulk",
        ("Me", None, None) => "/v2/scim/Me",
        ("ServiceProviderConfig", None, None) => "/v2/scim/ServiceProviderConfig",
        ("ResourceTypes", None, None) => "/v2/scim/ResourceTypes",
        ("ResourceTypes", Some(_), None) => "/v2/scim/ResourceTypes/{name}",
        ("Schemas", None, None) => "/v2/scim/Schemas",
        ("Schemas", Some(_), None) => "/v2/scim/Schemas/{urn}",
        ("openapi.json", None, None) => "/v2/scim/openapi.json",
        _ => "/v2/scim/other",
    }
}

#[cfg(test)]
mod tests {
    use super::template;
    use crate::{
        endpoint::PREFIX,
        scim::{openapi, schema::Types},
    };

    /// Each route of the description has a template of its own.
    #[test]
    fn every_described_route_has_its_template() {
        let description = openapi::description(&Types::built_in(), "");
        for described in description["paths"].as_object().unwrap().keys() {
            let asked = described.replace("{id}", "018f3b0a").replace("{name}", "User").replace("{urn}", "urn:x");
            assert_eq!(template(&asked), format!("{PREFIX}{}", described.trim_end_matches('/')), "{described}");
        }
    }

    #[test]
    fn what_is_no_route_is_not_counted_by_its_name() {
        for path in ["/Users/a/b", "/users", "/Users//x", "/../etc", "/\u{fc}"] {
            assert_eq!(template(path), "/v2/scim/other", "{path}");
        }
    }
}
