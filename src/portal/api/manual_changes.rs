//! Changes of users that an administrator makes in the portal, through the same directory as SCIM requests. On the
//! server only; a child of `caller`.

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
    /// Creates an active user and returns the id.
    pub async fn create_user(&self, form: &UserForm) -> Result<String, PortalError> {
        let directory = self.directory().await?;
        validate(form, self.settings().await?.user_name_limit)?;
        let manager = self.manager_id(&form.manager, None).await?;
        let mut sent = form.apply_to(Map::new(), manager.as_deref());
        sent["active"] = true.into();
        Ok(directory.create_user(directory.read(ResourceKind::User, &sent)?).await?.id)
    }

    /// Changes the attributes that the form has, if the user still has this version.
    pub async fn update_user(&self, id: UserId, version: u64, form: &UserForm) -> Result<(), PortalError> {
        let directory = self.directory().await?;
        validate(form, self.settings().await?.user_name_limit)?;
        let stored = self.user(id).await?;
        let manager = self.manager_id(&form.manager, Some(&stored)).await?;
        let sent = form.apply_to(stored.document.as_map().clone(), manager.as_deref());
        directory.replace_user(id, Some(&version.into()), directory.read(ResourceKind::User, &sent)?).await?;
        Ok(())
    }

    /// Activates or deactivates a user.
    pub async fn set_active(&self, id: UserId, active: bool) -> Result<(), PortalError> {
        let operation = json!({ "op": "replace", "path": "active", "value": active });
        let request = PatchRequest::read(&json!({ "schemas": [PATCH_OP_URN], "Operations": [operation] }))?;
        self.directory().await?.patch_user(id, None, request).await?;
        Ok(())
    }

    /// A stored user.
    pub async fn user(&self, id: UserId) -> Result<Resource, PortalError> {
        self.store().user(self.tenant, id).await?.ok_or_else(|| PortalError::not_found("user"))
    }

    /// A user's manager, if it is a user of this tenant: clients may send an id that only they know.
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

    /// The id of the manager named in a form. A manager who is not a user of this tenant is kept while the field is empty.
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

/// Checks what can be checked without the directory.
fn validate(form: &UserForm, user_name_limit: u32) -> Result<(), PortalError> {
    let mut fields = Vec::new();
    let mut wrong = |field: &str, why: String| fields.push((format!("user[{field}]"), why));
    let length = form.user_name.trim().chars().count();
    if length == 0 {
        wrong("user_name", "A user needs a userName.".to_owned());
    } else if user_name_limit > 0 && length > user_name_limit as usize {
        wrong("user_name", format!("userNames may not exceed {user_name_limit} characters; this one has {length}."));
    }
    if !form.email.trim().is_empty() && !form.email.contains('@') {
        wrong("email", "This is not an e-mail address.".to_owned());
    }
    if fields.is_empty() { Ok(()) } else { Err(PortalError::invalid(fields)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_their_fields() {
        let form = UserForm { user_name: " ana@contoso.com ".to_owned(), ..UserForm::default() };
        assert!(validate(&form, 0).is_ok() && validate(&form, 15).is_ok());
        let error = validate(&UserForm { email: "no".to_owned(), ..form }, 14).unwrap_err();
        let message = error.field_error("user[user_name]").unwrap();
        assert_eq!(message, "userNames may not exceed 14 characters; this one has 15.");
        assert!(error.field_error("user[email]").is_some());
    }
}
