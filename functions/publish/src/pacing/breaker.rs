//! The circuit breaker: which receivers are worth a call right now. After a call that got no answer, other calls to the same
//! receiver are not made for a while: each of them would wait as long.
//!
//! It outlives a batch, because the next batch would wait for the same receiver again. It is in the memory of one process: what
//! it forgets, one call finds out again.

use super::turns::EVENTS_AT_ONCE;
use crate::targets::attempt::{Receiver, SPEED_MILLIS, Speed};
use shared::review::{OrganizationId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// For how long a receiver that gave no answer is not called, in milliseconds: it is over before `redeliver` runs again, a
/// minute later.
const SILENT_MILLIS: i64 = 45_000;
/// What one organization's slow calls may take of the stream's batches in each minute, added up.
const BUDGET: Duration = Duration::from_secs(20);
/// What one organization's quick calls may take of them, by the clock: each is counted with its part of those that are made at once.
/// What comes beyond it is delivered by `redeliver`.
const QUICK_BUDGET: Duration = Duration::from_secs(10);
/// The span that the budgets are for, in milliseconds.
const BUDGET_MILLIS: i64 = 60_000;
/// How many receivers are remembered at most; beyond that, all are forgotten.
const REMEMBERED: usize = 10_000;

/// Until when a receiver counts as silent, slow or quick, and until when it asks not to be called.
#[derive(Clone, Copy, Default)]
struct Known {
    silent: Timestamp,
    slow: Timestamp,
    quick: Timestamp,
    asked: Timestamp,
}

impl Known {
    /// As it was seen last. What the receiver has asked for holds whatever another call to it has brought.
    fn seen(self) -> Self {
        Self { asked: self.asked, ..Self::default() }
    }

    fn is_silent(self, now: Timestamp) -> bool {
        now < self.silent || now < self.asked
    }
}

#[derive(Clone, Copy, Default)]
struct Spent {
    since: Timestamp,
    time: Duration,
    quick: Duration,
}

impl Spent {
    /// What was spent in the span that `now` is in.
    fn at(self, now: Timestamp) -> Self {
        let is_over = now >= self.since.plus_millis(BUDGET_MILLIS);
        if is_over { Self { since: now, ..Self::default() } } else { self }
    }
}

#[derive(Default)]
struct State {
    receivers: HashMap<Receiver, Known>,
    spent: HashMap<OrganizationId, Spent>,
}

/// What is known of receivers, for all batches of this process.
#[derive(Default)]
pub(crate) struct CircuitBreaker(Mutex<State>);

impl CircuitBreaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether the last call to that receiver, a moment ago, got no answer.
    pub(crate) fn is_silent(&self, receiver: &Receiver, now: Timestamp) -> bool {
        self.state().receivers.get(receiver).is_some_and(|known| known.is_silent(now))
    }

    /// Whether a batch of the stream may wait for that receiver: it is neither silent nor slow, and its organization has not
    /// used up what batches may wait for it. A receiver that is known to be quick has a budget of its own, so that no slow neighbour
    /// keeps it waiting.
    pub(crate) fn may_delay_the_stream(&self, receiver: &Receiver, now: Timestamp) -> bool {
        let state = self.state();
        let known = state.receivers.get(receiver).copied().unwrap_or_default();
        let spent = state.spent.get(&receiver.organization).copied().unwrap_or_default().at(now);
        let has_budget = if now < known.quick { spent.quick < QUICK_BUDGET } else { spent.time < BUDGET };
        !known.is_silent(now) && now >= known.slow && has_budget
    }

    /// A receiver asks not to be called before then.
    pub(crate) fn note_request_to_wait(&self, receiver: &Receiver, until: Timestamp) {
        let mut state = self.state();
        if state.receivers.len() < REMEMBERED {
            let known = state.receivers.entry(receiver.clone()).or_default();
            known.asked = known.asked.max(until);
        }
    }

    /// Takes note of how a call went.
    pub(crate) fn note(&self, receiver: &Receiver, speed: Speed, took: Duration, now: Timestamp) {
        let mut state = self.state();
        if state.receivers.len() >= REMEMBERED {
            state.receivers.clear();
            state.spent.clear();
        }
        let known = state.receivers.entry(receiver.clone()).or_default();
        match speed {
            Speed::Quick => {
                *known = Known { quick: now.plus_millis(SPEED_MILLIS), ..known.seen() };
            }
            Speed::Refusing => return,
            Speed::Slow => {
                *known = Known { slow: now.plus_millis(SPEED_MILLIS), ..known.seen() };
            }
            Speed::Silent => {
                *known = Known { silent: now.plus_millis(SILENT_MILLIS), ..known.seen() };
            }
        }
        let spent = state.spent.entry(receiver.organization.clone()).or_default();
        *spent = spent.at(now);
        if speed == Speed::Quick {
            spent.quick = spent.quick.saturating_add(took / EVENTS_AT_ONCE);
        } else {
            spent.time = spent.time.saturating_add(took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::attempt::ReceiverId;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn receiver(organization: &str, name: &str) -> Receiver {
        let organization = OrganizationId::parse(organization).unwrap();
        Receiver { organization, id: ReceiverId::Callback(name.into()) }
    }

    #[test]
    fn a_slow_receiver_delays_the_stream_once_and_is_called_later() {
        let (slow, silent) = (receiver("org", "slow"), receiver("org", "silent"));
        let breaker = CircuitBreaker::default();
        assert!(breaker.may_delay_the_stream(&slow, NOW));
        breaker.note(&slow, Speed::Slow, Duration::from_secs(3), NOW);
        breaker.note(&silent, Speed::Silent, Duration::from_secs(3), NOW);
        assert!(!breaker.may_delay_the_stream(&slow, NOW) && !breaker.is_silent(&slow, NOW));
        assert!(!breaker.may_delay_the_stream(&silent, NOW) && breaker.is_silent(&silent, NOW));
        assert!(breaker.may_delay_the_stream(&receiver("org", "other"), NOW));
        assert!(breaker.may_delay_the_stream(&receiver("other", "slow"), NOW), "another organization's");
        assert!(!breaker.is_silent(&silent, NOW.plus_millis(SILENT_MILLIS)));
        assert!(breaker.may_delay_the_stream(&slow, NOW.plus_millis(SPEED_MILLIS)));
        breaker.note(&slow, Speed::Quick, Duration::ZERO, NOW);
        assert!(breaker.may_delay_the_stream(&slow, NOW), "it has become quick");
    }

    #[test]
    fn a_receiver_that_asks_for_a_pause_is_not_called_before_its_end() {
        let (busy, other) = (receiver("org", "busy"), receiver("org", "other"));
        let breaker = CircuitBreaker::default();
        breaker.note(&busy, Speed::Refusing, Duration::ZERO, NOW);
        breaker.note_request_to_wait(&busy, NOW.plus_millis(120_000));
        breaker.note_request_to_wait(&busy, NOW.plus_millis(1000));
        breaker.note(&busy, Speed::Quick, Duration::ZERO, NOW);
        assert!(breaker.is_silent(&busy, NOW.plus_millis(119_999)));
        assert!(!breaker.may_delay_the_stream(&busy, NOW.plus_millis(119_999)));
        assert!(!breaker.is_silent(&busy, NOW.plus_millis(120_000)));
        assert!(breaker.may_delay_the_stream(&other, NOW), "nobody else waits for it");
    }

    #[test]
    fn an_organization_with_many_slow_receivers_uses_up_its_own_budget_only() {
        let breaker = CircuitBreaker::default();
        breaker.note(&receiver("org", "quick"), Speed::Quick, Duration::ZERO, NOW);
        for number in 0..7 {
            breaker.note(&receiver("org", &format!("{number}")), Speed::Silent, Duration::from_secs(3), NOW);
        }
        assert!(!breaker.may_delay_the_stream(&receiver("org", "new"), NOW));
        assert!(breaker.may_delay_the_stream(&receiver("org", "quick"), NOW), "it delays nobody");
        assert!(breaker.may_delay_the_stream(&receiver("other", "new"), NOW));
        assert!(breaker.may_delay_the_stream(&receiver("org", "new"), NOW.plus_millis(BUDGET_MILLIS)));
    }

    #[test]
    fn many_calls_that_are_just_not_slow_use_up_a_budget_too() {
        let breaker = CircuitBreaker::default();
        let receivers: Vec<Receiver> = (0..20).map(|number| receiver("org", &format!("{number}"))).collect();
        let just_not_slow = Duration::from_millis(850);
        let made = (0..3000).find(|call| {
            let called = &receivers[call % receivers.len()];
            let may = breaker.may_delay_the_stream(called, NOW);
            breaker.note(called, Speed::Quick, just_not_slow, NOW);
            !may
        });
        let waited = just_not_slow * u32::try_from(made.expect("they end")).unwrap() / EVENTS_AT_ONCE;
        assert!(waited <= QUICK_BUDGET + just_not_slow, "{waited:?} by the clock");
        assert!(breaker.may_delay_the_stream(&receiver("other", "0"), NOW), "another organization's");
        assert!(breaker.may_delay_the_stream(&receivers[0], NOW.plus_millis(BUDGET_MILLIS)));
        // Who answers within 50 ms is not held back by what an organization usually sends.
        let breaker = CircuitBreaker::default();
        for _ in 0..2000 {
            breaker.note(&receivers[0], Speed::Quick, Duration::from_millis(50), NOW);
        }
        assert!(breaker.may_delay_the_stream(&receivers[0], NOW));
    }

    #[test]
    fn the_breaker_remembers_a_bounded_number_of_receivers() {
        let breaker = CircuitBreaker::default();
        for number in 0..2 * REMEMBERED {
            breaker.note(&receiver("org", &format!("{number}")), Speed::Silent, Duration::ZERO, NOW);
        }
        assert!(breaker.state().receivers.len() <= REMEMBERED);
    }
}
