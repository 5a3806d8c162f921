//! One group: its members, what is stored, the groups it is in, and what was done to it.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{
        counted,
        loaded::loaded,
        resource::{History, ManagedByIdp, Stored},
    },
    members::Members,
    query::Part,
};
use crate::{
    model::{
        id::GroupId,
        journal::ResourceKind,
        page::{MemberRow, Page as Rows},
    },
    portal::{
        api::{
            groups::{GroupDetail, read_group, read_members},
            journal::{TimelineStep, read_timeline},
        },
        components::{Fact, Memberships, Moment, Page, Titled},
        error::PortalError,
    },
};

/// One group.
#[component]
pub fn GroupPage() -> impl IntoView {
    let parameters = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<GroupId>().ok()));
    let part = Memo::new(move |_| query.with(Part::read));
    let shown = Resource::new(move || id.get(), |id| async move { read_group(known(id)?).await });
    // Apart, so that paging the members does not read the history again, nor the other way round.
    let sought = Memo::new(move |_| part.with(|part| (part.search.clone(), part.page.clone())));
    let members = Resource::new(
        move || (id.get(), sought.get()),
        |(id, (search, page))| async move { read_members(known(id)?, search, Some(page)).await },
    );
    let before = Memo::new(move |_| part.with(|part| part.before.parse().ok()));
    let history = Resource::new(
        move || (id.get(), before.get()),
        |(id, before)| async move { read_timeline(ResourceKind::Group, known(id)?.to_string(), before).await },
    );
    view! { {loaded(shown, move |group| view! { <Shown group part members history /> })} }
}

fn known(id: Option<GroupId>) -> Result<GroupId, PortalError> {
    id.ok_or_else(|| PortalError::not_found("group"))
}

#[component]
fn Shown(
    group: GroupDetail,
    part: Memo<Part>,
    members: Resource<Result<Rows<MemberRow>, PortalError>>,
    history: Resource<Result<Rows<TimelineStep>, PortalError>>,
) -> impl IntoView {
    let id = group.id;
    let before = move |before| Part { before, ..part.get_untracked() }.write(id, "history");
    view! {
        <Page title=group.display_name.clone() crumbs=vec![("Manage Groups", "/groups")]>
            {group.managed_by_idp.then(|| view! { <ManagedByIdp what="groups and their members" /> })}
            <div class="columns">
                <Members id part members />
                <div class="stack">
                    <Group group=group.clone() />
                    <Stored sections=group.sections />
                    <History kind=ResourceKind::Group history before />
                </div>
            </div>
        </Page>
    }
}

#[component]
fn Group(group: GroupDetail) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="group">
            <Titled id="group" title="Group" />
            <dl class="facts">
                <Fact name="Members">{counted(group.members, "member", "members")}</Fact>
                <Fact name="Created">
                    <Moment at=group.created />
                </Fact>
                <Fact name="Last changed">
                    <Moment at=group.last_modified />
                </Fact>
                <Fact name="SCIM id">
                    <code>{group.id.to_string()}</code>
                </Fact>
                <Fact name="Member of">
                    <Memberships groups=group.groups />
                </Fact>
            </dl>
        </section>
    }
}
