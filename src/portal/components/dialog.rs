//! Confirmation of an action that cannot be undone. The URL says which confirmation is open, so it works without scripts;
//! once the page is hydrated the same element becomes a modal dialog.

use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The buttons of a confirmation.
#[component]
pub fn ConfirmationButtons(
    /// The path that Cancel leads to.
    #[prop(into)]
    cancel: String,
    /// The label of the button that confirms.
    confirm: &'static str,
    /// Whether confirming destroys something.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    view! {
        <div class="form-actions">
            <a class="button" href=cancel data-noscroll="true">
                "Cancel"
            </a>
            <button class=if danger { "button danger primary" } else { "button primary" } type="submit">
                {confirm}
            </button>
        </div>
    }
}

/// A dialog that is open for as long as it is rendered.
#[component]
pub fn ConfirmationDialog(
    /// The question.
    #[prop(into)]
    title: String,
    /// The path that Cancel and Escape lead to.
    #[prop(into)]
    cancel: String,
    /// The form that confirms.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(element) = dialog.get() {
            element.close();
            // Fails only when the element is no longer part of the page.
            let _ = element.show_modal();
        }
    });
    let on_cancel = move |_: leptos::web_sys::Event| {
        navigate(&cancel, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    view! {
        <dialog node_ref=dialog open aria-labelledby="confirmation-title" on:cancel=on_cancel>
            <div class="body">
                <h2 id="confirmation-title">{title}</h2>
            </div>
            {children()}
        </dialog>
    }
}
