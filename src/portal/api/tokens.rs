//! Creating, rotating and revoking SCIM bearer tokens. Only the response that creates a token contains its secret.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::TokenId,
        token::{self, LONGEST_NAME, Lifetime, NameError, Overlap},
    },
    portal::error::PortalError,
    scim::time::DateTime,
};

/// The path of the page with the tokens.
pub const PROVISIONING_PAGE: &str = "/settings/security/provisioning";

/// A new token with its secret, which is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// Its name.
    pub name: String,
    /// The secret to paste into the identity provider.
    pub secret: String,
    /// When it expires.
    pub expires: Option<DateTime>,
    /// When the token that it replaces expires.
    pub old_ends: Option<DateTime>,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Creates a token.
#[server(prefix = "/api", endpoint = "generate-token")]
pub async fn generate_token(name: String, #[server(default)] lifetime: Lifetime) -> Result<IssuedToken, PortalError> {
    use crate::model::token::TokenAction;

    let admin = super::caller::admin().await?;
    let name = validated_name(&name)?;
    let now = admin.state.clock.now();
    let (secret, new) = admin.new_token(&name, lifetime.end(now));
    let entry = admin.journal_entry(&name, TokenAction::Created.sentence(&name));
    admin.store().create_token(admin.tenant, &new, &entry, now).await?;
    super::caller::set_new_token_cookie(&admin.state, &secret);
    super::caller::redirect(PROVISIONING_PAGE);
    Ok(IssuedToken { name, secret: secret.reveal().to_owned(), expires: new.expires, old_ends: None })
}

/// Creates a token that replaces another one. Both are valid during the overlap.
#[server(prefix = "/api", endpoint = "rotate-token")]
pub async fn rotate_token(
    token: TokenId,
    #[server(default)] lifetime: Lifetime,
    #[server(default)] overlap: Overlap,
) -> Result<IssuedToken, PortalError> {
    use crate::model::token::TokenAction;

    let admin = super::caller::admin().await?;
    let now = admin.state.clock.now();
    let old = admin.token(token).await?;
    let (secret, new) = admin.new_token(&old.name, lifetime.end(now));
    let old_ends = overlap.end(now);
    let entry = admin.journal_entry(&old.name, TokenAction::Rotated(overlap).sentence(&old.name));
    if !admin.store().rotate_token(admin.tenant, token, &new, &entry, old_ends, now).await? {
        return Err(PortalError::conflict("This token was already rotated or revoked, so it cannot be rotated."));
    }
    super::caller::set_new_token_cookie(&admin.state, &secret);
    super::caller::redirect(PROVISIONING_PAGE);
    let secret = secret.reveal().to_owned();
    Ok(IssuedToken { name: old.name, secret, expires: new.expires, old_ends: Some(old_ends) })
}

/// Revokes a token; the next request with it is refused.
#[server(prefix = "/api", endpoint = "revoke-token")]
pub async fn revoke_token(token: TokenId) -> Result<(), PortalError> {
    use crate::model::token::TokenAction;

    let admin = super::caller::admin().await?;
    let name = admin.token(token).await?.name;
    let entry = admin.journal_entry(&name, TokenAction::Revoked.sentence(&name));
    if !admin.store().revoke_token(admin.tenant, token, &entry, admin.state.clock.now()).await? {
        return Err(PortalError::conflict("This token was already revoked."));
    }
    super::caller::redirect(PROVISIONING_PAGE);
    Ok(())
}

/// A token's name, trimmed.
pub fn validated_name(name: &str) -> Result<String, PortalError> {
    token::checked_name(name).map(str::to_owned).map_err(|error| {
        let why = match error {
            NameError::Empty => "Give the token a name that you will recognize.".to_owned(),
            NameError::TooLong => format!("Use at most {LONGEST_NAME} characters."),
            NameError::Control => "The name cannot contain line breaks or other control characters.".to_owned(),
        };
        PortalError::invalid_field("name", why)
    })
}
