//! What an administrator does to users by hand: from the form to the one directory that SCIM changes too. On the server
//! only; `caller` takes it in.

use serde_json::{Map, json};

use super::Admin;
use crate::{
    model::id::UserId,
    portal::{
        api::{user_form::UserForm, user_view::UserLink},
        error::PortalError,
    },
    scim::{
        PatchRequest, Resource,
        patch::PATCH_OP_URN,
        schema::{ENTERPRISE_URN, ResourceKind},
    },
};

impl Admin {
    /// Adds a user, who is active at once.
    pub async fn create_user(&self, form: &UserForm) -> Result<String, PortalError> {
        let directory = self.directory().await?;
        form.validate(self.settings().await?.user_name_limit)?;
        let manager = self.manager_id(&form.manager, None).await?;
        let mut sent = form.apply_to(Map::new(), manager.as_deref());
        sent["active"] = true.into();
        Ok(directory.create_user(directory.read(ResourceKind::User, &sent)?).await?.id)
    }

    /// Changes what the form knows of a user who still has this version.
    pub async fn update_user(&self, id: UserId, version: u64, form: &UserForm) -> Result<(), PortalError> {
        let directory = self.directory().await?;
        form.validate(self.settings().await?.user_name_limit)?;
        let stored = self.user(id).await?;
        let manager = self.manager_id(&form.manager, Some(&stored)).await?;
        let sent = form.apply_to(stored.document.as_map().clone(), manager.as_deref());
        directory.replace_user(id, Some(&version.into()), directory.read(ResourceKind::User, &sent)?).await?;
        Ok(())
    }

    /// Gives the product to a user or takes it away.
    pub async fn set_active(&self, id: UserId, active: bool) -> Result<(), PortalError> {
        let operation = json!({ "op": "replace", "path": "active", "value": active });
        let request = PatchRequest::read(&json!({ "schemas": [PATCH_OP_URN], "Operations": [operation] }))?;
        self.directory().await?.patch_user(id, None, request).await?;
        Ok(())
    }

    /// A stored user, else `NotFound`.
    pub async fn user(&self, id: UserId) -> Result<Resource, PortalError> {
        self.store().user(self.tenant, id).await?.ok_or_else(|| PortalError::not_found("user"))
    }

    /// A user's manager, if that is a user here: clients may name one by an id that only they know.
    pub async fn manager(&self, user: &Resource) -> Result<Option<UserLink>, PortalError> {
        let Some(id) = stored_manager(user).and_then(|id| id.parse::<UserId>().ok()) else { return Ok(None) };
        let manager = self.store().user(self.tenant, id).await?;
        Ok(manager.map(|manager| {
            let text = |name| manager.document.get(&[name]).and_then(|value| value.as_str());
            let user_name = text("userName").unwrap_or_default().to_owned();
            let display_name = text("displayName").unwrap_or(&user_name).to_owned();
            UserLink { id, user_name, display_name }
        }))
    }

    /// The id of the manager named in a form. One that is no user here is kept as long as the field stays empty.
    async fn manager_id(&self, user_name: &str, user: Option<&Resource>) -> Result<Option<String>, PortalError> {
        let user_name = user_name.trim();
        if user_name.is_empty() {
            let Some(user) = user else { return Ok(None) };
            let unknown = self.manager(user).await?.is_none();
            return Ok(stored_manager(user).filter(|_| unknown).map(str::to_owned));
        }
        let found = self.store().user_by_name(self.tenant, user_name).await?;
        found
            .map(|id| Some(id.to_string()))
            .ok_or_else(|| PortalError::invalid_field("user[manager]", "There is no user with this userName."))
    }
}

fn stored_manager(user: &Resource) -> Option<&str> {
    user.document.get(&[ENTERPRISE_URN, "manager", "value"])?.as_str()
}
