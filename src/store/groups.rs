//! Groups. Their members live in rows of their own; see `members`.

use std::collections::HashMap;

use serde_json::Value;

use super::database::from_row;
use super::documents::{parse_document, text};
use super::keys::GroupKeys;
use super::members::{self, MEMBERS, MemberChanges};
use super::sql::Sql;
use super::{Store, StoreError, journal};
use crate::model::id::{GroupId, TenantId};
use crate::model::journal::NewEntry;
use crate::scim::document::{Resource, Text};
use crate::scim::schema::{self, ResourceKind};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into groups (tenant_id, id, version, created, last_modified, display_name_key, \
    external_id, document) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const REPLACE: &str = "update groups set version = ?4, last_modified = ?5, display_name_key = ?6, external_id = ?7, \
    document = ?8 where tenant_id = ?1 and id = ?2 and version = ?3";
/// Marks the groups that have the group as a member as changed.
const LEAVE: &str = "update groups set version = version + 1, \
    last_modified = case when last_modified < ?4 then ?4 else last_modified end where tenant_id = ?1 and id in \
    (select m.group_id from group_members m join groups g on g.tenant_id = m.tenant_id and g.id = m.member_id \
    where m.tenant_id = ?1 and m.member_id = ?2 and (cast(?3 as bigint) is null or g.version = ?3)) and id <> ?2";
const DELETE: &str =
    "delete from groups where tenant_id = ?1 and id = ?2 and (cast(?3 as bigint) is null or version = ?3)";
pub(super) const SELECT: &str = "select g.seq, g.id, g.version, g.created, g.last_modified, g.document from groups g ";

/// Which members a group is read with. Entra always requests none; a big group costs nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberSelection<'a> {
    /// The document holds all `members`.
    All,
    /// The document holds no `members`.
    None,
    /// The document holds those `members` that have these ids.
    Only(&'a [String]),
}

/// A row of `SELECT`.
pub(super) struct StoredGroup {
    pub(super) seq: i64,
    id: String,
    version: u64,
    created: DateTime,
    last_modified: DateTime,
    document: String,
}

impl Store {
    /// Stores a new group with the members in its document; `Duplicate` when the displayName is taken,
    /// `UnknownMember` when a member does not exist.
    pub async fn insert_group(&self, tenant: TenantId, group: &Resource, entry: &NewEntry) -> Result<(), StoreError> {
        let (mut group, entry) = (group.clone(), entry.clone());
        let changes = MemberChanges::between(&members::Members::new(), &members::take(&mut group.document));
        let (keys, document) = (GroupKeys::of(&group.document), text(&group.document, schema::group())?);
        let Resource { id, version, created, last_modified, .. } = group;
        self.write(move |db| {
            let keys = (&keys.display_name, &keys.external_id);
            let values = (tenant, &id, version, created, last_modified, keys.0, keys.1, document);
            db.execute(INSERT, values)?;
            changes.apply(db, tenant, &id)?;
            journal::insert(db, tenant, &entry)
        })
        .await
    }

    /// One group.
    pub async fn group(
        &self,
        tenant: TenantId,
        id: GroupId,
        members: MemberSelection<'_>,
    ) -> Result<Option<Resource>, StoreError> {
        self.group_text(tenant, id, members).await?.map(parse_document).transpose()
    }

    /// One group, its document as text.
    pub async fn group_text(
        &self,
        tenant: TenantId,
        id: GroupId,
        members: MemberSelection<'_>,
    ) -> Result<Option<Resource<Text>>, StoreError> {
        let mut find = Sql::new(SELECT);
        find.push("where g.tenant_id = ").bind(tenant).push(" and g.id = ").bind(id);
        let groups = self.with_members(tenant, find.ask(&self.database).await?, members).await?;
        Ok(groups.into_iter().next())
    }

    /// Replaces `before` with `after` if the stored group still has that one's version. Both hold their members, or
    /// both only the same named ones; only the membership rows that differ are touched. `false` when the group has
    /// another version, or is gone.
    /// `Duplicate` when the displayName is taken, `UnknownMember` when a new member does not exist.
    pub async fn replace_group(
        &self,
        tenant: TenantId,
        before: &Resource,
        after: &Resource,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let (mut before, mut after, entry) = (before.clone(), after.clone(), entry.clone());
        let changes = MemberChanges::between(&members::take(&mut before.document), &members::take(&mut after.document));
        let (keys, document) = (GroupKeys::of(&after.document), text(&after.document, schema::group())?);
        let Resource { id, version, last_modified, .. } = after;
        self.write(move |db| {
            let keys = (&keys.display_name, &keys.external_id);
            let values = (tenant, &id, before.version, version, last_modified, keys.0, keys.1, document);
            if db.execute(REPLACE, values)? == 0 {
                return Ok(false);
            }
            changes.apply(db, tenant, &id)?;
            journal::insert(db, tenant, &entry)?;
            Ok(true)
        })
        .await
    }

    /// Deletes the group; its members stay. `false` when it is gone, or has another version than expected.
    pub async fn delete_group(
        &self,
        tenant: TenantId,
        id: GroupId,
        expected_version: Option<u64>,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let (id, entry) = (id.to_string(), entry.clone());
        self.write(move |db| members::leave_and_delete(db, [LEAVE, DELETE], tenant, &id, expected_version, &entry))
            .await
    }

    /// Groups with their members, in the same order.
    pub(super) async fn with_members(
        &self,
        tenant: TenantId,
        groups: Vec<StoredGroup>,
        members: MemberSelection<'_>,
    ) -> Result<Vec<Resource<Text>>, StoreError> {
        let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
        let mut members = match members {
            _ if ids.is_empty() => HashMap::default(),
            MemberSelection::All => members::list(&self.database, tenant, &ids, None).await?,
            MemberSelection::Only(wanted) => members::list(&self.database, tenant, &ids, Some(wanted)).await?,
            MemberSelection::None => HashMap::default(),
        };
        let resource = |group: StoredGroup| {
            let members = members.remove(&group.id);
            group.into_resource(members)
        };
        Ok(groups.into_iter().map(resource).collect())
    }
}

from_row!(StoredGroup { seq, id, version, created, last_modified, document });

impl StoredGroup {
    /// With these members, if any are wanted, in the document.
    fn into_resource(self, members: Option<Vec<Value>>) -> Resource<Text> {
        let mut document = self.document;
        if let (Some(members), Some(kept)) = (members, document.strip_suffix('}')) {
            // A group has a displayName, so that there is something before the comma.
            document = format!("{kept},\"{MEMBERS}\":{}}}", Value::Array(members));
        }
        Resource {
            kind: ResourceKind::Group,
            created: self.created,
            last_modified: self.last_modified,
            version: self.version,
            document: Text(document),
            groups: Vec::new(),
            id: self.id,
        }
    }
}
