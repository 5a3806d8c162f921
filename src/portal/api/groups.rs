//! Groups: searching and reading. Only the identity provider changes them.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::GroupId,
        page::{GroupQuery, GroupRow, MemberRow, Page},
    },
    portal::{api::attributes::AttributeSection, error::PortalError},
    scim::{document::Membership, time::DateTime},
};

/// What Manage Groups shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupList {
    /// The rows.
    pub page: Page<GroupRow>,
    /// Whether the identity provider manages groups.
    pub managed_by_idp: bool,
}

/// One group without its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDetail {
    /// The group's id.
    pub id: GroupId,
    /// As sent by the client.
    pub display_name: String,
    /// How many direct members it has.
    pub members: u64,
    /// When it was created.
    pub created: DateTime,
    /// When it was last changed.
    pub last_modified: DateTime,
    /// Every stored attribute, by schema.
    pub sections: Vec<AttributeSection>,
    /// The groups it is in.
    pub groups: Vec<Membership>,
    /// Whether the identity provider manages groups.
    pub managed_by_idp: bool,
}

/// A page of Manage Groups.
#[server(prefix = "/api", endpoint = "groups", input = Json)]
pub async fn read_groups(query: GroupQuery) -> Result<GroupList, PortalError> {
    let admin = super::caller::admin().await?;
    Ok(GroupList {
        page: admin.store().group_rows(admin.tenant, &query).await?,
        managed_by_idp: admin.settings().await?.provisioning,
    })
}

/// One group with every stored attribute except its members.
#[server(prefix = "/api", endpoint = "group")]
pub async fn read_group(id: GroupId) -> Result<GroupDetail, PortalError> {
    use crate::portal::api::attributes;

    let admin = super::caller::admin().await?;
    let group = admin.group(id).await?;
    let display_name = group.document.get(&["displayName"]).and_then(|name| name.as_str()).unwrap_or_default();
    Ok(GroupDetail {
        id,
        display_name: display_name.to_owned(),
        members: admin.store().member_count(admin.tenant, id).await?,
        created: group.created,
        last_modified: group.last_modified,
        sections: attributes::sections("Attributes", group.document.as_map(), &[]),
        groups: admin.store().groups_of_group(admin.tenant, id).await?,
        managed_by_idp: admin.settings().await?.provisioning,
    })
}

/// A page of a group's members.
#[server(prefix = "/api", endpoint = "members")]
pub async fn read_members(id: GroupId, search: String, cursor: Option<String>) -> Result<Page<MemberRow>, PortalError> {
    use crate::model::page::MemberQuery;

    let admin = super::caller::admin().await?;
    admin.group(id).await?;
    Ok(admin.store().member_rows(admin.tenant, id, &MemberQuery { search, cursor, limit: 25 }).await?)
}
