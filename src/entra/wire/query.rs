//! Queries as Entra writes them: `+` for a space, quotes and backslashes in a filter escaped as in JSON.

use serde_json::Value;

/// `userName eq "ana@contoso.com"`.
pub fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

/// The path of one resource.
pub fn resource(endpoint: &str, id: &str) -> String {
    format!("{endpoint}/{}", encode(id).replace('+', "%20"))
}

/// Adds the query of the Tenant URL and the parameters of the request to a path.
pub fn address(path: &str, tenant_query: Option<&str>, parameters: &[(&str, &str)]) -> String {
    let own = tenant_query.filter(|text| !text.is_empty()).map(str::to_owned);
    let parts = own.into_iter().chain(parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))));
    let query = parts.collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Form encoding as in .NET's `HttpUtility.UrlEncode`: a space is `+`.
pub fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02x}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_has_entras_format() {
        let filter = equals("displayName", "Tools \"beta\" \\ testers");
        assert_eq!(filter, r#"displayName eq "Tools \"beta\" \\ testers""#);
        assert_eq!(
            address("/Groups", Some("aadOptscim062020"), &[("excludedAttributes", "members"), ("filter", &filter)]),
            "/Groups?aadOptscim062020&excludedAttributes=members&filter=displayName+eq+%22Tools+%5c%22beta%5c%22+%5c%5c+testers%22"
        );
        assert_eq!(resource("/Users", "a/b c?"), "/Users/a%2fb%20c%3f");
        assert_eq!(address("/Users/1", None, &[]), "/Users/1");
        assert_eq!(
            address("/Users", None, &[("filter", &equals("userName", "zoë+1@x"))]),
            "/Users?filter=userName+eq+%22zo%c3%ab%2b1%40x%22"
        );
    }
}
