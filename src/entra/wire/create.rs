//! Request bodies of POST.

use serde_json::{Map, Value, json};

use super::path::TargetAttribute;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// A URN that Entra adds to every group; no other client uses it.
const MICROSOFT_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// A new user: the mapped values, and the empty attributes that Entra also sends (`roles`, null `title` and `addresses`).
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
                set(&mut body, target, value.clone());
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

/// A new group without members, which are added by PATCH.
pub fn group(external_id: &str, display_name: &str) -> Value {
    json!({"schemas": [GROUP, MICROSOFT_GROUP], "externalId": external_id, "displayName": display_name, "meta": {"resourceType": "Group"}})
}

/// Sets the value of a target attribute.
fn set(body: &mut Map<String, Value>, target: &TargetAttribute, value: Value) {
    let body = match &target.extension {
        Some(urn) => object(body.entry(urn.clone()).or_insert_with(|| json!({}))),
        None => body,
    };
    match (&target.value_type, &target.sub_attribute) {
        (Some(kind), Some(part)) => {
            let elements = array(body.entry(target.attribute.clone()).or_insert_with(|| json!([])));
            let has_type = |element: &Value| element.get("type").and_then(Value::as_str) == Some(kind);
            let position = elements.iter().position(has_type).unwrap_or_else(|| {
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

/// The value as an object; another value, such as `null`, is replaced.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it was set to an object above")
}

/// The value as an array; another value is replaced.
fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = json!([]);
    }
    value.as_array_mut().expect("it was set to an array above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_format_of_microsofts_documentation() {
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
    fn a_group_has_microsofts_urn() {
        insta::assert_snapshot!(group("8aa1", "Sales"), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"8aa1","displayName":"Sales","meta":{"resourceType":"Group"}}"#);
    }
}
