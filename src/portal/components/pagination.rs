//! The pagination of a list, and column headers that sort it.

use leptos::prelude::*;

use super::Glyph;

/// The summary of a list, and links to its neighbouring pages.
#[component]
pub fn Pagination(
    /// How many items there are and are shown.
    #[prop(into)]
    summary: String,
    /// The URL and label of the link to the previous page.
    #[prop(optional_no_strip)]
    previous: Option<(String, &'static str)>,
    /// The URL and label of the link to the next page.
    #[prop(optional_no_strip)]
    next: Option<(String, &'static str)>,
) -> impl IntoView {
    let links = [previous, next].into_iter().flatten().collect::<Vec<_>>();
    let any = !links.is_empty();
    let links =
        links.into_iter().map(|(href, label)| view! { <a class="button slim" href=href>{label}</a> }).collect_view();
    view! {
        <div class="paging">
            <p>{summary}</p>
            {any.then(|| view! { <nav aria-label="Pages">{links}</nav> })}
        </div>
    }
}

/// A column header that sorts the list, and reverses the order of a list already sorted by it.
#[component]
pub fn SortableHeader(
    /// The label.
    label: &'static str,
    /// Whether the list is sorted by this column, and if so whether descending.
    order: Option<bool>,
    /// The URL of the list sorted by it.
    href: String,
    /// Classes, such as the widths at which it is shown.
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
