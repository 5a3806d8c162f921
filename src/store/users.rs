//! Users.

use rusqlite::Connection;

use super::keys::{NO_VALUES, UserKeys, text};
use super::lists::parse_document;
use super::queries::Read;
use super::sql::Sql;
use super::writer::{execute, find_one};
use super::{Store, StoreError, journal, members, schemas};
use crate::model::id::{TenantId, UserId};
use crate::model::journal::NewEntry;
use crate::model::page::Source;
use crate::scim::compare::user_name_key;
use crate::scim::document::{Resource, Text};
use crate::scim::schema::{ResourceKind, Types};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into users (tenant_id, id, version, source, created, last_modified, document, \
    active, user_name_key, external_id, display_name_key, given_name_key, family_name_key, title_key, manager_id, \
    email_key) select ";
/// Only while the tenant's schemas are those that the keys were drawn by.
const BY_THESE_SCHEMAS: &str = " = coalesce((select schemas_version from settings where tenant_id = ";
pub(super) const SEQ: &str = "select seq from users where tenant_id = ?1 and id = ?2";
const INSERT_VALUES: &str = "insert into user_values (tenant_id, attribute, value_key, user_seq) \
    select ?1, v.value ->> 0, v.value ->> 1, ?2 from json_each(?3) v";
pub(super) const DELETE_VALUES: &str = "delete from user_values where +tenant_id = ?1 and user_seq = ?2";
const INSERT_UNIQUE: &str =
    "insert into unique_values (tenant_id, attribute, value_key, user_seq) values (?1, ?2, ?3, ?4)";
const DELETE_UNIQUE: &str = "delete from unique_values where tenant_id = ?1 and user_seq = ?2";
/// The groups the user is in become other than they were.
const LEAVE: &str = "update groups set version = version + 1, last_modified = max(last_modified, ?4) where tenant_id = ?1 and id in \
    (select m.group_id from user_members m join users u on u.tenant_id = m.tenant_id and u.id = m.user_id \
    where m.tenant_id = ?1 and m.user_id = ?2 and (?3 is null or u.version = ?3))";
const DELETE: &str = "delete from users where tenant_id = ?1 and id = ?2 and (?3 is null or version = ?3)";
const NAMED: &str = "select id from users where tenant_id = ?1 and user_name_key = ?2";
const SOURCE: &str = "select source from users where tenant_id = ?1 and id = ?2";
/// A user with its groups, up to the condition. Those that name it are direct; those that name a group it is in are
/// indirect. `union` keeps what is there already, so a circle ends.
pub(super) const SELECT: &str = "select u.seq, u.id, u.version, u.created, u.last_modified, u.document, \
    iif(exists (select 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id), \
    (with recursive way (id, direct) as ( \
    select m.group_id, 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id \
    union select m.group_id, 0 from way join group_members m on m.tenant_id = u.tenant_id and m.member_id = way.id) \
    select json_group_array(json_object('value', g.id, 'display', g.document ->> '$.displayName', \
    'type', iif(w.direct, 'direct', 'indirect')) order by g.display_name_key) \
    from (select id, max(direct) as direct from way group by id) w \
    join groups g on g.tenant_id = u.tenant_id and g.id = w.id), '[]') as groups from users u ";

/// A user about to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user; its `version` is 1.
    pub resource: Resource,
    /// Who makes it.
    pub source: Source,
}

/// A user, and its number in the order of making.
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) user: Resource<Text>,
}

impl Store {
    /// Stores a new user and the entry that tells of it; `Duplicate` when the userName is taken, `NotUnique` when a value of
    /// another unique attribute is, `SchemasChanged` when the tenant has other `types` by now.
    pub async fn insert_user(
        &self,
        tenant: TenantId,
        types: &Types,
        user: &NewUser,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let (keys, document) =
            (UserKeys::of(&user.resource.document, types), text(&user.resource.document, types.user())?);
        let (insertion, telling) = (insertion(tenant, user, &keys, document), journal::insertion(tenant, entry)?);
        self.write(move |db| {
            if insertion.execute(db)? == 0 {
                return Err(StoreError::SchemasChanged);
            }
            insert_values(db, tenant, db.last_insert_rowid(), &keys)?;
            telling.execute(db).map(drop)
        })
        .await
    }

    /// One user, with groups.
    pub async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource>, StoreError> {
        self.user_text(tenant, id).await?.map(parse_document).transpose()
    }

    /// One user, with groups, to be shown.
    pub async fn user_text(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource<Text>>, StoreError> {
        let mut find = Sql::new(SELECT);
        find.push("where u.tenant_id = ").bind(tenant.0).push(" and u.id = ").bind(id.to_string());
        let row: Option<Row> = self.queries.ask_one(&find).await?;
        Ok(row.map(|row| row.user))
    }

    /// The user of this userName.
    pub async fn user_by_name(&self, tenant: TenantId, user_name: &str) -> Result<Option<UserId>, StoreError> {
        let query = sqlx::query_as(NAMED).bind(tenant.0).bind(user_name_key(user_name));
        let row: Option<(String,)> = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|(id,)| id.parse().map_err(|why| StoreError::corrupt("users", &id, why))).transpose()
    }

