//! The portal's access to the server: the request being handled, and the administrator who sent it. The only file of the
//! portal that distinguishes the server from the browser.

/// Sets the status of the page being rendered; does nothing in the browser.
#[cfg_attr(not(feature = "ssr"), expect(clippy::missing_const_for_fn, reason = "on the server it is not const"))]
pub fn set_page_status(status: u16) {
    #[cfg(feature = "ssr")]
    response::set_page_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Sets the status of a server function's response to a call from our code in the browser. A plain form post is answered
/// by a redirect back to the form, whose status must stay.
#[cfg_attr(not(feature = "ssr"), expect(clippy::missing_const_for_fn, reason = "on the server it is not const"))]
pub fn set_response_status(status: u16) {
    #[cfg(feature = "ssr")]
    response::set_response_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

#[cfg(feature = "ssr")]
pub use {
    administrator::{Admin, admin, admin_if_signed_in},
    custom_schemas::schema_view,
    request::{
        client_address, known_browser, redirect, session, set_known_browser_cookie, set_new_token_cookie, state,
        take_new_token_cookie,
    },
};

/// The administrator who sent the request.
#[cfg(feature = "ssr")]
#[path = "administrator.rs"]
mod administrator;

/// The request being handled.
#[cfg(feature = "ssr")]
#[path = "request.rs"]
mod request;

/// Changes of users that an administrator makes in the portal.
#[cfg(feature = "ssr")]
#[path = "manual_changes.rs"]
mod manual_changes;

/// Changes of the tenant's custom schemas.
#[cfg(feature = "ssr")]
#[path = "custom_schemas.rs"]
mod custom_schemas;

/// Errors of the layers below as errors of the portal.
#[cfg(feature = "ssr")]
#[path = "error_conversions.rs"]
mod error_conversions;

#[cfg(feature = "ssr")]
mod response {
    use axum::http::{StatusCode, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

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

    /// Whether the browser itself sent the request, for a page, and not our code in it.
    pub fn expects_html() -> bool {
        let parts = use_context::<Parts>();
        let accept = parts.as_ref().and_then(|parts| parts.headers.get(header::ACCEPT)?.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    }

    fn set_status(status: u16) {
        if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
            options.set_status(status);
        }
    }
}
