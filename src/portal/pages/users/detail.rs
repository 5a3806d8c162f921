//! One user: what is stored, the groups, and what was done to them.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{loaded::loaded, message, problem_of},
    question::Question,
};
use crate::{
    model::{
        id::{EntryId, UserId},
        journal::EntryDetail,
        page::{Page as Rows, Source},
    },
    portal::{
        api::{
            user_view::{Section, UserDetail},
            users::{ActivateUser, DeactivateUser, DeleteUser, read_timeline, read_user},
        },
        components::{
            Changes, Fact, FormProblem, Glyph, Moment, Notice, Page, Paging, ResultBadge, SourceBadge, StateBadge,
            Titled, Tone, actor_name,
        },
        error::PortalError,
    },
};

/// What can be ordered on the page. Made outside of what is loaded, so that they outlive it.
#[derive(Clone, Copy)]
pub struct Orders {
    /// Gives the product back.
    pub activate: ServerAction<ActivateUser>,
    /// Takes the product away.
    pub deactivate: ServerAction<DeactivateUser>,
    /// Deletes for good.
    pub delete: ServerAction<DeleteUser>,
}

/// One user.
#[component]
pub fn UserPage() -> impl IntoView {
    let parameters = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<UserId>().ok()));
    let before = Memo::new(move |_| query.with(|query| query.get("before")?.parse::<EntryId>().ok()));
    let orders = Orders { activate: ServerAction::new(), deactivate: ServerAction::new(), delete: ServerAction::new() };
    let version = move || (orders.activate.version().get(), orders.deactivate.version().get());
    let shown = Resource::new(
        move || (id.get(), version()),
        |(id, _)| async move { read_user(id.ok_or_else(|| PortalError::not_found("user"))?).await },
    );
    let history = Resource::new(
        move || (id.get(), before.get(), version()),
        |(id, before, _)| async move { read_timeline(id.ok_or_else(|| PortalError::not_found("user"))?, before).await },
    );
    view! {
        {loaded(shown, move |user| {
            view! { <Shown user orders history /> }
        })}
    }
}

#[component]
fn Shown(user: UserDetail, orders: Orders, history: Resource<Result<Rows<EntryDetail>, PortalError>>) -> impl IntoView {
    let id = user.id;
    let editable = !user.managed_by_idp;
    let actions = editable.then(|| view! { <Actions user=user.clone() orders /> }.into_any());
    let problems = [
        message(problem_of(orders.activate)),
        message(problem_of(orders.deactivate)),
        message(problem_of(orders.delete)),
    ];
    let problem = Signal::derive(move || problems.iter().find_map(Signal::get));
    let sections = user.sections.clone().into_iter().map(|section| view! { <Stored section /> }).collect_view();
    view! {
        <Page
            title=user.display_name.clone()
            lead=user.user_name.clone()
            crumbs=vec![("Manage Users", "/users")]
            actions
        >
            <FormProblem message=problem />
            {user.managed_by_idp.then(|| view! { <ReadOnly /> })}
            <div class="columns">
                <div class="stack">{sections}</div>
                <div class="stack">
                    <Account user=user.clone() />
                    <section class="card" aria-labelledby="history">
                        <Titled id="history" title="History" />
                        {loaded(history, move |page| view! { <History id page /> })}
                    </section>
                </div>
            </div>
            {editable.then(|| view! { <Question user orders /> })}
        </Page>
    }
}

#[component]
fn ReadOnly() -> impl IntoView {
    view! {
        <Notice tone=Tone::Quiet>
            <p>
                "Your identity provider creates and manages user accounts, so nothing can be changed here: the next cycle would "
                "change it back. Make changes there, or see "
                <a href="/settings/security/provisioning">"Provision & Integration"</a> "."
            </p>
        </Notice>
    }
}

#[component]
fn Actions(user: UserDetail, orders: Orders) -> impl IntoView {
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
                <ActionForm action=orders.activate>
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
fn Account(user: UserDetail) -> impl IntoView {
    let source = match user.source {
        Source::Idp => "Created by your identity provider",
        Source::Manual => "Created by hand",
    };
    let groups = user
        .groups
        .into_iter()
        .map(|group| view! { <li class="badge plainly info">{group.display}</li> })
        .collect_view();
    let has_groups = !groups.is_empty();
    view! {
        <section class="card" aria-labelledby="account">
            <Titled id="account" title="Account" />
            <dl class="facts">
                <Fact name="State">
                    <StateBadge active=user.active />
                </Fact>
                <Fact name="Source">
                    <SourceBadge source=user.source />
                    <span class="sub">{source}</span>
                </Fact>
                <Fact name="Created">
                    <Moment at=user.created />
                </Fact>
                <Fact name="Last changed">
                    <Moment at=user.last_modified />
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
                    {if has_groups {
                        view! { <ul class="groups">{groups}</ul> }.into_any()
                    } else {
                        view! { <span class="muted">"In no group"</span> }.into_any()
                    }}
                </Fact>
            </dl>
        </section>
    }
}

#[component]
fn Stored(section: Section) -> impl IntoView {
    let enterprise = section.title == "Enterprise";
    let id = if enterprise { "enterprise" } else { "profile" };
    let lines = section
        .lines
        .into_iter()
        .map(|line| {
            view! {
                <div>
                    <dt>
                        {line.label.clone()}
                        {(line.label != line.path).then(|| view! { <code class="path">{line.path}</code> })}
                    </dt>
                    <dd>{line.value}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby=id>
            <Titled id title=section.title />
            <dl class="facts">{lines}</dl>
        </section>
    }
}

#[component]
fn History(id: UserId, page: Rows<EntryDetail>) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <p class="muted">"Nothing is recorded about this user any more."</p> }.into_any();
    }
    let summary = format!("{} shown", super::super::counted(page.items.len() as u64, "entry", "entries"));
    let next = page.next.map(|before| (format!("/users/{id}?before={before}"), "Older"));
    let entries = page.items.into_iter().map(|detail| view! { <Step detail /> }).collect_view();
    view! {
        <ol class="timeline">{entries}</ol>
        {next.is_some().then(|| view! { <Paging summary next /> })}
    }
    .into_any()
}

#[component]
fn Step(detail: EntryDetail) -> impl IntoView {
    let EntryDetail { entry, changes, .. } = detail;
    view! {
        <li>
            <p class="head">
                <a href=format!("/logs/{}", entry.id)>{entry.action.as_str()}</a>
                <ResultBadge status=entry.status />
            </p>
            <p class="when">
                <Moment at=entry.at />
                {format!(" by {}", actor_name(&entry.actor))}
            </p>
            {(!changes.is_empty()).then(|| view! { <Changes changes /> })}
        </li>
    }
}
