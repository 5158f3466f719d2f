//! The indexes of the queue: partitions, and positions in them.

use crate::review::{BlockId, OrganizationId, ReviewId, RunId, Status, Timestamp, WorkflowId};

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

/// Sort key of both queue indexes. In ascending order, open reviews come by priority descending, then longest waiting
/// first; decided ones newest first. It ends with the review, so that it is unique and a page can start after it.
pub(crate) fn queue_position(
    id: &ReviewId,
    status: Status,
    priority: i32,
    awaiting_since: Timestamp,
    decided_at: Option<Timestamp>,
) -> String {
    match status {
        Status::AwaitingReview => {
            let urgency = i64::from(i32::MAX) - i64::from(priority);
            format!("{urgency:010}#{:013}#{}#{}", awaiting_since.millis(), id.run, id.block)
        }
        Status::Approved | Status::Rejected => {
            let decided = decided_at.unwrap_or(awaiting_since).millis();
            format!("{:013}#{}#{}", END_OF_TIME - decided, id.run, id.block)
        }
    }
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
    use crate::store::table::keys::id;

    #[test]
    fn hot_reviews_sort_first_and_long_waiting_ones_before_short() {
        let open = |priority, since| {
            queue_position(&id("r"), Status::AwaitingReview, priority, Timestamp::from_millis(since), None)
        };
        let mut positions =
            vec![open(0, 5), open(i32::MIN, 1), open(7, 9), open(i32::MAX, 9), open(7, 3), open(-1, 2)];
        positions.sort();
        assert_eq!(
            positions,
            [open(i32::MAX, 9), open(7, 3), open(7, 9), open(0, 5), open(-1, 2), open(i32::MIN, 1)]
        );
    }

    #[test]
    fn newly_decided_reviews_sort_first() {
        let decided = |at| {
            let at = Some(Timestamp::from_millis(at));
            queue_position(&id("r"), Status::Approved, 0, Timestamp::default(), at)
        };
        assert!(decided(1_778_662_500_001) < decided(1_778_662_500_000));
    }

    #[test]
    fn only_positions_are_positions() {
        let at = Timestamp::from_millis(1_778_662_500_000);
        let open = queue_position(&id("r"), Status::AwaitingReview, -3, at, None);
        let decided = queue_position(&id("r"), Status::Rejected, 0, at, Some(at));
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
