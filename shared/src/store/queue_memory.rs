//! Where claim-next starts in a queue: a process remembers up to which position every review was claimed.
//!
//! A hint for a few seconds. It decides where a scan begins, never that there is nothing to claim.

use crate::review::Timestamp;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// For how long a scan from the top is remembered. For that time a review that becomes free, or more urgent, may be passed over.
pub(in crate::store) const FRESH_MILLIS: i64 = 5_000;
/// How many queues are remembered. An organization has one, and one for each workflow that is asked for.
const QUEUES: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// A scan of a queue from its top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct PastScan {
    /// When it was.
    pub(in crate::store) at: Timestamp,
    /// Every review up to this position was claimed, or gone.
    pub(in crate::store) taken_to: String,
}

/// The newest scan of each queue.
#[derive(Debug)]
pub(in crate::store) struct QueueMemory(Mutex<LruCache<String, PastScan>>);

impl QueueMemory {
    pub(in crate::store) fn new() -> Self {
        Self(Mutex::new(LruCache::new(QUEUES)))
    }

    /// The scan that is still valid at `now`, if there is one.
    pub(in crate::store) fn recall(&self, queue: &str, now: Timestamp) -> Option<PastScan> {
        let mut scans = self.0.lock().ok()?;
        let age = now.millis() - scans.peek(queue)?.at.millis();
        if (0..FRESH_MILLIS).contains(&age) { scans.get(queue).cloned() } else { None }
    }

    /// Remembers a scan, unless a later one is known, or one that reached further.
    pub(in crate::store) fn remember(&self, queue: &str, scan: PastScan) {
        let Ok(mut scans) = self.0.lock() else { return };
        let known = scans.peek(queue);
        if known.is_none_or(|known| (known.at, &known.taken_to) < (scan.at, &scan.taken_to)) {
            scans.put(queue.to_owned(), scan);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(at: i64, position: &str) -> PastScan {
        PastScan { at: Timestamp::from_millis(at), taken_to: position.into() }
    }

    #[test]
    fn a_scan_counts_for_five_seconds_and_no_clock_step_makes_it_longer() {
        let memory = QueueMemory::new();
        memory.remember("q", scan(10_000, "b"));
        let at = |millis| memory.recall("q", Timestamp::from_millis(millis));
        assert_eq!(at(10_000), Some(scan(10_000, "b")));
        assert_eq!(at(14_999), Some(scan(10_000, "b")));
        assert_eq!((at(15_000), at(9_999)), (None, None));
        assert_eq!(memory.recall("other", Timestamp::from_millis(10_000)), None);
    }

    #[test]
    fn of_scans_of_one_time_the_one_that_reached_furthest_counts() {
        let memory = QueueMemory::new();
        for (at, position) in [(10_000, "b"), (10_000, "a"), (10_000, "c"), (9_000, "z")] {
            memory.remember("q", scan(at, position));
        }
        assert_eq!(memory.recall("q", Timestamp::from_millis(10_000)), Some(scan(10_000, "c")));
    }

    #[test]
    fn it_does_not_grow_with_the_number_of_queues() {
        let memory = QueueMemory::new();
        for queue in 0..10_000 {
            memory.remember(&queue.to_string(), scan(0, "a"));
        }
        assert_eq!(memory.0.lock().unwrap().len(), QUEUES.get());
    }
}
