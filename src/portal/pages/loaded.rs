//! One of loading, error, content: what every page shows of what it loads.

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

use crate::portal::{
    api::caller,
    components::Glyph,
    error::{ErrorKind, PortalError},
};

/// Shows `content` of what was loaded. While something newer is on its way the old content stays.
pub fn loaded<T, V>(
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
                        Err(error) => Either::Right(view! { <Problem error /> }),
                    }
                })
            }}
        </Transition>
    }
}

/// What stands in place of a page that could not be loaded.
#[component]
pub fn Problem(
    /// Why.
    error: PortalError,
) -> impl IntoView {
    caller::set_page_status(error.status());
    let signed_out = error.kind == ErrorKind::SignedOut;
    if signed_out {
        // On the server the redirect is part of the answer; here the session has ended while the page was open.
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
    view! {
        <Title text=title />
        <div class="card">
            <div class="empty">
                <Glyph icon=icondata::LuCircleAlert />
                <h1>{title}</h1>
                <p>{error.message}</p>
                {if signed_out {
                    view! { <a class="button primary" href="/sign-in">"Sign in"</a> }
                } else {
                    view! { <a class="button" href="/users">"Go to Manage Users"</a> }
                }}
            </div>
        </div>
    }
}
