//! Decisions: verdicts on a version, append-only.

use super::terms::{Addressee, is_same_name};
use super::{
    Actor, AuditEvent, CommandContext, Correction, HashedJson, Origin, Priority, RecordedEvent, Refusal,
    Review, Seq, Status, Timestamp, Written, words,
};
use schemars::JsonSchema;
use serde::Serialize;

/// By how much an escalation raises a review's priority, so that its addressee finds it sooner. Escalating it to the same addressee
/// again does not raise it further.
pub const ESCALATION_STEP: i32 = 10;

words! {
    /// What was decided (seed: `verdict`).
    pub enum Verdict {
        /// The run resumes with the effective version.
        Approved = "approved",
        /// The run does not resume with this output.
        Rejected = "rejected",
        /// Somebody else should look; the review stays open.
        Escalated = "escalated",
    }
}

/// One verdict (seed: `ReviewDecision`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    /// Stable and unique.
    pub decision_id: String,
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided.
    pub decided_by: Actor,
    /// When it was made.
    pub decided_at: Timestamp,
    /// The version that was reviewed.
    pub on_seq: Seq,
    /// The version that downstream consumes; approvals only. Null for an approval short of those required.
    pub effective_seq: Option<Seq>,
    /// Why.
    pub reason: Option<String>,
    /// The addressee; escalations only.
    pub escalate_to: Option<String>,
    /// The decision it replaces after a reopening.
    pub supersedes_decision_id: Option<String>,
}

impl Decision {
    /// Whether it decided the review: a rejection, or an approval that was not short of those required.
    pub const fn is_final(&self) -> bool {
        match self.verdict {
            Verdict::Approved => self.effective_seq.is_some(),
            Verdict::Rejected => true,
            Verdict::Escalated => false,
        }
    }

    /// Whether it is an approval short of those required: the review stayed open.
    pub const fn is_partial(&self) -> bool {
        matches!((self.verdict, self.effective_seq), (Verdict::Approved, None))
    }
}

/// A decision to be made (contract: `POST …/decision`). Each verdict has the fields that it needs, and no others.
#[derive(Clone, Debug)]
pub enum DecisionRequest {
    /// The output is good, as it is or with a last correction.
    Approve {
        /// A complete corrected output, appended as a version in the same write.
        edited_output: Option<HashedJson>,
        /// The version that was reviewed; the newest by default.
        on_seq: Option<Seq>,
        /// The version that downstream consumes; the reviewed one by default.
        effective_seq: Option<Seq>,
        /// Why, optionally.
        reason: Option<String>,
    },
    /// The output is not good.
    Reject {
        /// The version that was reviewed; the newest by default.
        on_seq: Option<Seq>,
        /// Why. Not blank.
        reason: String,
    },
    /// Somebody else should look.
    Escalate {
        /// The version that was reviewed; the newest by default.
        on_seq: Option<Seq>,
        /// Why. Not blank.
        reason: String,
        /// To whom. Not blank.
        escalate_to: String,
    },
}

impl Review {
    /// Who made the newest decision, if it was an approval or a rejection.
    pub fn decided_by(&self) -> Option<&Actor> {
        let last = self.decisions.last().filter(|decision| decision.is_final());
        last.map(|decision| &decision.decided_by)
    }

    /// Decides, or escalates. A decision ends the claim; the actor need not hold it.
    ///
    /// Where several must approve, an approval short of those required leaves the review open.
    pub fn decide(&self, request: DecisionRequest, context: &CommandContext) -> Result<Written, Refusal> {
        self.decide_to(request, None, context)
    }

