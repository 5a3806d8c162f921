//! A semaphore that is shared fairly among keys, such as tenants.
//!
//! Permits are limited in total and per key. A caller waits for a permit of its key first, so the queue for the shared
//! permits holds only a few callers of one key, however many of them are waiting.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits per key. Clones are cheap and share the permits.
#[derive(Clone, Debug)]
pub struct KeyedSemaphore<K: Eq + Hash + Copy> {
    total: Arc<Semaphore>,
    keys: Arc<Keys<K>>,
}

#[derive(Debug)]
struct Keys<K> {
    permits_per_key: usize,
    /// Only keys with a permit or a waiting caller.
    semaphores: Mutex<HashMap<K, Arc<Semaphore>>>,
}

/// Released when it is dropped.
#[derive(Debug)]
pub struct KeyedPermit<K: Eq + Hash + Copy> {
    // Fields drop in this order: the common permit is free before the key's next caller asks for it.
    _total: OwnedSemaphorePermit,
    _per_key: OwnedSemaphorePermit,
    _registration: Registration<K>,
}

/// Keeps a key's semaphore in the map for as long as it is used or waited for.
#[derive(Debug)]
struct Registration<K: Eq + Hash + Copy> {
    keys: Arc<Keys<K>>,
    key: K,
    semaphore: Option<Arc<Semaphore>>,
}

impl<K: Eq + Hash + Copy> KeyedSemaphore<K> {
    /// `total` permits, at most `per_key` of them for one key.
    #[must_use]
    pub fn new(total: usize, per_key: usize) -> Self {
        let keys = Keys { permits_per_key: per_key, semaphores: Mutex::default() };
        Self { total: Arc::new(Semaphore::new(total)), keys: Arc::new(keys) }
    }

    /// Waits for a permit; none once the semaphore is closed.
    pub async fn acquire(&self, key: K) -> Option<KeyedPermit<K>> {
        let registration = Registration::new(Arc::clone(&self.keys), key);
        let semaphore = Arc::clone(registration.semaphore.as_ref()?);
        let per_key = semaphore.acquire_owned().await.ok()?;
        let total = Arc::clone(&self.total).acquire_owned().await.ok()?;
        Some(KeyedPermit { _total: total, _per_key: per_key, _registration: registration })
    }

    /// A permit if one is free; none without waiting otherwise.
    #[must_use]
    pub fn try_acquire(&self, key: K) -> Option<KeyedPermit<K>> {
        let registration = Registration::new(Arc::clone(&self.keys), key);
        let per_key = Arc::clone(registration.semaphore.as_ref()?).try_acquire_owned().ok()?;
        let total = Arc::clone(&self.total).try_acquire_owned().ok()?;
        Some(KeyedPermit { _total: total, _per_key: per_key, _registration: registration })
    }

    /// Ends all waiting; no permit is given any more.
    pub fn close(&self) {
        self.total.close();
    }
}

impl<K: Eq + Hash + Copy> Registration<K> {
    fn new(keys: Arc<Keys<K>>, key: K) -> Self {
        let mut semaphores = keys.semaphores.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = semaphores.entry(key).or_insert_with(|| Arc::new(Semaphore::new(keys.permits_per_key)));
        let semaphore = Some(Arc::clone(semaphore));
        drop(semaphores);
        Self { keys, key, semaphore }
    }
}

impl<K: Eq + Hash + Copy> Drop for Registration<K> {
    fn drop(&mut self) {
        let mut semaphores = self.keys.semaphores.lock().unwrap_or_else(PoisonError::into_inner);
        self.semaphore = None;
        // The map's own reference is the last: nobody else uses the key or waits for it.
        if semaphores.get(&self.key).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            semaphores.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn a_key_with_many_callers_delays_another_by_one_permit_at_most() {
        let semaphore = KeyedSemaphore::new(1, 1);
        let running = semaphore.acquire("loud").await.unwrap();
        let mut loud: Vec<_> = (0..100).map(|_| Box::pin(semaphore.acquire("loud"))).collect();
        for waiting in &mut loud {
            assert!(poll(waiting.as_mut()).is_pending());
        }
        let mut quiet = pin!(semaphore.acquire("quiet"));
        assert!(poll(quiet.as_mut()).is_pending());
        drop(running);
        assert!(matches!(poll(quiet.as_mut()), Poll::Ready(Some(_))), "before any other of the loud key");
    }

    #[tokio::test]
    async fn a_key_is_forgotten_when_nobody_uses_it() {
        let semaphore = KeyedSemaphore::new(4, 2);
        let held = [semaphore.acquire(1).await.unwrap(), semaphore.acquire(1).await.unwrap()];
        {
            let mut given_up = pin!(semaphore.acquire(1));
            assert!(poll(given_up.as_mut()).is_pending());
        }
        drop(held);
        assert!(semaphore.keys.semaphores.lock().unwrap().is_empty());
        assert_eq!(semaphore.total.available_permits(), 4);
    }

    #[tokio::test]
    async fn a_closed_semaphore_gives_no_permit() {
        let semaphore = KeyedSemaphore::new(1, 1);
        let held = semaphore.acquire(1).await;
        let mut waiting = pin!(semaphore.acquire(2));
        assert!(poll(waiting.as_mut()).is_pending());
        semaphore.close();
        assert!(matches!(poll(waiting.as_mut()), Poll::Ready(None)));
        drop(held);
    }
}
