//! The page for unknown paths.

use leptos::prelude::*;

use crate::portal::{api::caller, components::CardPage};

/// There is no such page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    caller::set_page_status(404);
    view! {
        <CardPage title="Page not found" lead="The page doesn’t exist. The link may be outdated or mistyped.">
            <a class="button primary" href="/users">
                "Go to Manage Users"
            </a>
        </CardPage>
    }
}
