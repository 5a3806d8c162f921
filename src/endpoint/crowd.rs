//! How many requests may be in work at once, of one tenant and of all: those whose body has arrived. The throttle bounds how often a tenant may ask; this
//! bounds how much of what all share it can hold at a time. Writes wait in one line and reads for one pool, so a tenant that
//! has few requests in work has few of another's before its own.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// Most requests of one tenant: as many as one commit takes.
const OF_ONE: usize = 64;
/// Beyond so many of all, whoever has more than [`FEW`] has to wait.
const OF_ALL: usize = 512;
/// So many a tenant may always have.
const FEW: usize = 4;

/// Who has how many requests in work.
#[derive(Debug)]
pub struct Crowd<K> {
    inside: Arc<Mutex<Inside<K>>>,
}

#[derive(Debug)]
struct Inside<K> {
    of_each: HashMap<K, usize>,
    all: usize,
}

/// A request that is in work, until it is dropped.
#[derive(Debug)]
pub struct Place<K: Eq + Hash> {
    crowd: Crowd<K>,
    key: K,
}

impl<K: Copy + Eq + Hash> Crowd<K> {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self { inside: Arc::new(Mutex::new(Inside { of_each: HashMap::new(), all: 0 })) }
    }

    /// A place for one more, unless the key has too many.
    #[must_use]
    pub fn enter(&self, key: K) -> Option<Place<K>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if inside.is_full_for(key) {
            return None;
        }
        *inside.of_each.entry(key).or_default() += 1;
        inside.all += 1;
        Some(Place { crowd: self.clone(), key })
    }

    /// Whether there is no place for one more: worth asking before its body is read.
    #[must_use]
    pub fn is_full_for(&self, key: K) -> bool {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner).is_full_for(key)
    }
}

impl<K: Copy + Eq + Hash> Inside<K> {
    fn is_full_for(&self, key: K) -> bool {
        let own = self.of_each.get(&key).copied().unwrap_or_default();
        own >= OF_ONE || own >= FEW && self.all >= OF_ALL
    }
}

impl<K> Clone for Crowd<K> {
    fn clone(&self) -> Self {
        Self { inside: Arc::clone(&self.inside) }
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut inside = self.crowd.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.all -= 1;
        // Who has none is forgotten, so that this is never larger than what is in work.
        if let Some(own) = inside.of_each.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                inside.of_each.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tenant_cannot_take_every_place() {
        let crowd = Crowd::new();
        let loud: Vec<_> = (0..1000).map_while(|_| crowd.enter("loud")).collect();
        assert_eq!(loud.len(), OF_ONE);
        let quiet = crowd.enter("quiet");
        assert!(quiet.is_some() && crowd.enter("loud").is_none());
        assert!(crowd.is_full_for("loud") && !crowd.is_full_for("quiet"));
        drop(loud);
        assert!(crowd.enter("loud").is_some(), "a place that is free again can be had");
    }

    #[test]
    fn where_all_places_are_taken_a_few_are_left_for_each() {
        let crowd = Crowd::new();
        let many: Vec<_> = (0..OF_ALL / OF_ONE).flat_map(|tenant| [tenant; OF_ONE]).collect();
        let places: Vec<_> = many.into_iter().filter_map(|tenant| crowd.enter(tenant)).collect();
        assert_eq!(places.len(), OF_ALL);
        let late: Vec<_> = (0..10).map_while(|_| crowd.enter(1_000_000)).collect();
        assert_eq!(late.len(), FEW);
        drop((places, late));
        assert_eq!(crowd.inside.lock().unwrap().of_each.len(), 0);
        assert_eq!(crowd.inside.lock().unwrap().all, 0);
    }
}
