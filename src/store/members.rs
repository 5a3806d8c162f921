//! Members of groups: users and groups, in a table each. A change touches the rows it is about, however big the group.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::database::{Database, Transaction};
use super::{StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::scim::compare::fold;
use crate::scim::document::Document;

const LIST: &str = "select group_id, user_id as member, 'User' as type, display from user_members \
    where tenant_id = ?1 and group_id in (select value from json_each(?2)) \
    union all select group_id, member_id, 'Group', display from group_members \
    where tenant_id = ?1 and group_id in (select value from json_each(?2)) order by group_id, member";
const ONLY: &str = "select group_id, user_id as member, 'User' as type, display from user_members \
    where tenant_id = ?1 and group_id in (select value from json_each(?2)) \
    and user_id in (select value from json_each(?3)) \
    union all select group_id, member_id, 'Group', display from group_members \
    where tenant_id = ?1 and group_id in (select value from json_each(?2)) \
    and member_id in (select value from json_each(?3)) order by group_id, member";
const INSERT_USERS: &str = "insert into user_members (tenant_id, group_id, user_id, display, display_key) \
    select ?1, ?2, u.id, j.value ->> 1, j.value ->> 2 from json_each(?3) j \
    join users u on u.tenant_id = ?1 and u.id = j.value ->> 0";
const INSERT_GROUPS: &str = "insert into group_members (tenant_id, group_id, member_id, display, display_key) \
    select ?1, ?2, g.id, j.value ->> 1, j.value ->> 2 from json_each(?3) j \
    join groups g on g.tenant_id = ?1 and g.id = j.value ->> 0";
const UNKNOWN: &str = "select j.value ->> 0 from json_each(?2) j \
    where not exists (select 1 from users u where u.tenant_id = ?1 and u.id = j.value ->> 0) \
    and not exists (select 1 from groups g where g.tenant_id = ?1 and g.id = j.value ->> 0) limit 1";
const DELETE_USERS: &str = "delete from user_members where tenant_id = ?1 and group_id = ?2 \
    and user_id in (select value from json_each(?3))";
const DELETE_GROUPS: &str = "delete from group_members where tenant_id = ?1 and group_id = ?2 \
    and member_id in (select value from json_each(?3))";

/// The attribute of a group's document that is kept in rows.
pub(super) const MEMBERS: &str = "members";

/// A document's members: display by id.
pub(super) type Members = HashMap<String, String>;

/// The difference between two sets of members.
pub(super) struct MemberChanges {
    /// JSON array of `[id, display, folded display]`.
    added: Vec<Value>,
    /// Ids.
    removed: Vec<Value>,
}

/// Removes the members from a group's document.
pub(super) fn take(document: &mut Document) -> Members {
    let members = document.as_map_mut().shift_remove(MEMBERS).unwrap_or_default();
    let elements = members.as_array().map_or(&[][..], Vec::as_slice);
    let text = |element: &Value, name| element.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let members = elements.iter().map(|element| (text(element, "value"), text(element, "display")));
    members.filter(|(id, _)| !id.is_empty()).collect()
}

impl MemberChanges {
    pub(super) fn between(before: &Members, after: &Members) -> Self {
        let differing = |one: &Members, other: &Members| -> Vec<(String, String)> {
            let mut differing: Vec<_> = one
                .iter()
                .filter(|(id, display)| other.get(*id) != Some(display))
                .map(|(id, display)| (id.clone(), display.clone()))
                .collect();
            differing.sort_unstable();
            differing
        };
        let added = differing(after, before).into_iter().map(|(id, display)| json!([id, display, fold(&display)]));
        let removed = differing(before, after).into_iter().map(|(id, _)| Value::String(id));
        Self { added: added.collect(), removed: removed.collect() }
    }

    /// A unit: removes and adds the rows of one group.
    pub(super) fn apply(self, db: &Transaction<'_>, tenant: TenantId, group: &str) -> Result<(), StoreError> {
        if !self.removed.is_empty() {
            let removed = Value::Array(self.removed).to_string();
            for statement in [DELETE_USERS, DELETE_GROUPS] {
                db.execute(statement, (tenant, group, &removed))?;
            }
        }
        if self.added.is_empty() {
            return Ok(());
        }
        let wanted = self.added.len();
        let added = Value::Array(self.added).to_string();
        let mut inserted = 0;
        for statement in [INSERT_USERS, INSERT_GROUPS] {
            inserted += db.execute(statement, (tenant, group, &added))?;
        }
        if inserted == wanted {
            return Ok(());
        }
        let unknown: Option<String> = db.find(UNKNOWN, (tenant, &added))?;
        Err(StoreError::UnknownMember(unknown.unwrap_or_default()))
    }
}

/// A unit: a user or a group leaves its groups and is deleted, by the two statements for its kind; `false` when it is gone,
/// or has another version than expected.
pub(super) fn leave_and_delete(
    db: &Transaction<'_>,
    [leave, delete]: [&str; 2],
    tenant: TenantId,
    id: &str,
    expected_version: Option<u64>,
    entry: &NewEntry,
) -> Result<bool, StoreError> {
    db.execute(leave, (tenant, id, expected_version, entry.at))?;
    if db.execute(delete, (tenant, id, expected_version))? == 0 {
        return Ok(false);
    }
    journal::insert(db, tenant, entry)?;
    Ok(true)
}

/// The members of some groups, by group.
type ByGroup = HashMap<String, Vec<Value>>;
/// Group, member, type, display.
type Row = (String, String, String, String);

/// The members of some groups, or those of them that have one of these ids, as they appear in a group's document, in the order
/// of their ids.
pub(super) async fn list(
    database: &Database,
    tenant: TenantId,
    groups: &[&str],
    only: Option<&[String]>,
) -> Result<ByGroup, StoreError> {
    let groups = json!(groups).to_string();
    let rows = match only {
        None => database.ask(LIST, (tenant, groups)).await?,
        Some(ids) => database.ask(ONLY, (tenant, groups, json!(ids).to_string())).await?,
    };
    Ok(by_group(rows))
}

fn by_group(rows: Vec<Row>) -> ByGroup {
    let mut members = ByGroup::new();
    for (group, id, kind, display) in rows {
        let mut member = Map::from_iter([("value".into(), id.into()), ("type".into(), kind.into())]);
        if !display.is_empty() {
            member.insert("display".into(), display.into());
        }
        members.entry(group).or_default().push(Value::Object(member));
    }
    members
}
