//! The only source of time and new ids. Everything else receives a `Clock`, so that tests control both.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use uuid::{Builder, Uuid};

use crate::scim::time::DateTime;

/// Reads the time and creates ids. Clones are cheap; clones of a fixed clock advance together.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<FixedTime>),
}

/// Measures a duration, independent of changes to the system clock.
#[derive(Clone, Debug)]
pub struct Stopwatch(Start);

#[derive(Clone, Debug)]
enum Start {
    System(Instant),
    Fixed { clock: Clock, at: DateTime },
}

#[derive(Debug)]
struct FixedTime {
    millis: AtomicI64,
    ids: AtomicU64,
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stays at `start` until it is advanced, and numbers its ids.
    #[must_use]
    pub fn fixed(start: DateTime) -> Self {
        Self(Source::Fixed(Arc::new(FixedTime { millis: AtomicI64::new(start.as_millis()), ids: AtomicU64::new(0) })))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime {
        DateTime::from_millis(self.millis())
    }

    /// Starts a measurement.
    #[must_use]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(match &self.0 {
            Source::System => Start::System(system_instant()),
            Source::Fixed(_) => Start::Fixed { clock: self.clone(), at: self.now() },
        })
    }

    /// A new id: UUID version 7, so that later ids sort after earlier ones.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        match &self.0 {
            Source::System => system_id(),
            Source::Fixed(fixed) => {
                let mut tail = [0; 10];
                let count = fixed.ids.fetch_add(1, Ordering::Relaxed);
                tail[2..].copy_from_slice(&count.to_be_bytes());
                let millis = u64::try_from(self.millis()).unwrap_or_default();
                Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
            }
        }
    }

    /// Advances a fixed clock; no effect on the system clock.
    pub fn advance_millis(&self, millis: i64) {
        if let Source::Fixed(fixed) = &self.0 {
            fixed.millis.fetch_add(millis, Ordering::Relaxed);
        }
    }

    /// Advances a fixed clock by whole seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_millis(seconds * 1000);
    }

    fn millis(&self) -> i64 {
        match &self.0 {
            Source::System => system_millis(),
            Source::Fixed(fixed) => fixed.millis.load(Ordering::Relaxed),
        }
    }
}

impl Stopwatch {
    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Start::System(start) => start.elapsed(),
            Start::Fixed { clock, at } => {
                Duration::from_millis(u64::try_from(clock.now().as_millis() - at.as_millis()).unwrap_or_default())
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
fn system_instant() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
fn system_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "the only place that creates ids")]
fn system_id() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_advanced() {
        let clock = Clock::fixed(DateTime::from_millis(1_000));
        assert_eq!(clock.now().as_millis(), 1_000);
        let watch = clock.stopwatch();
        clock.clone().advance_seconds(2);
        assert_eq!(clock.now().as_millis(), 3_000);
        assert_eq!(watch.elapsed(), Duration::from_secs(2));
    }

    #[test]
    fn ids_are_distinct_and_sort_by_creation() {
        for clock in [Clock::system(), Clock::fixed(DateTime::from_millis(1_763_852_000_000))] {
            let ids: Vec<_> = (0..50).map(|_| clock.new_id()).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(ids.iter().all(|id| id.get_version_num() == 7));
        }
    }
}
