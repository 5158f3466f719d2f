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

/// What a deadline asks for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineStep {
    /// A reminder.
    Remind,
    /// It has passed: the policy acts.
    Act {
        /// Whether it is to be recorded as overdue: not if that was done before.
        record: bool,
    },
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

    /// The same time to review, and the same reminders, from a later time on.
    #[must_use]
    pub fn restarted(&self, from: Timestamp) -> Self {
        Self::starting(from, self.due_in_seconds, self.remind_before_seconds.clone(), self.on_overdue.clone())
    }

    /// When something is to be done next, if anything is.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.is_done {
            return None;
        }
        let reminder = self.remind_before_seconds.get(usize::from(self.reminded));
        Some(reminder.map_or(self.due_at, |before| self.reminder_at(*before)))
    }

    /// What is to be done at `now`, and the deadline once that is done; `None` if it is too early, or nothing is left to do.
    ///
    /// Of several reminders whose times have passed, one is sent. None is sent once it is overdue: it would say what is no longer so.
    pub fn follow(&self, now: Timestamp) -> Option<(DeadlineStep, Self)> {
        self.next_at().filter(|at| *at <= now)?;
        let mut next = self.clone();
        if self.due_at <= now {
            next.reminded = count(&self.remind_before_seconds);
            (next.is_overdue_recorded, next.is_done) = (true, true);
            return Some((DeadlineStep::Act { record: !self.is_overdue_recorded }, next));
        }
        let passed = self.remind_before_seconds.iter().take_while(|before| self.reminder_at(**before) <= now);
        next.reminded = count(&passed.collect::<Vec<_>>());
        Some((DeadlineStep::Remind, next))
    }

    const fn reminder_at(&self, before_seconds: u32) -> Timestamp {
        self.due_at.plus_millis(-1000 * before_seconds as i64)
    }
}

/// How many there are: there are few ([`MAX_REMINDERS`]).
fn count<T>(reminders: &[T]) -> u8 {
    u8::try_from(reminders.len()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the times at which somebody looks, in whatever order.
        #[test]
        fn each_step_is_taken_once_and_none_before_its_time(
            due_in in 1..500_u32,
            remind in prop::collection::vec(0..600_u32, 0..MAX_REMINDERS),
            looks in prop::collection::vec(-10_000..700_000_i64, 0..40),
        ) {
            let mut deadline =
                Deadline::starting(Timestamp::default(), due_in, remind.clone(), OnOverdue::default());
            let due = i64::from(due_in) * 1000;
            let mut reminders: Vec<i64> = deadline
                .remind_before_seconds
                .iter()
                .map(|before| due - i64::from(*before) * 1000)
                .collect();
            prop_assert!(reminders.is_sorted() && reminders.len() <= remind.len());
            let mut acted = 0;
            for now in looks {
                let (before, at) = (deadline.next_at(), Timestamp::from_millis(now));
                let Some((step, next)) = deadline.follow(at) else {
                    prop_assert!(before.is_none_or(|before| before > at), "something was due");
                    continue;
                };
                prop_assert!(before.is_some_and(|before| before <= at), "nothing was due");
                match step {
                    DeadlineStep::Remind => {
                        let sent = reminders.len();
                        reminders.retain(|reminder| *reminder > now);
                        prop_assert!(now < due && acted == 0 && reminders.len() < sent, "a reminder too many");
                    }
                    DeadlineStep::Act { record } => {
                        acted += 1;
                        prop_assert!(now >= due && acted == 1 && record, "too early, or once more");
                        prop_assert_eq!(next.next_at(), None);
                    }
                }
                prop_assert_eq!(next.follow(at), None, "it has a second thing to do at the same time");
                deadline = next;
            }
        }
    }

    #[test]
    fn what_was_recorded_and_not_done_is_done_without_a_second_record() {
        let start = Timestamp::default();
        let deadline = Deadline::starting(start, 10, vec![5], OnOverdue::default());
        let recorded = Deadline { is_overdue_recorded: true, reminded: 1, ..deadline };
        assert_eq!(recorded.follow(start.plus_millis(9_999)), None);
        let (step, next) = recorded.follow(start.plus_millis(10_000)).unwrap();
        assert_eq!((step, next.is_done), (DeadlineStep::Act { record: false }, true));
        let again = next.restarted(start.plus_millis(20_000));
        assert_eq!((again.due_at.millis(), again.next_at().unwrap().millis()), (30_000, 25_000));
        assert!(!again.is_done && !again.is_overdue_recorded && again.reminded == 0);
    }
}
