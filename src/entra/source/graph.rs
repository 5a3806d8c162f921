//! Microsoft Graph JSON: a response with `value`, or only the array.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{GroupPage, SourceGroup, SourceUser, UserPage, time};

/// Reads users, each with `manager` expanded.
pub fn users(text: &str) -> Result<UserPage, String> {
    let (rows, more) = rows(text)?;
    let mut attributes = BTreeSet::new();
    let mut users = Vec::with_capacity(rows.len());
    for row in rows {
        attributes.extend(row.keys().filter(|key| !key.starts_with('@')).cloned());
        let id = id(&row, users.len())?;
        let flat: BTreeMap<_, _> = row
            .into_iter()
            .filter(|(key, _)| !key.starts_with('@'))
            .filter_map(|(key, value)| Some((key, text_of(value)?)))
            .collect();
        users.push(SourceUser { id, attributes: flat });
    }
    Ok(UserPage { users, attributes, more })
}

/// Reads groups, each with `members` expanded.
pub fn groups(text: &str) -> Result<GroupPage, String> {
    let (rows, more) = rows(text)?;
    let mut groups = Vec::with_capacity(rows.len());
    let mut deleted = Vec::new();
    for (position, row) in rows.into_iter().enumerate() {
        let id = id(&row, position)?;
        if let Some(at) = row.get("deletedDateTime").and_then(Value::as_str) {
            deleted.push((id, time::parse(at)));
            continue;
        }
        if row.contains_key("members@odata.nextLink") {
            return Err(format!(
                "the members of group {id} are incomplete (members@odata.nextLink): export all of them"
            ));
        }
        let display_name = row.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut members = Vec::new();
        let listed = row.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut seen = BTreeSet::new();
        for member in listed {
            let member = member
                .get("id")
                .and_then(Value::as_str)
                .ok_or_else(|| format!("group {id} has a member without id"))?;
            if seen.insert(member.to_owned()) {
                members.push(member.to_owned());
            }
        }
        groups.push(SourceGroup { id, display_name, members });
    }
    Ok(GroupPage { groups, deleted, more })
}

fn rows(text: &str) -> Result<(Vec<Map<String, Value>>, bool), String> {
    let document: Value = serde_json::from_str(text).map_err(|error| format!("this is not JSON: {error}"))?;
    let more = document.get("@odata.nextLink").is_some();
    let rows = match document {
        Value::Array(rows) => rows,
        Value::Object(mut object) => match object.remove("value") {
            Some(Value::Array(rows)) => rows,
            _ => {
                return Err("there is no array `value`: this is not a response of Microsoft Graph".into());
            }
        },
        _ => return Err("this is not a response of Microsoft Graph".into()),
    };
    let rows = rows.into_iter().enumerate().map(|(position, row)| match row {
        Value::Object(row) => Ok(row),
        _ => Err(format!("entry {} of `value` is not an object", position + 1)),
    });
    Ok((rows.collect::<Result<_, _>>()?, more))
}

fn id(row: &Map<String, Value>, position: usize) -> Result<String, String> {
    let id = row.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| format!("entry {} has no `id`: select it in the export", position + 1))
}

/// Converts a value to text as Entra's mappings do: the first business phone, the object id of the manager. Empty text
/// counts as no value.
fn text_of(value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => text_of(values.into_iter().next()?)?,
        Value::Object(mut object) => text_of(object.remove("id")?)?,
        Value::Null => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_text_attributes_and_empty_ones_are_absent() {
        let page = users(
            r##"{"@odata.context":"x","value":[{"@odata.type":"#microsoft.graph.user","id":"1","userPrincipalName":"a@b","mail":null,
                "jobTitle":"","accountEnabled":false,"businessPhones":["1","2"],"manager":{"id":"9"}}]}"##,
        )
        .unwrap();
        let shown: Vec<_> = page.users[0].attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(shown, ["accountEnabled=false", "businessPhones=1", "id=1", "manager=9", "userPrincipalName=a@b"]);
        assert!(page.attributes.contains("mail") && !page.more);
    }

    #[test]
    fn further_pages_are_detected() {
        assert!(users(r#"{"@odata.nextLink":"https://…","value":[]}"#).unwrap().more);
        assert!(
            groups(r#"{"value":[{"id":"g","displayName":"G","members":[],"members@odata.nextLink":"https://…"}]}"#)
                .is_err()
        );
    }

    #[test]
    fn a_member_counts_once() {
        let page = groups(r#"[{"id":"g","displayName":"G","members":[{"id":"a"},{"id":"b"},{"id":"a"}]}]"#).unwrap();
        assert_eq!(page.groups[0].members, ["a", "b"]);
    }

    #[test]
    fn a_group_in_the_recycle_bin_is_deleted() {
        let page = groups(r#"[{"id":"g","deletedDateTime":"1970-01-01T00:00:01Z"},{"id":"h","deletedDateTime":null}]"#);
        let page = page.unwrap();
        assert_eq!((page.deleted, page.groups[0].id.as_str()), (vec![("g".to_owned(), Some(1_000))], "h"));
    }

    #[test]
    fn an_invalid_export_is_refused_with_a_reason() {
        for (text, why) in [
            ("[1]", "not an object"),
            ("{}", "not a response of Microsoft Graph"),
            ("{", "not JSON"),
            ("[{}]", "no `id`"),
        ] {
            let error = users(text).err().unwrap();
            assert!(error.contains(why), "{error}");
        }
    }
}
