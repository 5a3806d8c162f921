//! Users: searching and reading them, and changing them while no identity provider manages them.

#![expect(missing_docs, reason = "arguments of a server function become fields of a struct that only Leptos names")]

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::UserId,
        page::{Page, UserQuery, UserRow},
    },
    portal::{
        api::{
            user_form::{EditedUser, UserForm},
            user_view::UserDetail,
        },
        error::PortalError,
    },
};

/// What Manage Users shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The rows.
    pub page: Page<UserRow>,
    /// Whether the identity provider manages users, so that none can be added here.
    pub managed_by_idp: bool,
}

/// A page of Manage Users.
#[server(prefix = "/api", endpoint = "users", input = Json)]
pub async fn read_users(query: UserQuery) -> Result<UserList, PortalError> {
    let admin = super::caller::admin().await?;
    Ok(UserList {
        page: admin.store().user_rows(admin.tenant, &query).await?,
        managed_by_idp: admin.settings().await?.provisioning,
    })
}

/// One user with every stored attribute.
#[server(prefix = "/api", endpoint = "user")]
pub async fn read_user(id: UserId) -> Result<UserDetail, PortalError> {
    use crate::{model::page::Source, portal::api::attributes};

    let admin = super::caller::admin().await?;
    let user = admin.user(id).await?;
    let text =
        |steps: &[&str]| user.document.get(steps).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let user_name = text(&["userName"]);
    let display_name = Some(text(&["displayName"])).filter(|name| !name.is_empty());
    Ok(UserDetail {
        id,
        display_name: display_name.unwrap_or_else(|| user_name.clone()),
        user_name,
        active: user.document.get(&["active"]).and_then(serde_json::Value::as_bool).unwrap_or(true),
        source: admin.store().user_source(admin.tenant, id).await?.unwrap_or(Source::Manual),
        created: user.created,
        last_modified: user.last_modified,
        version: user.version,
        sections: attributes::sections("Profile", user.document.as_map(), admin.types().await?.own()),
        manager: admin.manager(&user).await?,
        managed_by_idp: admin.settings().await?.provisioning,
        groups: user.groups,
    })
}

/// The userName limit. Fails when users cannot be added here.
#[server(prefix = "/api", endpoint = "new-user")]
pub async fn read_user_name_limit() -> Result<u32, PortalError> {
    let admin = super::caller::admin().await?;
    let _directory = admin.directory().await?;
    Ok(admin.settings().await?.user_name_limit)
}

/// The values of a user's edit form.
#[server(prefix = "/api", endpoint = "edited-user")]
pub async fn read_edited_user(id: UserId) -> Result<EditedUser, PortalError> {
    let admin = super::caller::admin().await?;
    let _directory = admin.directory().await?;
    let user = admin.user(id).await?;
    let manager = admin.manager(&user).await?;
    let mut form = UserForm::from_document(user.document.as_map());
    form.manager = manager.map(|manager| manager.user_name).unwrap_or_default();
    let display_name = if form.display_name.is_empty() { &form.user_name } else { &form.display_name };
    let user_name_limit = admin.settings().await?.user_name_limit;
    Ok(EditedUser { display_name: display_name.clone(), version: user.version, user_name_limit, form })
}

/// Adds a user.
#[server(prefix = "/api", endpoint = "create-user")]
pub async fn create_user(user: UserForm) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    let id = admin.create_user(&user).await.map_err(|error| error.with_form(user))?;
    super::caller::redirect(&format!("/users/{id}"));
    Ok(())
}

/// Changes a user who still has the version that the form was filled from.
#[server(prefix = "/api", endpoint = "update-user")]
pub async fn update_user(id: UserId, version: u64, user: UserForm) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    admin.update_user(id, version, &user).await.map_err(|error| error.with_form(user))?;
    super::caller::redirect(&format!("/users/{id}"));
    Ok(())
}

/// Deactivates a user.
#[server(prefix = "/api", endpoint = "deactivate-user")]
pub async fn deactivate_user(id: UserId) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    admin.set_active(id, false).await?;
    super::caller::redirect(&format!("/users/{id}"));
    Ok(())
}

/// Activates a user.
#[server(prefix = "/api", endpoint = "activate-user")]
pub async fn activate_user(id: UserId) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    admin.set_active(id, true).await?;
    super::caller::redirect(&format!("/users/{id}"));
    Ok(())
}

/// Deletes a user permanently.
#[server(prefix = "/api", endpoint = "delete-user")]
pub async fn delete_user(id: UserId) -> Result<(), PortalError> {
    let admin = super::caller::admin().await?;
    admin.directory().await?.delete_user(id, None).await?;
    super::caller::redirect("/users");
    Ok(())
}
