//! The check of the connection: started, followed while it goes, and what it found.

mod findings;

use std::time::Duration;

use leptos::{form::ActionForm, prelude::*};

use super::{action_error, form_message, pluralize, when_loaded::when_loaded};
use crate::{
    model::connection_check::{ConnectionCheck, Front, Stage},
    portal::{
        api::connection_check::{CHECK_PAGE, CheckConnection, read_connection_check},
        components::{Badge, CardHeader, EmptyState, Fact, FormError, Glyph, Notice, Page, Timestamp, Tone},
        error::PortalError,
    },
};
use findings::{AreaTable, FailedTests, SkippedTests};

/// How often a running check is looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long to wait for a server that does not answer, or is not well.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// The check that was started last.
#[component]
pub fn ConnectionCheckPage() -> impl IntoView {
    let start = ServerAction::<CheckConnection>::new();
    let polls = RwSignal::new(0_u32);
    let check = Resource::new(move || (start.version().get(), polls.get()), |_| read_connection_check());
    poll(check, polls);
    view! {
        <Page
            title="Connection check"
            lead="Plays what Microsoft Entra, its SCIM Validator, Okta and the RFCs ask of a SCIM service against this server."
            breadcrumbs=vec![("Group Settings", "/settings"), ("Security", "/settings/security")]
            narrow=true
        >
            <FormError message=form_message(action_error(start)) />
            {when_loaded(check, move |check| view! { <CheckContent check start /> })}
        </Page>
    }
}

/// Looks again for as long as the check runs. What it has come to is kept by the server, so any page may follow it.
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
    /// What it orders.
    start: ServerAction<CheckConnection>,
    /// Its words.
    #[prop(default = "Check this connection")]
    words: &'static str,
) -> impl IntoView {
    view! {
        <ActionForm action=start>
            <button class="button primary" type="submit" disabled=move || start.pending().get()>
                <Glyph icon=icondata::LuListChecks />
                {words}
            </button>
        </ActionForm>
    }
}

/// A word for how far a check is.
pub fn stage_badge(stage: &Stage) -> impl IntoView + use<> {
    let (tone, text) = match stage {
        Stage::Running => (Tone::Info, "Running".to_owned()),
        Stage::Finished { score, .. } => (if *score == 100 { Tone::Good } else { Tone::Bad }, format!("{score}%")),
        Stage::BrokenOff { .. } => (Tone::Warn, "Broken off".to_owned()),
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
                    title="Nothing was checked lately"
                    text="A check takes some seconds. It makes people and groups of its own on a throw-away tenant, which is removed afterwards: none of yours is touched."
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
        {(!check.skips.is_empty()).then(|| view! { <SkippedTests skips=check.skips.clone() /> })}
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
        Stage::BrokenOff { .. } => "The check was broken off".to_owned(),
    };
    let body = match check.stage.clone() {
        Stage::Running => view! { <CheckProgress done total failed /> }.into_any(),
        Stage::Finished { requests, .. } => {
            let words = match failed {
                0 => format!("All {played} passed. Identity providers can work with this server."),
                _ => format!("{failed} of {played} failed. What each means is told below."),
            };
            view! {
                <p>{words}</p>
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
            {again.then(|| view! { <StartButton start words="Check again" /> })}
        </section>
    }
}

#[component]
fn CheckProgress(done: usize, total: usize, failed: usize) -> impl IntoView {
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let words = match (total, failed) {
        (0, _) => "Looking at what the server says of itself …".to_owned(),
        (_, 0) => format!("{done} of {total} tests"),
        _ => format!("{done} of {total} tests, {failed} failed"),
    };
    view! {
        <progress class="meter" max=total.max(1).to_string() value=done.to_string() aria-label="Tests played" />
        <p>{words}</p>
        <a class="button" href=CHECK_PAGE hidden=move || awake.get()>
            <Glyph icon=icondata::LuRefreshCw />
            "Refresh"
        </a>
    }
}

#[component]
fn ReportLinks() -> impl IntoView {
    let links = [("txt", "Text"), ("json", "JSON"), ("xml", "JUnit")].map(|(kind, words)| {
        view! {
            <a class="button slim" href=format!("{CHECK_PAGE}/report.{kind}") download=format!("connection-check.{kind}") rel="external">
                <Glyph icon=icondata::LuDownload />
                {words}
            </a>
        }
    });
    view! {
        <div class="form-actions">
            <span class="muted">"Whole report:"</span>
            {links.collect_view()}
        </div>
    }
}

/// What was tested, and what cannot be tested from here.
#[component]
fn Coverage(address: String, front: Option<Front>, running: bool) -> impl IntoView {
    let fate = if running { "is removed afterwards" } else { "was removed with everything in it" };
    let front = front.map(|front| {
        let (tone, badge, words) = match front.problem {
            None => (Tone::Good, "Answers", "Asked from the server itself, it leads here.".to_owned()),
            Some(problem) => (
                Tone::Warn,
                "Look at it",
                format!("Asked from the server itself, it does not lead here: {problem}. Your identity provider may see it otherwise."),
            ),
        };
        view! {
            <Fact name="Tenant URL">
                <code class="wrap">{front.url}</code>
                " "
                <Badge tone text=badge />
                <span class="sub">{words}</span>
            </Fact>
        }
    });
    view! {
        <section class="card" aria-labelledby="covered">
            <CardHeader id="covered" title="What this covers" />
            <dl class="facts">
                <Fact name="Tested">
                    "This server, at its own address " <code class="wrap">{address}</code>
                    ", on a throw-away tenant with your settings and provisioning on. It " {fate} "."
                </Fact>
                {front}
                <Fact name="Not tested">
                    "The way there: names, certificates, firewalls and proxies in front of this server, as your identity provider sees them; "
                    "your tokens and custom attributes; and the attribute mapping over there. Test Connection and Provision on demand in your "
                    "identity provider show how those do."
                </Fact>
            </dl>
        </section>
    }
}
