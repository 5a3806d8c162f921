//! The `/metrics` page for Prometheus, on an address of its own: the counters, and values that are read per request.

use std::{fs, path::Path, sync::atomic::AtomicU64};

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use rustix::{
    fs::statvfs,
    param::{clock_ticks_per_second, page_size},
    process::{Resource, getrlimit},
};

use crate::{
    auth::sign_in,
    metrics::MEDIA_TYPE,
    model::id::TenantId,
    scim::time::DateTime,
    server,
    state::AppState,
    store::{BATCH_SIZES, StoreError, StoreStatistics, TokenExpiry},
};

/// A gauge with a fraction.
type FloatGauge = Gauge<f64, AtomicU64>;

const DAY_MILLIS: f64 = 86_400_000.0;
/// Most tenants with token metrics: those whose tokens expire first.
const MAX_TENANTS: u32 = 100;

/// The metrics, with the health checks on the same address.
pub fn router(state: &AppState) -> Router {
    Router::new().route("/metrics", get(metrics_page)).merge(server::health_routes()).with_state(state.clone())
}

async fn metrics_page(State(state): State<AppState>) -> Response {
    let mut registry = Registry::with_prefix("rollcall");
    if let Err(cause) = register_database(&state, &mut registry).await {
        tracing::warn!(%cause, "The metrics lack the values from the database");
    }
    register_store(&state.store.statistics(), state.clock.now(), &mut registry);
    register_files(&state.config.data_dir, &mut registry);
    // Prometheus' standard names have no prefix.
    let mut process = Registry::default();
    register_process(&mut process);
    let page = state.metrics.render(&[&registry, &process]);
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], page).into_response()
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TenantLabels {
    tenant: i64,
}

/// Whether the database is available, failed sign-ins, and when tokens expire.
async fn register_database(state: &AppState, registry: &mut Registry) -> Result<(), StoreError> {
    let now = state.clock.now();
    let up = Gauge::<i64>::default();
    up.set(state.store.ping().await.is_ok().into());
    registry.register("database_up", "Whether the database can be read and written", up);
    let failures = Gauge::<u64, AtomicU64>::default();
    failures.set(sign_in::recent_failures(&state.store, now).await?);
    let help = "Failed sign-ins from unknown browsers in the last 15 minutes";
    registry.register("sign_in_failures", help, failures);
    let expiries = state.store.next_token_expiries(now, MAX_TENANTS).await?;
    let (days, ages) = (Family::<TenantLabels, FloatGauge>::default(), Family::<TenantLabels, FloatGauge>::default());
    let in_days = |from: DateTime, to: DateTime| millis(to.as_millis() - from.as_millis()) / DAY_MILLIS;
    for TokenExpiry { tenant: TenantId(tenant), expires, oldest_created } in expiries {
        if let Some(expires) = expires {
            days.get_or_create(&TenantLabels { tenant }).set(in_days(now, expires));
        }
        ages.get_or_create(&TenantLabels { tenant }).set(in_days(oldest_created, now));
    }
    registry.register("token_days_left", "Days until the first of a tenant's valid tokens expires", days);
    registry.register("token_age_days", "Days since the oldest of a tenant's valid tokens was created", ages);
    Ok(())
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct BatchSizeLabels {
    up_to: u64,
}

/// The queues of the database writer and the journal.
fn register_store(statistics: &StoreStatistics, now: DateTime, registry: &mut Registry) {
    let gauge = |value: usize| {
        let gauge = Gauge::<u64, AtomicU64>::default();
        gauge.set(value as u64);
        gauge
    };
    let counter = |value: u64| {
        let counter = Counter::<u64, AtomicU64>::default();
        counter.inc_by(value);
        counter
    };
    registry.register("writer_queue", "Changes waiting to be written", gauge(statistics.writes_waiting));
    registry.register("writes", "Changes written", counter(statistics.writes));
    let commits = Family::<BatchSizeLabels, Counter>::default();
    for (up_to, count) in BATCH_SIZES.into_iter().zip(statistics.batches) {
        commits.get_or_create(&BatchSizeLabels { up_to }).inc_by(count);
    }
    registry.register("commits", "Commits, by the most changes that they may contain", commits);
    let help = "Journal entries of refusals and connection tests waiting to be written";
    registry.register("journal_queue", help, gauge(statistics.entries_waiting));
    let lag = FloatGauge::default();
    lag.set(statistics.oldest_entry.map_or(0.0, |oldest| millis(now.as_millis() - oldest.as_millis()) / 1_000.0));
    registry.register_with_unit("journal_lag", "Age of the oldest waiting journal entry", Unit::Seconds, lag);
    let help = "Journal entries of refusals and connection tests that were dropped under load";
    registry.register("journal_entries_dropped", help, counter(statistics.entries_dropped));
}

fn register_files(folder: &Path, registry: &mut Registry) {
    let mut bytes = |name: &str, help: &str, size: u64| {
        let gauge = Gauge::<u64, AtomicU64>::default();
        gauge.set(size);
        registry.register_with_unit(name, help, Unit::Bytes, gauge);
    };
    let size = |name: &str| fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    bytes("database_size", "Size of the database file", size("rollcall.db"));
    bytes("database_log_size", "Size of the write-ahead log", size("rollcall.db-wal"));
    if let Ok(disk) = statvfs(folder) {
        bytes("disk_free", "Free space on the data folder's disk", disk.f_bavail.saturating_mul(disk.f_frsize));
    }
}

/// The process metrics from `/proc`; none on systems without it.
fn register_process(registry: &mut Registry) {
    let mut gauge = |name: &str, help: &str, value: Option<u64>| {
        if let Some(value) = value {
            let gauge = Gauge::<u64, AtomicU64>::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        }
    };
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = |at: usize| statm.split(' ').nth(at)?.parse::<u64>().ok();
    let bytes = |pages: u64| pages * u64::try_from(page_size()).unwrap_or_default();
    gauge("process_resident_memory_bytes", "Resident memory", pages(1).map(bytes));
    gauge("process_virtual_memory_bytes", "Virtual memory", pages(0).map(bytes));
    let open = fs::read_dir("/proc/self/fd").ok().map(|files| u64::try_from(files.count()).unwrap_or_default());
    gauge("process_open_fds", "Open file descriptors", open);
    gauge("process_max_fds", "Limit on open file descriptors", getrlimit(Resource::Nofile).current);
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name is in parentheses and may contain a space.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
        let seconds = Counter::<f64, AtomicU64>::default();
        seconds.inc_by((user + system) / millis(i64::try_from(clock_ticks_per_second()).unwrap_or(100)));
        registry.register("process_cpu_seconds", "Processor time, user and system", seconds);
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of up to 285,000 years are exact")]
fn millis(millis: i64) -> f64 {
    millis as f64
}
