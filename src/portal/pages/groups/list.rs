//! Manage Groups.

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    super::{counted, foot::foot, grouped, loaded::loaded, order},
    query,
};
use crate::{
    model::page::{GroupColumn, GroupQuery, GroupRow, Page as Rows},
    portal::{
        api::{
            groups::{GroupList, read_groups},
            tokens::WINDOW,
        },
        components::{Day, Empty, Filters, NoMatch, Page, SearchField, SortLink, Table},
    },
};

/// All groups: found, ordered, a page at a time.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| parameters.with(query::read));
    let list = Resource::new(move || query.get(), read_groups);
    let search = Signal::derive(move || query.with(|query| query.search.clone()));
    view! {
        <Page title="Manage Groups">
            <section class="card flush" aria-label="Groups">
                <div class="toolbar">
                    <Filters path="/groups" label="Groups" narrowed=Signal::derive(move || !search.with(String::is_empty))>
                        <SearchField placeholder="Name or external ID" value=search />
                        <input type="hidden" name="sort" value=move || query.with(query::sort) />
                    </Filters>
                </div>
                {loaded(list, move |list| view! { <GroupTable list query=query.get_untracked() /> })}
            </section>
        </Page>
    }
}

#[component]
fn GroupTable(list: GroupList, query: GroupQuery) -> impl IntoView {
    if !list.page.items.is_empty() {
        return EitherOf3::A(view! { <Filled page=list.page query /> });
    }
    if !query.search.is_empty() || query.cursor.is_some() {
        return EitherOf3::B(view! {
            <NoMatch
                title="No group matches"
                text="A search finds the beginning of a name, in upper or lower case, or of an external ID."
                all="/groups"
                words="Show all groups"
            />
        });
    }
    let text = if list.managed_by_idp {
        "Your identity provider manages groups and has not sent any yet. What it tried stands in Provisioning Logs."
    } else {
        "Groups come from your identity provider, once it creates and manages user accounts."
    };
    EitherOf3::C(view! {
        <Empty icon=icondata::LuNetwork title="No groups yet" text>
            <a class="button" href=WINDOW>
                "Open Provision & Integration"
            </a>
        </Empty>
    })
}

#[component]
fn Filled(page: Rows<GroupRow>, query: GroupQuery) -> impl IntoView {
    let at = |cursor| query::write(&GroupQuery { cursor: Some(cursor), ..query.clone() });
    let foot = foot(&page, "group", "groups", at);
    let rows = page.items.into_iter().map(|group| view! { <Row group /> }).collect_view();
    let sort = |column: GroupColumn| {
        let (descending, order) = order::turned(query.order, column);
        (descending, query::write(&GroupQuery { order, cursor: None, ..query.clone() }))
    };
    let [name, members, created, changed] =
        [GroupColumn::DisplayName, GroupColumn::Members, GroupColumn::Created, GroupColumn::LastModified].map(sort);
    let head = view! {
        <SortLink label="Name" order=name.0 href=name.1 />
        <SortLink label="Members" order=members.0 href=members.1 class="wide-only" />
        <SortLink label="Created" order=created.0 href=created.1 class="wide-only" />
        <SortLink label="Last changed" order=changed.0 href=changed.1 />
    };
    view! {
        <Table caption="Groups" class="list" head>
            {rows}
        </Table>
        {foot}
    }
}

#[component]
fn Row(group: GroupRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="name">
                <a href=format!("/groups/{}", group.id)>{group.display_name}</a>
                <span class="sub narrow-only">{counted(group.members, "member", "members")}</span>
            </th>
            <td class="wide-only">{grouped(group.members)}</td>
            <td class="wide-only">
                <Day at=group.created />
            </td>
            <td>
                <Day at=group.last_modified />
            </td>
        </tr>
    }
}
