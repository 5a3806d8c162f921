//! The filters of a list. They are part of the URL: an ordinary GET form, which after hydration omits empty fields and
//! does not reload the page.

use leptos::wasm_bindgen::JsCast;
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    web_sys::{Event, FormData, HtmlFormElement, UrlSearchParams},
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::Glyph;

/// A form whose fields become the query of a list.
#[component]
pub fn FilterForm(
    /// The list's path.
    #[prop(into)]
    path: String,
    /// What is searched, for screen readers.
    label: &'static str,
    /// Whether any filter is set, so that it can be cleared.
    #[prop(into)]
    is_filtered: Signal<bool>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let action = path.clone();
    let all = path.clone();
    let on_submit = move |event: SubmitEvent| {
        let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
        if let Some(query) = filled_fields(&form) {
            event.prevent_default();
            let separator = if query.is_empty() { "" } else { "?" };
            let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
            navigate(&format!("{path}{separator}{query}"), options);
        }
    };
    let on_change = |event: Event| {
        let changed = event.target().and_then(|target| target.dyn_into::<leptos::web_sys::HtmlElement>().ok());
        // A selected option applies immediately, typed text when the form is submitted.
        let chosen = changed.filter(|element| element.matches("select, [type=checkbox]").unwrap_or(false));
        if let Some(Ok(Some(form))) = chosen.map(|element| element.closest("form"))
            && let Ok(form) = form.dyn_into::<HtmlFormElement>()
        {
            // Fails only when the form is invalid, which the browser shows.
            let _ = form.request_submit();
        }
    };
    view! {
        <form class="filters" method="get" action=action role="search" aria-label=label on:submit=on_submit on:change=on_change>
            {children()}
            <button class="button" type="submit">
                <Glyph icon=icondata::LuSearch />
                "Search"
            </button>
            <Show when=move || is_filtered.get()>
                <a class="button bare" href=all.clone()>
                    "Clear"
                </a>
            </Show>
        </form>
    }
}

/// The search field of a list.
#[component]
pub fn SearchField(
    /// What is searched.
    placeholder: &'static str,
    /// The search text, set again when it changes.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="field grow">
            <label for="q">"Search"</label>
            <input
                id="q"
                class="input"
                type="search"
                name="q"
                placeholder=placeholder
                autocomplete="off"
                value=value.get_untracked()
                prop:value=move || value.get()
            />
        </div>
    }
}

/// The form's fields as a query string, without the empty ones.
fn filled_fields(form: &HtmlFormElement) -> Option<String> {
    let fields = FormData::new_with_form(form).ok()?;
    let query = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?.to_string().as_string()?;
    let filled: Vec<&str> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    Some(filled.join("&"))
}
