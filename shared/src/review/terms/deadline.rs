//! By when a review is due, and what happens then.

use crate::review::{Timestamp, words};

/// Longest time to review, in seconds: a year.
pub const MAX_DUE_SECONDS: u32 = 366 * 24 * 60 * 60;
/// Most reminders.
pub const MAX_REMINDERS: usize = 5;

words! {
    /// What the policy does with a review that is overdue.
    pub enum OverdueAction {
        /// Nothing: it is recorded as overdue, and stays open.
        None = "none",
        /// It is escalated.
        Escalate = "escalate",
        /// It is rejected.
        Reject = "reject",
        /// It is approved as it is.
        Approve = "approve",
    }
    default None
}

/// What happens to an overdue review.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnOverdue {
    /// What.
    pub action: OverdueAction,
    /// To whom it is escalated: with `escalate` alone.
    pub escalate_to: Option<String>,
    /// The reason that the decision gives.
    pub reason: Option<String>,
}

/// When a review is due, and how far that has been acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When it is due.
    pub due_at: Timestamp,
    /// How long it may take, in seconds: a reopened review has that time again.
    pub due_in_seconds: u32,
    /// How long before it is due reminders are sent, in seconds; the longest first, each once.
    pub remind_before_seconds: Vec<u32>,
    /// What happens then.
    pub on_overdue: OnOverdue,
    /// How many of the reminders are recorded, or passed over.
    pub reminded: u8,
    /// Whether it is recorded that it is overdue.
    pub is_overdue_recorded: bool,
    /// Whether the policy has acted, or has nothing to do.
    pub is_done: bool,
}

impl Deadline {
    /// The deadline of a review that waits since `from`.
    pub fn starting(
        from: Timestamp,
        due_in_seconds: u32,
        mut remind: Vec<u32>,
        on_overdue: OnOverdue,
    ) -> Self {
        remind.sort_unstable_by(|one, other| other.cmp(one));
        remind.dedup();
        remind.retain(|before| *before < due_in_seconds);
        Self {
            due_at: from.plus_millis(i64::from(due_in_seconds) * 1000),
            due_in_seconds,
            remind_before_seconds: remind,
            on_overdue,
            reminded: 0,
            is_overdue_recorded: false,
            is_done: false,
        }
    }

    /// When something is to be done next, if anything is.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.is_done {
            return None;
        }
        let reminder = self.remind_before_seconds.get(usize::from(self.reminded));
        Some(reminder.map_or(self.due_at, |before| self.due_at.plus_millis(-1000 * i64::from(*before))))
    }
}
