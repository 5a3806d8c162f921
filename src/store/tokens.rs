//! Bearer tokens, found by their keyed hash.

use std::fmt;

use super::database::{Transaction, from_row};
use super::{Store, StoreError, journal};
use crate::model::id::{TenantId, TokenId};
use crate::model::journal::NewEntry;
use crate::model::tenant::Settings;
use crate::model::token::Token;
use crate::scim::time::DateTime;

const INSERT: &str = "insert into tokens (tenant_id, id, name, hash, created_by, created, expires) \
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const LIST: &str = "select id, name, created_by, created, last_used, expires, revoked, rotated_to from tokens \
    where tenant_id = ?1 order by created desc, id desc";
pub(super) const BY_HASH: &str = "select t.id, t.name, t.created_by, t.created, t.last_used, t.expires, t.revoked, t.rotated_to, \
    t.tenant_id, s.provisioning, s.user_name_limit, s.replace_without_match_creates, \
    s.schemas_version \
    from tokens t join settings s on s.tenant_id = t.tenant_id where t.hash = ?1";
const REVOKE: &str = "update tokens set revoked = ?3 where tenant_id = ?1 and id = ?2 and revoked is null";
const RETIRE: &str = "update tokens set rotated_to = ?3, expires = case when expires < ?4 then expires else ?4 end \
    where tenant_id = ?1 and id = ?2 and revoked is null and rotated_to is null";
const TOUCH: &str = "update tokens set last_used = ?3 \
    where tenant_id = ?1 and id = ?2 and (last_used is null or last_used <= ?4 or last_used > ?3)";
const STALE: &str = "select exists (select 1 from tokens \
    where tenant_id = ?1 and id = ?2 and (last_used is null or last_used <= ?3 or last_used > ?4))";

const NEXT_EXPIRIES: &str = "select k.tenant_id, min(k.expires), min(k.created) \
    from tokens k join tenants t on t.id = k.tenant_id and t.check_of is null \
    where k.revoked is null and (k.expires is null or k.expires > ?1) group by k.tenant_id order by 2 nulls last limit ?2";

/// `last_used` is exact to this.
const MINUTE: i64 = 60_000;

/// A token about to be stored.
#[derive(Clone)]
pub struct NewToken {
    /// Its id.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// The keyed hash of its secret.
    pub hash: [u8; 32],
    /// Who creates it.
    pub created_by: String,
    /// When it expires.
    pub expires: Option<DateTime>,
}

/// Without the hash, by which the token could be found.
impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// All that a request with a token needs, from one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// Its tenant.
    pub tenant: TenantId,
    /// The tenant's settings.
    pub settings: Settings,
    /// The version of the tenant's own schemas.
    pub schemas_version: u64,
    /// The token, in whatever state.
    pub token: Token,
}

/// When a tenant's valid tokens expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenExpiry {
    /// The tenant.
    pub tenant: TenantId,
    /// When the first of them expires, if any does.
    pub expires: Option<DateTime>,
    /// When the oldest was created.
    pub oldest_created: DateTime,
}

impl Store {
    /// Stores a new token and, in the same transaction, its journal entry.
    pub async fn create_token(
        &self,
        tenant: TenantId,
        token: &NewToken,
        entry: &NewEntry,
        now: DateTime,
    ) -> Result<(), StoreError> {
        let (token, entry) = (token.clone(), entry.clone());
        self.write_invalidating_tokens(move |db| {
            insert(db, tenant, &token, now)?;
            journal::insert(db, tenant, &entry)
        })
        .await
    }

    /// All tokens of the tenant, newest first.
    pub async fn tokens(&self, tenant: TenantId) -> Result<Vec<Token>, StoreError> {
        self.database.ask(LIST, (tenant,)).await
    }

    /// The token with this hash, in whatever state, by unique index: what is compared is a keyed hash, of which the time
    /// that it takes reveals nothing.
    pub async fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<FoundToken>, StoreError> {
        let epoch = self.token_cache.epoch();
        if let Some(cached) = epoch.and_then(|epoch| self.token_cache.get(epoch, hash)) {
            return Ok(Some(cached));
        }
        let found = self.database.ask_one(BY_HASH, (hash,)).await?;
        if let (Some(epoch), Some(found)) = (epoch, &found) {
            self.token_cache.insert(epoch, hash, found);
        }
        Ok(found)
    }

    /// The tenants whose valid tokens expire first, at most `limit` of them; for monitoring.
    pub async fn next_token_expiries(&self, now: DateTime, limit: u32) -> Result<Vec<TokenExpiry>, StoreError> {
        self.database.ask(NEXT_EXPIRIES, (now, limit)).await
    }

    /// Revokes a token and, in the same transaction, journals it; `false`, and nothing journaled, when there is none or it
    /// was revoked before.
    pub async fn revoke_token(
        &self,
        tenant: TenantId,
        token: TokenId,
        entry: &NewEntry,
        now: DateTime,
    ) -> Result<bool, StoreError> {
        let entry = entry.clone();
        self.write_invalidating_tokens(move |db| {
            if db.execute(REVOKE, (tenant, token, now))? == 0 {
                return Ok(false);
            }
            journal::insert(db, tenant, &entry)?;
            Ok(true)
        })
        .await
    }

    /// Stores a token's successor, ends the old one at `old_ends_at` (never later than it would have ended) and, in the
    /// same transaction, journals it. `false`, and nothing journaled, when the old one is gone, revoked or already rotated.
    pub async fn rotate_token(
        &self,
        tenant: TenantId,
        old: TokenId,
        new: &NewToken,
        entry: &NewEntry,
        old_ends_at: DateTime,
        now: DateTime,
    ) -> Result<bool, StoreError> {
        let (new, entry) = (new.clone(), entry.clone());
        self.write_invalidating_tokens(move |db| {
            if db.execute(RETIRE, (tenant, old, new.id, old_ends_at))? == 0 {
                return Ok(false);
            }
            insert(db, tenant, &new, now)?;
            journal::insert(db, tenant, &entry)?;
            Ok(true)
        })
        .await
    }

    /// Records that a token was used; writes at most once a minute, however often it is called. A use in the future was
    /// recorded by a clock that has since been corrected.
    pub async fn touch_token(&self, tenant: TenantId, token: TokenId, now: DateTime) -> Result<(), StoreError> {
        let minute_ago = DateTime::from_millis(now.as_millis() - MINUTE);
        if !self.database.ask_one(STALE, (tenant, token, minute_ago, now)).await?.unwrap_or(false) {
            return Ok(());
        }
        self.write(move |db| db.execute(TOUCH, (tenant, token, now, minute_ago))).await?;
        self.token_cache.remove(token);
        Ok(())
    }
}

/// A unit: one token.
pub(super) fn insert(db: &Transaction<'_>, tenant: TenantId, new: &NewToken, now: DateTime) -> Result<(), StoreError> {
    let NewToken { id, name, hash, created_by, expires } = new;
    db.execute(INSERT, (tenant, *id, name, hash, created_by, now, *expires)).map(drop)
}

from_row!(Token { id, name, created_by, created, last_used, expires, revoked, rotated_to });
from_row!(FoundToken { token, tenant, settings, schemas_version });
from_row!(TokenExpiry { tenant, expires, oldest_created });
