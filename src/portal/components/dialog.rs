//! A question before something that cannot be taken back. Which question is asked stands in the address, so it is
//! asked without any script too; once the page is awake the same element becomes a modal dialog.

use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The foot of a question: no, or yes.
#[component]
pub fn ConfirmationButtons(
    /// Where one lands without answering.
    #[prop(into)]
    cancel: String,
    /// The words of yes.
    confirm: &'static str,
    /// Whether yes takes something away.
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
    /// Where one lands without answering.
    #[prop(into)]
    cancel: String,
    /// The form that answers.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(element) = dialog.get() {
            element.close();
            // Fails only when the element has left the page, and then there is nothing to show.
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
