//! The confirmations before a user is deactivated or deleted.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::actions::UserActions;
use crate::{
    model::id::UserId,
    portal::{
        api::user_view::UserDetail,
        components::{ConfirmationButtons, ConfirmationDialog},
    },
};

/// The confirmation that the URL asks for, if any.
#[component]
pub fn UserConfirmation(
    /// The user.
    user: UserDetail,
    /// The server actions.
    actions: UserActions,
) -> impl IntoView {
    let query = use_query_map();
    let requested = Memo::new(move |_| query.with(|query| query.get("ask")));
    move || {
        let id = user.id;
        let cancel = format!("/users/{id}");
        let name = user.display_name.clone();
        match requested.get().as_deref() {
            Some("deactivate") if user.active => view! { <ConfirmDeactivation id name cancel actions /> }.into_any(),
            Some("delete") => {
                view! { <ConfirmDeletion id name cancel actions user_name=user.user_name.clone() /> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

#[component]
fn ConfirmDeactivation(id: UserId, name: String, cancel: String, actions: UserActions) -> impl IntoView {
    view! {
        <ConfirmationDialog title=confirmation_title("Deactivate", &name) cancel=cancel.clone()>
            <ActionForm action=actions.deactivate>
                <p>
                    "They’ll lose access. Data and groups are kept, and you can activate them again at any time."
                </p>
                <input type="hidden" name="id" value=id.to_string() />
                <ConfirmationButtons cancel=cancel confirm="Deactivate" />
            </ActionForm>
        </ConfirmationDialog>
    }
}

#[component]
fn ConfirmDeletion(id: UserId, name: String, cancel: String, actions: UserActions, user_name: String) -> impl IntoView {
    view! {
        <ConfirmationDialog title=confirmation_title("Delete", &name) cancel=cancel.clone()>
            <ActionForm action=actions.delete>
                <p>
                    "The user " <b class="wrap">{user_name}</b>
                    " and their memberships will be deleted. This cannot be undone."
                </p>
                <input type="hidden" name="id" value=id.to_string() />
                <ConfirmationButtons cancel=cancel confirm="Delete user" danger=true />
            </ActionForm>
        </ConfirmationDialog>
    }
}

/// The question, with the name isolated (Unicode's FSI and PDI), so that a change of text direction in it has no effect
/// on the rest.
fn confirmation_title(action: &str, name: &str) -> String {
    format!("{action} \u{2068}{name}\u{2069}?")
}
