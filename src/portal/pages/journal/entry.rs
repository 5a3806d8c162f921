//! One entry of Provisioning Logs: explanation, changes, request and response.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use super::super::{
    pluralize,
    resource::{kind_name, resource_path},
    when_loaded::when_loaded,
};
use crate::{
    model::{
        id::EntryId,
        journal::{Advice, EntryDetail, ResourceKind, Status},
    },
    portal::{
        api::journal::{DisplayedChanges, ExplainedEntry, read_entry},
        components::{
            CardHeader, ColumnHeader, Fact, Glyph, Page, Pagination, ResultBadge, Table, Timestamp, actor_name,
        },
        error::PortalError,
    },
};

/// One entry.
#[component]
pub fn EntryPage() -> impl IntoView {
    let parameters = use_params_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<EntryId>().ok()));
    let explained = Resource::new(
        move || id.get(),
        |id| async move { read_entry(id.ok_or_else(|| PortalError::not_found("entry"))?).await },
    );
    view! { {when_loaded(explained, |explained| view! { <EntryContent explained /> })} }
}

#[component]
fn EntryContent(explained: ExplainedEntry) -> impl IntoView {
    let ExplainedEntry { detail, changes, advice, resource_exists } = explained;
    let action = detail.entry.action;
    let identity = if detail.entry.identity.is_empty() { "no user".to_owned() } else { detail.entry.identity.clone() };
    let resource = detail.entry.resource.as_ref().filter(|_| resource_exists);
    let actions = resource.map(|resource| {
        let icon = match resource.kind {
            ResourceKind::User => icondata::LuUser,
            ResourceKind::Group => icondata::LuNetwork,
        };
        view! {
            <a class="button" href=resource_path(resource.kind, &resource.id)>
                <Glyph icon />
                "Open " {kind_name(resource.kind)}
            </a>
        }
        .into_any()
    });
    let changes = (!changes.changes.is_empty()).then(|| view! { <ModifiedProperties changes /> });
    view! {
        <Page
            title=format!("{action}: {identity}")
            breadcrumbs=vec![("Provisioning Logs", "/logs")]
            actions
        >
            <div class="columns tall">
                <div class="stack">
                    <Explanation status=detail.entry.status detail=detail.detail.clone() advice />
                    {changes}
                    <MessageCard
                        id="request"
                        title="Request"
                        line=format!("{} {}", detail.entry.method, detail.entry.path)
                        body=detail.request.clone()
                    />
                    <MessageCard
                        id="response"
                        title="Response"
                        line=format!("HTTP {}", detail.entry.http_status)
                        body=detail.response.clone()
                    />
                </div>
                <Summary detail />
            </div>
        </Page>
    }
}

#[component]
fn Explanation(status: Status, detail: Option<String>, advice: Advice) -> impl IntoView {
    let part = |heading: &'static str, text: String| {
        view! {
            <div>
                <h3>{heading}</h3>
                <p class="wrap">{text}</p>
            </div>
        }
    };
    let done = matches!(status, Status::Success | Status::Warning);
    let parts = if done {
        vec![part("What happened", "The request succeeded.".to_owned())]
    } else {
        vec![part("What went wrong", advice.what_went_wrong), part("What to do", advice.what_to_do)]
    };
    view! {
        <section class="card" aria-labelledby="explanation">
            <header>
                <div>
                    <h2 id="explanation">"Troubleshooting & Recommendations"</h2>
                </div>
                <ResultBadge status />
            </header>
            <div class="advice">{parts} {detail.map(|detail| part("Message sent to the identity provider", detail))}</div>
        </section>
    }
}

#[component]
fn ModifiedProperties(changes: DisplayedChanges) -> impl IntoView {
    let DisplayedChanges { changes, more } = changes;
    let shown = changes.len();
    let rest = (more > 0).then(|| {
        let summary = format!("{shown} of {} shown", pluralize(shown as u64 + more, "change", "changes"));
        view! { <Pagination summary /> }
    });
    let rows = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <th scope="row" class="code wrap">
                        {change.attribute}
                    </th>
                    <td class="wrap">{change.old}</td>
                    <td class="wrap">{change.new}</td>
                </tr>
            }
        })
        .collect_view();
    let head = view! {
        <ColumnHeader label="Attribute" />
        <ColumnHeader label="Old value" />
        <ColumnHeader label="New value" />
    };
    view! {
        <section class="card flush" aria-labelledby="modified">
            <CardHeader id="modified" title="Modified Properties" />
            <Table caption="Modified properties" head>
                {rows}
            </Table>
            {rest}
        </section>
    }
}

#[component]
fn MessageCard(id: &'static str, title: &'static str, line: String, body: Option<Value>) -> impl IntoView {
    let body = body.map(|body| serde_json::to_string_pretty(&body).unwrap_or_default());
    view! {
        <section class="card" aria-labelledby=id>
            <CardHeader id title />
            <p class="code wrap">{line}</p>
            {match body {
                Some(body) => {
                    view! {
                        <pre class="exchange" tabindex="0" role="region" aria-label=format!("Body of the {id}")>
                            {body}
                        </pre>
                    }
                        .into_any()
                }
                None => view! { <p class="muted">"No body, or the body is not stored."</p> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Summary(detail: EntryDetail) -> impl IntoView {
    let EntryDetail { entry, dialect, probe, .. } = detail;
    view! {
        <section class="card" aria-labelledby="summary">
            <CardHeader id="summary" title="Summary" />
            <dl class="facts">
                <Fact name="Date">
                    <Timestamp at=entry.at />
                </Fact>
                <Fact name="By">{actor_name(&entry.actor)}</Fact>
                <Fact name="HTTP status">{entry.http_status}</Fact>
                {entry.scim_type.map(|scim_type| view! { <Fact name="scimType"><code>{scim_type}</code></Fact> })}
                {entry.resource.map(|resource| view! { <Fact name="SCIM id"><code>{resource.id}</code></Fact> })}
                {dialect.map(|dialect| view! { <Fact name="Dialect">{dialect}</Fact> })}
                {probe.then(|| view! { <Fact name="Kind">"Connection test"</Fact> })}
                <Fact name="Request id">
                    <code>{entry.request_id}</code>
                </Fact>
            </dl>
        </section>
    }
}
