//! A rate limit per tenant, with a burst. Kept in memory; the time is an argument.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use crate::scim::time::DateTime;

/// A limit per key, by the generic cell rate algorithm: for each key, the time at which its allowance is full again.
#[derive(Clone, Debug)]
pub struct Throttle<K> {
    interval_micros: i64,
    burst: i64,
    full_at: Arc<Mutex<HashMap<K, i64>>>,
}

impl<K: Eq + Hash> Throttle<K> {
    /// `burst` requests at once, then one every `interval_micros`. An interval of 0 is no limit.
    #[must_use]
    pub fn new(interval_micros: u32, burst: u32) -> Self {
        Self { interval_micros: interval_micros.into(), burst: burst.max(1).into(), full_at: Arc::default() }
    }

    /// `rate` requests a second, and twice as many at once. A rate of 0 is no limit.
    #[must_use]
    pub fn per_second(rate: u32) -> Self {
        Self::new(1_000_000_u32.checked_div(rate).map_or(0, |micros| micros.max(1)), rate.saturating_mul(2))
    }

    /// Counts one request of this key.
    ///
    /// # Errors
    /// The seconds to wait, rounded up, when the limit is reached.
    pub fn take(&self, key: K, now: DateTime) -> Result<(), u64> {
        let now = now.as_millis().saturating_mul(1000);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.entry(key).or_insert(now);
        let whole = self.interval_micros * self.burst;
        // A later time than a whole allowance from now was recorded before the clock was set back.
        let known = if *full > now + whole { now } else { (*full).max(now) };
        let next = known + self.interval_micros;
        let wait = next - now - whole;
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or_default().div_ceil(1_000_000));
        }
        *full = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime {
        DateTime::from_millis(1_763_852_000_000 + millis)
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let throttle = Throttle::per_second(50);
        for _ in 0..100 {
            assert_eq!(throttle.take("a", at(0)), Ok(()));
        }
        assert_eq!(throttle.take("a", at(0)), Err(1));
        assert_eq!(throttle.take("b", at(0)), Ok(()), "another tenant is not touched");
        assert_eq!(throttle.take("a", at(20)), Ok(()));
        assert_eq!(throttle.take("a", at(20)), Err(1));
        assert_eq!((0..200).filter(|_| throttle.take("a", at(10_000)).is_ok()).count(), 100);
    }

    #[test]
    fn a_clock_set_back_delays_nobody() {
        let throttle = Throttle::per_second(50);
        assert!((0..200).any(|_| throttle.take("a", at(0)).is_err()));
        assert_eq!((0..200).filter(|_| throttle.take("a", at(-3_600_000)).is_ok()).count(), 100);
    }

    #[test]
    fn no_rate_is_no_limit() {
        let throttle = Throttle::per_second(0);
        assert!((0..10_000).all(|_| throttle.take((), at(0)).is_ok()));
    }
}
