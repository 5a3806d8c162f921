//! How many requests may be in progress at the same time, of one tenant and of all. A request counts once its body has arrived.
//! The throttle limits how often a tenant may call; this limits its share of what all tenants wait for: the writer and the
//! threads.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// The most requests of one tenant: as many as one commit takes.
const MAX_PER_TENANT: usize = 64;
/// When so many are in progress in all, only tenants with fewer than [`GUARANTEED`] get another permit.
const SHARED_LIMIT: usize = 512;
/// The permits that each tenant can always get.
const GUARANTEED: usize = 4;

/// Counts the requests in progress for each key.
#[derive(Debug)]
pub struct ConcurrencyLimit<K> {
    in_progress: Arc<Mutex<InProgress<K>>>,
}

#[derive(Debug)]
struct InProgress<K> {
    per_key: HashMap<K, usize>,
    all: usize,
}

/// A request in progress, until it is dropped.
#[derive(Debug)]
pub struct Permit<K: Eq + Hash> {
    concurrency: ConcurrencyLimit<K>,
    key: K,
}

impl<K: Copy + Eq + Hash> ConcurrencyLimit<K> {
    /// No request is in progress.
    #[must_use]
    pub fn new() -> Self {
        Self { in_progress: Arc::new(Mutex::new(InProgress { per_key: HashMap::new(), all: 0 })) }
    }

    /// A permit for one more request, unless the key has too many.
    #[must_use]
    pub fn try_acquire(&self, key: K) -> Option<Permit<K>> {
        let mut in_progress = self.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        if in_progress.is_full_for(key) {
            return None;
        }
        *in_progress.per_key.entry(key).or_default() += 1;
        in_progress.all += 1;
        Some(Permit { concurrency: self.clone(), key })
    }

    /// Whether there is no permit left for this key. Asked before a body is read.
    #[must_use]
    pub fn is_full_for(&self, key: K) -> bool {
        self.in_progress.lock().unwrap_or_else(PoisonError::into_inner).is_full_for(key)
    }
}

impl<K: Copy + Eq + Hash> InProgress<K> {
    fn is_full_for(&self, key: K) -> bool {
        let own = self.per_key.get(&key).copied().unwrap_or_default();
        own >= MAX_PER_TENANT || own >= GUARANTEED && self.all >= SHARED_LIMIT
    }
}

impl<K> Clone for ConcurrencyLimit<K> {
    fn clone(&self) -> Self {
        Self { in_progress: Arc::clone(&self.in_progress) }
    }
}

impl<K: Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut in_progress = self.concurrency.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        in_progress.all -= 1;
        // A key without requests is removed, so that the map never grows beyond the requests in progress.
        if let Some(own) = in_progress.per_key.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                in_progress.per_key.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tenant_cannot_take_every_permit() {
        let concurrency = ConcurrencyLimit::new();
        let loud: Vec<_> = (0..1000).map_while(|_| concurrency.try_acquire("loud")).collect();
        assert_eq!(loud.len(), MAX_PER_TENANT);
        let quiet = concurrency.try_acquire("quiet");
        assert!(quiet.is_some() && concurrency.try_acquire("loud").is_none());
        assert!(concurrency.is_full_for("loud") && !concurrency.is_full_for("quiet"));
        drop(loud);
        assert!(concurrency.try_acquire("loud").is_some(), "a released permit can be acquired again");
    }

    #[test]
    fn a_few_permits_are_left_for_each_tenant() {
        let concurrency = ConcurrencyLimit::new();
        let many: Vec<_> = (0..SHARED_LIMIT / MAX_PER_TENANT).flat_map(|tenant| [tenant; MAX_PER_TENANT]).collect();
        let permits: Vec<_> = many.into_iter().filter_map(|tenant| concurrency.try_acquire(tenant)).collect();
        assert_eq!(permits.len(), SHARED_LIMIT);
        let deferred: Vec<_> = (0..10).map_while(|_| concurrency.try_acquire(1_000_000)).collect();
        assert_eq!(deferred.len(), GUARANTEED);
        drop((permits, deferred));
        assert_eq!(concurrency.in_progress.lock().unwrap().per_key.len(), 0);
        assert_eq!(concurrency.in_progress.lock().unwrap().all, 0);
    }
}
