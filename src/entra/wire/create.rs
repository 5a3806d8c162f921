//! Bodies of POST.

use serde_json::{Map, Value, json};

use super::path::TargetAttribute;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Entra names this on every group; nobody else knows it.
const MICROSOFT_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// A new user: the mapped values, and the empties Entra is known to send along (`roles`, a null `title`, null `addresses`).
pub fn user(values: &[(&TargetAttribute, Option<Value>)]) -> Value {
    let mut schemas = vec![USER.to_owned()];
    let mut body = Map::new();
    body.insert("schemas".into(), Value::Null);
    for (target, value) in values {
        match (value, target.attribute.as_str()) {
            (Some(value), _) => {
                if let Some(urn) = target.extension.as_ref().filter(|urn| !schemas.contains(urn)) {
                    schemas.push(urn.clone());
                }
                place(&mut body, target, value.clone());
            }
            (None, "title" | "addresses") if target.extension.is_none() => {
                body.entry(target.attribute.clone()).or_insert(Value::Null);
            }
            (None, _) => {}
        }
    }
    body.entry("roles").or_insert_with(|| json!([]));
    body.insert("meta".into(), json!({"resourceType": "User"}));
    body.insert("schemas".into(), json!(schemas));
    Value::Object(body)
}

/// A new group, without members: they follow by PATCH.
pub fn group(external_id: &str, display_name: &str) -> Value {
    json!({"schemas": [GROUP, MICROSOFT_GROUP], "externalId": external_id, "displayName": display_name, "meta": {"resourceType": "Group"}})
}

/// Puts a value where its target attribute stands.
fn place(body: &mut Map<String, Value>, target: &TargetAttribute, value: Value) {
    let body = match &target.extension {
        Some(urn) => object(body.entry(urn.clone()).or_insert_with(|| json!({}))),
        None => body,
    };
    match (&target.value_type, &target.sub_attribute) {
        (Some(kind), Some(part)) => {
            let elements = array(body.entry(target.attribute.clone()).or_insert_with(|| json!([])));
            let is_wanted = |element: &Value| element.get("type").and_then(Value::as_str) == Some(kind);
            let position = elements.iter().position(is_wanted).unwrap_or_else(|| {
                let primary = target.attribute == "emails";
                elements.push(if primary { json!({"primary": true, "type": kind}) } else { json!({"type": kind}) });
                elements.len() - 1
            });
            object(&mut elements[position]).insert(part.clone(), value);
        }
        (None, Some(part)) => {
            object(body.entry(target.attribute.clone()).or_insert_with(|| json!({}))).insert(part.clone(), value);
        }
        (_, None) => {
            body.insert(target.attribute.clone(), value);
        }
    }
}

/// The object a value is; whatever else stood there, such as the null of an empty attribute, gives way.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it was made an object above")
}

/// The array a value is; likewise.
fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = json!([]);
    }
    value.as_array_mut().expect("it was made an array above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_written_as_in_microsofts_documentation() {
        let targets: Vec<(TargetAttribute, Option<Value>)> = [
            ("externalId", Some(json!("ana"))),
            ("userName", Some(json!("ana@contoso.com"))),
            ("active", Some(json!(true))),
            ("title", None),
            ("name.givenName", Some(json!("Ana"))),
            ("emails[type eq \"work\"].value", Some(json!("ana@contoso.com"))),
            ("addresses[type eq \"work\"].formatted", None),
            ("addresses[type eq \"work\"].country", Some(json!("SE"))),
            ("addresses[type eq \"work\"].locality", Some(json!("Lund"))),
            ("phoneNumbers[type eq \"fax\"].value", None),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", Some(json!("IT"))),
        ]
        .into_iter()
        .map(|(path, value)| (TargetAttribute::parse(path).unwrap(), value))
        .collect();
        let values: Vec<_> = targets.iter().map(|(target, value)| (target, value.clone())).collect();
        insta::assert_snapshot!(user(&values), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"ana","userName":"ana@contoso.com","active":true,"title":null,"name":{"givenName":"Ana"},"emails":[{"primary":true,"type":"work","value":"ana@contoso.com"}],"addresses":[{"type":"work","country":"SE","locality":"Lund"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"IT"},"roles":[],"meta":{"resourceType":"User"}}"#);
    }

    #[test]
    fn a_group_carries_microsofts_own_urn() {
        insta::assert_snapshot!(group("8aa1", "Sales"), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"8aa1","displayName":"Sales","meta":{"resourceType":"Group"}}"#);
    }
}
