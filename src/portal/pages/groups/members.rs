//! The members of a group: users and groups, found and a page at a time.

use leptos::{either::EitherOf3, prelude::*};

use super::{
    super::{foot::foot, loaded::loaded, resource::path_of},
    query::Part,
};
use crate::{
    model::{
        id::GroupId,
        journal::ResourceKind,
        page::{MemberRow, Page as Rows},
    },
    portal::{
        components::{Badge, Column, Empty, Filters, NoMatch, SearchField, StateBadge, Table, Titled, Tone},
        error::PortalError,
    },
};

/// The card of a group's members.
#[component]
pub fn Members(
    /// The group.
    id: GroupId,
    /// What is asked for.
    part: Memo<Part>,
    /// What was found.
    members: Resource<Result<Rows<MemberRow>, PortalError>>,
) -> impl IntoView {
    let search = Signal::derive(move || part.with(|part| part.search.clone()));
    let narrowed = Signal::derive(move || !search.with(String::is_empty));
    view! {
        <section class="card flush" aria-labelledby="members">
            <Titled id="members" title="Members" />
            <div class="toolbar">
                <Filters path=format!("/groups/{id}") label="Members" narrowed>
                    <SearchField placeholder="Name, userName or e-mail" value=search />
                </Filters>
            </div>
            {loaded(members, move |page| view! { <MemberTable id page part=part.get_untracked() /> })}
        </section>
    }
}

#[component]
fn MemberTable(id: GroupId, page: Rows<MemberRow>, part: Part) -> impl IntoView {
    if !page.items.is_empty() {
        return EitherOf3::A(view! { <Filled id page part /> });
    }
    if !part.search.is_empty() || !part.page.is_empty() {
        return EitherOf3::B(view! {
            <NoMatch
                title="No member matches"
                text="A search finds the beginning of a name, userName or e-mail address, in upper or lower case."
                all=format!("/groups/{id}")
                words="Show all members"
            />
        });
    }
    EitherOf3::C(view! {
        <Empty icon=icondata::LuUsers title="No members" text="Nobody is in this group, or nobody has been sent yet." />
    })
}

#[component]
fn Filled(id: GroupId, page: Rows<MemberRow>, part: Part) -> impl IntoView {
    let foot = foot(&page, "member", "members", |page| Part { page, ..part.clone() }.write(id, "members"));
    let rows = page.items.into_iter().map(|member| view! { <Row member /> }).collect_view();
    let head = view! {
        <Column words="Name" />
        <Column words="State" />
    };
    view! {
        <Table caption="Members" class="list" head>
            {rows}
        </Table>
        {foot}
    }
}

#[component]
fn Row(member: MemberRow) -> impl IntoView {
    let href = path_of(member.kind, &member.id);
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
