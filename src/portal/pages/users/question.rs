//! The questions about a user before they are deactivated or deleted.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::detail::Orders;
use crate::{
    model::id::UserId,
    portal::{
        api::user_view::UserDetail,
        components::{Answers, Confirmation},
    },
};

/// The question that the address asks, if it asks one.
#[component]
pub fn Question(
    /// The user.
    user: UserDetail,
    /// What can be ordered.
    orders: Orders,
) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("ask")));
    move || {
        let id = user.id;
        let cancel = format!("/users/{id}");
        let name = user.display_name.clone();
        match asked.get().as_deref() {
            Some("deactivate") if user.active => view! { <Deactivate id name cancel orders /> }.into_any(),
            Some("delete") => view! { <Delete id name cancel orders user_name=user.user_name.clone() /> }.into_any(),
            _ => ().into_any(),
        }
    }
}

#[component]
fn Deactivate(id: UserId, name: String, cancel: String, orders: Orders) -> impl IntoView {
    view! {
        <Confirmation title=asked("Deactivate", &name) cancel=cancel.clone()>
            <ActionForm action=orders.deactivate>
                <p>
                    "They can no longer use the product. Everything stored about them, and their groups, stay; you can "
                    "activate them again at any time."
                </p>
                <input type="hidden" name="id" value=id.to_string() />
                <Answers cancel=cancel yes="Deactivate" />
            </ActionForm>
        </Confirmation>
    }
}

#[component]
fn Delete(id: UserId, name: String, cancel: String, orders: Orders, user_name: String) -> impl IntoView {
    view! {
        <Confirmation title=asked("Delete", &name) cancel=cancel.clone()>
            <ActionForm action=orders.delete>
                <p>
                    "The user " <b class="wrap">{user_name}</b>
                    " and their memberships are deleted for good. This cannot be undone."
                </p>
                <input type="hidden" name="id" value=id.to_string() />
                <Answers cancel=cancel yes="Delete user" danger=true />
            </ActionForm>
        </Confirmation>
    }
}

/// The question, with the name isolated (Unicode's FSI and PDI): one that turns text round must not turn the question.
fn asked(deed: &str, name: &str) -> String {
    format!("{deed} \u{2068}{name}\u{2069}?")
}
