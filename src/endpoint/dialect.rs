//! Recognizes the client by its request. Only the journal uses this; every dialect is accepted from every client.

use serde_json::Value;

use crate::scim::{
    patch::lenient,
    schema::{ResourceKind, Types},
};

/// Words in `User-Agent`, in any letter case, and the clients they stand for. Okta documents its header ("Okta SCIM Client
/// 1.0.0"); the others are recognized by their names. Entra sends none.
const AGENTS: [(&str, &str); 7] = [
    ("okta", "Okta"),
    ("onelogin", "OneLogin"),
    ("jumpcloud", "JumpCloud"),
    ("google", "Google"),
    ("pingfederate", "Ping"),
    ("pingone", "Ping"),
    ("pingidentity", "Ping"),
];

/// The legacy schema that Entra lists when it creates a group.
const ADSCIM: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/";

/// The parts of a request that reveal the client.
#[derive(Debug, Clone, Copy)]
pub struct ObservedRequest<'a> {
    /// Path below the Tenant URL, and query, as sent.
    pub path_and_query: &'a str,
    /// The header `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// The body, if it is JSON.
    pub body: Option<&'a Value>,
    /// The tenant's types.
    pub types: &'a Types,
}

/// The dialect of a request; none for a request without flag, known name and body.
///
/// Explicit signs count first: Entra's flag in the address, then the name in `User-Agent`. Without them, forms that only Entra
/// without its flag uses. Other deviations are common to many clients, and are listed.
#[must_use]
pub fn detect(observed: ObservedRequest<'_>) -> Option<String> {
    if observed.path_and_query.to_ascii_lowercase().contains("aadoptscim062020") {
        return Some("Entra with aadOptscim062020".to_owned());
    }
    let agent = observed.user_agent.unwrap_or_default().to_ascii_lowercase();
    if let Some((_, name)) = AGENTS.iter().find(|(word, _)| agent.contains(word)) {
        return Some((*name).to_owned());
    }
    let body = observed.body?;
    if agent.is_empty() && is_written_by_entra(body) {
        return Some("Entra without aadOptscim062020".to_owned());
    }
    let about_groups = observed.path_and_query.to_ascii_lowercase().contains("/groups");
    let kind = if about_groups { ResourceKind::Group } else { ResourceKind::User };
    let met = lenient::deviations(body, observed.types.of(kind));
    if met.is_empty() {
        return Some("RFC 7644".to_owned());
    }
    let met: Vec<_> = met.iter().map(ToString::to_string).collect();
    Some(format!("not recognised: {}", met.join(", ")))
}

/// `"op":"Replace"`, or the legacy schema of a group; in Bulk one level deeper.
fn is_written_by_entra(body: &Value) -> bool {
    let schemas = body["schemas"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut operations = body["Operations"].as_array().into_iter().flatten();
    schemas.into_iter().any(|urn| urn.starts_with(ADSCIM))
        || operations.any(|operation| {
            let capital = operation["op"].as_str().is_some_and(|op| ["Add", "Remove", "Replace"].contains(&op));
            capital || operation.get("data").is_some_and(is_written_by_entra)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path_and_query: &str, user_agent: Option<&str>, body: Option<&Value>, dialect: Option<&str>) {
        let types = &Types::built_in();
        let observed = ObservedRequest { path_and_query, user_agent, body, types };
        assert_eq!(detect(observed).as_deref(), dialect);
    }

    fn operation(operation: &Value) -> Value {
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
    }

    #[test]
    fn flag_and_user_agent_count_first() {
        let capital = operation(&json!({"op": "Add", "path": "title", "value": "x"}));
        check("/Users/1?AADOptSCIM062020", None, Some(&capital), Some("Entra with aadOptscim062020"));
        check(
            "/Users?aadOptscim062020&filter=x",
            Some("Okta SCIM Client 1.0.0"),
            None,
            Some("Entra with aadOptscim062020"),
        );
        for (agent, name) in [
            ("Okta SCIM Client 1.0.0", "Okta"),
            ("okta scim client", "Okta"),
            ("OneLogin", "OneLogin"),
            ("JumpCloud-SCIM/2", "JumpCloud"),
            ("Google-Provisioning", "Google"),
            ("PingFederate/12", "Ping"),
            ("PingOne", "Ping"),
        ] {
            check("/Users", Some(agent), None, Some(name));
            check("/Users", Some(agent), Some(&capital), Some(name));
        }
    }

    #[test]
    fn entra_without_its_flag_is_recognized_by_its_forms() {
        let entra = Some("Entra without aadOptscim062020");
        let capital = operation(&json!({"op": "Replace", "path": "title", "value": "x"}));
        check("/Users/1", None, Some(&capital), entra);
        let group = json!({"schemas": ["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]});
        check("/Groups", None, Some(&group), entra);
        let bulk = json!({"Operations": [{"method": "POST", "data": group}]});
        check("/Bulk", None, Some(&bulk), entra);
        check("/Users/1", Some("curl/8"), Some(&capital), Some("not recognised: op with a capital"));
    }

    #[test]
    fn other_deviations_are_listed() {
        check(
            "/Users/1",
            None,
            Some(&operation(&json!({"op": "replace", "path": "active", "value": "False"}))),
            Some("not recognised: text for a boolean"),
        );
        check(
            "/Groups/1",
            None,
            Some(&operation(&json!({"op": "remove", "path": "members", "value": [{"value": "a"}]}))),
            Some("not recognised: remove with listed values"),
        );
        check("/Users", Some("x"), Some(&json!({"active": "True"})), Some("not recognised: text for a boolean"));
        check(
            "/Users/1",
            None,
            Some(&operation(&json!({"op": "replace", "path": "title", "value": "x"}))),
            Some("RFC 7644"),
        );
        check("/Users", None, Some(&json!({"userName": "ana", "roles": []})), Some("RFC 7644"));
        check("/Users", None, None, None);
        check("/Users", Some("Mozilla/5.0 shopping"), None, None);
    }
}
