//! The terms of a review as they are stored. Their names are the table's schema.

use crate::review::{
    ActorId, Approval, Approvals, Assignment, Deadline, OnOverdue, OutputCheck, OverdueAction, Seq, Terms,
    Timestamp,
};
use crate::store::error::StoreError;
use crate::store::items::values::{StoredActor, decode_groups, stored_words};
use crate::store::table::codec::corrupt;
use serde::{Deserialize, Serialize};

stored_words!(StoredOutputCheck for OutputCheck { Advise = "a", Enforce = "e" });
stored_words!(StoredOverdueAction for OverdueAction { None = "n", Escalate = "e", Reject = "r", Approve = "a" });

/// Terms; each part is absent where the review has none.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::store) struct StoredTerms {
    /// Assignment.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    assignment: Option<StoredAssignment>,
    /// Deadline.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    deadline: Option<StoredDeadline>,
    /// Approvals.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    approvals: Option<StoredApprovals>,
    /// Output.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    output: Option<StoredOutputCheck>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredAssignment {
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    actors: Vec<String>,
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    enforce: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredDeadline {
    /// Due at.
    #[serde(rename = "t")]
    due_at: i64,
    /// Due in seconds.
    #[serde(rename = "s")]
    due_in_seconds: u32,
    /// Reminders, in seconds before.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    remind_before_seconds: Vec<u32>,
    /// Reminders that are done.
    #[serde(rename = "m", default)]
    reminded: u8,
    /// Action.
    #[serde(rename = "a")]
    action: StoredOverdueAction,
    #[serde(rename = "to", default, skip_serializing_if = "Option::is_none")]
    escalate_to: Option<String>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// It is recorded as overdue.
    #[serde(rename = "l", default, skip_serializing_if = "std::ops::Not::not")]
    is_overdue_recorded: bool,
    /// The policy has acted.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    is_done: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredApprovals {
    #[serde(rename = "n")]
    required: u8,
    #[serde(rename = "e", default, skip_serializing_if = "std::ops::Not::not")]
    four_eyes: bool,
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    given: Vec<StoredApproval>,
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    made_by: Vec<StoredActor>,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredApproval {
    #[serde(rename = "a")]
    actor: StoredActor,
    #[serde(rename = "s")]
    on_seq: u32,
    #[serde(rename = "t")]
    at: i64,
}

impl StoredTerms {
    pub(in crate::store) const fn is_empty(&self) -> bool {
        self.assignment.is_none()
            && self.deadline.is_none()
            && self.approvals.is_none()
            && self.output.is_none()
    }

    pub(in crate::store) fn decode(self) -> Result<Terms, StoreError> {
        Ok(Terms {
            assignment: self.assignment.map(StoredAssignment::decode).transpose()?,
            deadline: self.deadline.map(StoredDeadline::decode),
            approvals: self.approvals.map(StoredApprovals::decode).transpose()?,
            output: self.output.map(OutputCheck::from),
        })
    }
}

impl From<&Terms> for StoredTerms {
    fn from(terms: &Terms) -> Self {
        Self {
            assignment: terms.assignment.as_ref().map(StoredAssignment::from),
            deadline: terms.deadline.as_ref().map(StoredDeadline::from),
            approvals: terms.approvals.as_ref().map(StoredApprovals::from),
            output: terms.output.map(StoredOutputCheck::from),
        }
    }
}

impl StoredAssignment {
    fn decode(self) -> Result<Assignment, StoreError> {
        let actors = self.actors.iter().map(|it| ActorId::parse(it)).collect::<Result<_, _>>();
        Ok(Assignment {
            groups: decode_groups(&self.groups)?,
            actors: actors.map_err(|_| corrupt("an assigned actor")())?,
            enforce: self.enforce,
        })
    }
}

impl From<&Assignment> for StoredAssignment {
    fn from(assignment: &Assignment) -> Self {
        Self {
            groups: assignment.groups.iter().map(ToString::to_string).collect(),
            actors: assignment.actors.iter().map(ToString::to_string).collect(),
            enforce: assignment.enforce,
        }
    }
}

impl StoredDeadline {
    fn decode(self) -> Deadline {
        Deadline {
            due_at: Timestamp::from_millis(self.due_at),
            due_in_seconds: self.due_in_seconds,
            remind_before_seconds: self.remind_before_seconds,
            on_overdue: OnOverdue {
                action: self.action.into(),
                escalate_to: self.escalate_to,
                reason: self.reason,
            },
            reminded: self.reminded,
            is_overdue_recorded: self.is_overdue_recorded,
            is_done: self.is_done,
        }
    }
}

impl From<&Deadline> for StoredDeadline {
    fn from(deadline: &Deadline) -> Self {
        let OnOverdue { action, escalate_to, reason } = deadline.on_overdue.clone();
        Self {
            due_at: deadline.due_at.millis(),
            due_in_seconds: deadline.due_in_seconds,
            remind_before_seconds: deadline.remind_before_seconds.clone(),
            reminded: deadline.reminded,
            action: action.into(),
            escalate_to,
            reason,
            is_overdue_recorded: deadline.is_overdue_recorded,
            is_done: deadline.is_done,
        }
    }
}

impl StoredApprovals {
    fn decode(self) -> Result<Approvals, StoreError> {
        let given = self.given.into_iter().map(StoredApproval::decode);
        let made_by = self.made_by.into_iter().map(StoredActor::decode);
        Ok(Approvals {
            required: self.required,
            four_eyes: self.four_eyes,
            given: given.collect::<Result<_, _>>()?,
            made_by: made_by.collect::<Result<_, _>>()?,
        })
    }
}

impl From<&Approvals> for StoredApprovals {
    fn from(approvals: &Approvals) -> Self {
        Self {
            required: approvals.required,
            four_eyes: approvals.four_eyes,
            given: approvals.given.iter().map(StoredApproval::from).collect(),
            made_by: approvals.made_by.iter().map(StoredActor::from).collect(),
        }
    }
}

impl StoredApproval {
    fn decode(self) -> Result<Approval, StoreError> {
        Ok(Approval {
            actor: self.actor.decode()?,
            on_seq: Seq(self.on_seq),
            at: Timestamp::from_millis(self.at),
        })
    }
}

impl From<&Approval> for StoredApproval {
    fn from(approval: &Approval) -> Self {
        Self {
            actor: StoredActor::from(&approval.actor),
            on_seq: approval.on_seq.0,
            at: approval.at.millis(),
        }
    }
}
