//! Adding and editing a user.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_params_map;

use super::super::{action_error, field_error, form_message, when_loaded::when_loaded};
use crate::{
    model::id::UserId,
    portal::{
        api::{
            user_form::UserForm,
            users::{CreateUser, UpdateUser, read_edited_user, read_user_name_limit},
        },
        components::{CardHeader, FormError, Page, TextField},
        error::PortalError,
    },
};

/// Adds a user.
#[component]
pub fn NewUserPage() -> impl IntoView {
    let limit = Resource::new(|| (), |()| read_user_name_limit());
    let create = ServerAction::<CreateUser>::new();
    let problem = action_error(create);
    view! {
        {when_loaded(limit, move |limit| {
            view! {
                <Page
                    title="Add User"
                    lead="The account is active immediately."
                    breadcrumbs=vec![("Manage Users", "/users")]
                    narrow=true
                >
                    <ActionForm action=create>
                        <div class="stack">
                            <Fields form=UserForm::default() limit problem />
                            <div class="form-actions">
                                <button class="button primary" type="submit">
                                    "Add User"
                                </button>
                                <a class="button bare" href="/users">
                                    "Cancel"
                                </a>
                            </div>
                        </div>
                    </ActionForm>
                </Page>
            }
        })}
    }
}

/// Edits a user.
#[component]
pub fn EditUserPage() -> impl IntoView {
    let parameters = use_params_map();
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id")?.parse::<UserId>().ok()));
    let edited = Resource::new(
        move || id.get(),
        |id| async move {
            let id = id.ok_or_else(|| PortalError::not_found("user"))?;
            Ok((id, read_edited_user(id).await?))
        },
    );
    let update = ServerAction::<UpdateUser>::new();
    let problem = action_error(update);
    view! {
        {when_loaded(edited, move |(id, user)| {
            view! {
                <Page
                    title=format!("Edit {}", user.display_name)
                    breadcrumbs=vec![("Manage Users", "/users")]
                    narrow=true
                >
                    <ActionForm action=update>
                        <input type="hidden" name="id" value=id.to_string() />
                        <input type="hidden" name="version" value=user.version.to_string() />
                        <div class="stack">
                            <Fields form=user.form limit=user.user_name_limit problem />
                            <div class="form-actions">
                                <button class="button primary" type="submit">
                                    "Save"
                                </button>
                                <a class="button bare" href=format!("/users/{id}")>
                                    "Cancel"
                                </a>
                            </div>
                        </div>
                    </ActionForm>
                </Page>
            }
        })}
    }
}

#[component]
fn Fields(form: UserForm, limit: u32, problem: Signal<Option<PortalError>>) -> impl IntoView {
    let limit = match limit {
        0 => "Unique in your company. Users sign in with this name.".to_owned(),
        limit => format!("Unique in your company. userNames may not exceed {limit} characters."),
    };
    let error = move |field| field_error(problem, field);
    let submitted_form =
        problem.with_untracked(|problem| problem.as_ref().and_then(|problem| problem.submitted_form.clone()));
    let form = submitted_form.map_or(form, |submitted| *submitted);
    view! {
        <FormError message=form_message(problem) />
        <section class="card" aria-labelledby="identity">
            <CardHeader id="identity" title="Identity" />
            <TextField name="user[user_name]" label="userName" value=form.user_name hint=limit error=error("user[user_name]") />
            <div class="form-row">
                <TextField name="user[given_name]" label="Given name" value=form.given_name optional=true error=error("user[given_name]") />
                <TextField name="user[family_name]" label="Family name" value=form.family_name optional=true error=error("user[family_name]") />
            </div>
            <TextField name="user[display_name]" label="Display name" value=form.display_name optional=true error=error("user[display_name]") />
        </section>
        <section class="card" aria-labelledby="contact">
            <CardHeader id="contact" title="Contact" />
            <div class="form-row">
                <TextField name="user[email]" label="Work e-mail" kind="email" value=form.email optional=true error=error("user[email]") />
                <TextField name="user[phone]" label="Work phone" kind="tel" value=form.phone optional=true error=error("user[phone]") />
            </div>
        </section>
        <section class="card" aria-labelledby="job">
            <CardHeader id="job" title="Job" />
            <div class="form-row">
                <TextField name="user[title]" label="Title" value=form.title optional=true error=error("user[title]") />
                <TextField name="user[department]" label="Department" value=form.department optional=true error=error("user[department]") />
            </div>
            <div class="form-row">
                <TextField name="user[employee_number]" label="Employee number" value=form.employee_number optional=true error=error("user[employee_number]") />
                <TextField
                    name="user[manager]"
                    label="Manager"
                    value=form.manager
                    optional=true
                    hint="The manager’s userName."
                    error=error("user[manager]")
                />
            </div>
        </section>
    }
}
