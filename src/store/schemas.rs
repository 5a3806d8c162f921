//! The extension schemas that tenants define themselves. A change of one is applied to the users who have values of it in
//! the same transaction, so that all that is stored always conforms to its schema.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::database::Transaction;
use super::dialect::{comparable, elements, path};
use super::keys::is_unique;
use super::sql::Sql;
use super::{Store, StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::schema::SchemaConflict;
use crate::scim::discovery::described_schema;
use crate::scim::schema::{Attribute, Schema, Types};
use crate::scim::time::DateTime;

const VERSION: &str = "select schemas_version from settings where tenant_id = ?1";
/// One statement, so that version and schemas belong together.
const ALL: &str = "select schemas_version, (select json_group_array(json(definition) order by position) from schemas \
    where tenant_id = ?1) from settings where tenant_id = ?1";
const ADVANCE: &str =
    "update settings set schemas_version = schemas_version + 1 where tenant_id = ?1 and schemas_version = ?2";
const PUT: &str = "insert into schemas (tenant_id, urn_key, position, definition) values (?1, ?2, \
    (select coalesce(max(position), 0) + 1 from schemas where tenant_id = ?1), ?3) \
    on conflict (tenant_id, urn_key) do update set definition = excluded.definition";
const DELETE: &str = "delete from schemas where tenant_id = ?1 and urn_key = ?2";
/// At any of these paths.
const WITH_VALUES: &str = "select count(*) from users where tenant_id = ?1 \
    and exists (select 1 from json_each(?2) place where json_type(document, place.value) is not null)";
const WITHOUT_VALUE: &str = "select count(*) from users where tenant_id = ?1 and json_type(document, ?2) is null";
const CLEAR: &str = "update users set document = json_remove(document, ?2), \
    version = version + 1, last_modified = case when last_modified < ?3 then ?3 else last_modified end \
    where tenant_id = ?1 and json_type(document, ?2) is not null";
/// An extension without values is no part of a document.
const SWEEP: &str = "update users set document = json_remove(document, ?2) \
    where tenant_id = ?1 and json_type(document, ?2) = 'object' and json_extract(document, ?2) = '{}'";
const NO_LONGER_UNIQUE: &str = "delete from unique_values where tenant_id = ?1 and attribute = ?2";
const KEEP_UNIQUE: &str = "insert into unique_values (tenant_id, attribute, value_key, user_seq) select distinct cast(";

/// The types of tenants, as last read.
#[derive(Debug, Default)]
pub(super) struct TypesCache(RwLock<HashMap<TenantId, Arc<Types>>>);

/// A change of one of a tenant's schemas.
#[derive(Clone, Debug)]
pub struct SchemaChange {
    /// The version of the tenant's schemas that it is based on.
    pub expected_version: u64,
    /// The schema before; none for a new one.
    pub before: Option<Schema>,
    /// The schema after; none to delete it.
    pub after: Option<Schema>,
    /// Whether values of removed attributes may be deleted.
    pub loses_values: bool,
}

impl Store {
    /// The tenant's types, which are at this version; from memory, unless they were changed since.
    pub async fn types(&self, tenant: TenantId, version: u64) -> Result<Arc<Types>, StoreError> {
        if version == 0 {
            return Ok(Types::built_in());
        }
        let known = self.types.0.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).map(Arc::clone);
        if let Some(known) = known.filter(|known| known.version() == version) {
            return Ok(known);
        }
        let row: Option<(u64, String)> = self.database.ask_one(ALL, (tenant,)).await?;
        let Some((version, definitions)) = row else { return Ok(Types::built_in()) };
        let corrupt = |why: String| StoreError::corrupt("schemas", tenant, why);
        let definitions: Vec<Value> = serde_json::from_str(&definitions).map_err(|why| corrupt(why.to_string()))?;
        let schemas: Result<_, _> = definitions.iter().map(Schema::read).collect();
        let schemas = schemas.map_err(|why| corrupt(why.to_string()))?;
        let types = Arc::new(Types::extended(version, schemas));
        self.types.0.write().unwrap_or_else(PoisonError::into_inner).insert(tenant, Arc::clone(&types));
        Ok(types)
    }

    /// The tenant's types as they are now.
    pub async fn current_types(&self, tenant: TenantId) -> Result<Arc<Types>, StoreError> {
        let version = self.database.ask_one(VERSION, (tenant,)).await?;
        self.types(tenant, version.unwrap_or_default()).await
    }

    /// How many users have a value of one of these attributes of a schema.
    pub async fn users_with_values(
        &self,
        tenant: TenantId,
        schema: &Schema,
        attributes: &[Attribute],
    ) -> Result<u64, StoreError> {
        Ok(self.database.ask_one(WITH_VALUES, (tenant, paths(schema, attributes))).await?.unwrap_or_default())
    }

    /// Creates, changes or deletes a schema and, in the same transaction, journals it. `SchemasChanged` when the tenant's
    /// schemas have another version; `SchemaInUse` when users have values that conflict with it. Returns how many users lost
    /// values.
    pub async fn change_schema(
        &self,
        tenant: TenantId,
        change: &SchemaChange,
        entry: &NewEntry,
    ) -> Result<u64, StoreError> {
        let (change, mut entry) = (change.clone(), entry.clone());
        self.write_invalidating_tokens(move |db| {
            if db.execute(ADVANCE, (tenant, change.expected_version))? == 0 {
                return Err(StoreError::SchemasChanged);
            }
            let lost = StoredUsers { db, tenant, at: entry.at }.apply(&change)?;
            if lost > 0 {
                let detail = entry.detail.unwrap_or_default();
                entry.detail = Some(format!("{detail} Users who lost values of it: {lost}."));
            }
            if let Some(schema) = &change.after {
                let definition = described_schema(schema, "").to_string();
                db.execute(PUT, (tenant, schema.id.to_ascii_lowercase(), definition))?;
            } else if let Some(schema) = &change.before {
                db.execute(DELETE, (tenant, schema.id.to_ascii_lowercase()))?;
            }
            journal::insert(db, tenant, &entry)?;
            Ok(lost)
        })
        .await
    }
}

