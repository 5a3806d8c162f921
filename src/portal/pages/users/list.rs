//! Manage Users.

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    super::{list_footer::list_footer, sort_order, when_loaded::when_loaded},
    query,
};
use crate::{
    model::page::{Page as Rows, UserColumn, UserQuery, UserRow},
    portal::{
        api::{
            tokens::PROVISIONING_PAGE,
            users::{UserList, read_users},
        },
        components::{
            Choice, ColumnHeader, DateOnly, EmptyState, FilterForm, Glyph, NoMatches, Page, SearchField, SelectField,
            SortableHeader, SourceBadge, StateBadge, Table,
        },
    },
};

/// The list of users, with search, filters, sorting and pages.
#[component]
pub fn UsersPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| parameters.with(query::parse));
    let list = Resource::new(move || query.get(), read_users);
    let actions = view! {
        <Transition>
            {move || Suspend::new(async move {
                let can_add = list.await.is_ok_and(|list| !list.managed_by_idp);
                can_add
                    .then(|| {
                        view! {
                            <a class="button primary" href="/users/new">
                                <Glyph icon=icondata::LuUserPlus />
                                "Add User"
                            </a>
                        }
                    })
            })}
        </Transition>
    };
    view! {
        <Page title="Manage Users" actions=Some(actions.into_any())>
            <section class="card flush" aria-label="Users">
                <div class="toolbar">
                    <UserFilters query />
                </div>
                {when_loaded(list, move |list| view! { <UserTable list query=query.get_untracked() /> })}
            </section>
        </Page>
    }
}

#[component]
fn UserFilters(query: Memo<UserQuery>) -> impl IntoView {
    let states =
        vec![Choice::new("", "Any state"), Choice::new("active", "Active"), Choice::new("inactive", "Inactive")];
    let sources = vec![Choice::new("", "Any source"), Choice::new("idp", "IDP"), Choice::new("manual", "Manual")];
    view! {
        <FilterForm path="/users" label="Users" is_filtered=Signal::derive(move || query.with(query::is_filtered))>
            <SearchField
                placeholder="Name, userName or e-mail"
                value=Signal::derive(move || query.with(|query| query.search.clone()))
            />
            <SelectField
                name="state"
                label="State"
                choices=states
                chosen=Signal::derive(move || query.with(query::state).to_owned())
            />
            <SelectField
                name="source"
                label="Source"
                choices=sources
                chosen=Signal::derive(move || query.with(query::source).to_owned())
            />
            <input type="hidden" name="sort" value=move || query.with(query::sort) />
        </FilterForm>
    }
}

#[component]
fn UserTable(list: UserList, query: UserQuery) -> impl IntoView {
    if !list.page.items.is_empty() {
        return EitherOf3::A(view! { <TableWithFooter page=list.page query /> });
    }
    if query::is_filtered(&query) || query.cursor.is_some() {
        return EitherOf3::B(view! {
            <NoMatches
                title="No user matches"
                text="The search matches the beginning of a name, userName or e-mail address, ignoring case."
                all="/users"
                label="Show all users"
            />
        });
    }
    let text = if list.managed_by_idp {
        "Your identity provider manages users and has not sent any yet. Its requests are in Provisioning Logs."
    } else {
        "Let your identity provider create and manage user accounts, or add users manually."
    };
    EitherOf3::C(view! {
        <EmptyState icon=icondata::LuUsers title="No users yet" text>
            <a class="button" href=PROVISIONING_PAGE>
                "Open Provision & Integration"
            </a>
        </EmptyState>
    })
}

#[component]
fn TableWithFooter(page: Rows<UserRow>, query: UserQuery) -> impl IntoView {
    let footer =
        list_footer(&page, "user", "users", |cursor| query::url(&UserQuery { cursor: Some(cursor), ..query.clone() }));
    let rows = page.items.into_iter().map(|user| view! { <UserTableRow user /> }).collect_view();
    let sort = |column: UserColumn| {
        let (descending, order) = sort_order::after_click(query.order, column);
        (descending, query::url(&UserQuery { order, cursor: None, ..query.clone() }))
    };
    let [user_name, name, email, changed] =
        [UserColumn::UserName, UserColumn::DisplayName, UserColumn::Email, UserColumn::LastModified].map(sort);
    let head = view! {
        <SortableHeader label="userName" order=user_name.0 href=user_name.1 />
        <SortableHeader label="Name" order=name.0 href=name.1 class="wide-only" />
        <SortableHeader label="E-mail" order=email.0 href=email.1 class="widest-only" />
        <ColumnHeader label="State" />
        <ColumnHeader label="Source" class="wide-only" />
        <SortableHeader label="Last changed" order=changed.0 href=changed.1 class="wide-only" />
    };
    view! {
        <Table caption="Users" class="list" head>
            {rows}
        </Table>
        {footer}
    }
}

#[component]
fn UserTableRow(user: UserRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="name">
                <a href=format!("/users/{}", user.id)>{user.user_name}</a>
                <span class="sub narrow-only">{user.display_name.clone()}</span>
            </th>
            <td class="wide-only wrap">{user.display_name}</td>
            <td class="widest-only wrap mail">{user.email}</td>
            <td>
                <StateBadge active=user.active />
            </td>
            <td class="wide-only">
                <SourceBadge source=user.source />
            </td>
            <td class="wide-only">
                <DateOnly at=user.last_modified />
            </td>
        </tr>
    }
}
