//! Loading, error or content: what a page shows of a resource.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::portal::{
    api::caller,
    components::Glyph,
    error::{ErrorKind, PortalError},
};

/// Renders `content` with the loaded value. While it is loaded again the previous content stays.
pub fn when_loaded<T, V>(
    resource: Resource<Result<T, PortalError>>,
    content: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| {
            view! {
                <p class="loading" role="status">
                    "Loading…"
                </p>
            }
        }>
            {move || {
                let content = content.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(value) => Either::Left(content(value)),
                        Err(error) => Either::Right(view! { <LoadError error /> }),
                    }
                })
            }}
        </Transition>
    }
}

/// What is shown instead of content that could not be loaded.
#[component]
pub fn LoadError(
    /// The error.
    error: PortalError,
) -> impl IntoView {
    caller::set_page_status(error.status());
    let signed_out = error.kind == ErrorKind::SignedOut;
    if signed_out {
        // The server redirects by itself. In the browser the session has ended while the page was open.
        Effect::new(|_| {
            let location = window().location();
            let here = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
            let _ = location.set_href(&format!("/sign-in?next={}", leptos_router::location::Url::escape(&here)));
        });
    }
    let title = match error.kind {
        ErrorKind::NotFound => "Not found",
        ErrorKind::SignedOut => "Signed out",
        ErrorKind::Unreachable => "No connection",
        ErrorKind::Unavailable => "Not available at the moment",
        _ => "This page could not be loaded",
    };
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let link = if signed_out {
        view! { <a class="button primary" href="/sign-in">"Sign in"</a> }.into_any()
    } else if error.is_retryable() {
        let here = if search.is_empty() { path } else { format!("{path}?{search}") };
        view! { <a class="button primary" href=here rel="external">"Try again"</a> }.into_any()
    } else {
        let (href, label) = parent_list(&path);
        view! { <a class="button" href=href>{label}</a> }.into_any()
    };
    view! {
        <Title text=title />
        <div class="card">
            <div class="empty">
                <Glyph icon=icondata::LuCircleAlert />
                <h1>{title}</h1>
                <p>{error.message}</p>
                {link}
            </div>
        </div>
    }
}

/// The path and link label of the list that a page belongs to.
fn parent_list(path: &str) -> (&'static str, &'static str) {
    const LISTS: [(&str, &str); 3] = [
        ("/groups", "Go to Manage Groups"),
        ("/logs", "Go to Provisioning Logs"),
        ("/settings", "Go to Group Settings"),
    ];
    let found = LISTS.into_iter().find(|(list, _)| path.starts_with(list));
    found.unwrap_or(("/users", "Go to Manage Users"))
}
