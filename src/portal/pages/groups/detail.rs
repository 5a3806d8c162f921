//! One group: its members, stored attributes, groups and history.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    super::{
        pluralize,
        resource::{History, ManagedByIdpNotice, StoredAttributes},
        when_loaded::when_loaded,
    },
    members::MemberList,
    query::GroupPageQuery,
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
        components::{CardHeader, Fact, Memberships, Page, Timestamp},
        error::PortalError,
    },
};

/// One group.
#[component]
pub fn GroupPage() -> impl IntoView {
    let parameters = use_params_map();
    let query = use_query_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<GroupId>().ok()));
    let query = Memo::new(move |_| query.with(GroupPageQuery::parse));
    let shown = Resource::new(move || id.get(), |id| async move { read_group(require_id(id)?).await });
    // Separate, so that paging the members does not load the history again, nor the other way round.
    let member_query = Memo::new(move |_| query.with(|query| (query.search.clone(), query.page.clone())));
    let members = Resource::new(
        move || (id.get(), member_query.get()),
        |(id, (search, page))| async move { read_members(require_id(id)?, search, Some(page)).await },
    );
    let before = Memo::new(move |_| query.with(|query| query.before.parse().ok()));
    let history = Resource::new(
        move || (id.get(), before.get()),
        |(id, before)| async move { read_timeline(ResourceKind::Group, require_id(id)?.to_string(), before).await },
    );
    view! { {when_loaded(shown, move |group| view! { <GroupContent group query members history /> })} }
}

fn require_id(id: Option<GroupId>) -> Result<GroupId, PortalError> {
    id.ok_or_else(|| PortalError::not_found("group"))
}

#[component]
fn GroupContent(
    group: GroupDetail,
    query: Memo<GroupPageQuery>,
    members: Resource<Result<Rows<MemberRow>, PortalError>>,
    history: Resource<Result<Rows<TimelineStep>, PortalError>>,
) -> impl IntoView {
    let id = group.id;
    let before = move |before| GroupPageQuery { before, ..query.get_untracked() }.url(id, "history");
    view! {
        <Page title=group.display_name.clone() breadcrumbs=vec![("Manage Groups", "/groups")]>
            {group.managed_by_idp.then(|| view! { <ManagedByIdpNotice what="groups and their members" /> })}
            <div class="columns">
                <MemberList id query members />
                <div class="stack">
                    <GroupCard group=group.clone() />
                    <StoredAttributes sections=group.sections />
                    <History kind=ResourceKind::Group history before />
                </div>
            </div>
        </Page>
    }
}

#[component]
fn GroupCard(group: GroupDetail) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="group">
            <CardHeader id="group" title="Group" />
            <dl class="facts">
                <Fact name="Members">{pluralize(group.members, "member", "members")}</Fact>
                <Fact name="Created">
                    <Timestamp at=group.created />
                </Fact>
                <Fact name="Last changed">
                    <Timestamp at=group.last_modified />
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
