//! The tenant's settings.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    model::{connection_check::Stage, tenant::Settings, tenant::Tenant, token::Token},
    portal::{api::tokens::IssuedToken, error::PortalError},
    scim::time::DateTime,
};

/// What Group Settings and Security show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSettings {
    /// The tenant.
    pub tenant: Tenant,
    /// Its settings.
    pub settings: Settings,
    /// How many tokens are valid.
    pub working_tokens: usize,
    /// The stage of the most recent connection check.
    pub last_check: Option<Stage>,
}

/// What Provision & Integration shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioning {
    /// The tenant's settings.
    pub settings: Settings,
    /// The Tenant URL to paste into the identity provider.
    pub tenant_url: String,
    /// All tokens, newest first.
    pub tokens: Vec<Token>,
    /// A token that was just created by a plain form post. It is shown once.
    pub issued: Option<IssuedToken>,
    /// The time that the states of the tokens refer to.
    pub now: DateTime,
}

/// What Group Settings and Security show.
#[server(prefix = "/api", endpoint = "group-settings")]
pub async fn read_group_settings() -> Result<GroupSettings, PortalError> {
    let admin = super::caller::admin().await?;
    let now = admin.state.clock.now();
    let tokens = admin.store().tokens(admin.tenant).await?;
    Ok(GroupSettings {
        tenant: admin.store().tenant(admin.tenant).await?.ok_or_else(|| PortalError::not_found("group"))?,
        settings: admin.settings().await?,
        working_tokens: tokens.iter().filter(|token| token.works(now)).count(),
        last_check: admin.state.connection_checks.last(admin.tenant).await.map(|check| check.stage),
    })
}

/// What Provision & Integration shows.
#[server(prefix = "/api", endpoint = "provisioning")]
pub async fn read_provisioning() -> Result<Provisioning, PortalError> {
    let admin = super::caller::admin().await?;
    let issued = match super::caller::take_new_token_cookie(&admin.state) {
        Some(token) => admin.issued_token(&token).await?,
        None => None,
    };
    Ok(Provisioning {
        settings: admin.settings().await?,
        tenant_url: admin.state.config.tenant_url(),
        tokens: admin.store().tokens(admin.tenant).await?,
        issued,
        now: admin.state.clock.now(),
    })
}

/// Turns "Create and manage user accounts through IDP" on or off.
#[server(prefix = "/api", endpoint = "save-provisioning")]
pub async fn save_provisioning(#[server(default)] provisioning: bool) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let state = if provisioning { "on" } else { "off" };
    let entry =
        admin.journal_entry("Settings", format!("Create and manage user accounts through IDP was switched {state}."));
    admin.store().change_settings(admin.tenant, move |settings| settings.provisioning = provisioning, &entry).await?;
    super::caller::redirect("/settings/security/provisioning");
    Ok(())
}

/// Sets the maximum length of userNames.
#[server(prefix = "/api", endpoint = "save-user-name-limit")]
pub async fn save_user_name_limit(user_name_limit: String) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let limit = parse_limit(&user_name_limit)?;
    let detail = match limit {
        0 => "The userName limit was switched off.".to_owned(),
        limit => format!("The userName limit was set to {limit} characters."),
    };
    let entry = admin.journal_entry("Settings", detail);
    admin.store().change_settings(admin.tenant, move |settings| settings.user_name_limit = limit, &entry).await?;
    super::caller::redirect("/settings/security/provisioning");
    Ok(())
}

/// Parses a userName limit.
pub fn parse_limit(text: &str) -> Result<u32, PortalError> {
    let limit = text.trim().parse::<u32>().ok().filter(|limit| *limit <= 1000);
    limit.ok_or_else(|| {
        PortalError::invalid_field("user_name_limit", "Enter a number from 1 to 1000, or 0 for no limit.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(parse_limit(text).ok(), expected, "{text}");
    }

    #[test]
    fn a_limit_is_a_small_number() {
        check("30", Some(30));
        check(" 0 ", Some(0));
        check("1000", Some(1000));
        check("1001", None);
        check("-1", None);
        check("", None);
        check("many", None);
    }
}
