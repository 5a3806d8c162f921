//! Runs the server on a bound address until shutdown, with its hourly maintenance.

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

/// How long a client may take to send a request's header, or leave a connection idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may leave a response unread.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// Most open connections, unless the limit on open files is lower.
const MAX_CONNECTIONS: u64 = 10_000;
/// Most open connections on the metrics address.
const MAX_METRICS_CONNECTIONS: usize = 50;
/// Open files besides clients' connections: the database, the runtime, the metrics address.
const RESERVED_FILES: u64 = 150;
/// How long requests in flight may take after shutdown has begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often expired rows are deleted.
const MAINTENANCE_INTERVAL: Duration = Duration::from_hours(1);
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Serves on `listener` until `stop` resolves, finishes the requests in flight and closes the store.
pub async fn run(state: AppState, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) {
    let (stopping, mut stopped) = watch::channel(());
    match listener.local_addr() {
        Ok(address) => state.connection_checks.listening(address),
        Err(cause) => {
            warn!(%cause, "The server's own address is unknown, so the portal's connection check is not available");
        }
    }
    let maintenance = tokio::spawn(run_maintenance(state.clone()));
    let serving = connections::serve(listener, router(&state), limits(connection_limit()), async move {
        stop.await;
        info!("Stopping: requests in flight are finished, no new connections are accepted");
        drop(stopping);
    });
    let deadline = async move {
        // The channel closes when `stop` has resolved.
        while stopped.changed().await.is_ok() {}
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        () = serving => {}
        () = deadline => warn!("Some requests took longer than {} seconds and were aborted", SHUTDOWN_TIMEOUT.as_secs()),
    }
    maintenance.abort();
    if timeout(SHUTDOWN_TIMEOUT, state.store.close()).await.is_err() {
        warn!("The database did not close in time; it recovers at the next start");
    }
}

/// Serves metrics and health on `listener`, for as long as it is polled.
pub async fn run_metrics(state: AppState, listener: TcpListener) {
    connections::serve(listener, metrics::router(&state), limits(MAX_METRICS_CONNECTIONS), pending()).await;
}

const fn limits(connections: usize) -> Limits {
    Limits { header_timeout: HEADER_TIMEOUT, write_timeout: WRITE_TIMEOUT, connections }
}

/// How many connections fit into the limit on open files, after raising that as far as allowed.
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
        warn!(most, "At most {most} connections can be open at once: the limit on open files is {files}");
    }
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Resolves on SIGTERM or Ctrl-C.
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

/// Deletes expired rows at the start and every hour. It skips a round after the clock has jumped ahead: if the jump was a
/// mistake, the journal would be lost.
async fn run_maintenance(state: AppState) {
    let mut hourly = interval(MAINTENANCE_INTERVAL);
    let mut last: Option<(Instant, DateTime)> = None;
    loop {
        let instant = hourly.tick().await;
        let now = state.clock.now();
        if let Some((then, at)) = last.replace((instant, now))
            && has_jumped(at, now, instant - then)
        {
            warn!("The system clock has jumped ahead: expired rows are kept until the next maintenance, in an hour");
            continue;
        }
        if let Err(cause) = delete_expired(&state).await {
            warn!(%cause, "Expired rows could not be deleted; the next attempt is in an hour");
        }
    }
}

/// Whether the clock advanced by over a day more than the time that passed.
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
    fn a_clock_that_advances_by_days_in_an_hour_has_jumped() {
        let jumped = |millis| has_jumped(DateTime::from_millis(0), DateTime::from_millis(millis), MAINTENANCE_INTERVAL);
        assert!(!jumped(3_600_000) && !jumped(7_200_000) && !jumped(-3_600_000));
        assert!(jumped(365 * DAY_MILLIS));
    }
}
