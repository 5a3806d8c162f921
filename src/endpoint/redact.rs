//! Removes secrets from requests and responses before they are journaled.

use serde_json::Value;

use crate::auth::token::PREFIX;
use crate::scim::schema::Types;

/// Replaces a secret.
pub const REDACTED: &str = "[redacted]";
/// Longer bodies are not journaled, in bytes.
const LONGEST: usize = 256 * 1024;
/// Longer addresses are truncated, in bytes.
const LONGEST_PATH: usize = 4 * 1024;

/// A body without secrets; `bytes` is its length as sent.
#[must_use]
pub fn body(sent: &Value, bytes: usize, types: &Types) -> Value {
    if bytes > LONGEST {
        return Value::String(format!("[a body of {bytes} bytes, too long to keep]"));
    }
    let mut kept = sent.clone();
    redact(&mut kept, types);
    kept
}

/// A body that may not be JSON. What cannot be parsed cannot be redacted either, and is not journaled.
#[must_use]
pub fn unread_body(bytes: &[u8], types: &Types) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.len() > LONGEST {
        return Some(body(&Value::Null, bytes.len(), types));
    }
    let unreadable = || Value::String(format!("[{} bytes that are not JSON]", bytes.len()));
    Some(serde_json::from_slice(bytes).map_or_else(|_| unreadable(), |sent| body(&sent, bytes.len(), types)))
}

/// Path and query without tokens in the address and without values of secret attributes.
#[must_use]
pub fn path_and_query(path_and_query: &str, types: &Types) -> String {
    let mut end = path_and_query.len().min(LONGEST_PATH);
    while !path_and_query.is_char_boundary(end) {
        end -= 1;
    }
    let path_and_query = &path_and_query[..end];
    let Some((path, query)) = path_and_query.split_once('?') else {
        return without_tokens(path_and_query);
    };
    let secret = |pair: &str| {
        let pair = percent_decoded(pair).to_ascii_lowercase();
        ["access_token", "token"].iter().any(|name| pair.starts_with(name))
            || pair.contains("password")
            || names_secret(&pair, types)
    };
    let keep = |pair| if secret(pair) { REDACTED.to_owned() } else { without_tokens(pair) };
    format!("{}?{}", without_tokens(path), query.split('&').map(keep).collect::<Vec<_>>().join("&"))
}

/// Text with `%XX` decoded, for searching only: invalid UTF-8 becomes U+FFFD.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn redact(value: &mut Value, types: &Types) {
    match value {
        Value::Object(map) => {
            let is_secret = |name: &str| is_password(name) || names_secret(name, types);
            let names_password = |value: &Value| value.as_str().is_some_and(is_secret);
            let operates_on_password =
                map.iter().any(|(key, value)| key.eq_ignore_ascii_case("path") && names_password(value));
            for (key, value) in map.iter_mut() {
                if is_secret(key) || (operates_on_password && key.eq_ignore_ascii_case("value")) {
                    *value = Value::String(REDACTED.to_owned());
                } else {
                    redact(value, types);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| redact(value, types)),
        Value::String(text) if text.contains(PREFIX) => *text = without_tokens(text),
        _ => {}
    }
}

/// `password`, however written: with its URN, in any letter case, in a longer name.
fn is_password(name: &str) -> bool {
    name.to_ascii_lowercase().contains("password")
}

/// Whether a text names a secret attribute of the tenant's schemas, alone or in a path or filter.
fn names_secret(text: &str, types: &Types) -> bool {
    let is_sign = |sign: char| !(sign.is_ascii_alphanumeric() || sign == '-' || sign == '_');
    types.has_secrets() && text.split(is_sign).any(|word| types.is_secret(word))
}

/// The text without anything that begins like a token.
fn without_tokens(text: &str) -> String {
    if !text.contains(PREFIX) && percent_decoded(text).contains(PREFIX) {
        return REDACTED.to_owned();
    }
    let mut parts = text.split(PREFIX);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(REDACTED);
        kept.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_alphanumeric()));
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(sent: &Value, kept: &Value) {
        assert_eq!(body(sent, 100, &Types::built_in()), *kept);
    }

    #[test]
    fn passwords_are_cut_out_wherever_they_stand() {
        check(&json!({"userName": "a", "Password": "x"}), &json!({"userName": "a", "Password": REDACTED}));
        check(&json!({"a": [{"password": {"b": 1}}]}), &json!({"a": [{"password": REDACTED}]}));
        check(
            &json!({"Operations": [{"op": "Replace", "path": "urn:x:User:password", "Value": "x"}, {"path": "title", "value": "y"}]}),
            &json!({"Operations": [{"op": "Replace", "path": "urn:x:User:password", "Value": REDACTED}, {"path": "title", "value": "y"}]}),
        );
    }

    #[test]
    fn tokens_are_cut_out_of_any_text() {
        check(&json!({"title": "see rollcall_scim_abc123!"}), &json!({"title": "see [redacted]!"}));
        assert_eq!(
            path_and_query("/v2/scim/Users?access_token=x&a=1", &Types::built_in()),
            "/v2/scim/Users?[redacted]&a=1"
        );
        assert_eq!(path_and_query("/v2/scim/rollcall_scim_ab1/x", &Types::built_in()), "/v2/scim/[redacted]/x");
        assert_eq!(path_and_query("/Users?filter=password+eq+%22x%22", &Types::built_in()), "/Users?[redacted]");
        assert_eq!(path_and_query("/Users?filter=pass%77ord+eq+x", &Types::built_in()), "/Users?[redacted]");
        assert_eq!(
            path_and_query("/rollcall%5Fscim_x?rollcall%5fscim_y&100%", &Types::built_in()),
            "[redacted]?[redacted]&100%"
        );
        assert_eq!(
            path_and_query("/Users?aadOptscim062020&count=1", &Types::built_in()),
            "/Users?aadOptscim062020&count=1"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        assert_eq!(unread_body(b"", &Types::built_in()), None);
        assert_eq!(
            unread_body(b"{\"password\": \"x\"", &Types::built_in()),
            Some(json!("[16 bytes that are not JSON]"))
        );
        assert_eq!(
            body(&json!("x"), LONGEST + 1, &Types::built_in()),
            json!("[a body of 262145 bytes, too long to keep]")
        );
    }
}
