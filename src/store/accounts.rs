//! Portal administrators.

use super::database::{Transaction, from_row};
use super::{Store, StoreError, tenants};
use crate::model::account::Account;
use crate::model::id::{AccountId, TenantId};
use crate::model::tenant::Settings;
use crate::scim::compare::fold;
use crate::scim::time::DateTime;

const ANY: &str = "select exists (select 1 from accounts)";
const INSERT: &str = "insert into accounts (tenant_id, email, email_key, display_name, password_hash, created) \
    values (?1, ?2, ?3, ?4, ?5, ?6) returning id";
const BY_EMAIL: &str = "select id, tenant_id, email, display_name, created, last_sign_in, password_hash from accounts \
    where email_key = ?1";
const FIND: &str = "select id, tenant_id, email, display_name, created, last_sign_in from accounts \
    where tenant_id = ?1 and id = ?2";
const SET_PASSWORD: &str = "update accounts set password_hash = ?3 where tenant_id = ?1 and id = ?2";
const TOUCH: &str = "update accounts set last_sign_in = ?3 where tenant_id = ?1 and id = ?2";

impl Store {
    /// Whether set-up is done: is there any account?
    pub async fn any_account(&self) -> Result<bool, StoreError> {
        Ok(self.database.ask_one(ANY, ()).await?.unwrap_or(false))
    }

    /// Creates the first tenant and its first account in one step; `None` when an account exists already.
    pub async fn set_up(
        &self,
        company: &str,
        email: &str,
        display_name: &str,
        password_hash: &str,
        now: DateTime,
    ) -> Result<Option<Account>, StoreError> {
        let company = company.to_owned();
        let account = [email, display_name, password_hash].map(str::to_owned);
        self.write(move |db| {
            if db.find_one(ANY, ())? {
                return Ok(None);
            }
            let tenant = tenants::insert(db, company, None, Settings::default(), now)?;
            insert(db, tenant.id, account, now).map(Some)
        })
        .await
    }

    /// Creates a further account; `Duplicate` when the address is taken.
    pub async fn create_account(
        &self,
        tenant: TenantId,
        email: &str,
        display_name: &str,
        password_hash: &str,
        now: DateTime,
    ) -> Result<Account, StoreError> {
        let account = [email, display_name, password_hash].map(str::to_owned);
        self.write(move |db| insert(db, tenant, account, now)).await
    }

    /// The account with this address, and its password's hash. Without a tenant: signing in finds out which one.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<(Account, String)>, StoreError> {
        self.database.ask_one(BY_EMAIL, (fold(email),)).await
    }

    /// One account of the tenant.
    pub async fn account(&self, tenant: TenantId, account: AccountId) -> Result<Option<Account>, StoreError> {
        self.database.ask_one(FIND, (tenant, account)).await
    }

    /// Sets a new password's hash; `false` when there is no such account.
    pub async fn set_password(
        &self,
        tenant: TenantId,
        account: AccountId,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let hash = password_hash.to_owned();
        self.write(move |db| Ok(db.execute(SET_PASSWORD, (tenant, account, hash))? == 1)).await
    }

    /// Records that the account signed in.
    pub async fn touch_sign_in(&self, tenant: TenantId, account: AccountId, now: DateTime) -> Result<(), StoreError> {
        self.write(move |db| db.execute(TOUCH, (tenant, account, now)).map(drop)).await
    }
}

fn insert(
    db: &Transaction<'_>,
    tenant: TenantId,
    [email, display_name, password_hash]: [String; 3],
    created: DateTime,
) -> Result<Account, StoreError> {
    let id = db.find_one(INSERT, (tenant, &email, fold(&email), &display_name, password_hash, created))?;
    Ok(Account { id, tenant, email, display_name, created, last_sign_in: None })
}

from_row!(Account { id, tenant, email, display_name, created, last_sign_in });
