//! Portal administrators.

use rusqlite::Connection;

use super::writer::{execute, find_one};
use super::{Store, StoreError, tenants};
use crate::model::account::Account;
use crate::model::id::{AccountId, TenantId};
use crate::model::tenant::Settings;
use crate::scim::compare::fold;
use crate::scim::time::DateTime;

const ANY: &str = "select exists (select 1 from accounts)";
const INSERT: &str = "insert into accounts (tenant_id, email, email_key, display_name, password_hash, created) \
    values (?1, ?2, ?3, ?4, ?5, ?6)";
const BY_EMAIL: &str = "select id, tenant_id, email, display_name, created, last_sign_in, password_hash from accounts \
    where email_key = ?1";
const FIND: &str = "select id, tenant_id, email, display_name, created, last_sign_in, password_hash from accounts \
    where tenant_id = ?1 and id = ?2";
const SET_PASSWORD: &str = "update accounts set password_hash = ?3 where tenant_id = ?1 and id = ?2";
const TOUCH: &str = "update accounts set last_sign_in = ?3 where tenant_id = ?1 and id = ?2";

type Row = (i64, i64, String, String, i64, Option<i64>, String);

impl Store {
    /// Whether set-up is done: is there any account?
    pub async fn any_account(&self) -> Result<bool, StoreError> {
        let (any,): (bool,) = sqlx::query_as(ANY).fetch_one(&mut *self.reader().await?).await?;
        Ok(any)
    }

    /// Makes the first tenant and its first account in one step; `None` when an account exists already.
    pub async fn set_up(
        &self,
        company: &str,
        email: &str,
        display_name: &str,
        password_hash: &str,
        now: DateTime,
    ) -> Result<Option<Account>, StoreError> {
        let company = company.to_owned();
        let account = NewAccount::new(email, display_name, password_hash, now);
        self.write(move |db| {
            if find_one(db, ANY, ())? {
                return Ok(None);
            }
            let tenant = tenants::insert(db, company, None, Settings::default(), now)?;
            insert(db, tenant.id, account).map(Some)
        })
        .await
    }

    /// Makes a further account; `Duplicate` when the address is taken.
    pub async fn create_account(
        &self,
        tenant: TenantId,
        email: &str,
        display_name: &str,
        password_hash: &str,
        now: DateTime,
    ) -> Result<Account, StoreError> {
        let account = NewAccount::new(email, display_name, password_hash, now);
        self.write(move |db| insert(db, tenant, account)).await
    }

    /// The account with this address, and its password's hash. Without a tenant: signing in finds it out.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<(Account, String)>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(BY_EMAIL).bind(fold(email)).fetch_optional(&mut *self.reader().await?).await?;
        Ok(row.map(read))
    }

    /// One account of the tenant.
    pub async fn account(&self, tenant: TenantId, account: AccountId) -> Result<Option<Account>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(FIND).bind(tenant.0).bind(account.0).fetch_optional(&mut *self.reader().await?).await?;
        Ok(row.map(|row| read(row).0))
    }

    /// Sets a new password's hash; `false` when there is no such account.
    pub async fn set_password(
        &self,
        tenant: TenantId,
        account: AccountId,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let hash = password_hash.to_owned();
        self.write(move |db| Ok(execute(db, SET_PASSWORD, (tenant.0, account.0, hash))? == 1)).await
    }

    /// Notes that the account signed in.
    pub async fn touch_sign_in(&self, tenant: TenantId, account: AccountId, now: DateTime) -> Result<(), StoreError> {
        self.write(move |db| execute(db, TOUCH, (tenant.0, account.0, now.as_millis())).map(drop)).await
    }
}

struct NewAccount {
    email: String,
    display_name: String,
    password_hash: String,
    now: DateTime,
}

impl NewAccount {
    fn new(email: &str, display_name: &str, password_hash: &str, now: DateTime) -> Self {
        Self {
            email: email.to_owned(),
            display_name: display_name.to_owned(),
            password_hash: password_hash.to_owned(),
            now,
        }
    }
}

fn insert(db: &Connection, tenant: TenantId, new: NewAccount) -> Result<Account, StoreError> {
    let NewAccount { email, display_name, password_hash, now } = &new;
    execute(db, INSERT, (tenant.0, email, fold(email), display_name, password_hash, now.as_millis()))?;
    Ok(Account {
        id: AccountId(db.last_insert_rowid()),
        tenant,
        email: new.email,
        display_name: new.display_name,
        created: new.now,
        last_sign_in: None,
    })
}

fn read((id, tenant, email, display_name, created, last_sign_in, password_hash): Row) -> (Account, String) {
    let account = Account {
        id: AccountId(id),
        tenant: TenantId(tenant),
        email,
        display_name,
        created: DateTime::from_millis(created),
        last_sign_in: last_sign_in.map(DateTime::from_millis),
    };
    (account, password_hash)
}
