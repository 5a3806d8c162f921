//! Icons. Each accompanies a text with the same meaning, so screen readers skip it.

use leptos::prelude::*;
use leptos_icons::Icon;

/// A decorative icon.
#[component]
pub fn Glyph(
    /// The icon.
    icon: icondata::Icon,
) -> impl IntoView {
    view! {
        <span class="icon" aria-hidden="true">
            <Icon icon />
        </span>
    }
}
