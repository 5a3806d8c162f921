//! Temporary tenants, on which the connection is checked: created, and removed with everything that is theirs. No list of
//! tenants has them, and nobody can sign in to them.

use super::{Store, StoreError, journal, tenants, tokens};
use crate::model::id::TenantId;
use crate::model::journal::NewEntry;
use crate::model::tenant::Settings;
use crate::scim::time::DateTime;
use crate::store::NewToken;

const LEFT: &str = "select id, check_of from tenants where check_of is not null";
const REMOVE: &str = "delete from tenants where id = ?1 and check_of = ?2";

impl Store {
    /// Creates a temporary tenant with a token, and journals it for the tenant whose check it is.
    pub async fn create_check_tenant(
        &self,
        of: TenantId,
        settings: Settings,
        token: &NewToken,
        entry: &NewEntry,
        now: DateTime,
    ) -> Result<TenantId, StoreError> {
        let (token, entry) = (token.clone(), entry.clone());
        self.write(move |db| {
            let name = format!("Connection check of tenant {of}");
            let tenant = tenants::insert(db, name, Some(of), settings, now)?;
            tokens::insert(db, tenant.id, &token, now)?;
            journal::insert(db, of, &entry)?;
            Ok(tenant.id)
        })
        .await
    }

    /// Removes a temporary tenant with everything in it, its journal too, and journals that for the tenant whose check it
    /// was.
    pub async fn remove_check_tenant(
        &self,
        tenant: TenantId,
        of: TenantId,
        entry: &NewEntry,
    ) -> Result<(), StoreError> {
        let entry = entry.clone();
        // Entries that are still waiting would find no tenant.
        self.flush().await;
        self.write_invalidating_tokens(move |db| {
            db.execute(REMOVE, (tenant, of))?;
            journal::insert(db, of, &entry)
        })
        .await
    }

    /// All temporary tenants, each with the tenant whose check it is.
    pub async fn check_tenants(&self) -> Result<Vec<(TenantId, TenantId)>, StoreError> {
        self.database.ask(LEFT, ()).await
    }
}
