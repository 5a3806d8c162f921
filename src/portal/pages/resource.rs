//! What the pages of users and groups share: the stored attributes, the history, and the notice that they are read-only.

use leptos::prelude::*;

use super::{pluralize, when_loaded::when_loaded};
use crate::{
    model::{journal::ResourceKind, page::Page as Rows},
    portal::{
        api::{
            attributes::AttributeSection,
            journal::{DisplayedChanges, TimelineStep},
        },
        components::{CardHeader, ChangeList, Notice, Pagination, ResultBadge, Timestamp, Tone, actor_name},
        error::PortalError,
    },
};

/// The noun for a resource of this kind.
pub const fn kind_name(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "user",
        ResourceKind::Group => "group",
    }
}

/// The path of the page of a user or group.
pub fn resource_path(kind: ResourceKind, id: &str) -> String {
    format!("/{}s/{id}", kind_name(kind))
}

/// The notice that the identity provider manages users and groups.
#[component]
pub fn ManagedByIdpNotice(
    /// What the identity provider manages.
    what: &'static str,
) -> impl IntoView {
    view! {
        <Notice tone=Tone::Quiet>
            <p>
                "Your identity provider creates and manages " {what}
                ", so they are read-only here. Make changes there, or see "
                <a href="/settings/security/provisioning">"Provision & Integration"</a> "."
            </p>
        </Notice>
    }
}

/// The stored attributes, one card for each schema.
#[component]
pub fn StoredAttributes(
    /// The attributes by schema.
    sections: Vec<AttributeSection>,
) -> impl IntoView {
    sections.into_iter().enumerate().map(|(number, section)| view! { <SectionCard number section /> }).collect_view()
}

#[component]
fn SectionCard(number: usize, section: AttributeSection) -> impl IntoView {
    let id = format!("attributes-{number}");
    let titled = id.clone();
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
        <section class="card" aria-labelledby=titled>
            <CardHeader id title=section.title />
            <dl class="facts">{lines}</dl>
        </section>
    }
}

/// The history of a user or group, newest first.
#[component]
pub fn History<F>(
    /// The kind of resource.
    kind: ResourceKind,
    /// A page of its history.
    history: Resource<Result<Rows<TimelineStep>, PortalError>>,
    /// The URL of the same page with the history before an entry.
    before: F,
) -> impl IntoView
where
    F: Fn(String) -> String + Clone + Send + Sync + 'static,
{
    view! {
        <section class="card" aria-labelledby="history">
            <CardHeader id="history" title="History" />
            {when_loaded(history, move |page| timeline(kind, page, &before))}
        </section>
    }
}

fn timeline(kind: ResourceKind, page: Rows<TimelineStep>, before: &impl Fn(String) -> String) -> AnyView {
    if page.items.is_empty() {
        return view! { <p class="muted">{format!("The entries about this {} have expired.", kind_name(kind))}</p> }
            .into_any();
    }
    let summary = format!("{} shown", pluralize(page.items.len() as u64, "entry", "entries"));
    let next = page.next.map(|entry| (before(entry), "Older"));
    let entries = page.items.into_iter().map(|step| view! { <TimelineItem step /> }).collect_view();
    view! {
        <ol class="timeline">{entries}</ol>
        {next.is_some().then(|| view! { <Pagination summary next /> })}
    }
    .into_any()
}

#[component]
fn TimelineItem(step: TimelineStep) -> impl IntoView {
    let TimelineStep { entry, changes: DisplayedChanges { changes, more } } = step;
    view! {
        <li>
            <p class="head">
                <a href=format!("/logs/{}", entry.id)>{entry.action.as_str()}</a>
                <ResultBadge status=entry.status />
            </p>
            <p class="when">
                <Timestamp at=entry.at />
                {format!(" by {}", actor_name(&entry.actor))}
            </p>
            {(!changes.is_empty()).then(|| view! { <ChangeList changes /> })}
            {(more > 0)
                .then(|| view! { <p class="when">{format!("and {} more", pluralize(more, "change", "changes"))}</p> })}
        </li>
    }
}
