//! Filters of the queue.

use crate::review::{Actor, OrganizationId, Review, Standing, Status, Timestamp, WorkflowId};
use crate::store::table::keys;

/// Which reviews to list (contract: `GET /workflows/reviews`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFilter {
    /// The organization.
    pub organization: OrganizationId,
    /// One workflow, or all.
    pub workflow: Option<WorkflowId>,
    /// One status, or all: the open ones, then the decided ones.
    pub status: Option<Status>,
    /// Only those that this actor has claimed or, of decided ones, those that this actor has decided.
    pub claimed_by: Option<Actor>,
    /// Only open ones that are overdue.
    pub overdue: bool,
    /// Only open ones that are assigned to this actor, or to a group of theirs.
    pub assigned: Option<(Actor, Standing)>,
}

impl QueueFilter {
    /// Whether it selects decided reviews only.
    pub(in crate::store) fn is_decided(&self) -> bool {
        self.status.is_some_and(|status| status != Status::AwaitingReview)
    }

    /// The partition of the index for a status.
    pub(in crate::store) fn partition(&self, status: Status) -> String {
        match &self.workflow {
            None => keys::queue(&self.organization, status),
            Some(workflow) => keys::workflow_queue(&self.organization, workflow, status),
        }
    }

    /// The index, and the name of its partition key.
    pub(in crate::store) const fn index(&self) -> (&'static str, &'static str) {
        match &self.workflow {
            None => (keys::QUEUE, "queue_pk"),
            Some(_) => (keys::QUEUE_BY_WORKFLOW, "workflow_queue_pk"),
        }
    }
}

pub(in crate::store) fn matches(review: &Review, filter: &QueueFilter, now: Timestamp) -> bool {
    filter.status.is_none_or(|status| review.status == status)
        && filter.workflow.as_ref().is_none_or(|workflow| review.workflow_id == *workflow)
        && (!filter.overdue || review.is_overdue_at(now))
        && filter.assigned.as_ref().is_none_or(|(actor, standing)| {
            let assignment = review.terms.assignment.as_ref();
            assignment.is_some_and(|assignment| assignment.names(actor, standing))
        })
        && filter.claimed_by.as_ref().is_none_or(|actor| {
            if filter.is_decided() {
                review.decided_by().is_some_and(|decider| decider.is(actor))
            } else {
                review.claim_at(now).is_some_and(|claim| claim.holder.is(actor))
            }
        })
}
