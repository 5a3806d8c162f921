//! Name-value lists, and lists of changes.

use leptos::{either::Either, prelude::*};

use crate::{model::journal::Actor, scim::document::Change};

/// Longer lists are collapsed: creating a user makes about twenty changes.
const MAX_EXPANDED_CHANGES: usize = 4;

/// One name with its value, inside `<dl class="facts">`.
#[component]
pub fn Fact(
    /// The name.
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

/// Changes, each with its old and new value.
#[component]
pub fn ChangeList(
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
    let count = rows.len();
    let list = view! { <dl class="changes">{rows}</dl> };
    if count > MAX_EXPANDED_CHANGES {
        Either::Left(view! {
            <details class="more">
                <summary>{format!("{count} changes")}</summary>
                {list}
            </details>
        })
    } else {
        Either::Right(list)
    }
}

/// The name of an actor.
#[must_use]
pub fn actor_name(actor: &Actor) -> String {
    match actor {
        Actor::Token { name, .. } => name.clone(),
        Actor::Account { email, .. } => email.clone(),
        Actor::Anonymous => "Unknown caller".to_owned(),
        Actor::Command => "Command line".to_owned(),
    }
}
