//! Request bodies of PATCH in Entra's two dialects; the one with the flag `aadOptscim062020` is close to the RFC.

use serde_json::{Map, Value, json};

use super::path::TargetAttribute;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A dialect of PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Without the flag: capitalized operations, one path each, booleans as strings.
    Legacy,
    /// With `aadOptscim062020`: lower-case operations, simple attributes in one object without a path.
    Standard,
}

/// One changed attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'a> {
    /// The attribute.
    pub target: &'a TargetAttribute,
    /// The value on the server.
    pub old: Option<Value>,
    /// The value in the directory.
    pub new: Option<Value>,
}

impl Dialect {
    /// The dialect selected by the query of a Tenant URL, case-insensitively.
    pub fn of(tenant_query: Option<&str>) -> Self {
        let asked = tenant_query.is_some_and(|query| query.to_ascii_lowercase().contains("aadoptscim062020"));
        if asked { Self::Standard } else { Self::Legacy }
    }

    /// One request for all changed attributes.
    pub fn update(self, changes: &[Change<'_>]) -> Value {
        message(&match self {
            Self::Legacy => changes.iter().map(legacy).collect::<Vec<_>>(),
            Self::Standard => standard(changes),
        })
    }

    /// Sets (`Some`) or clears (`None`) a manager.
    pub fn manager(self, target: &TargetAttribute, had_one: bool, manager: Option<&str>) -> Value {
        message(&[match (self, manager) {
            (Self::Legacy, Some(id)) => operation(if had_one { "Replace" } else { "Add" }, target, &json!(id)),
            (Self::Legacy, None) => json!({"op": "Remove", "path": target.as_str()}),
            (Self::Standard, Some(id)) => {
                operation(if had_one { "replace" } else { "add" }, target, &json!({"value": id}))
            }
            (Self::Standard, None) => operation("replace", target, &json!("")),
        }])
    }

    /// Adds members to a group.
    pub fn add_members(self, members: &[String]) -> Value {
        let op = if self == Self::Legacy { "Add" } else { "add" };
        message(&[json!({"op": op, "path": "members", "value": self.members(members)})])
    }

    /// Removes members from a group. The older dialect lists them in `value`, which by the RFC would remove all members.
    pub fn remove_members(self, members: &[String]) -> Value {
        message(&match self {
            Self::Legacy => {
                vec![json!({"op": "Remove", "path": "members", "value": self.members(members)})]
            }
            Self::Standard => {
                let removals = members
                    .iter()
                    .map(|id| json!({"op": "remove", "path": format!("members[value eq {}]", json!(id))}));
                removals.collect()
            }
        })
    }

    fn members(self, members: &[String]) -> Value {
        let element = |id: &String| {
            if self == Self::Legacy { json!({"$ref": null, "value": id}) } else { json!({"value": id}) }
        };
        Value::Array(members.iter().map(element).collect())
    }
}

fn message(operations: &[Value]) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

fn operation(op: &str, target: &TargetAttribute, value: &Value) -> Value {
    json!({"op": op, "path": target.as_str(), "value": value})
}

/// One operation per attribute; a removed value is written as `""`.
fn legacy(change: &Change<'_>) -> Value {
    let op = if change.old.is_some() { "Replace" } else { "Add" };
    let value = match &change.new {
        Some(Value::Bool(flag)) => json!(if *flag { "True" } else { "False" }),
        Some(value) => value.clone(),
        None => json!(""),
    };
    operation(op, change.target, &value)
}

/// Values of multi-valued attributes by path, then `active`, then all others in one object; a removed value is written as
/// `null`.
fn standard(changes: &[Change<'_>]) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut active = Vec::new();
    let mut others = Map::new();
    for change in changes {
        let value = change.new.clone().unwrap_or(Value::Null);
        if change.target.value_type.is_some() {
            let op = if change.old.is_some() { "replace" } else { "add" };
            operations.push(operation(op, change.target, &value));
        } else if change.target.as_str() == "active" {
            active.push(operation("replace", change.target, &value));
        } else {
            others.insert(change.target.as_str().to_owned(), value);
        }
    }
    operations.append(&mut active);
    if !others.is_empty() {
        operations.push(json!({"op": "replace", "value": others}));
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Vec<(TargetAttribute, Option<Value>, Option<Value>)> {
        [
            ("displayName", Some(json!("Ana")), Some(json!("Ana R."))),
            ("name.familyName", Some(json!("Ruiz")), Some(json!("Ruiz-Lopez"))),
            ("emails[type eq \"work\"].value", Some(json!("a@b")), Some(json!("c@d"))),
            ("phoneNumbers[type eq \"work\"].value", None, Some(json!("5551234"))),
            ("phoneNumbers[type eq \"fax\"].value", Some(json!("1")), None),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", None, Some(json!("4711"))),
            ("active", Some(json!(true)), Some(json!(false))),
            ("title", Some(json!("Boss")), None),
        ]
        .into_iter()
        .map(|(path, old, new)| (TargetAttribute::parse(path).unwrap(), old, new))
        .collect()
    }

    fn update(dialect: Dialect) -> Value {
        let owned = changes();
        let changes: Vec<_> =
            owned.iter().map(|(target, old, new)| Change { target, old: old.clone(), new: new.clone() }).collect();
        dialect.update(&changes)["Operations"].clone()
    }

    fn lines(operations: &Value) -> String {
        operations.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_older_dialect_has_one_operation_per_attribute() {
        insta::assert_snapshot!(lines(&update(Dialect::Legacy)), @r#"
        {"op":"Replace","path":"displayName","value":"Ana R."}
        {"op":"Replace","path":"name.familyName","value":"Ruiz-Lopez"}
        {"op":"Replace","path":"emails[type eq \"work\"].value","value":"c@d"}
        {"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"5551234"}
        {"op":"Replace","path":"phoneNumbers[type eq \"fax\"].value","value":""}
        {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"4711"}
        {"op":"Replace","path":"active","value":"False"}
        {"op":"Replace","path":"title","value":""}
        "#);
    }

    #[test]
    fn the_standard_dialect_combines_simple_attributes() {
        insta::assert_snapshot!(lines(&update(Dialect::Standard)), @r#"
        {"op":"replace","path":"emails[type eq \"work\"].value","value":"c@d"}
        {"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"5551234"}
        {"op":"replace","path":"phoneNumbers[type eq \"fax\"].value","value":null}
        {"op":"replace","path":"active","value":false}
        {"op":"replace","value":{"displayName":"Ana R.","name.familyName":"Ruiz-Lopez","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"4711","title":null}}
        "#);
    }

    #[test]
    fn managers_are_written_in_both_dialects() {
        let target =
            TargetAttribute::parse("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager").unwrap();
        let shapes = [Dialect::Legacy, Dialect::Standard].into_iter().flat_map(|dialect| {
            [
                dialect.manager(&target, false, Some("9")),
                dialect.manager(&target, true, Some("9")),
                dialect.manager(&target, true, None),
            ]
        });
        insta::assert_snapshot!(shapes.map(|body| lines(&body["Operations"])).collect::<Vec<_>>().join("\n"), @r#"
        {"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"9"}
        {"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"9"}
        {"op":"Remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}
        {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"9"}}
        {"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"9"}}
        {"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":""}
        "#);
    }

    #[test]
    fn members_are_added_and_removed_in_both_dialects() {
        let members = ["a".to_owned(), "b".to_owned()];
        let shapes = [Dialect::Legacy, Dialect::Standard]
            .into_iter()
            .flat_map(|dialect| [dialect.add_members(&members), dialect.remove_members(&members)]);
        insta::assert_snapshot!(shapes.map(|body| lines(&body["Operations"])).collect::<Vec<_>>().join("\n"), @r#"
        {"op":"Add","path":"members","value":[{"$ref":null,"value":"a"},{"$ref":null,"value":"b"}]}
        {"op":"Remove","path":"members","value":[{"$ref":null,"value":"a"},{"$ref":null,"value":"b"}]}
        {"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]}
        {"op":"remove","path":"members[value eq \"a\"]"}
        {"op":"remove","path":"members[value eq \"b\"]"}
        "#);
    }

    #[test]
    fn the_flag_is_read_from_the_query_of_the_tenant_url() {
        for (query, dialect) in [
            (None, Dialect::Legacy),
            (Some("aadOptscim062020"), Dialect::Standard),
            (Some("x=1&AADOPTSCIM062020"), Dialect::Standard),
            (Some("x"), Dialect::Legacy),
        ] {
            assert_eq!(Dialect::of(query), dialect, "{query:?}");
        }
    }
}
