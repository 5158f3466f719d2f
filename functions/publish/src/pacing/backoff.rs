//! When to retry: after half a minute, then at growing intervals, for about 28 hours in all.

use shared::review::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The pauses after the first, second, … failed attempt, in milliseconds.
const PAUSES: [i64; 8] =
    [30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];

/// When the next attempt is after `attempts` failed ones, the last of them at `now`; `None` if there is none.
pub(crate) fn next_try(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    PAUSES.get(index).map(|pause| now.plus_millis(*pause))
}

/// When to look again at what was not sent because its receiver gives no answer: after half the time since `since`, at least a
/// minute and at most two hours. That counts as no attempt.
pub(crate) fn not_called(since: Timestamp, now: Timestamp) -> Timestamp {
    let waited = now.millis().saturating_sub(since.millis());
    now.plus_millis((waited / 2).clamp(MINUTE, 2 * HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postponed_deliveries_are_checked_at_growing_intervals() {
        let since = Timestamp::from_millis(0);
        let at = |minutes: i64| not_called(since, Timestamp::from_millis(minutes * MINUTE)).millis() / MINUTE;
        assert_eq!([at(0), at(1), at(10), at(60), at(600)], [1, 2, 15, 90, 720]);
        // A day of it costs few writes.
        let (mut now, mut looks) = (since, 0);
        while now.millis() < 24 * HOUR {
            (now, looks) = (not_called(since, now), looks + 1);
        }
        assert!(looks < 30, "{looks}");
    }

    #[test]
    fn nine_attempts_in_about_28_hours() {
        let mut now = Timestamp::from_millis(0);
        let mut attempts = 1;
        while let Some(next) = next_try(attempts, now) {
            assert!(next > now);
            (now, attempts) = (next, attempts + 1);
        }
        assert_eq!((attempts, now.millis() / MINUTE), (9, 1662));
    }
}
