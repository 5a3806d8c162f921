//! Users.

use super::database::{FromRow, Row, Transaction};
use super::documents::{parse_document, text};
use super::keys::{NO_VALUES, UserKeys};
use super::sql::Sql;
use super::{Store, StoreError, journal, members, schemas};
use crate::model::id::{TenantId, UserId};
use crate::model::journal::NewEntry;
use crate::model::page::Source;
use crate::scim::compare::user_name_key;
use crate::scim::document::{Resource, Text};
use crate::scim::schema::{ResourceKind, Types};

const INSERT: &str = "insert into users (tenant_id, id, version, source, created, last_modified, document, \
    active, user_name_key, external_id, display_name_key, given_name_key, family_name_key, title_key, manager_id, \
    email_key) select ";
/// Only while the tenant's schemas are those that the keys were derived by.
const BY_THESE_SCHEMAS: &str = " = coalesce((select schemas_version from settings where tenant_id = ";
pub(super) const SEQ: &str = "select seq from users where tenant_id = ?1 and id = ?2";
const INSERT_VALUES: &str = "insert into user_values (tenant_id, attribute, value_key, user_seq) \
    select ?1, v.value ->> 0, v.value ->> 1, ?2 from json_each(?3) v";
pub(super) const DELETE_VALUES: &str = "delete from user_values where +tenant_id = ?1 and user_seq = ?2";
const INSERT_UNIQUE: &str =
    "insert into unique_values (tenant_id, attribute, value_key, user_seq) values (?1, ?2, ?3, ?4)";
const DELETE_UNIQUE: &str = "delete from unique_values where tenant_id = ?1 and user_seq = ?2";
/// Marks the groups that the user is in as changed.
const LEAVE: &str = "update groups set version = version + 1, \
    last_modified = case when last_modified < ?4 then ?4 else last_modified end where tenant_id = ?1 and id in \
    (select m.group_id from user_members m join users u on u.tenant_id = m.tenant_id and u.id = m.user_id \
    where m.tenant_id = ?1 and m.user_id = ?2 and (cast(?3 as bigint) is null or u.version = ?3))";
const DELETE: &str =
    "delete from users where tenant_id = ?1 and id = ?2 and (cast(?3 as bigint) is null or version = ?3)";
const NAMED: &str = "select id from users where tenant_id = ?1 and user_name_key = ?2";
const SOURCE: &str = "select source from users where tenant_id = ?1 and id = ?2";
/// A user with its number and its groups, up to the condition. Those that name it are direct; those that name a group it is in are
/// indirect. `union` keeps what is there already, so a circle ends.
pub(super) const SELECT: &str = "select u.seq, u.id, u.version, u.created, u.last_modified, u.document, \
    case when exists (select 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id) then \
    (with recursive way (id, direct) as ( \
    select m.group_id, 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id \
    union select m.group_id, 0 from way join group_members m on m.tenant_id = u.tenant_id and m.member_id = way.id) \
    select json_group_array(json_object('value', g.id, 'display', g.document ->> 'displayName', \
    'type', case when w.direct = 1 then 'direct' else 'indirect' end) order by g.display_name_key) \
    from (select id, max(direct) as direct from way group by id) w \
    join groups g on g.tenant_id = u.tenant_id and g.id = w.id) else '[]' end as groups from users u ";

/// A user that is to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user; its `version` is 1.
    pub resource: Resource,
    /// Who created it.
    pub source: Source,
}

