//! Serving: from a bound address to the last answer.

use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::{Instant, interval, timeout},
};
use tracing::{info, warn};

use crate::{
    auth::sign_in::WINDOW_SECONDS,
    scim::time::DateTime,
    server::{
        connections::{self, Limits},
        metrics, router,
    },
    state::AppState,
    store::StoreError,
};

/// How long a client may take to send the header of a request, or stay idle on an open connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take nothing of an answer that waits for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections open at once, as far as the machine allows.
const MAX_CONNECTIONS: u64 = 10_000;
/// Connections open at once for metrics and health.
const MAX_METRICS_CONNECTIONS: usize = 50;
/// Open files that are not connections to clients: the database's, the runtime's, and the watchers'.
const RESERVED_FILES: u64 = 150;
/// How long answers under way may take once the server is to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often what is old is thrown away.
const MAINTENANCE_INTERVAL: Duration = Duration::from_hours(1);
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Serves on `listener` until `stop` comes, finishes what is under way, and closes the store.
pub async fn run(state: AppState, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) {
    let (stopping, mut stopped) = watch::channel(());
    match listener.local_addr() {
        Ok(address) => state.connection_checks.listening(address),
        Err(cause) => warn!(%cause, "The server's own address is unknown: its connection cannot be checked"),
    }
    let maintenance = tokio::spawn(run_maintenance(state.clone()));
    let serving = connections::serve(listener, router(&state), limits(connection_limit()), async move {
        stop.await;
        info!("Stopping: no new requests, answers under way are finished");
        drop(stopping);
    });
    let deadline = async move {
        // The channel closes when the stop has come.
        while stopped.changed().await.is_ok() {}
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        () = serving => {}
        () = deadline => warn!("Some answers took longer than {} seconds and were given up", SHUTDOWN_TIMEOUT.as_secs()),
    }
    maintenance.abort();
    if timeout(SHUTDOWN_TIMEOUT, state.store.close()).await.is_err() {
        warn!("The database did not close in time; it will recover by itself at the next start");
    }
}

/// Serves metrics and health on `listener`, for as long as it is polled.
pub async fn run_metrics(state: AppState, listener: TcpListener) {
    connections::serve(listener, metrics::router(&state), limits(MAX_METRICS_CONNECTIONS), pending()).await;
}

const fn limits(connections: usize) -> Limits {
    Limits { header_timeout: HEADER_TIMEOUT, write_timeout: WRITE_TIMEOUT, connections }
}

/// As many connections as fit into the open files that the process may have, once it has asked for all of them.
fn connection_limit() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(MAX_CONNECTIONS + RESERVED_FILES, |most| most.min(MAX_CONNECTIONS + RESERVED_FILES));
    let enough = current.is_none_or(|current| current >= wanted);
    let files = if enough || setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok() {
        wanted
    } else {
        current.unwrap_or(wanted)
    };
    let most = files.saturating_sub(RESERVED_FILES).max(1);
    if most < MAX_CONNECTIONS {
        warn!(most, "At most {most} connections can be open at once: the machine allows the process {files} files");
    }
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Comes with SIGTERM or Ctrl-C.
///
/// # Errors
/// When the process cannot listen for signals.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Throws away what is old, once at the start and every hour; but not right after the clock was put forward: should
/// that have been a mistake, the journal would be gone.
async fn run_maintenance(state: AppState) {
    let mut hourly = interval(MAINTENANCE_INTERVAL);
    let mut last: Option<(Instant, DateTime)> = None;
    loop {
        let instant = hourly.tick().await;
        let now = state.clock.now();
        if let Some((then, at)) = last.replace((instant, now))
            && has_jumped(at, now, instant - then)
        {
            warn!("The machine's clock has jumped: old rows are kept until the next round, in an hour");
            continue;
        }
        if let Err(cause) = delete_expired(&state).await {
            warn!(%cause, "Old rows could not be deleted; the next try is in an hour");
        }
    }
}

/// Whether the clock went on by much more than the time that passed.
fn has_jumped(from: DateTime, to: DateTime, passed: Duration) -> bool {
    let passed = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
    to.as_millis() - from.as_millis() > passed.saturating_add(DAY_MILLIS)
}

async fn delete_expired(state: &AppState) -> Result<(), StoreError> {
    state.connection_checks.remove_abandoned().await?;
    let now = state.clock.now();
    let before = |millis: i64| DateTime::from_millis(now.as_millis() - millis);
    let entries = state.store.purge_journal(before(i64::from(state.config.journal_days) * DAY_MILLIS)).await?;
    if entries > 0 {
        info!(entries, "Deleted {entries} journal entries older than {} days", state.config.journal_days);
    }
    state.store.purge_sessions(now).await?;
    state.store.purge_sign_in_failures(before(WINDOW_SECONDS * 1000)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_jumped_when_it_went_on_by_days_within_an_hour() {
        let jumped = |millis| has_jumped(DateTime::from_millis(0), DateTime::from_millis(millis), MAINTENANCE_INTERVAL);
        assert!(!jumped(3_600_000) && !jumped(7_200_000) && !jumped(-3_600_000));
        assert!(jumped(365 * DAY_MILLIS));
    }
}
