//! Group Settings, Security, and the window Provision & Integration.

use leptos::{form::ActionForm, prelude::*};

use super::{
    action_error,
    connection_check::{StartButton, stage_badge},
    field_error, form_message, pluralize,
    tokens::{IssuedTokenCard, TokenActions, TokenConfirmation, TokensCard},
    when_loaded::when_loaded,
};
use crate::model::connection_check::Stage;
use crate::portal::{
    api::{
        connection_check::{CHECK_PAGE, CheckConnection},
        settings::{
            GroupSettings, Provisioning, SaveProvisioning, SaveUserNameLimit, read_group_settings, read_provisioning,
        },
        tokens::{IssuedToken, PROVISIONING_PAGE},
    },
    components::{
        Badge, CardHeader, CheckboxField, CopyField, Fact, FormError, Glyph, Notice, Page, TextField, Timestamp, Tone,
    },
};

/// What there is to set.
#[component]
pub fn GroupSettingsPage() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_group_settings());
    view! {
        <Page title="Group Settings" lead="What holds for your whole company." narrow=true>
            {when_loaded(settings, |settings| view! { <Overview settings /> })}
        </Page>
    }
}

#[component]
fn Overview(settings: GroupSettings) -> impl IntoView {
    let limit = match settings.settings.user_name_limit {
        0 => "No limit".to_owned(),
        limit => format!("{limit} characters"),
    };
    view! {
        <section class="card" aria-labelledby="company">
            <CardHeader id="company" title="Company" />
            <dl class="facts">
                <Fact name="Name">{settings.tenant.name}</Fact>
                <Fact name="Set up">
                    <Timestamp at=settings.tenant.created />
                </Fact>
                <Fact name="Longest userName">{limit}</Fact>
            </dl>
        </section>
        <section class="card flush" aria-labelledby="sections">
            <CardHeader id="sections" title="Security" />
            <ul class="options">
                <li>
                    <Glyph icon=icondata::LuShieldCheck />
                    <div class="what">
                        <h3>"Authentication options"</h3>
                        <p>"How administrators sign in, and where user accounts come from."</p>
                    </div>
                    <a class="button" href="/settings/security">
                        "Open Security"
                    </a>
                </li>
            </ul>
        </section>
        <section class="card flush" aria-labelledby="attributes">
            <CardHeader id="attributes" title="Attributes" />
            <ul class="options">
                <li>
                    <Glyph icon=icondata::LuTags />
                    <div class="what">
                        <h3>"Custom attributes"</h3>
                        <p>"What users have beyond the standard: extension schemas of your own."</p>
                    </div>
                    <a class="button" href="/settings/attributes">
                        "Open Custom attributes"
                    </a>
                </li>
            </ul>
        </section>
    }
}

/// How people are known to the product.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_group_settings());
    let check = ServerAction::<CheckConnection>::new();
    view! {
        <Page
            title="Security"
            lead="How administrators sign in, and where user accounts come from."
            breadcrumbs=vec![("Group Settings", "/settings")]
            narrow=true
        >
            <FormError message=form_message(action_error(check)) />
            {when_loaded(settings, move |settings| view! { <AuthenticationOptions settings check /> })}
        </Page>
    }
}

#[component]
fn AuthenticationOptions(settings: GroupSettings, check: ServerAction<CheckConnection>) -> impl IntoView {
    let (tone, state) = if settings.settings.provisioning {
        (Tone::Good, "Provisioning on")
    } else {
        (Tone::Quiet, "Provisioning off")
    };
    let tokens = pluralize(settings.working_tokens as u64, "working token", "working tokens");
    view! {
        <section class="card flush" aria-labelledby="options">
            <CardHeader id="options" title="Authentication options" />
            <ul class="options">
                <li>
                    <Glyph icon=icondata::LuKeyRound />
                    <div class="what">
                        <h3>"Password"</h3>
                        <p>"Administrators sign in to this console with e-mail address and password."</p>
                    </div>
                    <Badge tone=Tone::Good text="In use" />
                </li>
                <li>
                    <Glyph icon=icondata::LuShieldCheck />
                    <div class="what">
                        <h3>"Single Sign On"</h3>
                        <p>
                            "Connect your identity provider (IDP), so that it creates and manages the user accounts. "
                            "Administrators keep signing in to this console with their password."
                        </p>
                        <p class="small">{tokens}</p>
                    </div>
                    <Badge tone text=state />
                    <a class="button primary" href=PROVISIONING_PAGE>
                        "Configure Now"
                    </a>
                </li>
            </ul>
        </section>
        <ConnectionCard last_check=settings.last_check check />
    }
}

#[component]
fn ConnectionCard(last_check: Option<Stage>, check: ServerAction<CheckConnection>) -> impl IntoView {
    let last =
        last_check.is_some().then(|| view! { <p class="small"><a href=CHECK_PAGE>"Open the last check"</a></p> });
    view! {
        <section class="card flush" aria-labelledby="connection">
            <CardHeader id="connection" title="Connection" />
            <ul class="options">
                <li>
                    <Glyph icon=icondata::LuListChecks />
                    <div class="what">
                        <h3>"Check this connection"</h3>
                        <p>
                            "Is this server ready for your identity provider? Plays the tests of Microsoft’s SCIM Validator, of Entra, of Okta "
                            "and of the RFCs on a throw-away tenant. None of your users is touched."
                        </p>
                        {last}
                    </div>
                    {last_check.as_ref().map(stage_badge)}
                    <StartButton start=check />
                </li>
            </ul>
        </section>
    }
}

/// The window in which an identity provider is connected.
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
                lead="What your identity provider needs to reach this service: the Tenant URL and a secret token."
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
                        hint="On: your identity provider manages users, and they are read-only in Manage Users. Off: its requests are refused (403), and users are added and edited by hand."
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
        0 => "There is no limit now. 30 is the usual one.".to_owned(),
        limit => format!(
            "userNames may not exceed {limit} characters. Longer ones are refused, and the log says so. 0 is no limit."
        ),
    };
    view! {
        <section class="card" aria-labelledby="limit">
            <CardHeader id="limit" title="userName limit" lead="How long a userName may be, whoever sends it." />
            <ActionForm action=limit>
                <div class="form">
                    <TextField
                        name="user_name_limit"
                        label="Most characters"
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

/// The steps that connect Microsoft Entra.
#[component]
pub fn EntraSteps() -> impl IntoView {
    view! {
        <ol class="steps">
            <li>
                <span>
                    "In the Microsoft Entra admin center open " <b>"Enterprise applications"</b>
                    ", your application, and there " <b>"Provisioning"</b> "."
                </span>
            </li>
            <li>
                <span>"Set " <b>"Provisioning Mode"</b> " to " <b>"Automatic"</b> "."</span>
            </li>
            <li>
                <span>
                    "Under " <b>"Admin Credentials"</b> " paste the Tenant URL into " <b>"Tenant URL"</b>
                    " and the secret token into " <b>"Secret Token"</b> "."
                </span>
            </li>
            <li>
                <span>"Press " <b>"Test Connection"</b> ", then " <b>"Save"</b> ". The test appears in Provisioning Logs."</span>
            </li>
            <li>
                <span>
                    "Assign users and groups, and set " <b>"Provisioning Status"</b> " to " <b>"On"</b>
                    ". A cycle runs about every 40 minutes."
                </span>
            </li>
        </ol>
    }
}

/// The option that has to be on before anything works.
#[component]
pub fn SwitchedOff() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn>
            <p>
                "Requests with this token are refused (403) until “Create and manage user accounts through IDP” below is on."
            </p>
        </Notice>
    }
}
