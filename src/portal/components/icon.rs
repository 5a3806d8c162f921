//! Icons. Each stands beside words that say the same, so none is spoken.

use leptos::prelude::*;
use leptos_icons::Icon;

/// A decorative icon.
#[component]
pub fn Glyph(
    /// Which.
    icon: icondata::Icon,
) -> impl IntoView {
    view! {
        <span class="icon" aria-hidden="true">
            <Icon icon />
        </span>
    }
}
