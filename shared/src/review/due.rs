//! What follows from a deadline: reminders, and what the policy does with a review that is overdue.

use super::{
    ActorId, AuditEvent, CommandContext, Deadline, DeadlineStep, Decision, DecisionRequest, EntryId, GroupId,
    OutputCheck, OverdueAction, RecordedEvent, Refusal, Review, Standing, Status, Timestamp, Written,
};

/// The reason of a policy's decision, where the policy gives none.
const NOT_IN_TIME: &str = "It was not decided in time.";

/// What the policy has done with an overdue review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyStep {
    /// Nothing: it is not overdue, or the policy demands nothing then.
    None,
    /// It has decided, or escalated.
    Acted,
    /// It may not do what it demands. That is not tried again.
    Refused(Refusal),
    /// It would approve what nobody may approve alone, or unseen. That is not tried again.
    MayNotApprove,
}

/// A review after a step of its deadline.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// The review.
    pub review: Review,
    /// Whether a reminder is recorded.
    pub reminded: bool,
    /// Whether it is recorded as overdue.
    pub overdue: bool,
    /// What the policy has done.
    pub policy: PolicyStep,
}

impl Review {
    /// When something is to be done by its deadline: only while it is open.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.terms.deadline.as_ref().filter(|_| self.status == Status::AwaitingReview)?.next_at()
    }

    /// Whether it is open, and its due time has come.
    pub fn is_overdue_at(&self, now: Timestamp) -> bool {
        let deadline = self.terms.deadline.as_ref().filter(|_| self.status == Status::AwaitingReview);
        deadline.is_some_and(|deadline| deadline.due_at <= now)
    }

    /// What its deadline demands at `context.at`, all in one change: a reminder; or that it is overdue, with what the policy does then,
    /// as an entry of its own with the id `action_id`. `None` if there is nothing to do. `older` are the decisions that are not in the
    /// review itself.
    ///
    /// `rev` advances by the policy's decision alone. If that is refused, the deadline is done with all the same.
    pub fn follow_deadline(
        &self,
        context: &CommandContext,
        action_id: EntryId,
        older: &[Decision],
    ) -> Option<Followed> {
        let deadline = self.terms.deadline.as_ref().filter(|_| self.status == Status::AwaitingReview)?;
        let (step, after) = deadline.follow(context.at)?;
        let due_at = deadline.due_at;
        let mut next = self.clone();
        let (mut reminded, mut overdue) = (false, false);
        match step {
            DeadlineStep::Remind => {
                next.record(context, RecordedEvent::Plain(AuditEvent::DueSoon { due_at }));
                reminded = true;
            }
            DeadlineStep::Act { record: true } => {
                next.record(context, RecordedEvent::Plain(AuditEvent::Overdue { due_at }));
                overdue = true;
            }
            DeadlineStep::Act { record: false } => {}
        }
        next.updated_at = context.at;
        next.terms.deadline = Some(after);
        let unchanged = |policy| Followed { review: next.clone(), reminded, overdue, policy };
        if step == DeadlineStep::Remind {
            return Some(unchanged(PolicyStep::None));
        }
        let Some(request) = demanded(deadline) else { return Some(unchanged(PolicyStep::None)) };
        if matches!(request, DecisionRequest::Approve { .. }) && next.needs_eyes() {
            return Some(unchanged(PolicyStep::MayNotApprove));
        }
        // The policy assigned it, and is not bound by that.
        let standing = Standing { may_override: true, ..Standing::default() };
        let context = CommandContext { entry_id: action_id, standing, ..context.clone() };
        let limited = |written: Written| written.within_limits(older).map(|()| written.review);
        Some(match next.decide(request, &context).and_then(limited) {
            Ok(mut review) => {
                review.assign_to_addressee(deadline);
                Followed { review, reminded, overdue, policy: PolicyStep::Acted }
            }
            Err(refusal) => unchanged(PolicyStep::Refused(refusal)),
        })
    }

    /// Whether nobody can approve it alone, or unseen.
    fn needs_eyes(&self) -> bool {
        self.terms.approvals.is_some() || self.terms.output == Some(OutputCheck::Enforce)
    }

    /// An escalation by the policy gives it to the group and to the actor of that name alone, if it was assigned to anybody: under
    /// enforcement, too. Which of the two there is, only a look at all keys would say.
    fn assign_to_addressee(&mut self, deadline: &Deadline) {
        let to = deadline.on_overdue.escalate_to.as_deref();
        let Some(name) = to.filter(|_| deadline.on_overdue.action == OverdueAction::Escalate) else { return };
        let groups: Vec<GroupId> = GroupId::parse(name).into_iter().collect();
        let actors: Vec<ActorId> = ActorId::parse(name).into_iter().collect();
        if let Some(assignment) = self.terms.assignment.as_mut().filter(|_| !actors.is_empty()) {
            (assignment.groups, assignment.actors) = (groups, actors);
        }
    }
}

