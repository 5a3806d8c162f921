//! SCIM bearer tokens: made, rotated, revoked. A secret is in the answer that makes it, and nowhere else.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::TokenId,
        token::{Lifetime, Overlap},
    },
    portal::error::PortalError,
    scim::time::DateTime,
};

/// The address of the window that all of this happens in.
pub const WINDOW: &str = "/settings/security/provisioning";
/// The most characters in a token's name.
pub const LONGEST_NAME: usize = 60;

/// A new token with its secret, for showing it once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// Its name.
    pub name: String,
    /// What to paste into the identity provider.
    pub secret: String,
    /// When it ends.
    pub expires: Option<DateTime>,
    /// When the token that it replaces ends.
    pub old_ends: Option<DateTime>,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Makes a token.
#[server(prefix = "/api", endpoint = "generate-token")]
pub async fn generate_token(name: String, #[server(default)] lifetime: Lifetime) -> Result<IssuedToken, PortalError> {
    let admin = super::caller::admin().await?;
    let name = checked_name(&name)?;
    let now = admin.state.clock.now();
    let (secret, new) = admin.new_token(&name, lifetime.end(now));
    admin.store().create_token(admin.tenant, &new, now).await?;
    super::caller::hand_over(&admin.state, &secret);
    super::caller::go_to(WINDOW);
    Ok(IssuedToken { name, secret: secret.reveal().to_owned(), expires: new.expires, old_ends: None })
}

/// Makes a token that takes the place of another, which lives on for a while.
#[server(prefix = "/api", endpoint = "rotate-token")]
pub async fn rotate_token(
    token: TokenId,
    #[server(default)] lifetime: Lifetime,
    #[server(default)] overlap: Overlap,
) -> Result<IssuedToken, PortalError> {
    let admin = super::caller::admin().await?;
    let now = admin.state.clock.now();
    let tokens = admin.store().tokens(admin.tenant).await?;
    let old = tokens.into_iter().find(|old| old.id == token).ok_or_else(|| PortalError::not_found("token"))?;
    let (secret, new) = admin.new_token(&old.name, lifetime.end(now));
    let old_ends = overlap.end(now);
    if !admin.store().rotate_token(admin.tenant, token, &new, old_ends, now).await? {
        return Err(PortalError::refused("This token was already rotated or revoked, so it cannot be rotated."));
    }
    super::caller::hand_over(&admin.state, &secret);
    super::caller::go_to(WINDOW);
    let secret = secret.reveal().to_owned();
    Ok(IssuedToken { name: old.name, secret, expires: new.expires, old_ends: Some(old_ends) })
}

/// Takes a token back; the next request with it is refused.
#[server(prefix = "/api", endpoint = "revoke-token")]
pub async fn revoke_token(token: TokenId) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    if !admin.store().revoke_token(admin.tenant, token, admin.state.clock.now()).await? {
        return Err(PortalError::refused("This token was already revoked."));
    }
    super::caller::go_to(WINDOW);
    Ok(())
}

/// A token's name as typed, made tidy.
pub fn checked_name(name: &str) -> Result<String, PortalError> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(PortalError::field("name", "Give the token a name, so that you know it again.")),
        length if length > LONGEST_NAME => {
            Err(PortalError::field("name", format!("At most {LONGEST_NAME} characters, please.")))
        }
        _ => Ok(name.to_owned()),
    }
}
