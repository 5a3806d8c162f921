//! The connection check: starting it, its progress and its results.

mod findings;

use std::time::Duration;

use leptos::{form::ActionForm, prelude::*};

use super::{action_error, form_message, pluralize, when_loaded::when_loaded};
use crate::{
    model::connection_check::{ConnectionCheck, PublicUrlProbe, Stage},
    portal::{
        api::connection_check::{CHECK_PAGE, CheckConnection, read_connection_check},
        components::{Badge, CardHeader, EmptyState, Fact, FormError, Glyph, Notice, Page, Timestamp, Tone},
        error::PortalError,
    },
};
use findings::{AreaTable, FailedTests, SkippedTestList};

/// How often the progress of a running check is loaded.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long to wait after an error.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// The check that was started most recently.
#[component]
pub fn ConnectionCheckPage() -> impl IntoView {
    let start = ServerAction::<CheckConnection>::new();
    let polls = RwSignal::new(0_u32);
    let check = Resource::new(move || (start.version().get(), polls.get()), |_| read_connection_check());
    poll(check, polls);
    view! {
        <Page
            title="Connection check"
            lead="Tests this server against the requirements of Microsoft Entra, its SCIM Validator, Okta and the RFCs."
            breadcrumbs=vec![("Group Settings", "/settings"), ("Security", "/settings/security")]
            narrow=true
        >
            <FormError message=form_message(action_error(start)) />
            {when_loaded(check, move |check| view! { <CheckContent check start /> })}
        </Page>
    }
}

/// Loads the progress again for as long as the check runs. The server keeps it, so any page can show it.
fn poll(check: Resource<Result<Option<ConnectionCheck>, PortalError>>, polls: RwSignal<u32>) {
    Effect::new(move |_| {
        let wait = match check.get() {
            Some(Ok(Some(check))) if check.is_running() => POLL_INTERVAL,
            Some(Err(error)) if error.is_retryable() => RETRY_INTERVAL,
            _ => return,
        };
        if let Ok(timer) = set_timeout_with_handle(move || polls.update(|polls| *polls += 1), wait) {
            on_cleanup(move || timer.clear());
        }
    });
}

/// The button that starts a check.
#[component]
pub fn StartButton(
    /// The action.
    start: ServerAction<CheckConnection>,
    /// The label.
    #[prop(default = "Check this connection")]
    label: &'static str,
) -> impl IntoView {
    view! {
        <ActionForm action=start>
            <button class="button primary" type="submit" disabled=move || start.pending().get()>
                <Glyph icon=icondata::LuListChecks />
                {label}
            </button>
        </ActionForm>
    }
}

/// A badge for the stage of a check.
pub fn stage_badge(stage: &Stage) -> impl IntoView + use<> {
    let (tone, text) = match stage {
        Stage::Running => (Tone::Info, "Running".to_owned()),
        Stage::Finished { score, .. } => (if *score == 100 { Tone::Good } else { Tone::Bad }, format!("{score}%")),
        Stage::BrokenOff { .. } => (Tone::Warn, "Stopped".to_owned()),
    };
    view! { <Badge tone text /> }
}

#[component]
fn CheckContent(check: Option<ConnectionCheck>, start: ServerAction<CheckConnection>) -> impl IntoView {
    let Some(check) = check else {
        return view! {
            <section class="card" aria-label="No check">
                <EmptyState
                    icon=icondata::LuListChecks
                    title="No recent check"
                    text="A check takes a few seconds. It creates users and groups in a temporary tenant, which is deleted afterwards. Your users aren’t affected."
                >
                    <StartButton start />
                </EmptyState>
            </section>
        }
        .into_any();
    };
    let running = check.is_running();
    view! {
        <CheckSummary check=check.clone() start />
        {(!check.failures.is_empty()).then(|| view! { <FailedTests failures=check.failures.clone() /> })}
        {(!check.areas.is_empty()).then(|| view! { <AreaTable areas=check.areas.clone() /> })}
        {(!check.skips.is_empty()).then(|| view! { <SkippedTestList skips=check.skips.clone() /> })}
        <Coverage address=check.address front=check.front running />
    }
    .into_any()
}

