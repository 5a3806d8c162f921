//! Sentences that stand out: what to know about a page, and what is wrong with a form.

use leptos::prelude::*;

use super::{Glyph, Tone};

/// A sentence or two that stand out.
#[component]
pub fn Notice(
    /// How urgent.
    tone: Tone,
    /// The sentences.
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Quiet => icondata::LuLock,
        Tone::Info => icondata::LuInfo,
        Tone::Good => icondata::LuCircleCheck,
        Tone::Warn => icondata::LuTriangleAlert,
        Tone::Bad => icondata::LuCircleAlert,
    };
    view! {
        <div class=format!("notice {}", tone.class())>
            <Glyph icon />
            <div>{children()}</div>
        </div>
    }
}

/// What came back instead of an answer, above a form's fields.
#[component]
pub fn FormError(
    /// One sentence, if there is a problem.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                message
                    .get()
                    .map(|message| {
                        view! {
                            <Notice tone=Tone::Bad>
                                <p>{message}</p>
                            </Notice>
                        }
                    })
            }}
        </div>
    }
}
