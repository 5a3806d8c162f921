//! Portal administrators.

use super::database::{Transaction, from_row};
use super::{Store, StoreError, journal, tenants};
use crate::model::account::Account;
use crate::model::id::{AccountId, TenantId};
use crate::model::journal::NewEntry;
use crate::model::tenant::Settings;
use crate::scim::compare::fold;
use crate::scim::time::DateTime;

const ANY: &str = "select exists (select 1 from accounts)";
const INSERT: &str = "insert into accounts (tenant_id, email, email_key, display_name, password_hash, created) \
    values (?1, ?2, ?3, ?4, ?5, ?6) returning id";
const BY_EMAIL: &str = "select id, tenant_id, email, display_name, created, last_sign_in, session_epoch, password_hash \
    from accounts where email_key = ?1";
const FIND: &str = "select id, tenant_id, email, display_name, created, last_sign_in, session_epoch from accounts \
    where tenant_id = ?1 and id = ?2";
const LIST: &str = "select id, tenant_id, email, display_name, created, last_sign_in, session_epoch from accounts \
    where tenant_id = ?1 order by id";
const SET_PASSWORD: &str = "update accounts set password_hash = ?3, session_epoch = session_epoch + 1 \
    where tenant_id = ?1 and id = ?2";
const END_SESSIONS: &str = "update accounts set session_epoch = session_epoch + 1 where tenant_id = ?1 and id = ?2";
const REMOVE: &str = "delete from accounts where tenant_id = ?1 and id = ?2";
const REMOVE_UNLESS_LAST: &str = "delete from accounts where tenant_id = ?1 and id = ?2 \
    and exists (select 1 from accounts where tenant_id = ?1 and id <> ?2)";
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

    /// The tenant's accounts, oldest first.
    pub async fn accounts(&self, tenant: TenantId) -> Result<Vec<Account>, StoreError> {
        self.database.ask(LIST, (tenant,)).await
    }

    /// Sets a new password's hash, ends the account's sessions and, in the same transaction, journals it; `false`, and nothing
    /// journaled, when there is no such account.
    pub async fn set_password(
        &self,
        tenant: TenantId,
        account: AccountId,
        password_hash: &str,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let (hash, entry) = (password_hash.to_owned(), entry.clone());
        self.write(move |db| {
            let changed = db.execute(SET_PASSWORD, (tenant, account, hash))?;
            journal_change(db, tenant, changed, &entry)
        })
        .await
    }

    /// Ends all sessions of the account and, in the same transaction, journals it; `false`, and nothing journaled, when there
    /// is no such account.
    pub async fn end_sessions(
        &self,
        tenant: TenantId,
        account: AccountId,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let entry = entry.clone();
        self.write(move |db| {
            let changed = db.execute(END_SESSIONS, (tenant, account))?;
            journal_change(db, tenant, changed, &entry)
        })
        .await
    }

    /// Removes the account, which ends its sessions, and, in the same transaction, journals it; `false`, and nothing journaled,
    /// when there is no such account.
    pub async fn remove_account(
        &self,
        tenant: TenantId,
        account: AccountId,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        self.remove(REMOVE, tenant, account, entry).await
    }

    /// The same, but the tenant's last account is not removed; then the result is `false`, too.
    pub async fn remove_account_unless_last(
        &self,
        tenant: TenantId,
        account: AccountId,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        self.remove(REMOVE_UNLESS_LAST, tenant, account, entry).await
    }

    async fn remove(
        &self,
        statement: &'static str,
        tenant: TenantId,
        account: AccountId,
        entry: &NewEntry,
    ) -> Result<bool, StoreError> {
        let entry = entry.clone();
        self.write(move |db| {
            let removed = db.execute(statement, (tenant, account))?;
            journal_change(db, tenant, removed, &entry)
        })
        .await
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
    Ok(Account { id, tenant, email, display_name, created, last_sign_in: None, session_epoch: 0 })
}

/// Journals a change unless it affected no row, and returns whether it did.
fn journal_change(db: &Transaction<'_>, tenant: TenantId, rows: usize, entry: &NewEntry) -> Result<bool, StoreError> {
    if rows > 0 {
        journal::insert(db, tenant, entry)?;
    }
    Ok(rows > 0)
}

from_row!(Account { id, tenant, email, display_name, created, last_sign_in, session_epoch });