impl Store {
    /// Stores a new user and its journal entry; `Duplicate` when the userName is taken, `NotUnique` when a value of
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
        let (insertion, journaling) = (insertion(tenant, user, &keys, &document), journal::insertion(tenant, entry)?);
        self.write(move |db| {
            let seq: i64 = insertion.find(db)?.ok_or(StoreError::SchemasChanged)?;
            insert_values(db, tenant, seq, &keys)?;
            journaling.execute(db).map(drop)
        })
        .await
    }

    /// One user, with groups.
    pub async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource>, StoreError> {
        self.user_text(tenant, id).await?.map(parse_document).transpose()
    }

    /// One user, with groups, its document as text.
    pub async fn user_text(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource<Text>>, StoreError> {
        let mut find = Sql::new(SELECT);
        find.push("where u.tenant_id = ").bind(tenant).push(" and u.id = ").bind(id);
        let found: Option<(i64, _)> = find.ask_one(&self.database).await?;
        Ok(found.map(|(_, user)| user))
    }

    /// The user of this userName.
    pub async fn user_by_name(&self, tenant: TenantId, user_name: &str) -> Result<Option<UserId>, StoreError> {
        self.database.ask_one(NAMED, (tenant, user_name_key(user_name))).await
    }

    /// Who created the user.
    pub async fn user_source(&self, tenant: TenantId, id: UserId) -> Result<Option<Source>, StoreError> {
        self.database.ask_one(SOURCE, (tenant, id)).await
    }

    /// Replaces `before` with `after` if the stored user still has that one's version; `false` when it has not, or
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
        let replacement = replacement(tenant, before, after, (&former, &keys), &document);
        let (id, journaling) = (after.id.clone(), journal::insertion(tenant, entry)?);
        self.write(move |db| {
            if replacement.execute(db)? == 0 {
                schemas::check_version(db, tenant, keys.schemas_version)?;
                return Ok(false);
            }
            if former.values != keys.values || former.unique != keys.unique {
                let seq: i64 = db.find_one(SEQ, (tenant, id))?;
                db.execute(DELETE_VALUES, (tenant, seq))?;
                db.execute(DELETE_UNIQUE, (tenant, seq))?;
                insert_values(db, tenant, seq, &keys)?;
            }
            journaling.execute(db)?;
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

/// A unit: the values that are kept in tables of their own. The database enforces that the unique ones are unique.
fn insert_values(db: &Transaction<'_>, tenant: TenantId, seq: i64, keys: &UserKeys) -> Result<(), StoreError> {
    if keys.values != NO_VALUES {
        db.execute(INSERT_VALUES, (tenant, seq, &keys.values))?;
    }
    for (attribute, value) in &keys.unique {
        db.execute(INSERT_UNIQUE, (tenant, attribute, value, seq)).map_err(|error| match error {
            StoreError::Duplicate => StoreError::NotUnique { attribute: attribute.clone(), value: value.clone() },
            other => other,
        })?;
    }
    Ok(())
}

fn insertion(tenant: TenantId, user: &NewUser, keys: &UserKeys, document: &str) -> Sql {
    let NewUser { resource, source } = user;
    let mut sql = Sql::new(INSERT);
    let Resource { id, version, created, last_modified, .. } = resource;
    sql.bind_all(&[&tenant, id, version, source, created, last_modified, &document]);
    for (_, key) in &keys.columns {
        sql.push(", ").bind(key);
    }
    sql.push(" where ").bind(keys.schemas_version).push(BY_THESE_SCHEMAS).bind(tenant).push("), 0) returning seq");
    sql
}

/// Writes only keys that differ from before: each is in an index or two.
fn replacement(
    tenant: TenantId,
    before: &Resource,
    after: &Resource,
    (former, keys): (&UserKeys, &UserKeys),
    document: &str,
) -> Sql {
    let mut sql = Sql::new("update users set version = ");
    sql.bind(after.version).push(", last_modified = ").bind(after.last_modified);
    sql.push(", document = ").bind(document);
    for ((_, former), (column, key)) in former.columns.iter().zip(&keys.columns) {
        if former != key {
            sql.push(", ").push(column).push(" = ").bind(key);
        }
    }
    sql.push(" where tenant_id = ").bind(tenant).push(" and id = ").bind(after.id.as_str());
    sql.push(" and version = ").bind(before.version);
    sql.push(" and ").bind(keys.schemas_version).push(BY_THESE_SCHEMAS).bind(tenant).push("), 0)");
    sql
}

/// The columns of `SELECT` after the number.
impl FromRow for Resource<Text> {
    fn from_row(row: &mut Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            kind: ResourceKind::User,
            id: row.read()?,
            version: row.read()?,
            created: row.read()?,
            last_modified: row.read()?,
            document: Text(row.read()?),
            groups: row.read_json()?,
        })
    }
}
