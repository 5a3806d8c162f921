//! Tenants and their settings.

use rusqlite::{Connection, Row};

use super::writer::execute;
use super::{Store, StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::tenant::{Settings, Tenant};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into tenants (name, created, check_of) values (?1, ?2, ?3)";
const INSERT_SETTINGS: &str = "insert into settings (tenant_id, provisioning, user_name_limit, \
    replace_without_match_creates) values (?1, ?2, ?3, ?4)";
const FIND: &str = "select id, name, created from tenants where id = ?1";
const LIST: &str = "select id, name, created from tenants where check_of is null order by id";
const FIRST_TWO: &str = "select id from tenants where check_of is null order by id limit 2";
const SETTINGS: &str = "select provisioning, user_name_limit, replace_without_match_creates from settings \
    where tenant_id = ?1";
const SAVE_SETTINGS: &str = "update settings set provisioning = ?2, user_name_limit = ?3, \
    replace_without_match_creates = ?4 where tenant_id = ?1";

type TenantRow = (i64, String, i64);

impl Store {
    /// Makes a tenant with default settings.
    pub async fn create_tenant(&self, name: &str, now: DateTime) -> Result<Tenant, StoreError> {
        let name = name.to_owned();
        self.write(move |db| insert(db, name, None, Settings::default(), now)).await
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        let row: Option<TenantRow> =
            sqlx::query_as(FIND).bind(tenant.0).fetch_optional(&mut *self.reader().await?).await?;
        Ok(row.map(read))
    }

    /// All tenants of companies, oldest first.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows: Vec<TenantRow> = sqlx::query_as(LIST).fetch_all(&mut *self.reader().await?).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The company's tenant, when there is exactly one.
    pub async fn sole_tenant(&self) -> Result<Option<TenantId>, StoreError> {
        let rows: Vec<(i64,)> = sqlx::query_as(FIRST_TWO).fetch_all(&mut *self.reader().await?).await?;
        Ok(match rows[..] {
            [(only,)] => Some(TenantId(only)),
            _ => None,
        })
    }

    /// A tenant's settings; the defaults for an unknown tenant.
    pub async fn settings(&self, tenant: TenantId) -> Result<Settings, StoreError> {
        let row: Option<(bool, u32, bool)> =
            sqlx::query_as(SETTINGS).bind(tenant.0).fetch_optional(&mut *self.reader().await?).await?;
        Ok(row.map_or_else(Settings::default, read_settings))
    }

    /// Changes the settings as they are at that moment, so that two changes at once are both kept, and, in the same
    /// transaction, tells of it.
    pub async fn change_settings(
        &self,
        tenant: TenantId,
        change: impl FnOnce(&mut Settings) + Send + 'static,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.write_invalidating_tokens(move |db| {
            let read = |row: &Row<'_>| Ok(read_settings((row.get(0)?, row.get(1)?, row.get(2)?)));
            let mut settings = db.prepare_cached(SETTINGS)?.query_row((tenant.0,), read)?;
            change(&mut settings);
            put_settings(db, SAVE_SETTINGS, tenant.0, settings)?;
            journal::insert(db, tenant, &entry)
        })
        .await
    }
}

/// A unit: the tenant and its settings.
pub(super) fn insert(
    db: &Connection,
    name: String,
    check_of: Option<TenantId>,
    settings: Settings,
    now: DateTime,
) -> Result<Tenant, StoreError> {
    execute(db, INSERT, (&name, now.as_millis(), check_of.map(|tenant| tenant.0)))?;
    let id = db.last_insert_rowid();
    put_settings(db, INSERT_SETTINGS, id, settings)?;
    Ok(Tenant { id: TenantId(id), name, created: now })
}

fn put_settings(db: &Connection, statement: &str, tenant: i64, settings: Settings) -> Result<(), StoreError> {
    let Settings { provisioning, user_name_limit, replace_without_match_creates } = settings;
    execute(db, statement, (tenant, provisioning, user_name_limit, replace_without_match_creates)).map(drop)
}

/// From the three columns of a tenant's settings.
pub(super) const fn read_settings(row: (bool, u32, bool)) -> Settings {
    let (provisioning, user_name_limit, replace_without_match_creates) = row;
    Settings { provisioning, user_name_limit, replace_without_match_creates }
}

fn read((id, name, created): TenantRow) -> Tenant {
    Tenant { id: TenantId(id), name, created: DateTime::from_millis(created) }
}
