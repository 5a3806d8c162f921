//! How much processor time one request may take, and where it takes it.
//!
//! Costs are estimated before anything is done, in comparisons: one value of an attribute against one term of a filter, 80 to
//! 250 ns. Reading, changing and writing 16 bytes of JSON cost about as much. Long work waits for its tenant's turn and leaves
//! the thread to other requests, so that one tenant's large documents do not delay another tenant.

use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task;

use crate::keyed_semaphore::{KeyedPermit, KeyedSemaphore};
use crate::model::id::TenantId;
use crate::scim::error::ScimError;
use crate::scim::patch::MAX_COST;

/// Work of this cost or more is long: about a millisecond.
const LONG: u64 = 5_000;
/// Bytes of JSON that cost as much as one comparison.
const BYTES: u64 = 16;

/// Turns at long work: one at a time for each tenant, as many as there are cores in all.
#[derive(Clone, Debug)]
pub struct LongWork(KeyedSemaphore<TenantId>);

/// What one request has cost so far, all operations of a bulk request together; at most [`MAX_COST`]. Clones share it.
#[derive(Clone, Debug)]
pub struct RequestWork {
    tenant: TenantId,
    long_work: LongWork,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    cost: u64,
    /// Once any of the work was long, held until the request ends.
    turn: Option<KeyedPermit<TenantId>>,
}

impl Default for LongWork {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self(KeyedSemaphore::new(cores.max(2), 1))
    }
}

impl LongWork {
    /// The work of a new request of this tenant.
    #[must_use]
    pub fn request(&self, tenant: TenantId) -> RequestWork {
        RequestWork { tenant, long_work: self.clone(), state: Arc::default() }
    }
}

/// What it costs to read, change or write so many bytes of JSON, in comparisons.
#[must_use]
pub const fn cost_of_json(bytes: usize) -> u64 {
    bytes as u64 / BYTES
}

impl RequestWork {
    /// Does work of about this cost, in comparisons.
    ///
    /// # Errors
    /// 413 when the request would cost too much; then nothing is done.
    pub async fn perform<F: Future>(&self, cost: u64, work: F) -> Result<F::Output, ScimError> {
        {
            let mut state = self.state();
            state.cost = state.cost.saturating_add(cost);
            if state.cost > MAX_COST {
                return Err(ScimError::too_much_work());
            }
        }
        if cost < LONG {
            return Ok(work.await);
        }
        if self.state().turn.is_none() {
            let turn = self.long_work.0.acquire(self.tenant).await;
            self.state().turn = turn;
        }
        let runtime = Handle::current();
        if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread {
            // There is no other thread that could serve requests meanwhile.
            return Ok(work.await);
        }
        Ok(task::block_in_place(|| runtime.block_on(work)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test]
    async fn the_operations_of_one_request_share_its_allowance() {
        let work = LongWork::default().request(TenantId(1));
        let operation = work.clone();
        assert_eq!(operation.perform(MAX_COST, async { 1 }).await, Ok(1));
        assert_eq!(work.perform(1, async { 2 }).await.unwrap_err().status, 413);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn long_work_leaves_the_thread_to_others_and_waits_for_its_tenants_turn() {
        let long_work = LongWork::default();
        let long = |work: RequestWork| async move {
            work.perform(LONG, async { thread::sleep(Duration::from_millis(300)) }).await
        };
        let first = tokio::spawn(long(long_work.request(TenantId(1))));
        sleep(Duration::from_millis(20)).await;
        let second = tokio::spawn(long(long_work.request(TenantId(1))));
        // The only worker thread goes on.
        timeout(Duration::from_millis(200), sleep(Duration::from_millis(20))).await.unwrap();
        first.await.unwrap().unwrap();
        assert!(!second.is_finished(), "one after the other");
        second.await.unwrap().unwrap();
    }
}
