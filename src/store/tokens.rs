//! Bearer tokens, found by their keyed hash.

use std::fmt;

use rusqlite::Connection;
use sqlx::FromRow;

use super::tenants::read_settings;
use super::writer::execute;
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
const RETIRE: &str = "update tokens set rotated_to = ?3, expires = min(?4, coalesce(expires, ?4)) \
    where tenant_id = ?1 and id = ?2 and revoked is null and rotated_to is null";
const TOUCH: &str = "update tokens set last_used = ?3 \
    where tenant_id = ?1 and id = ?2 and (last_used is null or last_used <= ?4 or last_used > ?3)";
const STALE: &str = "select exists (select 1 from tokens \
    where tenant_id = ?1 and id = ?2 and (last_used is null or last_used <= ?3 or last_used > ?4))";

const SOONEST_ENDS: &str = "select k.tenant_id, min(k.expires), min(k.created) \
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
    /// Who makes it.
    pub created_by: String,
    /// When it ends.
    pub expires: Option<DateTime>,
}

/// Without the hash: what is found by it is as good as known to whoever reads the log.
impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// All that a request with a token needs to know, from one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's settings.
    pub settings: Settings,
    /// The version of the tenant's own schemas.
    pub schemas_version: u64,
    /// The token, in whatever state.
    pub token: Token,
}

/// What is to be known of a tenant's working tokens before it is too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenExpiry {
    /// Whose they are.
    pub tenant: TenantId,
    /// When the first of them ends, if any does.
    pub ends: Option<DateTime>,
    /// When the oldest was made.
    pub oldest: DateTime,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    created_by: String,
    created: i64,
    last_used: Option<i64>,
    expires: Option<i64>,
    revoked: Option<i64>,
    rotated_to: Option<String>,
}

#[derive(FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    token: Row,
    tenant_id: i64,
    provisioning: bool,
    user_name_limit: u32,
    replace_without_match_creates: bool,
    schemas_version: i64,
}

impl Store {
    /// Stores a new token and, in the same transaction, the entry that tells of it.
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
        let rows: Vec<Row> = sqlx::query_as(LIST).bind(tenant.0).fetch_all(&mut *self.reader().await?).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The token with this hash, in whatever state, by unique index: what is compared is a keyed hash, of which a
    /// caller who watches the clock learns nothing.
    pub async fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<FoundToken>, StoreError> {
        let epoch = self.token_cache.epoch();
        if let Some(remembered) = epoch.and_then(|epoch| self.token_cache.recall(epoch, hash)) {
            return Ok(Some(remembered));
        }
        let row: Option<FoundRow> =
            sqlx::query_as(BY_HASH).bind(&hash[..]).fetch_optional(&mut *self.reader().await?).await?;
        let Some(row) = row else { return Ok(None) };
        let found = FoundToken {
            tenant: TenantId(row.tenant_id),
            settings: read_settings((row.provisioning, row.user_name_limit, row.replace_without_match_creates)),
            schemas_version: row.schemas_version.cast_unsigned(),
            token: row.token.read()?,
        };
        if let Some(epoch) = epoch {
            self.token_cache.remember(epoch, hash, &found);
        }
        Ok(Some(found))
    }

    /// The tenants whose working tokens end first, at most `most` of them; for who watches over the installation.
    pub async fn next_token_expiries(&self, now: DateTime, most: u32) -> Result<Vec<TokenExpiry>, StoreError> {
        let query = sqlx::query_as(SOONEST_ENDS).bind(now.as_millis()).bind(most);
        let rows: Vec<(i64, Option<i64>, i64)> = query.fetch_all(&mut *self.reader().await?).await?;
        let read = |(tenant, ends, oldest): (i64, Option<i64>, i64)| TokenExpiry {
            tenant: TenantId(tenant),
            ends: ends.map(DateTime::from_millis),
            oldest: DateTime::from_millis(oldest),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Revokes a token and, in the same transaction, tells of it; `false`, and nothing told, when there is none or it
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
            if execute(db, REVOKE, (tenant.0, token.to_string(), now.as_millis()))? == 0 {
                return Ok(false);
            }
            journal::insert(db, tenant, &entry)?;
            Ok(true)
        })
        .await
    }

    /// Stores a token's successor, ends the old one at `old_ends_at` (never later than it would have ended) and, in the
    /// same transaction, tells of it. `false`, and nothing told, when the old one is gone, revoked or already rotated.
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
            let retired = (tenant.0, old.to_string(), new.id.to_string(), old_ends_at.as_millis());
            if execute(db, RETIRE, retired)? == 0 {
                return Ok(false);
            }
            insert(db, tenant, &new, now)?;
            journal::insert(db, tenant, &entry)?;
            Ok(true)
        })
        .await
    }

    /// Notes that a token was used; writes at most once a minute, however often it is called. A use in the future was
    /// noted by a clock that has since been put right.
    pub async fn touch_token(&self, tenant: TenantId, token: TokenId, now: DateTime) -> Result<(), StoreError> {
        let (id, now) = (token.to_string(), now.as_millis());
        let query = sqlx::query_as(STALE).bind(tenant.0).bind(&id).bind(now - MINUTE).bind(now);
        let (stale,): (bool,) = query.fetch_one(&mut *self.reader().await?).await?;
        if !stale {
            return Ok(());
        }
        self.write(move |db| execute(db, TOUCH, (tenant.0, id, now, now - MINUTE))).await?;
        self.token_cache.forget(token);
        Ok(())
    }
}

/// A unit: one token.
pub(super) fn insert(db: &Connection, tenant: TenantId, new: &NewToken, now: DateTime) -> Result<(), StoreError> {
    let NewToken { id, name, hash, created_by, expires } = new;
    let expires = expires.map(DateTime::as_millis);
    execute(db, INSERT, (tenant.0, id.to_string(), name, hash, created_by, now.as_millis(), expires)).map(drop)
}

impl Row {
    fn read(self) -> Result<Token, StoreError> {
        let id = |text: &str| text.parse().map_err(|why| StoreError::corrupt("tokens", &self.id, why));
        Ok(Token {
            id: id(&self.id)?,
            rotated_to: self.rotated_to.as_deref().map(id).transpose()?,
            name: self.name,
            created_by: self.created_by,
            created: DateTime::from_millis(self.created),
            last_used: self.last_used.map(DateTime::from_millis),
            expires: self.expires.map(DateTime::from_millis),
            revoked: self.revoked.map(DateTime::from_millis),
        })
    }
}