    /// As [`Review::decide`], where it is known whom an escalation is addressed to: it assigns the review to them. `None` if that was not
    /// looked up, or if it is no escalation.
    pub fn decide_to(
        &self,
        request: DecisionRequest,
        addressee: Option<&Addressee>,
        context: &CommandContext,
    ) -> Result<Written, Refusal> {
        self.must_be_open()?;
        self.must_be_assigned_to(context)?;
        let mut next = self.clone();
        let mut decision = Decision {
            // The entry's id serves as the decision's, too.
            decision_id: context.entry_id.to_string(),
            verdict: Verdict::Approved,
            decided_by: context.actor.clone(),
            decided_at: context.at,
            on_seq: self.head_seq,
            effective_seq: None,
            reason: None,
            escalate_to: None,
            supersedes_decision_id: self.superseded(),
        };
        let mut version = None;
        let mut priority = None;
        match request {
            DecisionRequest::Approve { edited_output, on_seq, effective_seq, reason } => {
                if edited_output.is_some() {
                    self.has_room_for_a_version()?;
                }
                version = edited_output
                    .map(|snapshot| next.append(Correction::with(snapshot, &context.actor), context));
                decision.on_seq = next.existing("on_seq", on_seq)?;
                let effective = next.existing("effective_seq", effective_seq.or(Some(decision.on_seq)))?;
                decision.reason = reason;
                if next
                    .is_approved_by([("on_seq", decision.on_seq), ("effective_seq", effective)], context)?
                {
                    decision.effective_seq = Some(effective);
                    next.close(Status::Approved, Some(effective), context);
                }
            }
            DecisionRequest::Reject { on_seq, reason } => {
                decision.verdict = Verdict::Rejected;
                decision.on_seq = next.existing("on_seq", on_seq)?;
                decision.reason = Some(reason);
                next.close(Status::Rejected, None, context);
            }
            DecisionRequest::Escalate { on_seq, reason, escalate_to } => {
                decision.verdict = Verdict::Escalated;
                decision.on_seq = next.existing("on_seq", on_seq)?;
                decision.reason = Some(reason);
                decision.escalate_to = Some(escalate_to.clone());
                next.assign_to(addressee)?;
                priority = next.escalate_to(escalate_to);
            }
        }
        let event = AuditEvent::DecisionSubmitted {
            decision_id: decision.decision_id.clone(),
            verdict: decision.verdict,
            on_seq: decision.on_seq,
            effective_seq: decision.effective_seq,
            appended_seq: version.as_ref().map(|version| version.seq),
            priority,
        };
        next.decisions.push(decision);
        next.advance(context, RecordedEvent::Plain(event));
        Ok(Written { review: next, version })
    }

    /// The decision that the next one replaces: the last final one, if the review was reopened. An escalation, and an approval short of those
    /// required, replace none, and name the same one as the decision after them: the review itself keeps the last decision only.
    fn superseded(&self) -> Option<String> {
        let last = self.decisions.last()?;
        if last.is_final() { Some(last.decision_id.clone()) } else { last.supersedes_decision_id.clone() }
    }

    fn existing(&self, field: &'static str, seq: Option<Seq>) -> Result<Seq, Refusal> {
        let seq = seq.unwrap_or(self.head_seq);
        if seq <= self.head_seq {
            Ok(seq)
        } else {
            Err(Refusal::NoSuchVersion { field, newest: self.head_seq })
        }
    }

    /// Sets the addressee. Returns the priority that this raises the review to, unless it was escalated to the same one before.
    fn escalate_to(&mut self, addressee: String) -> Option<Priority> {
        let again = self.escalated_to.as_deref().is_some_and(|before| is_same_name(before, &addressee));
        self.escalated_to = Some(addressee);
        if again {
            return None;
        }
        self.priority = Priority(self.priority.0.saturating_add(ESCALATION_STEP));
        Some(self.priority)
    }

    fn close(&mut self, status: Status, effective_seq: Option<Seq>, context: &CommandContext) {
        self.status = status;
        self.effective_seq = effective_seq;
        self.decided_at = Some(context.at);
    }
}

impl Correction {
    /// A correction that comes with an approval.
    fn with(snapshot: HashedJson, author: &Actor) -> Self {
        Self { snapshot, origin: Origin::edit_by(author.kind), note: None }
    }
}
