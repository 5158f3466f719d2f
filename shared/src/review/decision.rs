//! Decisions: verdicts on a version, append-only.

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
    /// The version that downstream consumes; approvals only.
    pub effective_seq: Option<Seq>,
    /// Why.
    pub reason: Option<String>,
    /// The addressee; escalations only.
    pub escalate_to: Option<String>,
    /// The decision it replaces after a reopening.
    pub supersedes_decision_id: Option<String>,
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

/// Whether claim-next keeps an open review for another actor ([`Review::reserved_for`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The actor may claim it: it is not escalated, or escalated to them.
    No,
    /// It is escalated to somebody else: the actor may claim it if nothing else waits.
    ForAnother,
    /// The actor has escalated it, and does not get it back.
    ByActor,
}

/// Whether two texts name the same addressee of an escalation: without regard to case and to space around them.
fn is_same_addressee(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Review {
    /// Whether an escalation reserves the review for somebody other than `actor`. `escalate_to` is free text: it names an actor by id
    /// or display name, without regard to case and surrounding space.
    pub fn reserved_for(&self, actor: &Actor) -> Reserved {
        let escalation = self.decisions.last().filter(|decision| decision.verdict == Verdict::Escalated);
        let Some((decision, to)) = escalation.and_then(|it| Some((it, it.escalate_to.as_deref()?))) else {
            return Reserved::No;
        };
        if is_same_addressee(to, actor.id.as_str()) || is_same_addressee(to, &actor.display_name) {
            Reserved::No
        } else if decision.decided_by.is(actor) {
            Reserved::ByActor
        } else {
            Reserved::ForAnother
        }
    }

    /// Who made the newest decision, if it was an approval or a rejection.
    pub fn decided_by(&self) -> Option<&Actor> {
        let last = self.decisions.last().filter(|decision| decision.verdict != Verdict::Escalated);
        last.map(|decision| &decision.decided_by)
    }

    /// Decides, or escalates. A decision ends the claim; the actor need not hold it.
    pub fn decide(&self, request: DecisionRequest, context: &CommandContext) -> Result<Written, Refusal> {
        self.must_be_open()?;
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
                decision.effective_seq = Some(effective);
                decision.reason = reason;
                next.close(Status::Approved, Some(effective), context);
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

    /// The decision that the next one replaces: the last one, if it was terminal and the review was reopened.
    fn superseded(&self) -> Option<String> {
        let last = self.decisions.last().filter(|decision| decision.verdict != Verdict::Escalated);
        last.map(|decision| decision.decision_id.clone())
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
        let again = self.escalated_to.as_deref().is_some_and(|before| is_same_addressee(before, &addressee));
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
