//! How many calls are made at once: to one receiver, for one organization, and in all.

use crate::targets::attempt::Receiver;
use shared::review::OrganizationId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Events of one organization that are being delivered at once.
pub(crate) const EVENTS_AT_ONCE: u32 = 12;
const EVENTS: usize = EVENTS_AT_ONCE as usize;
/// Callbacks of one organization that are being made at once: they wait for no event.
const CALLBACKS: usize = 4;
/// Calls at once to one receiver that has not answered yet …
const UNKNOWN: usize = 2;
/// … and how many more once it has answered quickly.
const MORE: usize = 6;
/// Calls at once, of all organizations together: well below the files that a Lambda function can have open.
const IN_FLIGHT: usize = 256;

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Event,
    Callback,
}

/// The right to make one call, until it is dropped.
pub(crate) struct Turn {
    limit: Arc<ReceiverLimit>,
    _permits: [Option<OwnedSemaphorePermit>; 3],
}

impl Turn {
    /// The receiver has answered quickly: it may be called more often at once.
    pub(crate) fn was_quick(&self) {
        if !self.limit.is_raised.swap(true, Ordering::Relaxed) {
            self.limit.calls.add_permits(MORE);
        }
    }
}

/// The turns of one batch or run.
pub(crate) struct Turns {
    organizations: Mutex<HashMap<OrganizationId, Arc<OrganizationLimits>>>,
    receivers: Mutex<HashMap<Receiver, Arc<ReceiverLimit>>>,
    in_flight: Arc<Semaphore>,
}

struct OrganizationLimits {
    events: Arc<Semaphore>,
    callbacks: Arc<Semaphore>,
}

struct ReceiverLimit {
    calls: Arc<Semaphore>,
    is_raised: AtomicBool,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            organizations: Mutex::default(),
            receivers: Mutex::default(),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        }
    }

    /// Waits for the turn of a call to `receiver`: behind other calls to it, then behind its organization's, then behind all.
    pub(crate) async fn wait(&self, receiver: &Receiver, purpose: Purpose) -> Turn {
        let limits = entry(&self.organizations, &receiver.organization, || OrganizationLimits {
            events: Arc::new(Semaphore::new(EVENTS)),
            callbacks: Arc::new(Semaphore::new(CALLBACKS)),
        });
        let limit = entry(&self.receivers, receiver, || ReceiverLimit {
            calls: Arc::new(Semaphore::new(UNKNOWN)),
            is_raised: AtomicBool::new(false),
        });
        let own = match purpose {
            Purpose::Event => &limits.events,
            Purpose::Callback => &limits.callbacks,
        };
        // None of them is ever closed.
        let permits = [
            limit.calls.clone().acquire_owned().await.ok(),
            own.clone().acquire_owned().await.ok(),
            self.in_flight.clone().acquire_owned().await.ok(),
        ];
        Turn { limit, _permits: permits }
    }
}

/// The value of a key, made when it is first asked for. No panic can leave the map half-made.
fn entry<K, V>(map: &Mutex<HashMap<K, Arc<V>>>, key: &K, new: impl FnOnce() -> V) -> Arc<V>
where
    K: Clone + Eq + std::hash::Hash,
{
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    map.entry(key.clone()).or_insert_with(|| Arc::new(new())).clone()
}
