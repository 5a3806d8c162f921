//! Notices, and the error message of a form.

use leptos::prelude::*;

use super::{Glyph, Tone};

/// A highlighted notice.
#[component]
pub fn Notice(
    /// Its colour and icon.
    tone: Tone,
    /// The text.
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

/// The error message of a form, above its fields.
#[component]
pub fn FormError(
    /// The message, if there is an error.
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
