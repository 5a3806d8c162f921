//! The foot and the head of a list: where one is in it, and what it is ordered by.

use leptos::prelude::*;

use super::Glyph;

/// The foot of a list.
#[component]
pub fn Pagination(
    /// How much there is, in words.
    #[prop(into)]
    summary: String,
    /// The address of the page before, and the link's words.
    #[prop(optional_no_strip)]
    previous: Option<(String, &'static str)>,
    /// The address of the next page, and the link's words.
    #[prop(optional_no_strip)]
    next: Option<(String, &'static str)>,
) -> impl IntoView {
    let links = [previous, next].into_iter().flatten().collect::<Vec<_>>();
    let any = !links.is_empty();
    let links =
        links.into_iter().map(|(href, words)| view! { <a class="button slim" href=href>{words}</a> }).collect_view();
    view! {
        <div class="paging">
            <p>{summary}</p>
            {any.then(|| view! { <nav aria-label="Pages">{links}</nav> })}
        </div>
    }
}

/// A column's heading that orders the list by it, and turns the order round when it is ordered so already.
#[component]
pub fn SortableHeader(
    /// The heading.
    label: &'static str,
    /// Whether the list is ordered by this column, and if so whether descending.
    order: Option<bool>,
    /// The address of the list ordered so.
    href: String,
    /// Which widths it is shown at.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let icon = match order {
        Some(true) => icondata::LuArrowDown,
        Some(false) => icondata::LuArrowUp,
        None => icondata::LuChevronsUpDown,
    };
    let sort = order.map(|descending| if descending { "descending" } else { "ascending" });
    view! {
        <th scope="col" class=class aria-sort=sort>
            <a href=href data-noscroll="true">
                {label}
                <Glyph icon />
            </a>
        </th>
    }
}
