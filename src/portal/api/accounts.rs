//! Administrators: the first one, signing in, signing out.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{model::token::Token, portal::error::PortalError};

/// What the frame around every page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleFrameData {
    /// The administrator's name.
    pub display_name: String,
    /// The administrator's address.
    pub email: String,
    /// The tenant's name.
    pub company: String,
    /// Tokens that expire within 30 days.
    pub expiring: Vec<Token>,
}

/// What the sign-in page has to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInState {
    /// The sign-in form.
    #[serde(rename = "SignIn")]
    SignedOut,
    /// The hint to the set-up link on the server's console: there is no account yet.
    #[serde(rename = "SetUp")]
    SetUpRequired,
    /// A link to the portal: the caller is signed in.
    #[serde(rename = "Inside")]
    SignedIn,
}

/// The frame around every page of the console.
#[server(prefix = "/api", endpoint = "console")]
pub async fn read_console_frame() -> Result<ConsoleFrameData, PortalError> {
    use crate::model::token::TokenState;

    let admin = super::caller::admin().await?;
    let tenant = admin.store().tenant(admin.tenant).await?;
    let now = admin.state.clock.now();
    let mut expiring = admin.store().tokens(admin.tenant).await?;
    expiring.retain(|token| token.state(now) == TokenState::ExpiringSoon);
    Ok(ConsoleFrameData {
        expiring,
        display_name: admin.account.display_name,
        email: admin.account.email,
        company: tenant.map(|tenant| tenant.name).unwrap_or_default(),
    })
}

/// What the sign-in page has to offer. A caller who is signed in is redirected. Anyone may call this.
#[server(prefix = "/api", endpoint = "entrance")]
pub async fn read_sign_in_state() -> Result<SignInState, PortalError> {
    if super::caller::admin_if_signed_in().await?.is_some() {
        super::caller::redirect("/users");
        return Ok(SignInState::SignedIn);
    }
    Ok(if super::caller::state()?.set_up_is_open().await? {
        SignInState::SetUpRequired
    } else {
        SignInState::SignedOut
    })
}

/// Whether a set-up link is valid. A caller who is signed in is redirected. Anyone may call this: the token has 160 bits
/// and cannot be guessed.
#[server(prefix = "/api", endpoint = "set-up-link")]
pub async fn check_set_up_link(token: String) -> Result<bool, PortalError> {
    if super::caller::admin_if_signed_in().await?.is_some() {
        super::caller::redirect("/users");
    }
    let state = super::caller::state()?;
    Ok(state.set_up_is_open().await? && state.set_up.accepts(&token))
}

/// Names the company, creates the first administrator and signs them in. The link authenticates the caller.
#[server(prefix = "/api", endpoint = "set-up")]
pub async fn set_up(
    token: String,
    company: String,
    display_name: String,
    email: String,
    password: String,
) -> Result<(), PortalError> {
    use crate::auth::{
        password::Password,
        set_up::{FirstAccount, SetUpError},
    };

    let state = super::caller::state()?;
    if !state.set_up.accepts(&token) {
        return Err(PortalError::conflict("This link has expired."));
    }
    validate_first_account(&company, &display_name, &email)?;
    let first = FirstAccount {
        company: company.trim().to_owned(),
        email: email.trim().to_owned(),
        display_name: display_name.trim().to_owned(),
        password: Password::chosen(password)?,
    };
    let account = state.complete_set_up(&token, first).await.map_err(|error| match error {
        SetUpError::Closed => PortalError::conflict("This link has expired."),
        SetUpError::Password(error) => error.into(),
        SetUpError::Store(error) => error.into(),
    })?;
    super::caller::session().await?.sign_in(&account, state.clock.now()).await?;
    super::caller::set_known_browser_cookie(&state, &account.email);
    super::caller::redirect("/users");
    Ok(())
}

/// Signs an administrator in and redirects to the page that asked for it. The password authenticates the caller.
#[server(prefix = "/api", endpoint = "sign-in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), PortalError> {
    use crate::auth::{password::Password, sign_in::SignInError};

    let state = super::caller::state()?;
    let browser = super::caller::known_browser(&state, &email);
    let network = super::caller::client_address();
    let signed_in = state.sign_in(&email, Password::shown(password), &network, browser.as_ref()).await;
    let account = signed_in.map_err(|error| match error {
        SignInError::Refused => PortalError::wrong_credentials(),
        SignInError::Throttled => PortalError::too_many_requests("Too many failed sign-ins. Try again in 15 minutes."),
        SignInError::Password(error) => error.into(),
        SignInError::Store(error) => error.into(),
    })?;
    super::caller::session().await?.sign_in(&account, state.clock.now()).await?;
    if browser.is_none() {
        super::caller::set_known_browser_cookie(&state, &email);
    }
    super::caller::redirect(portal_page(&next).unwrap_or("/users"));
    Ok(())
}

/// Signs out.
#[server(prefix = "/api", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), PortalError> {
    let _admin = super::caller::admin().await?;
    super::caller::session().await?.sign_out().await?;
    super::caller::redirect("/sign-in");
    Ok(())
}

/// Validates the names and the e-mail address of the set-up form.
pub fn validate_first_account(company: &str, display_name: &str, email: &str) -> Result<(), PortalError> {
    let mut fields = Vec::new();
    let mut require = |name: &str, value: &str, most: usize| {
        if value.trim().is_empty() {
            fields.push((name.to_owned(), "This field is required.".to_owned()));
        } else if value.chars().count() > most {
            fields.push((name.to_owned(), format!("Use at most {most} characters.")));
        }
    };
    require("company", company, 120);
    require("display_name", display_name, 120);
    require("email", email, 254);
    let (local, domain) = email.trim().split_once('@').unwrap_or_default();
    if fields.iter().all(|(name, _)| name != "email") && (local.is_empty() || domain.is_empty() || domain.contains('@'))
    {
        fields.push(("email".to_owned(), "This is not an e-mail address.".to_owned()));
    }
    if fields.is_empty() { Ok(()) } else { Err(PortalError::invalid(fields)) }
}

/// `next` if it is a page of the portal; anything else would be an open redirect.
pub fn portal_page(next: &str) -> Option<&str> {
    let pages = ["/users", "/groups", "/settings", "/logs"];
    let rest = pages.iter().find_map(|page| next.strip_prefix(page))?;
    let harmless = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (harmless && (rest.is_empty() || rest.starts_with(['/', '?']))).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(next: &str, expected: bool) {
        assert_eq!(portal_page(next).is_some(), expected, "{next}");
    }

    #[test]
    fn sign_in_redirects_only_to_pages_of_the_portal() {
        check("/users", true);
        check("/users/1/edit?x=%20", true);
        check("/groups/1?q=x", true);
        check("/logs?status=Failure", true);
        check("", false);
        check("/", false);
        check("//evil.example", false);
        check("/users.evil.example", false);
        check("https://evil.example/users", false);
        check("/\\evil.example", false);
        check("/users\r\nSet-Cookie: a=b", false);
        check("/api/sign-out", false);
    }

    #[test]
    fn the_first_account_needs_a_name_a_company_and_an_address() {
        assert!(validate_first_account("Contoso", "Ana", "ana@contoso.com").is_ok());
        let error = validate_first_account(" ", "Ana", "ana").unwrap_err();
        let names: Vec<&str> = error.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["company", "email"]);
    }
}