/// Refuses a change that was prepared with schemas of another version.
pub(super) fn check_version(db: &Transaction<'_>, tenant: TenantId, expected: i64) -> Result<(), StoreError> {
    let version: Option<i64> = db.find(VERSION, (tenant,))?;
    if version.unwrap_or(0) == expected { Ok(()) } else { Err(StoreError::SchemasChanged) }
}

/// The tenant's users, to whom a change of schema is applied.
struct StoredUsers<'c> {
    db: &'c Transaction<'c>,
    tenant: TenantId,
    at: DateTime,
}

impl StoredUsers<'_> {
    fn apply(&self, change: &SchemaChange) -> Result<u64, StoreError> {
        let mut lost = 0;
        if let Some(before) = &change.before {
            let after = |old: &Attribute| change.after.as_ref().and_then(|after| after.attribute(&old.name));
            let gone: Vec<&Attribute> = before.attributes.iter().filter(|old| after(old).is_none()).collect();
            lost = self.remove_values(before, &gone, change.loses_values)?;
            for (old, new) in before.attributes.iter().filter_map(|old| Some((old, after(old)?))) {
                self.check_meaning(before, old, new)?;
            }
        }
        if let Some(after) = &change.after {
            for new in &*after.attributes {
                let old = change.before.as_ref().and_then(|before| before.attribute(&new.name));
                self.add_constraints(after, old, new)?;
            }
        }
        Ok(lost)
    }

    /// Deletes the values of attributes that the schema no longer has.
    fn remove_values(&self, schema: &Schema, gone: &[&Attribute], may: bool) -> Result<u64, StoreError> {
        let users = self.with_values(schema, gone)?;
        if users == 0 {
            return Ok(0);
        }
        if !may {
            let names: Vec<&str> = gone.iter().map(|attribute| &*attribute.name).collect();
            return Err(SchemaConflict::Deleted { attribute: names.join(", "), users }.into());
        }
        for attribute in gone {
            self.no_longer_unique(schema, attribute)?;
            self.db.execute(CLEAR, (self.tenant, path_of(schema, attribute), self.at))?;
        }
        self.db.execute(SWEEP, (self.tenant, path(&[&schema.id])))?;
        Ok(users)
    }

    /// Refuses that values which users have would be read or compared differently.
    fn check_meaning(&self, schema: &Schema, old: &Attribute, new: &Attribute) -> Result<(), StoreError> {
        let meaning = |it: &Attribute| (it.kind, it.multi_valued, it.case_exact, it.is_secret());
        if meaning(old) != meaning(new) {
            let users = self.with_values(schema, &[old])?;
            if users > 0 {
                return Err(SchemaConflict::Held { attribute: old.name.to_string(), users }.into());
            }
        }
        if is_unique(old) && !is_unique(new) {
            self.no_longer_unique(schema, old)?;
        }
        Ok(())
    }

    /// Constraints that an attribute did not have before.
    fn add_constraints(&self, schema: &Schema, old: Option<&Attribute>, new: &Attribute) -> Result<(), StoreError> {
        let attribute = || new.name.to_string();
        if new.required && !old.is_some_and(|old| old.required) {
            let users: u64 = self.db.find_one(WITHOUT_VALUE, (self.tenant, path_of(schema, new)))?;
            if users > 0 {
                return Err(SchemaConflict::Lacking { attribute: attribute(), users }.into());
            }
        }
        if is_unique(new) && !old.is_some_and(is_unique) {
            let (values, key) = self.values(schema, new);
            let mut shared = Sql::new("select count(*) from (select 1 ");
            shared.append(&values).push(" group by ").append(&key).push(" having count(distinct u.seq) > 1) as shared");
            let values_shared: u64 = shared.find_one(self.db)?;
            if values_shared > 0 {
                return Err(SchemaConflict::Shared { attribute: attribute(), values: values_shared }.into());
            }
            let mut keep = Sql::new(KEEP_UNIQUE);
            keep.bind(self.tenant).push(" as bigint), cast(").bind(schema.path(new)).push(" as text), ").append(&key);
            keep.push(", u.seq ").append(&values).execute(self.db)?;
        }
        Ok(())
    }

    /// All values of an attribute as rows, and the key of each. A single value is one row, an array one for each element.
    fn values(&self, schema: &Schema, attribute: &Attribute) -> (Sql, Sql) {
        let (mut values, mut key) = (Sql::new("from users u, "), Sql::new("cast("));
        values.append(&elements("u.document", &[&schema.id, &attribute.name]));
        values.push(" where u.tenant_id = ").bind(self.tenant);
        key.append(&comparable(attribute, Sql::new("e.value"))).push(" as text)");
        (values, key)
    }

    fn no_longer_unique(&self, schema: &Schema, attribute: &Attribute) -> Result<(), StoreError> {
        if is_unique(attribute) {
            self.db.execute(NO_LONGER_UNIQUE, (self.tenant, schema.path(attribute)))?;
        }
        Ok(())
    }

    /// How many users have a value of one of these attributes.
    fn with_values(&self, schema: &Schema, attributes: &[&Attribute]) -> Result<u64, StoreError> {
        self.db.find_one(WITH_VALUES, (self.tenant, paths(schema, attributes.iter().copied())))
    }
}

/// A JSON array of the engine's paths to attributes.
fn paths<'a>(schema: &Schema, attributes: impl IntoIterator<Item = &'a Attribute>) -> String {
    let paths = attributes.into_iter().map(|attribute| Value::from(path_of(schema, attribute)));
    paths.collect::<Value>().to_string()
}

/// The engine's path to an attribute of an extension.
fn path_of(schema: &Schema, attribute: &Attribute) -> String {
    path(&[&schema.id, &attribute.name])
}
