//! The confirmations before a token is rotated or revoked.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    super::{action_error, form_message},
    TokenActions, default_lifetime, lifetime_choices,
};
use crate::{
    model::token::{Overlap, Token},
    portal::{
        api::tokens::PROVISIONING_PAGE,
        components::{Choice, ConfirmationButtons, ConfirmationDialog, FormError, SelectField, Timestamp},
    },
    scim::time::DateTime,
};

/// The confirmation that the URL asks for, if any.
#[component]
pub fn TokenConfirmation(
    /// All tokens.
    tokens: Vec<Token>,
    /// The time that their states refer to.
    now: DateTime,
    /// The server actions.
    actions: TokenActions,
) -> impl IntoView {
    let query = use_query_map();
    let requested = Memo::new(move |_| query.with(|query| (query.get("rotate"), query.get("revoke"))));
    move || {
        let (rotate, revoke) = requested.get();
        let working = |id: Option<String>| {
            let id = id?;
            tokens.iter().find(|token| token.id.to_string() == id && token.works(now)).cloned()
        };
        match (working(rotate), working(revoke)) {
            (Some(token), _) => view! { <ConfirmRotation token actions /> }.into_any(),
            (_, Some(token)) => view! { <ConfirmRevocation token actions /> }.into_any(),
            _ => ().into_any(),
        }
    }
}

#[component]
fn ConfirmRotation(token: Token, actions: TokenActions) -> impl IntoView {
    let overlaps = Overlap::ALL.map(|overlap| {
        let label = match overlap {
            Overlap::None => "None: it stops working immediately".to_owned(),
            _ => overlap.label().to_owned(),
        };
        Choice::new(format!("{overlap:?}"), label)
    });
    view! {
        <ConfirmationDialog title=format!("Rotate “{}”?", token.name) cancel=PROVISIONING_PAGE>
            <ActionForm action=actions.rotate>
                <FormError message=form_message(action_error(actions.rotate)) />
                <p>
                    "A new token replaces it. The old one keeps working during the overlap, so that you have time to paste the new "
                    "one into your identity provider."
                </p>
                <input type="hidden" name="token" value=token.id.to_string() />
                <SelectField
                    name="overlap"
                    label="The old token works for another"
                    choices=overlaps.to_vec()
                    chosen=Signal::stored(format!("{:?}", Overlap::default()))
                />
                <SelectField
                    name="lifetime"
                    id="new-lifetime"
                    label="The new token expires after"
                    choices=lifetime_choices()
                    chosen=default_lifetime()
                />
                <ConfirmationButtons cancel=PROVISIONING_PAGE confirm="Rotate token" />
            </ActionForm>
        </ConfirmationDialog>
    }
}

#[component]
fn ConfirmRevocation(token: Token, actions: TokenActions) -> impl IntoView {
    let used = match token.last_used {
        Some(at) => view! { <p>"It was last used on " <b><Timestamp at /></b> "."</p> }.into_any(),
        None => view! { <p>"It has never been used."</p> }.into_any(),
    };
    view! {
        <ConfirmationDialog title=format!("Revoke “{}”?", token.name) cancel=PROVISIONING_PAGE>
            <ActionForm action=actions.revoke>
                <FormError message=form_message(action_error(actions.revoke)) />
                {used}
                <p>"The next request with it will be refused. This cannot be undone."</p>
                <input type="hidden" name="token" value=token.id.to_string() />
                <ConfirmationButtons cancel=PROVISIONING_PAGE confirm="Revoke token" danger=true />
            </ActionForm>
        </ConfirmationDialog>
    }
}
