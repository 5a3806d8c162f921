//! The HTML document around every page, and the routes.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use super::pages::{
    ConnectionCheckPage, ConsoleFrame, EditUserPage, EntryPage, GroupPage, GroupSettingsPage, GroupsPage, JournalPage,
    NewUserPage, NotFoundPage, ProvisioningPage, SchemaPage, SchemasPage, SecurityPage, SetUpPage, SignInPage,
    UserPage, UsersPage,
};

/// The paths of the files that a page loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAssets {
    /// The style sheet.
    pub style: String,
    /// The script that loads the WASM.
    pub script: String,
    /// The WASM that hydrates the page.
    pub wasm: String,
}

/// The document that the server sends around the portal.
///
/// Inline scripts carry Leptos' nonce and there are no inline styles, so the content security policy needs no
/// `unsafe-inline`.
pub fn shell(assets: PageAssets, options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <link id="style" rel="stylesheet" href=assets.style.clone() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <AutoReload options />
                <HydrationScript assets />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Hydrates the page. Leptos' own component would read the file names from a file beside the program for each page.
#[component]
fn HydrationScript(assets: PageAssets) -> impl IntoView {
    let PageAssets { script, wasm, .. } = assets;
    let script_text =
        format!("import({script:?}).then(it => it.default({{ module_or_path: {wasm:?} }}).then(() => it.hydrate()))");
    view! {
        <link rel="modulepreload" href=script />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=leptos::nonce::use_nonce()>
            {script_text}
        </script>
    }
}

/// The portal itself.
///
/// Every page is rendered completely before the first byte is sent: its status, redirects and cookies depend on what it
/// loads, and it has to be complete in browsers that run no scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // Text that is typed before hydration may be lost, so browser tests wait for this attribute.
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            // Fails only for an invalid attribute name.
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Rollcall".to_owned() } else { format!("{} · Rollcall", without_markup(&title)) }
        } />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/setup") view=SetUpPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/") view=|| view! { <Redirect path="/users" /> } ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=ConsoleFrame ssr=SsrMode::Async>
                    <Route path=path!("/users") view=UsersPage ssr=SsrMode::Async />
                    <Route path=path!("/users/new") view=NewUserPage ssr=SsrMode::Async />
                    <Route path=path!("/users/:id") view=UserPage ssr=SsrMode::Async />
                    <Route path=path!("/users/:id/edit") view=EditUserPage ssr=SsrMode::Async />
                    <Route path=path!("/groups") view=GroupsPage ssr=SsrMode::Async />
                    <Route path=path!("/groups/:id") view=GroupPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=GroupSettingsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/security") view=SecurityPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/security/check") view=ConnectionCheckPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/security/provisioning") view=ProvisioningPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/attributes") view=SchemasPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/attributes/:urn") view=SchemaPage ssr=SsrMode::Async />
                    <Route path=path!("/logs") view=JournalPage ssr=SsrMode::Async />
                    <Route path=path!("/logs/:id") view=EntryPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// A title that is safe for `leptos_meta`: the server writes it into the page without escaping, and titles contain names
/// chosen by an identity provider. Escaping is no alternative, because the browser sets the same text without parsing HTML.
fn without_markup(title: &str) -> String {
    title.replace('<', "‹").replace('>', "›").replace('&', "＆")
}

#[cfg(test)]
mod tests {
    use super::without_markup;

    #[test]
    fn titles_contain_no_markup() {
        assert_eq!(without_markup("Ana Ruiz"), "Ana Ruiz");
        assert_eq!(without_markup("</title><b>A&amp;B"), "‹/title›‹b›A＆amp;B");
    }
}
