//! The members of a group, with search and pages.

use leptos::{either::EitherOf3, prelude::*};

use super::{
    super::{list_footer::list_footer, resource::resource_path, when_loaded::when_loaded},
    query::GroupPageQuery,
};
use crate::{
    model::{
        id::GroupId,
        journal::ResourceKind,
        page::{MemberRow, Page as Rows},
    },
    portal::{
        components::{
            Badge, CardHeader, ColumnHeader, EmptyState, FilterForm, NoMatches, SearchField, StateBadge, Table, Tone,
        },
        error::PortalError,
    },
};

/// The card with the members of a group.
#[component]
pub fn MemberList(
    /// The group.
    id: GroupId,
    /// The search and page.
    query: Memo<GroupPageQuery>,
    /// A page of members.
    members: Resource<Result<Rows<MemberRow>, PortalError>>,
) -> impl IntoView {
    let search = Signal::derive(move || query.with(|query| query.search.clone()));
    let is_filtered = Signal::derive(move || !search.with(String::is_empty));
    view! {
        <section class="card flush" aria-labelledby="members">
            <CardHeader id="members" title="Members" />
            <div class="toolbar">
                <FilterForm path=format!("/groups/{id}") label="Members" is_filtered>
                    <SearchField placeholder="Name, userName or e-mail" value=search />
                </FilterForm>
            </div>
            {when_loaded(members, move |page| view! { <MemberTable id page query=query.get_untracked() /> })}
        </section>
    }
}

#[component]
fn MemberTable(id: GroupId, page: Rows<MemberRow>, query: GroupPageQuery) -> impl IntoView {
    if !page.items.is_empty() {
        return EitherOf3::A(view! { <TableWithFooter id page query /> });
    }
    if !query.search.is_empty() || !query.page.is_empty() {
        return EitherOf3::B(view! {
            <NoMatches
                title="No member matches"
                text="The search matches the beginning of a name, userName or e-mail address, ignoring case."
                all=format!("/groups/{id}")
                label="Show all members"
            />
        });
    }
    EitherOf3::C(view! {
        <EmptyState icon=icondata::LuUsers title="No members" text="This group has no members, or your identity provider has not sent any yet." />
    })
}

#[component]
fn TableWithFooter(id: GroupId, page: Rows<MemberRow>, query: GroupPageQuery) -> impl IntoView {
    let footer =
        list_footer(&page, "member", "members", |page| GroupPageQuery { page, ..query.clone() }.url(id, "members"));
    let rows = page.items.into_iter().map(|member| view! { <MemberTableRow member /> }).collect_view();
    let head = view! {
        <ColumnHeader label="Name" />
        <ColumnHeader label="State" />
    };
    view! {
        <Table caption="Members" class="list" head>
            {rows}
        </Table>
        {footer}
    }
}

#[component]
fn MemberTableRow(member: MemberRow) -> impl IntoView {
    let href = resource_path(member.kind, &member.id);
    let named = !member.display_name.is_empty();
    let (name, sub) = if named { (member.display_name, member.user_name) } else { (member.user_name, String::new()) };
    let state = match member.kind {
        ResourceKind::User => view! { <StateBadge active=member.active /> }.into_any(),
        ResourceKind::Group => view! { <Badge tone=Tone::Info text="Group" /> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="name">
                <a href=href>{name}</a>
                {(!sub.is_empty()).then(|| view! { <span class="sub">{sub}</span> })}
            </th>
            <td>{state}</td>
        </tr>
    }
}
