//! Manage Groups.

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    super::{list_footer::list_footer, pluralize, sort_order, when_loaded::when_loaded, with_separators},
    query,
};
use crate::{
    model::page::{GroupColumn, GroupQuery, GroupRow, Page as Rows},
    portal::{
        api::{
            groups::{GroupList, read_groups},
            tokens::PROVISIONING_PAGE,
        },
        components::{DateOnly, EmptyState, FilterForm, NoMatches, Page, SearchField, SortableHeader, Table},
    },
};

/// The list of groups, with search, sorting and pages.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| parameters.with(query::parse));
    let list = Resource::new(move || query.get(), read_groups);
    let search = Signal::derive(move || query.with(|query| query.search.clone()));
    view! {
        <Page title="Manage Groups">
            <section class="card flush" aria-label="Groups">
                <div class="toolbar">
                    <FilterForm path="/groups" label="Groups" is_filtered=Signal::derive(move || !search.with(String::is_empty))>
                        <SearchField placeholder="Name or external ID" value=search />
                        <input type="hidden" name="sort" value=move || query.with(query::sort) />
                    </FilterForm>
                </div>
                {when_loaded(list, move |list| view! { <GroupTable list query=query.get_untracked() /> })}
            </section>
        </Page>
    }
}

#[component]
fn GroupTable(list: GroupList, query: GroupQuery) -> impl IntoView {
    if !list.page.items.is_empty() {
        return EitherOf3::A(view! { <TableWithFooter page=list.page query /> });
    }
    if !query.search.is_empty() || query.cursor.is_some() {
        return EitherOf3::B(view! {
            <NoMatches
                title="No group matches"
                text="The search matches the beginning of a name, ignoring case, or of an external ID."
                all="/groups"
                label="Show all groups"
            />
        });
    }
    let text = if list.managed_by_idp {
        "Your identity provider manages groups and has not sent any yet. Its requests are in Provisioning Logs."
    } else {
        "Groups are created by your identity provider once it manages user accounts."
    };
    EitherOf3::C(view! {
        <EmptyState icon=icondata::LuNetwork title="No groups yet" text>
            <a class="button" href=PROVISIONING_PAGE>
                "Open Provision & Integration"
            </a>
        </EmptyState>
    })
}

#[component]
fn TableWithFooter(page: Rows<GroupRow>, query: GroupQuery) -> impl IntoView {
    let at = |cursor| query::url(&GroupQuery { cursor: Some(cursor), ..query.clone() });
    let footer = list_footer(&page, "group", "groups", at);
    let rows = page.items.into_iter().map(|group| view! { <GroupTableRow group /> }).collect_view();
    let sort = |column: GroupColumn| {
        let (descending, order) = sort_order::after_click(query.order, column);
        (descending, query::url(&GroupQuery { order, cursor: None, ..query.clone() }))
    };
    let [name, members, created, changed] =
        [GroupColumn::DisplayName, GroupColumn::Members, GroupColumn::Created, GroupColumn::LastModified].map(sort);
    let head = view! {
        <SortableHeader label="Name" order=name.0 href=name.1 />
        <SortableHeader label="Members" order=members.0 href=members.1 class="wide-only" />
        <SortableHeader label="Created" order=created.0 href=created.1 class="wide-only" />
        <SortableHeader label="Last changed" order=changed.0 href=changed.1 />
    };
    view! {
        <Table caption="Groups" class="list" head>
            {rows}
        </Table>
        {footer}
    }
}

#[component]
fn GroupTableRow(group: GroupRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="name">
                <a href=format!("/groups/{}", group.id)>{group.display_name}</a>
                <span class="sub narrow-only">{pluralize(group.members, "member", "members")}</span>
            </th>
            <td class="wide-only">{with_separators(group.members)}</td>
            <td class="wide-only">
                <DateOnly at=group.created />
            </td>
            <td>
                <DateOnly at=group.last_modified />
            </td>
        </tr>
    }
}
