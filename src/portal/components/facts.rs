//! Names with values, and values that changed.

use leptos::prelude::*;

use crate::{model::journal::Actor, scim::document::Change};

/// One name with its value, inside `<dl class="facts">`.
#[component]
pub fn Fact(
    /// What it is.
    #[prop(into)]
    name: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// What changed, old beside new.
#[component]
pub fn Changes(
    /// The changes.
    changes: Vec<Change>,
) -> impl IntoView {
    let rows = changes
        .into_iter()
        .map(|change| {
            let old = change.old.map(|old| view! { <del>{old}</del> " → " });
            let new = change
                .new
                .map_or_else(|| view! { <em>"removed"</em> }.into_any(), |new| view! { <ins>{new}</ins> }.into_any());
            view! {
                <div>
                    <dt class="code">{change.attribute}</dt>
                    <dd>{old} {new}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="changes">{rows}</dl> }
}

/// Who did it, in words.
#[must_use]
pub fn actor_name(actor: &Actor) -> String {
    match actor {
        Actor::Token { name, .. } => format!("token “{name}”"),
        Actor::Account { email, .. } => email.clone(),
        Actor::Anonymous => "nobody known".to_owned(),
        Actor::Command => "the command line".to_owned(),
    }
}
