//! For whom claim-next keeps a review.

use super::terms::is_same_name;
use super::{Actor, Review, Standing, Verdict};

/// Whether claim-next keeps an open review for another actor ([`Review::reserved_for`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The actor may claim it: it is neither escalated nor assigned to others.
    No,
    /// It is escalated or assigned to others: the actor may claim it if nothing else waits.
    ForAnother,
    /// It is of no use to the actor, who does not get it: they have escalated it, or approved it, or made what others must approve, or it
    /// is assigned to others who alone may work on it.
    NotForActor,
}

impl Review {
    /// Whether the review is kept for somebody other than `actor`. `escalate_to` is free text: it names an actor by id or display name, or
    /// a group, without regard to case and surrounding space.
    pub fn reserved_for(&self, actor: &Actor, standing: &Standing) -> Reserved {
        let approves_in_vain =
            self.terms.approvals.as_ref().is_some_and(|approvals| approvals.refuses(actor).is_some());
        if approves_in_vain || !self.lets_work(actor, standing) {
            return Reserved::NotForActor;
        }
        match self.escalated_for(actor, standing) {
            Reserved::No if self.is_assigned_to_others(actor, standing) => Reserved::ForAnother,
            reserved => reserved,
        }
    }

    /// Whether an escalation keeps it for somebody else. An approval since then has answered it.
    fn escalated_for(&self, actor: &Actor, standing: &Standing) -> Reserved {
        let escalation = self.decisions.last().filter(|decision| decision.verdict == Verdict::Escalated);
        let Some((decision, to)) = escalation.and_then(|it| Some((it, it.escalate_to.as_deref()?))) else {
            return Reserved::No;
        };
        if is_same_name(to, actor.id.as_str()) || is_same_name(to, &actor.display_name) {
            Reserved::No
        } else if decision.decided_by.is(actor) {
            // Also where it went to a group of theirs: somebody else there should look.
            Reserved::NotForActor
        } else if standing.groups.iter().any(|group| is_same_name(to, group.as_str())) {
            Reserved::No
        } else {
            Reserved::ForAnother
        }
    }
}
