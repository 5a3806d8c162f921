//! What a list is narrowed by. Everything stands in the address: an ordinary GET form, which once awake leaves empty
//! fields out and stays on the page.

use leptos::wasm_bindgen::JsCast;
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    web_sys::{Event, FormData, HtmlFormElement, UrlSearchParams},
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::Glyph;

/// A form whose fields become the address of a list.
#[component]
pub fn FilterForm(
    /// The list's path.
    #[prop(into)]
    path: String,
    /// What is searched, for those who listen.
    label: &'static str,
    /// Whether anything is narrowed down, so that it can be cleared.
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
        // A chosen option is meant at once; typed text is meant when it is sent.
        let chosen = changed.filter(|element| element.matches("select, [type=checkbox]").unwrap_or(false));
        if let Some(Ok(Some(form))) = chosen.map(|element| element.closest("form"))
            && let Ok(form) = form.dyn_into::<HtmlFormElement>()
        {
            // Refused only when the form is not valid, and then the browser says so.
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

/// The field that a list is searched by.
#[component]
pub fn SearchField(
    /// What a search finds by, in few words.
    placeholder: &'static str,
    /// What is searched for, and again when that changes.
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

/// The form's fields as a query, without the empty ones.
fn filled_fields(form: &HtmlFormElement) -> Option<String> {
    let fields = FormData::new_with_form(form).ok()?;
    let query = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?.to_string().as_string()?;
    let filled: Vec<&str> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    Some(filled.join("&"))
}
