//! Users.

use sqlx::{FromRow, SqliteConnection};

use super::keys::UserKeys;
use super::sql::Sql;
use super::{Store, StoreError, journal, schemas};
use crate::model::id::{TenantId, UserId};
use crate::model::journal::NewEntry;
use crate::model::page::Source;
use crate::scim::compare::user_name_key;
use crate::scim::document::Resource;
use crate::scim::schema::{ResourceKind, Types};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into users (tenant_id, id, version, source, created, last_modified, active, \
    user_name_key, external_id, display_name_key, given_name_key, family_name_key, title_key, manager_id, email_key, \
    document, search) select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 \
    where $18 = coalesce((select schemas_version from settings where tenant_id = $1), 0) returning seq";
const REPLACE: &str = "update users set version = $4, last_modified = $5, active = $6, user_name_key = $7, \
    external_id = $8, display_name_key = $9, given_name_key = $10, family_name_key = $11, title_key = $12, \
    manager_id = $13, email_key = $14, document = $15, search = $16 \
    where tenant_id = $1 and id = $2 and version = $3 \
    and $17 = coalesce((select schemas_version from settings where tenant_id = $1), 0) returning seq";
const INSERT_VALUES: &str = "insert into user_values (tenant_id, attribute, value_key, user_seq) \
    select $1, value ->> 0, value ->> 1, $2 from json_each($3)";
const DELETE_VALUES: &str = "delete from user_values where tenant_id = $1 and user_seq = $2";
const INSERT_UNIQUE: &str =
    "insert into unique_values (tenant_id, attribute, value_key, user_seq) values ($1, $2, $3, $4)";
const DELETE_UNIQUE: &str = "delete from unique_values where tenant_id = $1 and user_seq = $2";
/// The groups the user is in become other than they were.
const LEAVE: &str = "update groups set version = version + 1, last_modified = max(last_modified, $4) where tenant_id = $1 and id in \
    (select m.group_id from user_members m join users u on u.tenant_id = m.tenant_id and u.id = m.user_id \
    where m.tenant_id = $1 and m.user_id = $2 and ($3 is null or u.version = $3))";
const DELETE: &str = "delete from users where tenant_id = $1 and id = $2 and ($3 is null or version = $3)";
const NAMED: &str = "select id from users where tenant_id = $1 and user_name_key = $2";
const SOURCE: &str = "select source from users where tenant_id = $1 and id = $2";
/// A user with its groups, up to the condition. Those that name it are direct; those that name a group it is in are
/// indirect. `union` keeps what is there already, so a circle ends.
pub(super) const SELECT: &str = "select u.seq, u.id, u.version, u.created, u.last_modified, u.document, \
    (with recursive way (id, direct) as ( \
    select m.group_id, 1 from user_members m where m.tenant_id = u.tenant_id and m.user_id = u.id \
    union select m.group_id, 0 from way join group_members m on m.tenant_id = u.tenant_id and m.member_id = way.id) \
    select json_group_array(json_object('value', g.id, 'display', g.document ->> '$.displayName', \
    'type', iif(w.direct, 'direct', 'indirect')) order by g.display_name_key) \
    from (select id, max(direct) as direct from way group by id) w \
    join groups g on g.tenant_id = u.tenant_id and g.id = w.id) as groups from users u ";

/// A user about to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user; its `version` is 1.
    pub resource: Resource,
    /// Who makes it.
    pub source: Source,
}

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) seq: i64,
    id: String,
    version: i64,
    created: i64,
    last_modified: i64,
    document: String,
    groups: String,
}

impl Store {
    /// Stores a new user and the entry that tells of it; `Duplicate` when the userName is taken, `Taken` when a value of
    /// another unique attribute is, `Outdated` when the tenant has other `types` by now.
    pub async fn insert_user(
        &self,
        tenant: TenantId,
        types: &Types,
        user: &NewUser,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let keys = UserKeys::of(&user.resource.document, types)?;
        let (user, entry) = (user.clone(), entry.clone());
        self.write(move |db| {
            Box::pin(async move {
                insert(db, tenant, &user, &keys).await?;
                journal::insert(db, tenant, &entry).await?;
                Ok(())
            })
        })
        .await
    }

    /// One user, with groups.
    pub async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<Resource>, StoreError> {
        let mut find = Sql::new(SELECT);
        find.push("where u.tenant_id = ").bind(tenant.0).push(" and u.id = ").bind(id.to_string());
        let row: Option<Row> = find.query_as().fetch_optional(&self.readers).await?;
        row.map(Row::read).transpose()
    }

    /// The user of this userName.
    pub async fn user_named(&self, tenant: TenantId, user_name: &str) -> Result<Option<UserId>, StoreError> {
        let query = sqlx::query_as(NAMED).bind(tenant.0).bind(user_name_key(user_name));
        let row: Option<(String,)> = query.fetch_optional(&self.readers).await?;
        row.map(|(id,)| id.parse().map_err(|why| StoreError::corrupt("users", &id, why))).transpose()
    }

