//! Tenants and their settings.

use super::{Store, StoreError};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::tenant::{Settings, Tenant};
use crate::scim::time::DateTime;

impl Store {
    /// Makes a tenant with default settings.
    pub async fn create_tenant(&self, name: &str, now: DateTime) -> Result<Tenant, StoreError> {
        todo!("{name} {now}")
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        todo!("{tenant}")
    }

    /// All tenants, oldest first.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        todo!()
    }

    /// The tenant, when there is exactly one.
    pub async fn sole_tenant(&self) -> Result<Option<TenantId>, StoreError> {
        todo!()
    }

    /// A tenant's settings; the defaults for an unknown tenant.
    pub async fn settings(&self, tenant: TenantId) -> Result<Settings, StoreError> {
        todo!("{tenant}")
    }

    /// Saves the settings and, in the same transaction, the entry that tells of it.
    pub async fn save_settings(
        &self,
        tenant: TenantId,
        settings: &Settings,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {settings:?} {entry:?}")
    }
}
