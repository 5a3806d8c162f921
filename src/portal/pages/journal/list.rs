//! Provisioning Logs.

use std::fmt::Display;

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    super::{pluralize, when_loaded::when_loaded},
    query::JournalFilters,
};
use crate::{
    model::{
        journal::{Action, Entry, ResourceKind, Status},
        page::Page as Rows,
    },
    portal::{
        api::journal::{EntryList, read_entries},
        components::{
            CheckboxField, Choice, ColumnHeader, EmptyState, FilterForm, NoMatches, Notice, Page, Pagination,
            ResultBadge, SelectField, ShortTimestamp, Table, Tone, actor_name,
        },
    },
};

/// The list of journal entries.
#[component]
pub fn JournalPage() -> impl IntoView {
    let parameters = use_query_map();
    let filters = Memo::new(move |_| parameters.with(JournalFilters::parse));
    let list = Resource::new(move || filters.get(), |filters| read_entries(filters.query()));
    view! {
        <Page
            title="Provisioning Logs"
            lead="Every change to users and groups, and every refused request. Times are in UTC."
        >
            <section class="card flush" aria-label="Entries">
                <div class="toolbar">
                    <EntryFilters filters />
                </div>
                {when_loaded(
                    list,
                    move |EntryList { page, dropped }| {
                        view! {
                            {(dropped > 0).then(|| view! { <DroppedEntriesNotice dropped /> })}
                            <EntryTable page filters=filters.get_untracked() />
                        }
                    },
                )}
            </section>
        </Page>
    }
}

#[component]
fn DroppedEntriesNotice(dropped: u64) -> impl IntoView {
    let text = format!(
        "{} missing here: since the server started, more arrived at once than could be stored. No change to users or groups \
         is missing.",
        pluralize(dropped, "refused request or connection test is", "refused requests or connection tests are")
    );
    view! {
        <Notice tone=Tone::Warn>
            <p>{text}</p>
        </Notice>
    }
}

#[component]
fn EntryFilters(filters: Memo<JournalFilters>) -> impl IntoView {
    fn choices<T: Copy + Display>(any: &str, values: &[T]) -> Vec<Choice> {
        let any = Choice::new("", any);
        std::iter::once(any)
            .chain(values.iter().map(|value| Choice::new(value.to_string(), value.to_string())))
            .collect()
    }
    let field = move |read: fn(&JournalFilters) -> String| Signal::derive(move || filters.with(read));
    view! {
        <FilterForm path="/logs" label="Entries" is_filtered=Signal::derive(move || filters.with(JournalFilters::is_filtered))>
            <FilterInput name="identity" label="Identity" kind="search" class="field grow" value=field(|n| n.identity.clone()) />
            <SelectField
                name="status"
                label="Status"
                choices=choices("Any status", Status::ALL)
                chosen=field(|n| n.status.clone())
            />
            <SelectField
                name="action"
                label="Action"
                choices=choices("Any action", Action::ALL)
                chosen=field(|n| n.action.clone())
            />
            <FilterInput name="from" label="From" kind="date" class="field" value=field(|n| n.from.clone()) />
            <FilterInput name="to" label="To" kind="date" class="field" value=field(|n| n.to.clone()) />
            <CheckboxField
                name="hide_probes"
                label="Hide connection tests"
                class="plainly"
                checked=Signal::derive(move || filters.with(|filters| filters.hide_probes))
            />
        </FilterForm>
    }
}

#[component]
fn FilterInput(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    class: &'static str,
    value: Signal<String>,
) -> impl IntoView {
    view! {
        <div class=class>
            <label for=name>{label}</label>
            <input
                id=name
                class="input"
                type=kind
                name=name
                autocomplete="off"
                value=value.get_untracked()
                prop:value=move || value.get()
            />
        </div>
    }
}

#[component]
fn EntryTable(page: Rows<Entry>, filters: JournalFilters) -> impl IntoView {
    if !page.items.is_empty() {
        return EitherOf3::A(view! { <TableWithFooter page filters /> });
    }
    if filters.is_filtered() || !filters.before.is_empty() {
        return EitherOf3::B(view! {
            <NoMatches
                title="No entry matches"
                text="The search matches the beginning of an identity, ignoring case. Entries are kept for a limited time, usually 30 days."
                all="/logs"
                label="Show all entries"
            />
        });
    }
    EitherOf3::C(view! {
        <EmptyState
            icon=icondata::LuScrollText
            title="No activity yet"
            text="Requests from your identity provider appear here, including connection tests."
        >
            <a class="button" href="/settings/security/provisioning">
                "Open Provision & Integration"
            </a>
        </EmptyState>
    })
}

#[component]
fn TableWithFooter(page: Rows<Entry>, filters: JournalFilters) -> impl IntoView {
    let most = if page.more { "at least " } else { "" };
    let summary = format!("{} of {most}{} shown", page.items.len(), pluralize(page.total, "entry", "entries"));
    let next = page.next.map(|entry| (filters.url_before(&entry), "Older"));
    let previous = (!filters.before.is_empty()).then(|| (filters.url_before(""), "Newest"));
    let rows = page.items.into_iter().map(|entry| view! { <EntryTableRow entry /> }).collect_view();
    let head = view! {
        <ColumnHeader label="Date" class="wide-only" />
        <ColumnHeader label="Identity" />
        <ColumnHeader label="Action" class="wide-only" />
        <ColumnHeader label="Status" />
        <ColumnHeader label="By" class="widest-only" />
        <ColumnHeader label="HTTP" class="wide-only" />
        <ColumnHeader label="scimType" class="wide-only" />
    };
    view! {
        <Table caption="Entries, newest first" class="list" head>
            {rows}
        </Table>
        <Pagination summary previous next />
    }
}

#[component]
fn EntryTableRow(entry: Entry) -> impl IntoView {
    let action = entry.action.as_str();
    let is_group = entry.resource.is_some_and(|resource| resource.kind == ResourceKind::Group);
    let identity = if entry.identity.is_empty() { "(no user)".to_owned() } else { entry.identity };
    view! {
        <tr>
            <td class="wide-only">
                <ShortTimestamp at=entry.at />
            </td>
            <th scope="row" class="name">
                <a href=format!("/logs/{}", entry.id)>{identity}</a>
                {is_group.then(|| view! { <span class="sub">"Group"</span> })}
                <span class="sub narrow-only">{action} " · " <ShortTimestamp at=entry.at /></span>
            </th>
            <td class="wide-only">{action}</td>
            <td>
                <ResultBadge status=entry.status />
            </td>
            <td class="widest-only by">{actor_name(&entry.actor)}</td>
            <td class="wide-only">{entry.http_status}</td>
            <td class="wide-only">{entry.scim_type.map(|scim_type| view! { <code>{scim_type}</code> })}</td>
        </tr>
    }
}
