//! The terms of a review: who may work on it, by when, and how many must approve. A policy's rule sets them when the review opens, and
//! a later change of the policy does not change them.

mod approvals;
mod assignment;
mod deadline;

pub use approvals::{Approval, Approvals, MAX_APPROVALS};
pub use assignment::{
    Addressee, Assignment, MAX_ASSIGNEES, MAX_GROUPS, MAX_STAND_INS, Standing, is_same_name,
};
pub use deadline::{Deadline, DeadlineStep, MAX_DUE_SECONDS, MAX_REMINDERS, OnOverdue, OverdueAction};

use super::words;

words! {
    /// What happens to an approval of an output that breaks its schema.
    pub enum OutputCheck {
        /// It is approved; the answer names what does not fit.
        Advise = "advise",
        /// It is refused.
        Enforce = "enforce",
    }
}

/// What a review demands of those who work on it. Empty without a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who is to review it.
    pub assignment: Option<Assignment>,
    /// By when.
    pub deadline: Option<Deadline>,
    /// How many must approve.
    pub approvals: Option<Approvals>,
    /// Whether what is approved must fit its schema.
    pub output: Option<OutputCheck>,
}

impl Terms {
    /// Whether it demands nothing.
    pub const fn is_empty(&self) -> bool {
        self.assignment.is_none()
            && self.deadline.is_none()
            && self.approvals.is_none()
            && self.output.is_none()
    }

    /// Whether a build that does not know of terms would let pass what they refuse.
    pub fn must_be_known(&self) -> bool {
        self.approvals.is_some()
            || self.output == Some(OutputCheck::Enforce)
            || self.assignment.as_ref().is_some_and(|assignment| assignment.enforce)
    }
}
