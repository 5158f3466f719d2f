//! Who is to review it: assignments, and what an enforced one refuses.

use super::{
    Actor, ActorId, Addressee, Assignment, AuditEvent, CommandContext, GroupId, MAX_ASSIGNMENTS,
    RecordedEvent, Refusal, Review, Standing, Written,
};

impl Review {
    /// Assigns the review to groups and actors; to nobody, if there are none. It can be assigned [`MAX_ASSIGNMENTS`] times. Whether that is
    /// enforced stays what the policy said: then only those it is assigned to may assign it. With `hand_over` the actor's own claim ends;
    /// another's stays.
    pub fn assign(
        &self,
        groups: Vec<GroupId>,
        actors: Vec<ActorId>,
        reason: Option<String>,
        hand_over: bool,
        context: &CommandContext,
    ) -> Result<Written, Refusal> {
        self.must_be_open()?;
        self.must_be_assigned_to(context)?;
        if self.assignments >= MAX_ASSIGNMENTS {
            return Err(Refusal::TooManyAssignments);
        }
        let mut next = self.clone();
        next.assignments += 1;
        next.set_assigned(groups.clone(), actors.clone());
        let holds_it = self.claim_at(context.at).is_some_and(|claim| claim.holder.is(&context.actor));
        let event = AuditEvent::Assigned { groups, actors, reason, hands_over: hand_over && holds_it };
        next.advance(context, RecordedEvent::Plain(event));
        Ok(Written { review: next, version: None })
    }

    /// Refuses who may not work on it.
    pub(super) fn must_be_assigned_to(&self, context: &CommandContext) -> Result<(), Refusal> {
        if self.lets_work(&context.actor, &context.standing) { Ok(()) } else { Err(Refusal::NotAssigned) }
    }

    /// Whether an actor may work on it: unless it is assigned to others, and that is enforced.
    pub fn lets_work(&self, actor: &Actor, standing: &Standing) -> bool {
        let enforced = self.terms.assignment.as_ref().filter(|assignment| assignment.enforce);
        enforced.is_none_or(|assignment| standing.may_override || assignment.names(actor, standing))
    }

    /// Whether it is assigned to others only.
    pub fn is_assigned_to_others(&self, actor: &Actor, standing: &Standing) -> bool {
        self.terms.assignment.as_ref().is_some_and(|assignment| !assignment.names(actor, standing))
    }

    /// Assigns it to whom an escalation is addressed to. An enforced assignment cannot go to somebody whom the organization does not know:
    /// nobody could work on it.
    pub(super) fn assign_to(&mut self, addressee: Option<&Addressee>) -> Result<(), Refusal> {
        match addressee {
            Some(Addressee::Group(group)) => self.set_assigned(vec![group.clone()], Vec::new()),
            Some(Addressee::Actor(actor)) => self.set_assigned(Vec::new(), vec![actor.clone()]),
            Some(Addressee::Unknown)
                if self.terms.assignment.as_ref().is_some_and(|assignment| assignment.enforce) =>
            {
                return Err(Refusal::UnknownAddressee);
            }
            Some(Addressee::Unknown) | None => {}
        }
        Ok(())
    }

    fn set_assigned(&mut self, groups: Vec<GroupId>, actors: Vec<ActorId>) {
        let enforce = self.terms.assignment.as_ref().is_some_and(|assignment| assignment.enforce);
        let assignment = Assignment { groups, actors, enforce };
        // One to nobody that is not enforced says nothing.
        self.terms.assignment = (enforce || !assignment.is_to_nobody()).then_some(assignment);
    }
}
