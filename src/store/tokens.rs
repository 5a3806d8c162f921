//! Bearer tokens, found by their keyed hash.

use super::{Store, StoreError};
use crate::model::id::{TenantId, TokenId};
use crate::model::tenant::Settings;
use crate::model::token::Token;
use crate::scim::time::DateTime;

/// A token about to be stored.
#[derive(Clone, Debug)]
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

/// All that a request with a token needs to know, from one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's settings.
    pub settings: Settings,
    /// The token, in whatever state.
    pub token: Token,
}

impl Store {
    /// Stores a new token.
    pub async fn create_token(
        &self,
        tenant: TenantId,
        token: &NewToken,
        now: DateTime,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {token:?} {now}")
    }

    /// All tokens of the tenant, newest first.
    pub async fn tokens(&self, tenant: TenantId) -> Result<Vec<Token>, StoreError> {
        todo!("{tenant}")
    }

    /// The token with this hash, in whatever state, by unique index.
    pub async fn token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<FoundToken>, StoreError> {
        todo!("{}", hash.len())
    }

    /// Revokes a token; `false` when there is none or it was revoked before.
    pub async fn revoke_token(
        &self,
        tenant: TenantId,
        token: TokenId,
        now: DateTime,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {token} {now}")
    }

    /// Stores a token's successor and ends the old one at `old_ends_at` (never later than it would have ended).
    /// `false` when the old one is gone, revoked or already rotated.
    pub async fn rotate_token(
        &self,
        tenant: TenantId,
        old: TokenId,
        new: &NewToken,
        old_ends_at: DateTime,
        now: DateTime,
    ) -> Result<bool, StoreError> {
        todo!("{tenant} {old} {new:?} {old_ends_at} {now}")
    }

    /// Notes that a token was used; writes at most once a minute.
    pub async fn touch_token(
        &self,
        tenant: TenantId,
        token: TokenId,
        now: DateTime,
    ) -> Result<(), StoreError> {
        todo!("{tenant} {token} {now}")
    }
}
