//! A workflow's policy: what it says of the outputs of its blocks.

use super::{
    Approvals, Assignment, BlockId, Deadline, JsonText, MAX_APPROVALS, OnOverdue, OutputCheck, OverdueAction,
    Priority, Terms, Timestamp, WorkflowId,
};
use std::collections::BTreeMap;

/// A workflow's policy: a rule for each block that it names, and one for all others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// By block; `*` is for blocks without one of their own.
    pub blocks: BTreeMap<String, Rule>,
}

impl Policy {
    /// Most blocks, `*` included.
    pub const MAX_BLOCKS: usize = 50;
    /// Largest policy, in bytes of JSON.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// What stands for all blocks without a rule of their own.
    pub const OTHERS: &str = "*";

    /// Whether a workflow can have one. Below `/v1/workflows/reviews` are the reviews: of a workflow of that name, the path of the policy's
    /// audit is that of a review.
    pub fn can_be_of(workflow: &WorkflowId) -> bool {
        workflow.as_str() != "reviews"
    }

    /// The rule of a block and what it is found under: its own, else the one for all others. Rules are not merged.
    pub fn rule(&self, block: &BlockId) -> Option<(&str, &Rule)> {
        let of = |name: &str| self.blocks.get_key_value(name).map(|(name, rule)| (name.as_str(), rule));
        of(block.as_str()).or_else(|| of(Self::OTHERS))
    }
}

/// What a policy says of one block: when its output is held, and what its review then demands. Each part may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// When an output is held, where the caller of `gate` does not say. As JSON: only the gate reads it.
    pub predicate: Option<JsonText>,
    /// How urgent a review is, where who opens it does not say.
    pub priority: Option<Priority>,
    /// Who is to review it.
    pub assignment: Option<Assignment>,
    /// How long it may take.
    pub due: Option<DueRule>,
    /// How many must approve it.
    pub approvals: Option<ApprovalRule>,
    /// Whether what is approved must fit its schema.
    pub output: Option<OutputCheck>,
    /// What names a review in the queue: paths in its output.
    pub display: Vec<String>,
}

/// How long a review may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRule {
    /// In seconds, from its opening.
    pub due_in_seconds: u32,
    /// How long before that reminders are sent, in seconds.
    pub remind_before_seconds: Vec<u32>,
    /// What happens then.
    pub on_overdue: OnOverdue,
}

/// How many must approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalRule {
    /// How many different actors: 1 to 5.
    pub required: u8,
    /// Whether who made a version may not approve it.
    pub four_eyes: bool,
}

impl Rule {
    /// What a review demands that opens at `at`.
    pub fn terms(&self, at: Timestamp) -> Terms {
        let deadline = self
            .due
            .clone()
            .map(|due| Deadline::starting(at, due.due_in_seconds, due.remind_before_seconds, due.on_overdue));
        // One approval by anybody is what every review needs.
        let approvals = self.approvals.filter(|rule| rule.required > 1 || rule.four_eyes);
        Terms {
            assignment: self.assignment.clone(),
            deadline,
            approvals: approvals.map(|rule| Approvals {
                required: rule.required.clamp(1, MAX_APPROVALS),
                four_eyes: rule.four_eyes,
                given: Vec::new(),
                made_by: Vec::new(),
            }),
            output: self.output,
        }
    }

    /// Whether a time-out would approve what the rule lets nobody approve unseen.
    pub fn approves_unseen(&self) -> bool {
        let approves = self.due.as_ref().is_some_and(|due| due.on_overdue.action == OverdueAction::Approve);
        let several = self.approvals.is_some_and(|rule| rule.required > 1 || rule.four_eyes);
        approves && (several || self.output == Some(OutputCheck::Enforce))
    }
}