#[component]
fn CheckSummary(check: ConnectionCheck, start: ServerAction<CheckConnection>) -> impl IntoView {
    let (done, total) = (check.done(), check.total);
    let failed: usize = check.areas.iter().map(|area| area.failed).sum();
    let skipped: usize = check.areas.iter().map(|area| area.skipped).sum();
    let played = pluralize((done - skipped) as u64, "test", "tests");
    let title = match &check.stage {
        Stage::Running => "The check is running".to_owned(),
        Stage::Finished { score, .. } => format!("Readiness score: {score}%"),
        Stage::BrokenOff { .. } => "The check was stopped".to_owned(),
    };
    let body = match check.stage.clone() {
        Stage::Running => view! { <CheckProgress done total failed /> }.into_any(),
        Stage::Finished { requests, .. } => {
            let text = match failed {
                0 => format!("All {played} passed. Identity providers can work with this server."),
                _ => format!("{failed} of {played} failed. Details are below."),
            };
            view! {
                <p>{text}</p>
                <p class="muted">{format!("{} were sent.", pluralize(requests, "request", "requests"))}</p>
                <ReportLinks />
            }
            .into_any()
        }
        Stage::BrokenOff { why, .. } => view! {
            <Notice tone=Tone::Warn>
                <p class="wrap">{why}</p>
            </Notice>
        }
        .into_any(),
    };
    let again = !check.is_running();
    view! {
        <section class="card" aria-labelledby="outcome">
            <header>
                <div>
                    <h2 id="outcome">{title.clone()}</h2>
                    <span class="visually-hidden" role="status">
                        {title}
                    </span>
                    <p>"Started " <Timestamp at=check.started /> " by " {check.by}</p>
                </div>
                {stage_badge(&check.stage)}
            </header>
            {body}
            {again.then(|| view! { <StartButton start label="Check again" /> })}
        </section>
    }
}

#[component]
fn CheckProgress(done: usize, total: usize, failed: usize) -> impl IntoView {
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let text = match (total, failed) {
        (0, _) => "Reading service configuration…".to_owned(),
        (_, 0) => format!("{done} of {total} tests"),
        _ => format!("{done} of {total} tests, {failed} failed"),
    };
    view! {
        <progress class="meter" max=total.max(1).to_string() value=done.to_string() aria-label="Completed tests" />
        <p>{text}</p>
        <a class="button" href=CHECK_PAGE hidden=move || hydrated.get()>
            <Glyph icon=icondata::LuRefreshCw />
            "Refresh"
        </a>
    }
}

#[component]
fn ReportLinks() -> impl IntoView {
    let links = [("txt", "Text"), ("json", "JSON"), ("xml", "JUnit")].map(|(kind, label)| {
        view! {
            <a class="button slim" href=format!("{CHECK_PAGE}/report.{kind}") download=format!("connection-check.{kind}") rel="external">
                <Glyph icon=icondata::LuDownload />
                {label}
            </a>
        }
    });
    view! {
        <div class="form-actions">
            <span class="muted">"Full report:"</span>
            {links.collect_view()}
        </div>
    }
}

/// What the check covers, and what it cannot test.
#[component]
fn Coverage(address: String, front: Option<PublicUrlProbe>, running: bool) -> impl IntoView {
    let deletion = if running { "will be deleted afterwards" } else { "has been deleted" };
    let front = front.map(|front| {
        let (tone, badge, text) = match front.problem {
            None => (Tone::Good, "Reachable", "Requests from the server itself to this URL reach this server.".to_owned()),
            Some(problem) => (
                Tone::Warn,
                "Not reachable",
                format!("Requests from the server itself to this URL do not reach this server: {problem}. This may be different for your identity provider."),
            ),
        };
        view! {
            <Fact name="Tenant URL">
                <code class="wrap">{front.url}</code>
                " "
                <Badge tone text=badge />
                <span class="sub">{text}</span>
            </Fact>
        }
    });
    view! {
        <section class="card" aria-labelledby="covered">
            <CardHeader id="covered" title="What this covers" />
            <dl class="facts">
                <Fact name="Tested">
                    "This server, at its own address " <code class="wrap">{address}</code>
                    ", in a temporary tenant with your settings and provisioning turned on. It " {deletion} "."
                </Fact>
                {front}
                <Fact name="Not tested">
                    "The network path from your identity provider: DNS, certificates, firewalls and proxies in front of this server; "
                    "your tokens and custom attributes; and the attribute mapping in your identity provider. Use Test Connection and "
                    "Provision on demand there to test these."
                </Fact>
            </dl>
        </section>
    }
}
