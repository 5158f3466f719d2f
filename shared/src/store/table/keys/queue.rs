//! The indexes of the queue: partitions, and positions in them.

use crate::review::{BlockId, OrganizationId, Review, RunId, Status, Timestamp, WorkflowId};

/// Index: organization and status, hottest or newest first.
pub(crate) const QUEUE: &str = "queue";

/// Index: organization, workflow and status, hottest or newest first.
pub(crate) const QUEUE_BY_WORKFLOW: &str = "queue-by-workflow";

/// Partition of the queue index.
pub(crate) fn queue(organization: &OrganizationId, status: Status) -> String {
    format!("{organization}#{}", status.as_str())
}

/// Partition of the queue-by-workflow index.
pub(crate) fn workflow_queue(organization: &OrganizationId, workflow: &WorkflowId, status: Status) -> String {
    format!("{organization}#{workflow}#{}", status.as_str())
}

/// After every instant that 13 digits of milliseconds can say (the year 2286).
const END_OF_TIME: i64 = 9_999_999_999_999;

/// When a review was decided, in milliseconds, by the first part of its [`queue_position`].
pub(crate) fn decided_at_of_position(first: &str) -> Option<i64> {
    first.parse().ok().map(|left: i64| END_OF_TIME - left)
}

/// No review waits since an earlier time (November 2023).
const FIRST_WAITING: i64 = 1_700_000_000_000;
/// What is subtracted from a due time (September 2001), so that it sorts before every time since when a review waits.
const DUE_BASE: i64 = 1_000_000_000_000;

/// Sort key of both queue indexes. In ascending order, open reviews come by priority descending; then those with a deadline, the
/// earliest due first; then the others, longest waiting first. Decided ones come newest first. It ends with the review, so that it is
/// unique and a page can start after it.
///
/// A due time stands in the same digits as a time since when a review waits, less [`DUE_BASE`]. So positions have one form, those of
/// builds before deadlines included. That is exact for due times from September 2001 to July 2055; later ones all sort as that last
/// one, still before those without.
pub(crate) fn queue_position(review: &Review) -> String {
    let Review { id, awaiting_since, .. } = review;
    match review.status {
        Status::AwaitingReview => {
            let urgency = i64::from(i32::MAX) - i64::from(review.priority.0);
            let due_at = review.terms.deadline.as_ref().map(|deadline| deadline.due_at.millis());
            let since = due_at.map_or(awaiting_since.millis(), |due_at| {
                due_at.saturating_sub(DUE_BASE).clamp(0, FIRST_WAITING - 1)
            });
            format!("{urgency:010}#{since:013}#{}#{}", id.run, id.block)
        }
        Status::Approved | Status::Rejected => {
            let decided = review.decided_at.unwrap_or(*awaiting_since).millis();
            format!("{:013}#{}#{}", END_OF_TIME - decided, id.run, id.block)
        }
    }
}

/// Whether an open review at that position may be due at `now`. Positions are hints: META decides.
pub(crate) fn may_be_due(position: &str, now: Timestamp) -> bool {
    let since = position.split('#').nth(1).and_then(|since| since.parse::<i64>().ok());
    since.is_some_and(|since| since < FIRST_WAITING && since <= now.millis().saturating_sub(DUE_BASE))
}

/// Whether a text is a position in the queue of open or of decided reviews.
pub(crate) fn is_queue_position(text: &str, decided: bool) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('#').collect();
    let (numbers, run, block) = match parts.as_slice() {
        [since, run, block] if decided => (digits(since, 13), run, block),
        [urgency, since, run, block] if !decided => (digits(urgency, 10) && digits(since, 13), run, block),
        _ => return false,
    };
    numbers && RunId::parse(run).is_ok() && BlockId::parse(block).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::review_and_version;
    use crate::review::{Deadline, OnOverdue, Priority};

    const NOW: i64 = 1_778_662_500_000;

    fn waiting(priority: i32, since: i64) -> Review {
        let review = review_and_version().0;
        Review { priority: Priority(priority), awaiting_since: Timestamp::from_millis(since), ..review }
    }

    fn due(priority: i32, due_at: i64) -> String {
        let mut review = waiting(priority, NOW);
        let deadline = Deadline::starting(Timestamp::default(), 1, Vec::new(), OnOverdue::default());
        review.terms.deadline = Some(Deadline { due_at: Timestamp::from_millis(due_at), ..deadline });
        queue_position(&review)
    }

    fn decided(at: i64) -> String {
        let decided_at = Some(Timestamp::from_millis(at));
        queue_position(&Review { status: Status::Approved, decided_at, ..waiting(0, 0) })
    }

    #[test]
    fn hot_reviews_sort_first_and_long_waiting_ones_before_short() {
        let open = |priority, since| queue_position(&waiting(priority, since));
        let mut positions =
            vec![open(0, 5), open(i32::MIN, 1), open(7, 9), open(i32::MAX, 9), open(7, 3), open(-1, 2)];
        positions.sort();
        assert_eq!(
            positions,
            [open(i32::MAX, 9), open(7, 3), open(7, 9), open(0, 5), open(-1, 2), open(i32::MIN, 1)]
        );
    }

    #[test]
    fn within_a_priority_what_is_due_sorts_first_and_the_earliest_before_all() {
        let open = |priority, since| queue_position(&waiting(priority, since));
        let ordered = [
            open(1, NOW),
            due(0, DUE_BASE),
            due(0, NOW),
            due(0, NOW + 1),
            due(0, DUE_BASE + FIRST_WAITING - 1),
            open(0, FIRST_WAITING),
            open(0, NOW),
            due(-1, NOW),
        ];
        assert!(ordered.is_sorted_by(|one, other| one < other), "{ordered:?}");
        // Beyond the borders: no other form, and never after those without a deadline.
        for millis in [i64::MIN, -1, 0, DUE_BASE - 1] {
            assert_eq!(due(0, millis), due(0, DUE_BASE));
        }
        for millis in [DUE_BASE + FIRST_WAITING, DUE_BASE + FIRST_WAITING + 1, i64::MAX] {
            assert_eq!(due(0, millis), due(0, DUE_BASE + FIRST_WAITING - 1));
        }
        assert!(ordered.iter().all(|position| is_queue_position(position, false)));
    }

    #[test]
    fn a_position_says_what_may_be_due() {
        let is_due = |position: &str, now| may_be_due(position, Timestamp::from_millis(now));
        assert_eq!([NOW - 1, NOW, NOW + 1].map(|now| is_due(&due(5, NOW), now)), [false, true, true]);
        assert!(!is_due(&queue_position(&waiting(0, FIRST_WAITING)), i64::MAX), "it has no deadline");
        assert!(!is_due("", NOW) && !is_due("1#x#r#b", NOW));
    }

    #[test]
    fn newly_decided_reviews_sort_first() {
        assert!(decided(NOW + 1) < decided(NOW));
    }

    #[test]
    fn only_positions_are_positions() {
        let (open, decided) = (queue_position(&waiting(-3, NOW)), decided(NOW));
        assert!(is_queue_position(&open, false) && is_queue_position(&decided, true));
        assert!(!is_queue_position(&open, true) && !is_queue_position(&decided, false));
        for text in ["", "x", "#r#block", "1778662500000#r", "1778662500000#r#", "177866250000x#r#block"] {
            assert!(!is_queue_position(text, true) && !is_queue_position(text, false), "{text}");
        }
        for text in ["2147483650#177866250000x#r#block", "214748365x#1778662500000#r#block"] {
            assert!(!is_queue_position(text, false), "{text}");
        }
    }
}
