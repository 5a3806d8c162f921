//! The connection check: starting it, and reading its progress and results.

use leptos::prelude::*;

use crate::{model::connection_check::ConnectionCheck, portal::error::PortalError};

/// The path of its page.
pub const CHECK_PAGE: &str = "/settings/security/check";

/// Starts a connection check.
#[server(prefix = "/api", endpoint = "check-connection")]
pub async fn check_connection() -> Result<(), PortalError> {
    use crate::connection_check::IDENTITY;

    let admin = super::caller::admin().await?;
    let settings = admin.settings().await?;
    let entry = admin.journal_entry(IDENTITY, "Started a connection check on a temporary tenant.".to_owned());
    admin.state.connection_checks.start(admin.tenant, settings, &admin.account.email, &entry).await?;
    super::caller::redirect(CHECK_PAGE);
    Ok(())
}

/// The check that was started most recently.
#[server(prefix = "/api", endpoint = "connection-check")]
pub async fn read_connection_check() -> Result<Option<ConnectionCheck>, PortalError> {
    let admin = super::caller::admin().await?;
    Ok(admin.state.connection_checks.last(admin.tenant).await)
}
