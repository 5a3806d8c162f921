//! A read-only value with a copy button. The button appears once the page is hydrated, if the browser offers a clipboard;
//! the value can always be selected manually.

use leptos::{ev::FocusEvent, prelude::*, web_sys::HtmlInputElement};
use leptos_use_clipboard::{UseClipboardReturn, use_clipboard};

use super::Glyph;

/// A read-only value with a label and a copy button.
#[component]
pub fn CopyField(
    /// Its id in the page.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// The value.
    #[prop(into)]
    value: String,
    /// A sentence below it.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let UseClipboardReturn { copied, copy, .. } = use_clipboard();
    let can_copy = RwSignal::new(false);
    // `navigator.clipboard` is absent on http, except on localhost.
    Effect::new(move |_| can_copy.set(window().is_secure_context()));
    let hint_id = format!("{id}-hint");
    let copied_text = value.clone();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="copy">
                <input
                    id=id
                    class="input"
                    readonly
                    spellcheck="false"
                    autocomplete="off"
                    value=value
                    aria-describedby=hint.map(|_| hint_id.clone())
                    on:focus=move |event| select(&event)
                />
                <button
                    type="button"
                    class="button"
                    hidden=move || !can_copy.get()
                    on:click=move |_| copy(&copied_text)
                >
                    {move || {
                        let icon = if copied.get() { icondata::LuCheck } else { icondata::LuCopy };
                        view! { <Glyph icon /> }
                    }}
                    <span>
                        {move || if copied.get() { "Copied" } else { "Copy" }}
                        <span class="visually-hidden">" " {label}</span>
                    </span>
                </button>
            </div>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <span class="visually-hidden" role="status">
                {move || copied.get().then(|| format!("{label} copied"))}
            </span>
        </div>
    }
}

fn select(event: &FocusEvent) {
    event_target::<HtmlInputElement>(event).select();
}
