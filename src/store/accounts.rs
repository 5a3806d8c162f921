//! Portal administrators and the throttle on their sign-in.

use super::{Store, StoreError};
use crate::model::account::Account;
use crate::model::id::{AccountId, TenantId};
use crate::scim::time::DateTime;

impl Store {
    /// Whether set-up is done: is there any account?
    pub async fn any_account(&self) -> Result<bool, StoreError> {
        todo!()
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
        todo!(
            "{company} {email} {display_name} {} {now}",
            password_hash.len()
        )
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
        todo!(
            "{tenant} {email} {display_name} {} {now}",
            password_hash.len()
        )
    }

    /// The account with this address, and its password's hash. Without a tenant: signing in finds it out.
    pub async fn account_by_email(
        &self,
        email: &str,
    ) -> Result<Option<(Account, String)>, StoreError> {
        todo!("{email}")
    }

    /// One account of the tenant.
    pub async fn account(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Option<Account>, StoreError> {
        todo!("{tenant} {account}")
    }

    /// Sets a new password's hash.
    pub async fn set_password(
        &self,
        tenant: TenantId,
        account: AccountId,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {account} {}", password_hash.len())
    }

    /// Notes that the account signed in.
    pub async fn touch_sign_in(
        &self,
        tenant: TenantId,
        account: AccountId,
        now: DateTime,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {account} {now}")
    }

    /// How many sign-ins failed under this key (an address, an account) since then.
    pub async fn sign_in_failures(&self, key: &str, since: DateTime) -> Result<u32, StoreError> {
        todo!("{key} {since}")
    }

    /// Notes a failed sign-in under a key.
    pub async fn record_sign_in_failure(&self, key: &str, now: DateTime) -> Result<(), StoreError> {
        todo!("{key} {now}")
    }

    /// Forgets the failures under a key.
    pub async fn clear_sign_in_failures(&self, key: &str) -> Result<(), StoreError> {
        todo!("{key}")
    }

    /// Forgets the failures from before then.
    pub async fn purge_sign_in_failures(&self, before: DateTime) -> Result<(), StoreError> {
        todo!("{before}")
    }
}
