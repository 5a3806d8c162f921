//! Counters for Prometheus, updated while requests are served. Values that can be read on demand are added in
//! `server/metrics.rs`.
//!
//! Labels have bounded values: routes are templates, and tenants beyond the first hundred share the label `other`.

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

/// The media type of what [`Metrics::render`] writes.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Tenants beyond these share the label `other`.
const MAX_TENANT_LABELS: usize = 100;
/// Upper bounds of the duration buckets, in seconds.
const DURATION_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The counters. Clones are cheap and share them.
#[derive(Clone)]
pub struct Metrics(Arc<MetricsInner>);

struct MetricsInner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    refusals: Family<RefusalLabels, Counter>,
    sign_ins: Family<SignInLabels, Counter>,
    tenants: Mutex<HashSet<i64>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Cow<'static, str>,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: Cow<'static, str>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusalLabels {
    tenant: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignInLabels {
    outcome: &'static str,
}

/// Counts a request as in flight until it is dropped.
#[derive(Debug)]
pub struct InFlightRequest(Gauge);

impl Drop for InFlightRequest {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All counters at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("rollcall");
        let requests = Family::default();
        registry.register("http_requests", "Responses, by method, route and status", requests.clone());
        let seconds = Family::new_with_constructor(new_histogram as fn() -> Histogram);
        let help = "Time from a request's header to its response's header";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, seconds.clone());
        let in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests in flight", in_flight.clone());
        let refusals = Family::default();
        registry.register("scim_refusals", "SCIM requests of a tenant that were refused, by status", refusals.clone());
        let sign_ins = Family::default();
        registry.register("sign_ins", "Sign-ins to the portal, by outcome", sign_ins.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Version of the running program", build);
        let tenants = Mutex::default();
        Self(Arc::new(MetricsInner { registry, requests, seconds, in_flight, refusals, sign_ins, tenants }))
    }

    /// Counts a request in.
    #[must_use]
    pub fn request_started(&self) -> InFlightRequest {
        self.0.in_flight.inc();
        InFlightRequest(self.0.in_flight.clone())
    }

    /// Counts a response.
    pub fn request_finished(&self, method: &'static str, route: Cow<'static, str>, status: u16, took: Duration) {
        self.0.requests.get_or_create(&RequestLabels { method, route: route.clone(), status }).inc();
        self.0.seconds.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    /// Counts a sign-in to the portal.
    pub fn sign_in_finished(&self, outcome: &'static str) {
        self.0.sign_ins.get_or_create(&SignInLabels { outcome }).inc();
    }

    /// Counts a refused SCIM request.
    pub fn request_refused(&self, tenant: i64, status: u16) {
        let tenant = self.tenant_label(tenant);
        self.0.refusals.get_or_create(&RefusalLabels { tenant, status }).inc();
    }

    /// All counters and the `additional` registries, in `OpenMetrics` text.
    #[must_use]
    pub fn render(&self, additional: &[&Registry]) -> String {
        let mut page = String::new();
        for registry in [&self.0.registry].iter().chain(additional) {
            // Writing to a string does not fail.
            let _written = text::encode_registry(&mut page, registry);
        }
        let _written = text::encode_eof(&mut page);
        page
    }

    /// The tenant's id, or `other` when the limit is reached.
    fn tenant_label(&self, tenant: i64) -> String {
        let mut known = self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let named = known.contains(&tenant) || known.len() < MAX_TENANT_LABELS && known.insert(tenant);
        if named { tenant.to_string() } else { "other".to_owned() }
    }
}

fn new_histogram() -> Histogram {
    Histogram::new(DURATION_BUCKETS)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_rendered() {
        let metrics = Metrics::new();
        let waiting = metrics.request_started();
        metrics.request_finished("GET", "/users".into(), 200, Duration::from_millis(3));
        metrics.request_finished("GET", "/users".into(), 200, Duration::from_millis(30));
        let page = metrics.render(&[]);
        for line in [
            "rollcall_http_requests_total{method=\"GET\",route=\"/users\",status=\"200\"} 2",
            "rollcall_http_request_duration_seconds_bucket{le=\"0.005\",route=\"/users\"} 1",
            "rollcall_http_request_duration_seconds_count{route=\"/users\"} 2",
            "rollcall_http_requests_in_flight 1",
            "# EOF",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
        drop(waiting);
        assert!(metrics.render(&[]).contains("rollcall_http_requests_in_flight 0"));
    }

    #[test]
    fn tenants_beyond_the_limit_share_a_label() {
        let metrics = Metrics::new();
        for tenant in 0..10_000 {
            metrics.request_refused(tenant, 429);
        }
        let page = metrics.render(&[]);
        assert!(page.contains("rollcall_scim_refusals_total{tenant=\"other\",status=\"429\"} 9900"), "{page}");
        assert!(page.lines().count() < 200);
    }
}
