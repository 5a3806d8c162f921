//! Groups. Their members live in rows of their own; see `members`.

use std::collections::HashMap;

use serde_json::Value;

use super::keys::{GroupKeys, text};
use super::lists::parse_document;
use super::members::{self, MEMBERS, MemberChanges};
use super::queries::Read;
use super::sql::Sql;
use super::writer::execute;
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
/// The groups that have the group as a member become other than they were.
const LEAVE: &str = "update groups set version = version + 1, last_modified = max(last_modified, ?4) where tenant_id = ?1 and id in \
    (select m.group_id from group_members m join groups g on g.tenant_id = m.tenant_id and g.id = m.member_id \
    where m.tenant_id = ?1 and m.member_id = ?2 and (?3 is null or g.version = ?3)) and id <> ?2";
const DELETE: &str = "delete from groups where tenant_id = ?1 and id = ?2 and (?3 is null or version = ?3)";
pub(super) const SELECT: &str = "select g.seq, g.id, g.version, g.created, g.last_modified, g.document from groups g ";

/// Which of its members a group is read with. Entra always asks for none; a big group costs nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberSelection<'a> {
    /// The document holds all `members`.
    All,
    /// The document holds no `members`.
    None,
    /// The document holds those `members` that have these ids.
    Only(&'a [String]),
}

pub(super) struct Row {
    pub(super) seq: i64,
    id: String,
    version: i64,
    created: i64,
    last_modified: i64,
    document: String,
}

impl Store {
    /// Stores a new group with the members in its document; `Duplicate` when the displayName is taken,
    /// `UnknownMember` when a member names nobody.
    pub async fn insert_group(&self, tenant: TenantId, group: &Resource, entry: &NewEntry) -> Result<(), StoreError> {
        let (mut group, entry) = (group.clone(), entry.clone());
        let changes = MemberChanges::between(&members::Members::new(), &members::take(&mut group.document));
        let (keys, document) = (GroupKeys::of(&group.document), text(&group.document, schema::group())?);
        self.write(move |db| {
            let values = (
                tenant.0,
                &group.id,
                group.version.cast_signed(),
                group.created.as_millis(),
                group.last_modified.as_millis(),
                &keys.display_name,
                &keys.external_id,
                &document,
            );
            execute(db, INSERT, values)?;
            changes.apply(db, tenant, &group.id)?;
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

    /// One group, to be shown.
    pub async fn group_text(
        &self,
        tenant: TenantId,
        id: GroupId,
        members: MemberSelection<'_>,
    ) -> Result<Option<Resource<Text>>, StoreError> {
        let mut find = Sql::new(SELECT);
        find.push("where g.tenant_id = ").bind(tenant.0).push(" and g.id = ").bind(id.to_string());
        let row: Option<Row> = self.queries.ask_one(&find).await?;
        let groups = self.read_groups(tenant, row.into_iter().collect(), members).await?;
        Ok(groups.into_iter().next())
    }

    /// Puts `after` in place of `before` if the stored group still has that one's version. Both hold their members, or
    /// both only the same named ones; only the membership rows that differ are touched. `false` when the group has
    /// another version, or is gone.
    /// `Duplicate` when the displayName is taken, `UnknownMember` when a new member names nobody.
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
        self.write(move |db| {
            let values = (
                tenant.0,
                &after.id,
                before.version.cast_signed(),
                after.version.cast_signed(),
                after.last_modified.as_millis(),
                &keys.display_name,
                &keys.external_id,
                &document,
            );
            if execute(db, REPLACE, values)? == 0 {
                return Ok(false);
            }
            changes.apply(db, tenant, &after.id)?;
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

    /// The groups of some rows, in the same order.
    pub(super) async fn read_groups(
        &self,
        tenant: TenantId,
        rows: Vec<Row>,
        members: MemberSelection<'_>,
    ) -> Result<Vec<Resource<Text>>, StoreError> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut members = match members {
            _ if ids.is_empty() => HashMap::default(),
            MemberSelection::All => members::list(&mut *self.reader().await?, tenant, &ids).await?,
            MemberSelection::Only(named) => members::named(&mut *self.reader().await?, tenant, &ids, named).await?,
            MemberSelection::None => HashMap::default(),
        };
        Ok(rows
            .into_iter()
            .map(|row| {
                let members = members.remove(&row.id);
                row.read(members)
            })
            .collect())
    }
}

impl Read for Row {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, StoreError> {
        // As `SELECT` has them.
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            version: row.get(2)?,
            created: row.get(3)?,
            last_modified: row.get(4)?,
            document: row.get(5)?,
        })
    }
}

impl Row {
    /// The members, if they are wanted, become a part of the document.
    fn read(self, members: Option<Vec<Value>>) -> Resource<Text> {
        let mut document = self.document;
        if let (Some(members), Some(kept)) = (members, document.strip_suffix('}')) {
            // A group has a displayName, so that there is something before the comma.
            document = format!("{kept},\"{MEMBERS}\":{}}}", Value::Array(members));
        }
        Resource {
            kind: ResourceKind::Group,
            created: DateTime::from_millis(self.created),
            last_modified: DateTime::from_millis(self.last_modified),
            version: self.version.cast_unsigned(),
            document: Text(document),
            groups: Vec::new(),
            id: self.id,
        }
    }
}
