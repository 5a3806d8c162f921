//! Tables, and what is shown when nothing matches the filters.

use leptos::prelude::*;

use super::EmptyState;

/// A table. A wide one scrolls by itself instead of widening the page.
#[component]
pub fn Table<H: IntoView + 'static>(
    /// The caption, for screen readers.
    caption: &'static str,
    /// `list` if each row is a link.
    #[prop(optional)]
    class: &'static str,
    /// The column headers.
    head: H,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-scroll">
            <table class=class>
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// A column header.
#[component]
pub fn ColumnHeader(
    /// The label.
    label: &'static str,
    /// Classes, such as the widths at which it is shown.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <th scope="col" class=class>
            {label}
        </th>
    }
}

/// What is shown when nothing matches the filters.
#[component]
pub fn NoMatches(
    /// The heading.
    title: &'static str,
    /// How the search works.
    text: &'static str,
    /// The URL of the unfiltered list.
    #[prop(into)]
    all: String,
    /// The label of the link to it.
    label: &'static str,
) -> impl IntoView {
    view! {
        <EmptyState icon=icondata::LuSearchX title text>
            <a class="button" href=all>
                {label}
            </a>
        </EmptyState>
    }
}
