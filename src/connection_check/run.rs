//! One check: played on a thread of its own, since `check` blocks, and shown while it goes.

use std::{
    io,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;
use uuid::Uuid;

use super::HEADER;
use crate::{
    auth::token::PlainToken,
    check::{self, CheckError, Event, Format, Options, Outcome, Reachability, Report, Verdict},
    clock::Clock,
    model::{
        connection_check::{Area, ConnectionCheck, FailedTest, PublicUrlProbe, SkippedTests, Stage},
        id::TenantId,
    },
    scim::time::DateTime,
};

/// How long one answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the address that identity providers use has to answer.
const PUBLIC_URL_TIMEOUT: Duration = Duration::from_secs(5);

/// One check.
#[derive(Debug)]
pub struct Run {
    /// Its own id.
    pub id: Uuid,
    /// Whose connection is checked.
    pub of: TenantId,
    /// The throw-away tenant that it is played on.
    pub check_tenant: TenantId,
    shown: Mutex<ConnectionCheck>,
    report: OnceLock<Report>,
}

/// How a check came to its end, when it does.
pub type CheckResult = oneshot::Receiver<Result<Report, String>>;

/// Plays the check. The thread ends by itself: each answer has its time, and so has the whole.
pub fn spawn(
    run: &Arc<Run>,
    secret: &PlainToken,
    tenant_url: &str,
    clock: Clock,
    ends: DateTime,
) -> io::Result<CheckResult> {
    let (sender, result) = oneshot::channel();
    let url = run.lock().address.clone();
    let header = Some((HEADER, run.id.to_string()));
    let options = Options { timeout: REQUEST_TIMEOUT, header, ..Options::new(url, secret.reveal()) };
    let (run, tenant_url) = (Arc::clone(run), tenant_url.to_owned());
    let run_check = move || {
        run.probe_public_url(tenant_url, &options.url);
        let outcome = check::run(&options, &mut |event| {
            run.record(&event);
            if clock.now() < ends { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        let outcome = outcome.map_err(|error| match error {
            CheckError::Stopped => "It took longer than it may.".to_owned(),
            other => format!("{other}."),
        });
        // Nobody waits for it any more when the server ends.
        let _ = sender.send(outcome);
    };
    thread::Builder::new().name("connection-check".to_owned()).spawn(run_check)?;
    Ok(result)
}

impl Run {
    /// A check that begins now.
    pub fn new(id: Uuid, of: TenantId, check_tenant: TenantId, by: &str, started: DateTime, address: String) -> Self {
        let shown = ConnectionCheck {
            by: by.to_owned(),
            started,
            stage: Stage::Running,
            total: 0,
            areas: Vec::new(),
            failures: Vec::new(),
            skips: Vec::new(),
            address,
            front: None,
        };
        Self { id, of, check_tenant, shown: Mutex::new(shown), report: OnceLock::new() }
    }

    /// What an administrator sees now.
    pub fn shown(&self) -> ConnectionCheck {
        self.lock().clone()
    }

    /// When it ended, if it has.
    pub fn ended(&self) -> Option<DateTime> {
        match self.lock().stage {
            Stage::Running => None,
            Stage::Finished { at, .. } | Stage::BrokenOff { at, .. } => Some(at),
        }
    }

    /// The report, once there is one.
    pub fn report(&self, format: Format) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        self.report.get()?.write(format, true, &mut text).ok()?;
        Some(text)
    }

    /// Keeps what it came to.
    pub fn end(&self, at: DateTime, outcome: Result<Report, String>) {
        let mut shown = self.lock();
        match outcome {
            Ok(report) => {
                shown.stage = Stage::Finished { at, score: report.score(), requests: report.requests };
                let skip = |(reason, tests): (&str, Vec<&str>)| SkippedTests {
                    reason: reason.to_owned(),
                    tests: tests.into_iter().map(str::to_owned).collect(),
                };
                shown.skips = report.skipped_by_reason().into_iter().map(skip).collect();
                self.report.get_or_init(|| report);
            }
            Err(why) => shown.stage = Stage::BrokenOff { at, why },
        }
    }

    fn probe_public_url(&self, tenant_url: String, service: &str) {
        let problem = match check::reachability(&tenant_url, service, PUBLIC_URL_TIMEOUT) {
            Reachability::SameService => None,
            Reachability::Other(what) => Some(what),
            Reachability::Unreachable(why) => Some(why),
        };
        self.lock().front = Some(PublicUrlProbe { url: tenant_url, problem });
    }

    fn record(&self, event: &Event<'_>) {
        let mut shown = self.lock();
        match event {
            Event::Started { total } => shown.total = *total,
            Event::Done(outcome) => {
                let area = area(&mut shown.areas, outcome.area());
                match &outcome.verdict {
                    Verdict::Passed => area.passed += 1,
                    Verdict::Skipped { .. } => area.skipped += 1,
                    Verdict::Failed(_) => area.failed += 1,
                }
                shown.failures.extend(failed(outcome));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, ConnectionCheck> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The area of this name, a new one at the end if need be.
fn area<'a>(areas: &'a mut Vec<Area>, name: &str) -> &'a mut Area {
    let place = areas.iter().position(|area| area.name == name).unwrap_or(areas.len());
    if place == areas.len() {
        areas.push(Area { name: name.to_owned(), ..Area::default() });
    }
    &mut areas[place]
}

fn failed(outcome: &Outcome) -> Option<FailedTest> {
    let Verdict::Failed(failure) = &outcome.verdict else {
        return None;
    };
    Some(FailedTest {
        name: outcome.name.to_owned(),
        title: outcome.title.to_owned(),
        requirement: outcome.source(),
        what: failure.line(),
        meaning: outcome.meaning.to_owned(),
        exchange: failure.exchange_lines(),
    })
}
