//! The portal's only door to the server: who calls, from where, and what goes into the answer beside its body. The only
//! place of the portal that knows which side it runs on.

/// Sets the status of the page being rendered; does nothing in the browser.
#[cfg_attr(not(feature = "ssr"), expect(clippy::missing_const_for_fn, reason = "on the server it is not const"))]
pub fn set_page_status(status: u16) {
    #[cfg(feature = "ssr")]
    server::set_page_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Sets the status of a server function's answer to the browser's code. A plain form post is answered by a redirect
/// back to the form, which must stay one.
#[cfg_attr(not(feature = "ssr"), expect(clippy::missing_const_for_fn, reason = "on the server it is not const"))]
pub fn set_response_status(status: u16) {
    #[cfg(feature = "ssr")]
    server::set_response_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

#[cfg(feature = "ssr")]
pub use server::{
    Admin, admin, admin_if_signed_in, client_address, redirect, session, set_new_token_cookie, state,
    take_new_token_cookie,
};

/// What an administrator does to users by hand.
#[cfg(feature = "ssr")]
#[path = "manual_changes.rs"]
mod manual_changes;

/// What an administrator does to the tenant's own schemas.
#[cfg(feature = "ssr")]
#[path = "custom_schemas.rs"]
mod custom_schemas;

#[cfg(feature = "ssr")]
pub use custom_schemas::schema_view;

/// What the portal says of what went wrong below.
#[cfg(feature = "ssr")]
#[path = "error_conversions.rs"]
mod error_conversions;

#[cfg(feature = "ssr")]
mod server {
    use std::{collections::HashMap, sync::Arc};

    use axum::http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use crate::{
        auth::{session::Session, token::PlainToken},
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
        state::{AppState, ClientAddress, RequestId},
        store::{MemberSelection, NewToken, Store},
    };

    /// Names the cookie that carries a new token's secret over the redirect after a plain form post.
    const NEW_TOKEN_COOKIE: &str = "rollcall_new_token";
    /// The only page that is sent the cookie, and for how long the browser keeps it at most.
    const NEW_TOKEN_COOKIE_ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/settings/security/provisioning";

    /// An administrator who has proved who they are, and the tenant they act for.
    pub struct Admin {
        /// The account.
        pub account: Account,
        /// Whose users, tokens and journal are seen and changed.
        pub tenant: TenantId,
        /// Everything the server has.
        pub state: AppState,
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

        /// The tenant's types.
        pub async fn types(&self) -> Result<Arc<Types>, PortalError> {
            Ok(self.store().current_types(self.tenant).await?)
        }

        /// A stored group without its members, else `NotFound`.
        pub async fn group(&self, id: GroupId) -> Result<Resource, PortalError> {
            let group = self.store().group(self.tenant, id, MemberSelection::None).await?;
            group.ok_or_else(|| PortalError::not_found("group"))
        }

        /// What the members of groups are called that came or went, by id.
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

        /// Whether a user or group is there to be looked at.
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

        /// The directory, for changes by hand. There is none while the identity provider manages the users.
        pub async fn directory(&self) -> Result<Directory, PortalError> {
            let settings = self.settings().await?;
            if settings.provisioning {
                return Err(PortalError::conflict(
                    "Users are managed by your identity provider. Change them there, or switch off “Create and manage \
                     user accounts through IDP” first.",
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
            Ok(self.state.directory(self.tenant, settings, self.types().await?, origin))
        }

        /// What the journal tells of something this administrator did to `identity`.
        pub fn journal_entry(&self, identity: &str, detail: String) -> NewEntry {
            NewEntry {
                method: "POST".to_owned(),
                path: path(),
                request_id: request_id(),
                ..NewEntry::other(self.state.clock.now(), self.actor(), identity, detail)
            }
        }

        /// A token of the tenant's, in whatever state.
        pub async fn token(&self, id: TokenId) -> Result<Token, PortalError> {
            let tokens = self.store().tokens(self.tenant).await?;
            tokens.into_iter().find(|token| token.id == id).ok_or_else(|| PortalError::not_found("token"))
        }

        /// A new token of this name, and what to store of it.
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

        /// A token that was handed over to the page that shows it, if it is one of this tenant that works.
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

    /// The administrator who calls. Who is not signed in is sent to the sign-in page, and refused all the same.
    pub async fn admin() -> Result<Admin, PortalError> {
        if let Some(admin) = admin_if_signed_in().await? {
            return Ok(admin);
        }
        redirect(&format!("/sign-in?next={}", percent_encoded(&current_page())));
        Err(PortalError::signed_out())
    }

    /// The administrator who calls, if anyone is signed in.
    pub async fn admin_if_signed_in() -> Result<Option<Admin>, PortalError> {
        let state = state()?;
        let account = session().await?.account(&state.store, state.clock.now()).await?;
        Ok(account.map(|account| Admin { tenant: account.tenant, account, state }))
    }

    /// Everything the server has, for the few functions that anyone may call.
    pub fn state() -> Result<AppState, PortalError> {
        use_context().ok_or_else(|| failed(&"no application state was provided"))
    }

    /// The caller's session, signed in or not.
    pub async fn session() -> Result<Session, PortalError> {
        leptos_axum::extract::<tower_sessions::Session>().await.map(Session::from).map_err(|error| failed(&error))
    }

    /// The client's address, for the throttle.
    pub fn client_address() -> String {
        extension::<ClientAddress>().map(ClientAddress::throttle_key).unwrap_or_default()
    }

    /// Sends the browser to a path of ours.
    pub fn redirect(path: &str) {
        leptos_axum::redirect(path);
    }

    /// After a plain form post the answer is a redirect, so the new secret travels to the next page in a cookie that
    /// no script can read, no other page is sent, and that page takes away. It is stored nowhere on the server.
    pub fn set_new_token_cookie(state: &AppState, token: &PlainToken) {
        if expects_html() {
            set_cookie(state, token.reveal(), 60);
        }
    }

    /// The secret handed over to this page, once.
    pub fn take_new_token_cookie(state: &AppState) -> Option<PlainToken> {
        let parts = parts()?;
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(NEW_TOKEN_COOKIE)?.strip_prefix('='))?;
        set_cookie(state, "", 0);
        PlainToken::parse(value)
    }

    pub fn set_page_status(status: u16) {
        let redirected = use_context::<ResponseOptions>()
            .is_some_and(|options| options.0.read().is_ok_and(|parts| parts.status == Some(StatusCode::FOUND)));
        if !redirected {
            set_status(status);
        }
    }

    pub fn set_response_status(status: u16) {
        if !expects_html() {
            set_status(status);
        }
    }

    fn set_status(status: u16) {
        if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
            options.set_status(status);
        }
    }

    fn set_cookie(state: &AppState, value: &str, seconds: u32) {
        let secure = if state.config.public_url.is_https() { "; Secure" } else { "" };
        let cookie = format!("{NEW_TOKEN_COOKIE}={value}; Max-Age={seconds}; {NEW_TOKEN_COOKIE_ATTRIBUTES}{secure}");
        if let (Some(options), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
            options.append_header(header::SET_COOKIE, cookie);
        }
    }

    fn parts() -> Option<Parts> {
        use_context()
    }

    fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
        parts()?.extensions.get::<T>().cloned()
    }

    fn header_text(name: header::HeaderName) -> Option<String> {
        parts()?.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// Whether the browser itself asks, for a page, rather than our code in it.
    fn expects_html() -> bool {
        header_text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
    }

    fn path() -> String {
        parts().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
    }

    fn request_id() -> String {
        extension::<RequestId>().map(|id| id.0).unwrap_or_default()
    }

    /// The page one is on: the one being rendered, or the one from which our code in the browser asks.
    fn current_page() -> String {
        let Some(parts) = parts() else { return String::new() };
        if parts.method == Method::GET {
            return parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        }
        let referer = header_text(header::REFERER).and_then(|referer| referer.parse::<Uri>().ok());
        referer.and_then(|uri| uri.path_and_query().map(ToString::to_string)).unwrap_or_default()
    }

    fn percent_encoded(text: &str) -> String {
        leptos_router::location::Url::escape(text)
    }

    /// Logs a cause, and makes of it what may be said.
    pub(super) fn failed(cause: &dyn std::fmt::Display) -> PortalError {
        let request_id = request_id();
        tracing::error!(request.id = %request_id, error = %cause, "The portal could not answer request {request_id}");
        PortalError::internal(&request_id)
    }
}
