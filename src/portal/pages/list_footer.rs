//! The footer of a list: how much of it is shown, and links to the neighbouring pages.

use leptos::prelude::*;

use super::pluralize;
use crate::{model::page::Page, portal::components::Pagination};

/// The footer of a page of `one` or `many` items; `at` is the URL of the page at a cursor.
pub fn list_footer<T>(page: &Page<T>, one: &str, many: &str, at: impl Fn(String) -> String) -> AnyView {
    let most = if page.more { "at least " } else { "" };
    let summary = format!("{} of {most}{} shown", page.items.len(), pluralize(page.total, one, many));
    let previous = page.previous.clone().map(|cursor| (at(cursor), "Previous"));
    let next = page.next.clone().map(|cursor| (at(cursor), "Next"));
    view! { <Pagination summary previous next /> }.into_any()
}
