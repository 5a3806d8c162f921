//! The frame: the document around every page, and which page stands at which address.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// The document that the server sends around the portal.
///
/// Inline scripts bear leptos' nonce; there are no inline styles, so the content security policy needs no
/// `unsafe-inline`.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <HashedStylesheet options=options.clone() id="style" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The portal itself.
///
/// Every page is rendered whole before the first byte leaves: its status, redirects and cookies come from what it
/// loads, and it has to be complete where no script ever runs.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Rollcall".to_owned() } else { format!("{title} · Rollcall") }
        } />
        <Router>
            <Routes fallback=|| "Not found">
                <Route path=path!("/users") view=|| view! { <h1>"Manage Users"</h1> } ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
