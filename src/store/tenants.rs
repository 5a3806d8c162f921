//! Tenants and their settings.

use super::database::{Transaction, from_row};
use super::{Store, StoreError, journal};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::tenant::{Settings, Tenant};
use crate::scim::time::DateTime;

const INSERT: &str = "insert into tenants (name, created, check_of) values (?1, ?2, ?3) returning id";
const INSERT_SETTINGS: &str = "insert into settings (tenant_id, provisioning, user_name_limit, \
    replace_without_match_creates) values (?1, ?2, ?3, ?4)";
const FIND: &str = "select id, name, created from tenants where id = ?1";
const LIST: &str = "select id, name, created from tenants where check_of is null order by id";
const FIRST_TWO: &str = "select id from tenants where check_of is null order by id limit 2";
const SETTINGS: &str = "select provisioning, user_name_limit, replace_without_match_creates from settings \
    where tenant_id = ?1";
const SAVE_SETTINGS: &str = "update settings set provisioning = ?2, user_name_limit = ?3, \
    replace_without_match_creates = ?4 where tenant_id = ?1";

impl Store {
    /// Creates a tenant with default settings.
    pub async fn create_tenant(&self, name: &str, now: DateTime) -> Result<Tenant, StoreError> {
        let name = name.to_owned();
        self.write(move |db| insert(db, name, None, Settings::default(), now)).await
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.database.ask_one(FIND, (tenant,)).await
    }

    /// All tenants of companies, oldest first.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.database.ask(LIST, ()).await
    }

    /// The company's tenant, when there is exactly one.
    pub async fn sole_tenant(&self) -> Result<Option<TenantId>, StoreError> {
        Ok(match self.database.ask(FIRST_TWO, ()).await?[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// A tenant's settings; the defaults for an unknown tenant.
    pub async fn settings(&self, tenant: TenantId) -> Result<Settings, StoreError> {
        Ok(self.database.ask_one(SETTINGS, (tenant,)).await?.unwrap_or_default())
    }

    /// Changes the settings as they are at that moment, so that two changes at once are both kept, and, in the same
    /// transaction, journals it.
    pub async fn change_settings(
        &self,
        tenant: TenantId,
        change: impl FnOnce(&mut Settings) + Send + 'static,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.write_invalidating_tokens(move |db| {
            let mut settings = db.find_one(SETTINGS, (tenant,))?;
            change(&mut settings);
            put_settings(db, SAVE_SETTINGS, tenant, settings)?;
            journal::insert(db, tenant, &entry)
        })
        .await
    }
}

/// A unit: the tenant and its settings.
pub(super) fn insert(
    db: &Transaction<'_>,
    name: String,
    check_of: Option<TenantId>,
    settings: Settings,
    now: DateTime,
) -> Result<Tenant, StoreError> {
    let id = db.find_one(INSERT, (&name, now, check_of))?;
    put_settings(db, INSERT_SETTINGS, id, settings)?;
    Ok(Tenant { id, name, created: now })
}

fn put_settings(db: &Transaction<'_>, statement: &str, tenant: TenantId, settings: Settings) -> Result<(), StoreError> {
    let Settings { provisioning, user_name_limit, replace_without_match_creates } = settings;
    db.execute(statement, (tenant, provisioning, user_name_limit, replace_without_match_creates)).map(drop)
}

from_row!(Settings { provisioning, user_name_limit, replace_without_match_creates });
from_row!(Tenant { id, name, created });
