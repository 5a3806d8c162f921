//! One user: stored attributes, groups and history.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{
        action_error, form_message,
        resource::{History, ManagedByIdpNotice, StoredAttributes},
        when_loaded::when_loaded,
    },
    actions::UserActions,
    confirmation::UserConfirmation,
};
use crate::{
    model::{
        id::{EntryId, UserId},
        journal::ResourceKind,
        page::{Page as Rows, Source},
    },
    portal::{
        api::{
            journal::{TimelineStep, read_timeline},
            user_view::UserDetail,
            users::read_user,
        },
        components::{CardHeader, Fact, FormError, Glyph, Memberships, Page, SourceBadge, StateBadge, Timestamp},
        error::PortalError,
    },
};

/// One user.
#[component]
pub fn UserPage() -> impl IntoView {
    let parameters = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<UserId>().ok()));
    let before = Memo::new(move |_| query.with(|query| query.get("before")?.parse::<EntryId>().ok()));
    let actions = UserActions::new();
    let shown = Resource::new(
        move || (id.get(), actions.version()),
        |(id, _)| async move { read_user(id.ok_or_else(|| PortalError::not_found("user"))?).await },
    );
    let history = Resource::new(
        move || (id.get(), before.get(), actions.version()),
        |(id, before, _)| async move {
            let id = id.ok_or_else(|| PortalError::not_found("user"))?;
            read_timeline(ResourceKind::User, id.to_string(), before).await
        },
    );
    view! {
        {when_loaded(shown, move |user| {
            view! { <UserContent user actions history /> }
        })}
    }
}

#[component]
fn UserContent(
    user: UserDetail,
    actions: UserActions,
    history: Resource<Result<Rows<TimelineStep>, PortalError>>,
) -> impl IntoView {
    let id = user.id;
    let editable = !user.managed_by_idp;
    let buttons = editable.then(|| view! { <ActionButtons user=user.clone() actions /> }.into_any());
    let problems = [
        form_message(action_error(actions.activate)),
        form_message(action_error(actions.deactivate)),
        form_message(action_error(actions.delete)),
    ];
    let problem = Signal::derive(move || problems.iter().find_map(Signal::get));
    view! {
        <Page
            title=user.display_name.clone()
            lead=user.user_name.clone()
            breadcrumbs=vec![("Manage Users", "/users")]
            actions=buttons
        >
            <FormError message=problem />
            {user.managed_by_idp.then(|| view! { <ManagedByIdpNotice what="user accounts" /> })}
            <div class="columns">
                <div class="stack">
                    <StoredAttributes sections=user.sections.clone() />
                </div>
                <div class="stack">
                    <AccountCard user=user.clone() />
                    <History kind=ResourceKind::User history before=move |entry| format!("/users/{id}?before={entry}#history") />
                </div>
            </div>
            {editable.then(|| view! { <UserConfirmation user actions /> })}
        </Page>
    }
}

#[component]
fn ActionButtons(user: UserDetail, actions: UserActions) -> impl IntoView {
    let id = user.id;
    view! {
        <a class="button" href=format!("/users/{id}/edit")>
            <Glyph icon=icondata::LuPencil />
            "Edit"
        </a>
        {if user.active {
            view! {
                <a class="button" href=format!("/users/{id}?ask=deactivate") data-noscroll="true">
                    <Glyph icon=icondata::LuUserX />
                    "Deactivate"
                </a>
            }
                .into_any()
        } else {
            view! {
                <ActionForm action=actions.activate>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="button" type="submit">
                        <Glyph icon=icondata::LuUserCheck />
                        "Activate"
                    </button>
                </ActionForm>
            }
                .into_any()
        }}
        <a class="button danger" href=format!("/users/{id}?ask=delete") data-noscroll="true">
            <Glyph icon=icondata::LuTrash2 />
            "Delete"
        </a>
    }
}

#[component]
fn AccountCard(user: UserDetail) -> impl IntoView {
    let source = match user.source {
        Source::Idp => "Created by your identity provider",
        Source::Manual => "Created manually",
    };
    view! {
        <section class="card" aria-labelledby="account">
            <CardHeader id="account" title="Account" />
            <dl class="facts">
                <Fact name="State">
                    <StateBadge active=user.active />
                </Fact>
                <Fact name="Source">
                    <SourceBadge source=user.source />
                    <span class="sub">{source}</span>
                </Fact>
                <Fact name="Created">
                    <Timestamp at=user.created />
                </Fact>
                <Fact name="Last changed">
                    <Timestamp at=user.last_modified />
                </Fact>
                {user
                    .manager
                    .map(|manager| {
                        view! {
                            <Fact name="Manager">
                                <a href=format!("/users/{}", manager.id)>{manager.display_name}</a>
                            </Fact>
                        }
                    })}
                <Fact name="SCIM id">
                    <code>{user.id.to_string()}</code>
                </Fact>
                <Fact name="Groups">
                    <Memberships groups=user.groups />
                </Fact>
            </dl>
        </section>
    }
}
