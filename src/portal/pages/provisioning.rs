//! Provision & Integration: the page on which an administrator connects an identity provider.

use leptos::{form::ActionForm, prelude::*};

use super::{
    action_error, field_error, form_message,
    tokens::{IssuedTokenCard, TokenActions, TokenConfirmation, TokensCard},
    when_loaded::when_loaded,
};
use crate::portal::{
    api::{
        settings::{Provisioning, SaveProvisioning, SaveUserNameLimit, read_provisioning},
        tokens::IssuedToken,
    },
    components::{Badge, CardHeader, CheckboxField, CopyField, FormError, Page, TextField, Tone},
};

/// Provision & Integration.
#[component]
pub fn ProvisioningPage() -> impl IntoView {
    let switch = ServerAction::<SaveProvisioning>::new();
    let limit = ServerAction::<SaveUserNameLimit>::new();
    let tokens = TokenActions::new();
    let state = Resource::new(
        move || (switch.version().get(), limit.version().get(), tokens.version()),
        |_| read_provisioning(),
    );
    view! {
        <Page
            title="Provision & Integration"
            lead="Let your identity provider create, update and deactivate user accounts over SCIM 2.0."
            breadcrumbs=vec![("Group Settings", "/settings"), ("Security", "/settings/security")]
            narrow=true
        >
            {when_loaded(state, move |state| view! { <ProvisioningContent state switch limit tokens /> })}
        </Page>
    }
}

#[component]
fn ProvisioningContent(
    state: Provisioning,
    switch: ServerAction<SaveProvisioning>,
    limit: ServerAction<SaveUserNameLimit>,
    tokens: TokenActions,
) -> impl IntoView {
    let on = state.settings.provisioning;
    let issued = state.issued.clone();
    let tenant_url = state.tenant_url.clone();
    view! {
        {move || {
            tokens
                .latest
                .get()
                .or_else(|| issued.clone())
                .map(|token: IssuedToken| view! { <IssuedTokenCard token tenant_url=tenant_url.clone() on /> })
        }}
        <SwitchCard on switch />
        <section class="card" aria-labelledby="connection">
            <CardHeader
                id="connection"
                title="Connection"
                lead="Your identity provider needs the Tenant URL and a secret token to reach this service."
            />
            <CopyField id="tenant-url" label="Tenant URL" value=state.tenant_url.clone() />
        </section>
        <TokensCard tokens=state.tokens.clone() now=state.now actions=tokens />
        <LimitCard user_name_limit=state.settings.user_name_limit limit />
        <TokenConfirmation tokens=state.tokens now=state.now actions=tokens />
    }
}

#[component]
fn SwitchCard(on: bool, switch: ServerAction<SaveProvisioning>) -> impl IntoView {
    let (tone, text) = if on { (Tone::Good, "On") } else { (Tone::Quiet, "Off") };
    view! {
        <section class="card" aria-labelledby="management">
            <header>
                <div>
                    <h2 id="management">"Account management"</h2>
                </div>
                <Badge tone text />
            </header>
            <FormError message=form_message(action_error(switch)) />
            <ActionForm action=switch>
                <div class="form">
                    <CheckboxField
                        name="provisioning"
                        label="Create and manage user accounts through IDP"
                        checked=Signal::stored(on)
                        class="switch"
                        hint="On: your identity provider manages users, and they are read-only in Manage Users. Off: its requests are refused (403), and you add and edit users manually."
                    />
                    <div class="form-actions">
                        <button class="button" type="submit">
                            "Save"
                        </button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn LimitCard(user_name_limit: u32, limit: ServerAction<SaveUserNameLimit>) -> impl IntoView {
    let problem = action_error(limit);
    let hint = match user_name_limit {
        0 => "There is no limit. The default is 30.".to_owned(),
        limit => format!(
            "userNames may not exceed {limit} characters. Longer ones are refused and appear in Provisioning Logs. 0 = unlimited."
        ),
    };
    view! {
        <section class="card" aria-labelledby="limit">
            <CardHeader id="limit" title="userName limit" lead="The limit applies to your identity provider and to the portal." />
            <ActionForm action=limit>
                <div class="form">
                    <TextField
                        name="user_name_limit"
                        label="Maximum length"
                        kind="number"
                        short=true
                        value=user_name_limit.to_string()
                        hint
                        error=field_error(problem, "user_name_limit")
                    />
                    <div class="form-actions">
                        <button class="button" type="submit">
                            "Save limit"
                        </button>
                    </div>
                </div>
            </ActionForm>
        </section>
    }
}