    /// Who made the user.
    pub async fn user_source(&self, tenant: TenantId, id: UserId) -> Result<Option<Source>, StoreError> {
        let query = sqlx::query_as(SOURCE).bind(tenant.0).bind(id.to_string());
        let row: Option<(String,)> = query.fetch_optional(&self.readers).await?;
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
        let keys = UserKeys::of(&after.document, types)?;
        let old = UserKeys::of(&before.document, types)?;
        let (same_values, same_unique) = (old.values == keys.values, old.unique == keys.unique);
        let (expected, after, entry) = (before.version, after.clone(), entry.clone());
        self.write(move |db| {
            Box::pin(async move {
                let Some(seq) = replace(db, tenant, &after, &keys, expected).await? else {
                    return Ok(false);
                };
                if !same_values {
                    sqlx::query(DELETE_VALUES).bind(tenant.0).bind(seq).execute(&mut *db).await?;
                    insert_values(db, tenant, seq, &keys).await?;
                }
                if !same_unique {
                    sqlx::query(DELETE_UNIQUE).bind(tenant.0).bind(seq).execute(&mut *db).await?;
                    insert_unique(db, tenant, seq, &keys).await?;
                }
                journal::insert(db, tenant, &entry).await?;
                Ok(true)
            })
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
        self.write(move |db| {
            Box::pin(async move {
                let version = expected_version.map(u64::cast_signed);
                let leave = sqlx::query(LEAVE).bind(tenant.0).bind(&id).bind(version).bind(entry.at.as_millis());
                leave.execute(&mut *db).await?;
                let delete = sqlx::query(DELETE).bind(tenant.0).bind(&id).bind(version);
                if delete.execute(&mut *db).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                journal::insert(db, tenant, &entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn insert(
    db: &mut SqliteConnection,
    tenant: TenantId,
    user: &NewUser,
    keys: &UserKeys,
) -> Result<(), StoreError> {
    let query = sqlx::query_as(INSERT)
        .bind(tenant.0)
        .bind(&user.resource.id)
        .bind(user.resource.version.cast_signed())
        .bind(user.source.as_str())
        .bind(user.resource.created.as_millis())
        .bind(user.resource.last_modified.as_millis())
        .bind(keys.active)
        .bind(&keys.user_name)
        .bind(&keys.external_id)
        .bind(&keys.display_name)
        .bind(&keys.given_name)
        .bind(&keys.family_name)
        .bind(&keys.title)
        .bind(&keys.manager)
        .bind(&keys.email)
        .bind(&keys.texts.document)
        .bind(&keys.texts.search);
    let row: Option<(i64,)> = query.bind(keys.schemas_version).fetch_optional(&mut *db).await?;
    let (seq,) = row.ok_or(StoreError::Outdated)?;
    insert_unique(db, tenant, seq, keys).await?;
    insert_values(db, tenant, seq, keys).await
}

async fn replace(
    db: &mut SqliteConnection,
    tenant: TenantId,
    user: &Resource,
    keys: &UserKeys,
    expected_version: u64,
) -> Result<Option<i64>, StoreError> {
    let query = sqlx::query_as(REPLACE)
        .bind(tenant.0)
        .bind(&user.id)
        .bind(expected_version.cast_signed())
        .bind(user.version.cast_signed())
        .bind(user.last_modified.as_millis())
        .bind(keys.active)
        .bind(&keys.user_name)
        .bind(&keys.external_id)
        .bind(&keys.display_name)
        .bind(&keys.given_name)
        .bind(&keys.family_name)
        .bind(&keys.title)
        .bind(&keys.manager)
        .bind(&keys.email)
        .bind(&keys.texts.document)
        .bind(&keys.texts.search);
    let row: Option<(i64,)> = query.bind(keys.schemas_version).fetch_optional(&mut *db).await?;
    if row.is_none() {
        schemas::check_version(db, tenant, keys.schemas_version).await?;
    }
    Ok(row.map(|(seq,)| seq))
}

/// The database keeps them apart.
async fn insert_unique(
    db: &mut SqliteConnection,
    tenant: TenantId,
    seq: i64,
    keys: &UserKeys,
) -> Result<(), StoreError> {
    for (attribute, value) in &keys.unique {
        let insert = sqlx::query(INSERT_UNIQUE).bind(tenant.0).bind(attribute).bind(value).bind(seq);
        insert.execute(&mut *db).await.map_err(|error| match error.into() {
            StoreError::Duplicate => StoreError::Taken { attribute: attribute.clone(), value: value.clone() },
            other => other,
        })?;
    }
    Ok(())
}

async fn insert_values(
    db: &mut SqliteConnection,
    tenant: TenantId,
    seq: i64,
    keys: &UserKeys,
) -> Result<(), StoreError> {
    if keys.values != "[]" {
        sqlx::query(INSERT_VALUES).bind(tenant.0).bind(seq).bind(&keys.values).execute(db).await?;
    }
    Ok(())
}

impl Row {
    pub(super) fn read(self) -> Result<Resource, StoreError> {
        let corrupt = |why| StoreError::corrupt("users", &self.id, why);
        Ok(Resource {
            kind: ResourceKind::User,
            created: DateTime::from_millis(self.created),
            last_modified: DateTime::from_millis(self.last_modified),
            version: self.version.cast_unsigned(),
            document: serde_json::from_str(&self.document).map_err(corrupt)?,
            groups: serde_json::from_str(&self.groups).map_err(corrupt)?,
            id: self.id,
        })
    }
}
