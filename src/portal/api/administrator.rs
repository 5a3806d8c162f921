//! The administrator who sent the request, and what server functions do in their name. On the server only; a child of
//! `caller`.

use std::{collections::HashMap, sync::Arc};

use super::request::{current_page, path, redirect, request_id, session, state};
use crate::{
    auth::token::PlainToken,
    directory::{Directory, Origin},
    model::{
        account::Account,
        id::{GroupId, TenantId, TokenId, UserId},
        journal::{Actor, NewEntry, ResourceKind, ResourceRef},
        page::Source,
        tenant::Settings,
        token::Token,
    },
    portal::{
        api::{journal::DisplayedChanges, tokens::IssuedToken},
        error::PortalError,
    },
    scim::{DateTime, Resource, Types},
    state::AppState,
    store::{MemberSelection, NewToken, Store},
};

/// A signed-in administrator and their tenant.
pub struct Admin {
    /// The account.
    pub account: Account,
    /// The tenant, whose data the administrator sees and changes.
    pub tenant: TenantId,
    /// The server's state.
    pub state: AppState,
}

/// The administrator who sent the request. A caller who is not signed in is redirected to the sign-in page and gets an
/// error, because a redirect alone would not stop the server function.
pub async fn admin() -> Result<Admin, PortalError> {
    if let Some(admin) = admin_if_signed_in().await? {
        return Ok(admin);
    }
    redirect(&format!("/sign-in?next={}", leptos_router::location::Url::escape(&current_page())));
    Err(PortalError::signed_out())
}

/// The administrator who sent the request, if signed in.
pub async fn admin_if_signed_in() -> Result<Option<Admin>, PortalError> {
    let state = state()?;
    let account = session().await?.account(&state.store, state.clock.now()).await?;
    Ok(account.map(|account| Admin { tenant: account.tenant, account, state }))
}

impl Admin {
    /// The store, for reading.
    pub const fn store(&self) -> &Store {
        &self.state.store
    }

    /// The tenant's settings.
    pub async fn settings(&self) -> Result<Settings, PortalError> {
        Ok(self.store().settings(self.tenant).await?)
    }

    /// The tenant's resource types.
    pub async fn types(&self) -> Result<Arc<Types>, PortalError> {
        Ok(self.store().current_types(self.tenant).await?)
    }

    /// A stored group without its members.
    pub async fn group(&self, id: GroupId) -> Result<Resource, PortalError> {
        let group = self.store().group(self.tenant, id, MemberSelection::None).await?;
        group.ok_or_else(|| PortalError::not_found("group"))
    }

    /// The names of the members that were added or removed, by id.
    pub async fn member_names(
        &self,
        changes: impl Iterator<Item = &DisplayedChanges>,
    ) -> Result<HashMap<String, String>, PortalError> {
        let ids: Vec<&str> = changes.flat_map(DisplayedChanges::member_ids).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(self.store().display_names(self.tenant, &ids).await?)
    }

    /// Whether a user or group still exists.
    pub async fn resource_exists(&self, resource: &ResourceRef) -> Result<bool, PortalError> {
        let store = self.store();
        Ok(match (resource.kind, resource.id.parse()) {
            (_, Err(_)) => false,
            (ResourceKind::User, Ok(id)) => store.user(self.tenant, UserId(id)).await?.is_some(),
            (ResourceKind::Group, Ok(id)) => {
                store.group(self.tenant, GroupId(id), MemberSelection::None).await?.is_some()
            }
        })
    }

    /// The directory, for manual changes. Refused while the identity provider manages the users.
    pub async fn directory(&self) -> Result<Directory, PortalError> {
        let settings = self.settings().await?;
        if settings.provisioning {
            return Err(PortalError::conflict(
                "Users are managed by your identity provider. Change them there, or switch off “Create and manage user \
                 accounts through IDP” first.",
            ));
        }
        let origin = Origin {
            actor: self.actor(),
            source: Source::Manual,
            method: "POST".to_owned(),
            path: path(),
            request_id: request_id(),
            request: None,
            dialect: None,
        };
        let work = self.state.long_work.request(self.tenant);
        Ok(self.state.directory(self.tenant, settings, self.types().await?, origin, work))
    }

    /// The journal entry of something that this administrator did to `identity`.
    pub fn journal_entry(&self, identity: &str, detail: String) -> NewEntry {
        NewEntry {
            method: "POST".to_owned(),
            path: path(),
            request_id: request_id(),
            ..NewEntry::other(self.state.clock.now(), self.actor(), identity, detail)
        }
    }

    /// One of the tenant's tokens, in any state.
    pub async fn token(&self, id: TokenId) -> Result<Token, PortalError> {
        let tokens = self.store().tokens(self.tenant).await?;
        tokens.into_iter().find(|token| token.id == id).ok_or_else(|| PortalError::not_found("token"))
    }

    /// A new token's secret, and what is stored of it.
    pub fn new_token(&self, name: &str, expires: Option<DateTime>) -> (PlainToken, NewToken) {
        let (secret, hash) = self.state.new_token();
        let new = NewToken {
            id: TokenId(self.state.clock.new_id()),
            name: name.to_owned(),
            hash: hash.0,
            created_by: self.account.email.clone(),
            expires,
        };
        (secret, new)
    }

    /// The token with this secret, if it is a valid one of this tenant.
    pub async fn issued_token(&self, secret: &PlainToken) -> Result<Option<IssuedToken>, PortalError> {
        let hash = self.state.token_key.hash(secret);
        let found = self.store().token_by_hash(&hash.0).await?;
        let found = found.filter(|found| found.tenant == self.tenant && found.token.works(self.state.clock.now()));
        Ok(found.map(|found| IssuedToken {
            name: found.token.name,
            secret: secret.reveal().to_owned(),
            expires: found.token.expires,
            old_ends: None,
        }))
    }

    fn actor(&self) -> Actor {
        Actor::Account { id: self.account.id, email: self.account.email.clone() }
    }
}