/// The decision that the policy demands of an overdue review.
fn demanded(deadline: &Deadline) -> Option<DecisionRequest> {
    let on_overdue = &deadline.on_overdue;
    let reason = || on_overdue.reason.clone().unwrap_or_else(|| NOT_IN_TIME.to_owned());
    match on_overdue.action {
        OverdueAction::None => None,
        OverdueAction::Escalate => on_overdue
            .escalate_to
            .clone()
            .map(|escalate_to| DecisionRequest::Escalate { on_seq: None, reason: reason(), escalate_to }),
        OverdueAction::Reject => Some(DecisionRequest::Reject { on_seq: None, reason: reason() }),
        OverdueAction::Approve => Some(DecisionRequest::Approve {
            edited_output: None,
            on_seq: None,
            effective_seq: None,
            reason: Some(reason()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};
    use crate::review::{
        Actor, Approvals, Assignment, MAX_ESCALATIONS, OnOverdue, RequestDigest, Rev, TtlSeconds, Verdict,
    };

    const DUE: u32 = 100;

    fn due_review(action: OverdueAction) -> Review {
        let mut review = review_and_version().0;
        let to = (action == OverdueAction::Escalate).then(|| "leads".to_owned());
        let on_overdue = OnOverdue { action, escalate_to: to, reason: None };
        review.terms.deadline = Some(Deadline::starting(review.created_at, DUE, vec![60, 30], on_overdue));
        review
    }

    fn after(review: &Review, seconds: i64) -> Timestamp {
        review.created_at.plus_millis(seconds * 1000)
    }

    fn follow(review: &Review, seconds: i64) -> Option<Followed> {
        let context = context(0, after(review, seconds), "");
        review.follow_deadline(&context, EntryId::from_bytes([9; 16]), &[])
    }

    fn events(review: &Review) -> Vec<&str> {
        review.journal.iter().map(|entry| entry.event.as_str()).collect()
    }

    #[test]
    fn reminders_come_in_their_time_and_those_passed_over_as_one() {
        let review = due_review(OverdueAction::None);
        assert_eq!((follow(&review, 39), review.next_due_at()), (None, Some(after(&review, 40))));
        let one = follow(&review, 40).unwrap();
        assert!(one.reminded && !one.overdue && one.review.rev == Rev(0));
        assert_eq!(one.review.next_due_at(), Some(after(&review, 70)));
        assert_eq!(follow(&one.review, 69), None);
        for (begin, entries) in [(&one.review, 3), (&review, 2)] {
            let both = follow(begin, 99).unwrap().review;
            assert_eq!((both.journal.len(), both.next_due_at()), (entries, Some(after(&review, 100))));
            let overdue = follow(&both, 100).unwrap();
            assert!(overdue.overdue && !overdue.reminded && overdue.policy == PolicyStep::None);
            assert_eq!((overdue.review.rev, overdue.review.next_due_at()), (Rev(0), None));
            assert_eq!(follow(&overdue.review, 10_000), None);
        }
        let late = follow(&review, 100).unwrap().review;
        assert_eq!(events(&late), ["overlay_created", "overdue"], "a reminder now would be false");
    }

    #[test]
    fn the_policy_decides_in_the_same_change_and_ends_the_claim() {
        for (action, status, verdict) in [
            (OverdueAction::Approve, Status::Approved, Verdict::Approved),
            (OverdueAction::Reject, Status::Rejected, Verdict::Rejected),
            (OverdueAction::Escalate, Status::AwaitingReview, Verdict::Escalated),
        ] {
            let review = due_review(action);
            let claimed = review.claim(TtlSeconds::default(), &context(1, after(&review, 50), "")).unwrap();
            let done = follow(&claimed, 100).unwrap();
            assert_eq!((done.policy, done.overdue), (PolicyStep::Acted, true));
            let review = done.review;
            assert_eq!((review.status, review.rev, review.claim.as_ref()), (status, Rev(2), None));
            assert_eq!(events(&review)[2..], ["overdue", "decision_submitted"]);
            let decision = review.decisions.last().unwrap();
            assert_eq!((decision.verdict, decision.reason.as_deref()), (verdict, Some(NOT_IN_TIME)));
            assert_eq!((review.claim_ended_since(&claimed).is_some(), review.next_due_at()), (true, None));
            let ids: Vec<EntryId> = review.journal.iter().map(|entry| entry.entry_id).collect();
            assert_ne!(ids[2], ids[3], "events are told apart by them");
        }
    }

    #[test]
    fn what_somebody_has_decided_has_no_deadline_until_it_is_reopened() {
        let review = due_review(OverdueAction::Reject);
        let approve =
            DecisionRequest::Approve { edited_output: None, on_seq: None, effective_seq: None, reason: None };
        let decided = review.decide(approve, &context(1, after(&review, 90), "")).unwrap().review;
        assert_eq!((follow(&decided, 1_000), decided.next_due_at()), (None, None));
        let reopened = decided.reopen(None, false, &context(1, after(&review, 500), "")).unwrap().review;
        assert_eq!(reopened.next_due_at(), Some(after(&review, 540)));
        // As after a time-out: what was recorded does not count any more.
        let rejected = follow(&review, 100).unwrap().review;
        let reopened = rejected.reopen(None, false, &context(1, after(&review, 500), "")).unwrap().review;
        assert_eq!(reopened.next_due_at(), Some(after(&review, 540)));
        let again = follow(&reopened, 600).unwrap();
        assert!(again.overdue && again.policy == PolicyStep::Acted);
    }

    #[test]
    fn what_the_policy_may_not_do_is_recorded_as_overdue_and_not_tried_again() {
        let mut review = due_review(OverdueAction::Escalate);
        for _ in 0..MAX_ESCALATIONS {
            let request =
                DecisionRequest::Escalate { on_seq: None, reason: "?".into(), escalate_to: "legal".into() };
            let context =
                CommandContext { request: RequestDigest::of("", &[]), ..context(1, review.updated_at, "") };
            review = review.decide(request, &context).unwrap().review;
        }
        let older = review.decisions.split_off(1);
        let context = context(0, after(&review, 100), "");
        let done = review.follow_deadline(&context, EntryId::from_bytes([9; 16]), &older).unwrap();
        assert_eq!((done.policy, done.overdue), (PolicyStep::Refused(Refusal::TooManyEscalations), true));
        assert_eq!((done.review.rev, done.review.next_due_at()), (review.rev, None));
        assert_eq!(done.review.priority, review.priority, "nothing of the refused decision is left");

        let approve = due_review(OverdueAction::Approve);
        let approvals = Approvals { required: 2, four_eyes: false, given: Vec::new(), made_by: Vec::new() };
        let mut several = approve.clone();
        several.terms.approvals = Some(approvals);
        let mut enforced = approve;
        enforced.terms.output = Some(OutputCheck::Enforce);
        for review in [several, enforced] {
            let done = follow(&review, 100).unwrap();
            assert_eq!(
                (done.policy, done.review.status),
                (PolicyStep::MayNotApprove, Status::AwaitingReview)
            );
            assert_eq!((done.review.decisions.len(), done.review.next_due_at()), (0, None));
        }
    }

    #[test]
    fn an_escalation_gives_it_to_who_is_named() {
        let group = |name: &str| GroupId::parse(name).unwrap();
        let review = due_review(OverdueAction::Escalate);
        let mut assigned = review.clone();
        assigned.terms.assignment = Some(Assignment {
            groups: vec![group("clerks")],
            actors: vec![context(1, review.created_at, "").actor.id],
            enforce: true,
        });
        let done = follow(&assigned, 100).unwrap().review;
        assert_eq!(done.escalated_to.as_deref(), Some("leads"));
        let leads = ActorId::parse("leads").unwrap();
        let expected =
            Assignment { groups: vec![group("leads")], actors: vec![leads.clone()], enforce: true };
        assert_eq!(done.terms.assignment, Some(expected));
        // The policy may have named a person: who else could work on it?
        let lead = Actor { id: leads, ..context(1, review.created_at, "").actor };
        assert!(done.lets_work(&lead, &Standing::default()));
        // Nobody in particular before; or no group.
        assert_eq!(follow(&review, 100).unwrap().review.terms.assignment, None);
        let deadline = assigned.terms.deadline.as_mut().unwrap();
        deadline.on_overdue.escalate_to = Some("whoever is in".into());
        let done = follow(&assigned, 100).unwrap().review;
        assert_eq!(done.terms.assignment, assigned.terms.assignment);
    }
}
