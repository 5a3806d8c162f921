//! What stands at addresses where nothing stands.

use leptos::prelude::*;

use crate::portal::{api::caller, components::CardPage};

/// There is no such page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    caller::set_page_status(404);
    view! {
        <CardPage title="Page not found" lead="There is nothing at this address. The link may be old, or mistyped.">
            <a class="button primary" href="/users">
                "Go to Manage Users"
            </a>
        </CardPage>
    }
}
