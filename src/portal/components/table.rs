//! Tables, and what stands in the place of one that nothing matches.

use leptos::prelude::*;

use super::EmptyState;

/// A table. It is spoken of by its caption, and scrolls sideways by itself before it breaks the page.
#[component]
pub fn Table<H: IntoView + 'static>(
    /// What is in it, for those who listen.
    caption: &'static str,
    /// `list` where each row leads somewhere.
    #[prop(optional)]
    class: &'static str,
    /// The headings.
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

/// A column's heading.
#[component]
pub fn ColumnHeader(
    /// The heading.
    words: &'static str,
    /// Which widths it is shown at, and which way its cells are set.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <th scope="col" class=class>
            {words}
        </th>
    }
}

/// What stands where a list would be that is narrowed down to nothing.
#[component]
pub fn NoMatches(
    /// What was not found.
    title: &'static str,
    /// How the search finds.
    text: &'static str,
    /// The address of the whole list.
    #[prop(into)]
    all: String,
    /// The words of a link to it.
    words: &'static str,
) -> impl IntoView {
    view! {
        <EmptyState icon=icondata::LuSearchX title text>
            <a class="button" href=all>
                {words}
            </a>
        </EmptyState>
    }
}
