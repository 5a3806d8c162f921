//! Group Settings and Security.

use leptos::prelude::*;

use super::{
    action_error,
    connection_check::{StartButton, stage_badge},
    form_message, pluralize,
    when_loaded::when_loaded,
};
use crate::model::connection_check::Stage;
use crate::portal::{
    api::{
        connection_check::{CHECK_PAGE, CheckConnection},
        settings::{GroupSettings, read_group_settings},
        tokens::PROVISIONING_PAGE,
    },
    components::{Badge, CardHeader, Fact, FormError, Glyph, Page, Timestamp, Tone},
};

/// Group Settings.
#[component]
pub fn GroupSettingsPage() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_group_settings());
    view! {
        <Page title="Group Settings" lead="Company-wide settings." narrow=true>
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
                <Fact name="Maximum userName length">{limit}</Fact>
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
                        <p>"User attributes beyond the SCIM standard, in your own extension schemas."</p>
                    </div>
                    <a class="button" href="/settings/attributes">
                        "Open Custom attributes"
                    </a>
                </li>
            </ul>
        </section>
    }
}

/// Security.
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
                        <p>"Administrators sign in to this console with their e-mail address and password."</p>
                    </div>
                    <Badge tone=Tone::Good text="In use" />
                </li>
                <li>
                    <Glyph icon=icondata::LuShieldCheck />
                    <div class="what">
                        <h3>"Single Sign On"</h3>
                        <p>
                            "Connect your identity provider (IDP) to create and manage user accounts. "
                            "Administrators continue to sign in to this console with their password."
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
                            "Tests whether this server is ready for your identity provider. Runs the Entra, Okta and SCIM tests against a "
                            "temporary tenant. Your users aren’t affected."
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