    /// Who made the user.
    pub async fn user_source(&self, tenant: TenantId, id: UserId) -> Result<Option<Source>, StoreError> {
        let query = sqlx::query_as(SOURCE).bind(tenant.0).bind(id.to_string());
        let row: Option<(String,)> = query.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|(source,)| source.parse().map_err(|why| StoreError::corrupt("users", id, why))).transpose()
    }

    /// Puts `after` in place of `before` if the stored user still has that one's version; `false` when it has not, or
    /// is gone. `Duplicate` when the userName is taken.
    pub async fn replace_user(
        &self,
        tenant: TenantId,
        types: &Types,
        before: &Resource,
        after: &Resource,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let (former, keys) = (UserKeys::of(&before.document, types), UserKeys::of(&after.document, types));
        let document = text(&after.document, types.user())?;
        let replacement = replacement(tenant, before, after, (&former, &keys), document);
        let (id, telling) = (after.id.clone(), journal::insertion(tenant, entry)?);
        self.write(move |db| {
            if replacement.execute(db)? == 0 {
                schemas::check_version(db, tenant, keys.schemas_version)?;
                return Ok(false);
            }
            if former.values != keys.values || former.unique != keys.unique {
                let seq = find_one(db, SEQ, (tenant.0, id))?;
                execute(db, DELETE_VALUES, (tenant.0, seq))?;
                execute(db, DELETE_UNIQUE, (tenant.0, seq))?;
                insert_values(db, tenant, seq, &keys)?;
            }
            telling.execute(db)?;
            Ok(true)
        })
        .await
    }

    /// Deletes the user, and it leaves all groups; `false` when it is gone, or has another version than expected.
    pub async fn delete_user(
        &self,
        tenant: TenantId,
        id: UserId,
        expected_version: Option<u64>,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let (id, entry) = (id.to_string(), entry.clone());
        self.write(move |db| members::leave_and_delete(db, [LEAVE, DELETE], tenant, &id, expected_version, &entry))
            .await
    }
}

/// A unit: the values that stand in tables of their own. The database keeps the unique ones apart.
fn insert_values(db: &Connection, tenant: TenantId, seq: i64, keys: &UserKeys) -> Result<(), StoreError> {
    if keys.values != NO_VALUES {
        execute(db, INSERT_VALUES, (tenant.0, seq, &keys.values))?;
    }
    for (attribute, value) in &keys.unique {
        execute(db, INSERT_UNIQUE, (tenant.0, attribute, value, seq)).map_err(|error| match error {
            StoreError::Duplicate => StoreError::NotUnique { attribute: attribute.clone(), value: value.clone() },
            other => other,
        })?;
    }
    Ok(())
}

fn insertion(tenant: TenantId, user: &NewUser, keys: &UserKeys, document: String) -> Sql {
    let NewUser { resource, source } = user;
    let mut sql = Sql::new(INSERT);
    sql.bind_all([
        tenant.0.into(),
        resource.id.as_str().into(),
        resource.version.cast_signed().into(),
        source.as_str().into(),
        resource.created.as_millis().into(),
        resource.last_modified.as_millis().into(),
        document.into(),
    ]);
    for (_, key) in &keys.columns {
        sql.push(", ").bind(key.clone());
    }
    sql.push(" where ").bind(keys.schemas_version).push(BY_THESE_SCHEMAS).bind(tenant.0).push("), 0)");
    sql
}

/// Only keys that are other than before are written: each is in an index or two.
fn replacement(
    tenant: TenantId,
    before: &Resource,
    after: &Resource,
    (former, keys): (&UserKeys, &UserKeys),
    document: String,
) -> Sql {
    let mut sql = Sql::new("update users set version = ");
    sql.bind(after.version.cast_signed()).push(", last_modified = ").bind(after.last_modified.as_millis());
    sql.push(", document = ").bind(document);
    for ((_, former), (column, key)) in former.columns.iter().zip(&keys.columns) {
        if former != key {
            sql.push(", ").push(column).push(" = ").bind(key.clone());
        }
    }
    sql.push(" where tenant_id = ").bind(tenant.0).push(" and id = ").bind(after.id.as_str());
    sql.push(" and version = ").bind(before.version.cast_signed());
    sql.push(" and ").bind(keys.schemas_version).push(BY_THESE_SCHEMAS).bind(tenant.0).push("), 0)");
    sql
}

impl Read for Row {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, StoreError> {
        // As `SELECT` has them.
        let (id, version): (String, i64) = (row.get(1)?, row.get(2)?);
        let groups = serde_json::from_slice(row.get_ref(6)?.as_bytes().map_err(rusqlite::Error::from)?);
        let user = Resource {
            kind: ResourceKind::User,
            created: DateTime::from_millis(row.get(3)?),
            last_modified: DateTime::from_millis(row.get(4)?),
            version: version.cast_unsigned(),
            document: Text(row.get(5)?),
            groups: groups.map_err(|why| StoreError::corrupt("users", &id, why))?,
            id,
        };
        Ok(Self { seq: row.get(0)?, user })
    }
}
