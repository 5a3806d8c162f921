//! The page that Prometheus reads, on a port of its own: what was counted, and what is looked up when somebody asks.

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
    metrics::MEDIA_TYPE,
    model::id::TenantId,
    scim::time::DateTime,
    server,
    state::AppState,
    store::{BATCH_SIZES, StoreError, StoreStatistics, TokenExpiry},
};

/// A number with a fraction.
type FloatGauge = Gauge<f64, AtomicU64>;

const DAY_MILLIS: f64 = 86_400_000.0;
/// So many tenants are told of, those whose tokens end first.
const MAX_TENANTS: u32 = 100;

/// The metrics, and the checks of health, which a monitor may want on the same port.
pub fn router(state: &AppState) -> Router {
    Router::new().route("/metrics", get(metrics_page)).merge(server::health_routes()).with_state(state.clone())
}

async fn metrics_page(State(state): State<AppState>) -> Response {
    let mut registry = Registry::with_prefix("rollcall");
    if let Err(cause) = register_tokens(&state, &mut registry).await {
        tracing::warn!(%cause, "The metrics lack what the database was to tell");
    }
    register_store(&state.store.statistics(), state.clock.now(), &mut registry);
    register_files(&state.config.data_dir, &mut registry);
    // These have names that everybody gives them, without a prefix.
    let mut process = Registry::default();
    register_process(&mut process);
    let page = state.metrics.render(&[&registry, &process]);
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], page).into_response()
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TenantLabels {
    tenant: i64,
}

/// When the tenants' tokens end.
async fn register_tokens(state: &AppState, registry: &mut Registry) -> Result<(), StoreError> {
    let now = state.clock.now();
    let up = Gauge::<i64>::default();
    up.set(state.store.ping().await.is_ok().into());
    registry.register("database_up", "Whether the database answers and takes changes", up);
    let expiries = state.store.next_token_expiries(now, MAX_TENANTS).await?;
    let (days, ages) = (Family::<TenantLabels, FloatGauge>::default(), Family::<TenantLabels, FloatGauge>::default());
    let in_days = |from: DateTime, to: DateTime| millis(to.as_millis() - from.as_millis()) / DAY_MILLIS;
    for TokenExpiry { tenant: TenantId(tenant), expires, oldest_created } in expiries {
        if let Some(expires) = expires {
            days.get_or_create(&TenantLabels { tenant }).set(in_days(now, expires));
        }
        ages.get_or_create(&TenantLabels { tenant }).set(in_days(oldest_created, now));
    }
    registry.register("token_days_left", "Days until the first of a tenant's working tokens ends", days);
    registry.register("token_age_days", "Days since the oldest of a tenant's working tokens was made", ages);
    Ok(())
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct BatchSizeLabels {
    up_to: u64,
}

/// How the writer and the journal keep up.
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
    registry.register(
        "writer_queue",
        "Changes that wait for their turn to be written",
        gauge(statistics.writes_waiting),
    );
    registry.register("writes", "Changes written", counter(statistics.writes));
    let commits = Family::<BatchSizeLabels, Counter>::default();
    for (up_to, count) in BATCH_SIZES.into_iter().zip(statistics.batches) {
        commits.get_or_create(&BatchSizeLabels { up_to }).inc_by(count);
    }
    registry.register("commits", "Commits, by how many changes they held at most", commits);
    let help = "Journal entries of refusals and connection tests that wait to be written";
    registry.register("journal_queue", help, gauge(statistics.entries_waiting));
    let lag = FloatGauge::default();
    lag.set(statistics.oldest_entry.map_or(0.0, |oldest| millis(now.as_millis() - oldest.as_millis()) / 1_000.0));
    registry.register_with_unit("journal_lag", "Age of the oldest of those", Unit::Seconds, lag);
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
    bytes("database_size", "Size of the database's file", size("rollcall.db"));
    bytes("database_log_size", "Size of the write-ahead log beside it", size("rollcall.db-wal"));
    if let Ok(disk) = statvfs(folder) {
        bytes("disk_free", "Room left for the data folder", disk.f_bavail.saturating_mul(disk.f_frsize));
    }
}

/// What Linux tells in `/proc`; elsewhere nothing.
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
    gauge("process_resident_memory_bytes", "Memory in use", pages(1).map(bytes));
    gauge("process_virtual_memory_bytes", "Addresses in use", pages(0).map(bytes));
    let open = fs::read_dir("/proc/self/fd").ok().map(|files| u64::try_from(files.count()).unwrap_or_default());
    gauge("process_open_fds", "Open files and connections", open);
    gauge("process_max_fds", "Most of them that are allowed", getrlimit(Resource::Nofile).current);
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in brackets, and may hold a space.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
        let seconds = Counter::<f64, AtomicU64>::default();
        seconds.inc_by((user + system) / millis(i64::try_from(clock_ticks_per_second()).unwrap_or(100)));
        registry.register("process_cpu_seconds", "Time on the processors", seconds);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a stretch of time of a quarter of a million years keeps its milliseconds"
)]
fn millis(millis: i64) -> f64 {
    millis as f64
}
