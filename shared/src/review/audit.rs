//! The audit trail: who did what, when, from which `rev` to which.

use super::{
    Actor, ActorId, Claim, ClaimKind, CommandId, CommentText, DocumentId, EntryId, GroupId, Origin, Priority,
    Rev, Seq, Standing, Timestamp, Verdict,
};
use sha2::{Digest, Sha256};

/// Tells one request from another: the first 8 bytes of SHA-256 over the call's name and its parameters.
///
/// It is compared only within one actor's entries of one review, where 64 bits are plenty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestDigest(pub [u8; 8]);

impl RequestDigest {
    /// Of a call's name and its parameters, each preceded by its length.
    pub fn of(call: &str, parameters: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in std::iter::once(call.as_bytes()).chain(parameters.iter().copied()) {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut digest = [0; 8];
        digest.copy_from_slice(&hasher.finalize()[..8]);
        Self(digest)
    }
}

/// The context of a command: who gives it, when, and under which ids.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// The actor.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The id of its audit entry.
    pub entry_id: EntryId,
    /// Digest of the request.
    pub request: RequestDigest,
    /// The client's id of the command, if it has one.
    pub command_id: Option<CommandId>,
    /// What the actor is in the organization.
    pub standing: Standing,
}

/// An event as it is recorded. What a claim meant follows from the entries before it.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordedEvent {
    /// A claim was taken, renewed or taken over.
    Claimed {
        /// When it expires.
        expires_at: Timestamp,
    },
    /// The claim was released.
    Released,
    /// The claim's expiry was recorded.
    ClaimExpired,
    /// Any other event.
    Plain(AuditEvent),
}

impl RecordedEvent {
    /// The event, given the claim before it. Sets `claim` to the claim after it.
    fn into_event(self, claim: &mut Option<Claim>, context: &CommandContext) -> AuditEvent {
        let end =
            |claim: &mut Option<Claim>| claim.take().map_or(context.actor.clone(), |claim| claim.holder);
        match self {
            Self::Claimed { expires_at } => {
                let (taken, kind) = Claim::take(claim.as_ref(), &context.actor, context.at, expires_at);
                *claim = Some(taken);
                AuditEvent::Claimed { expires_at, kind }
            }
            Self::Released => AuditEvent::Released { holder: end(claim) },
            Self::ClaimExpired => AuditEvent::ClaimExpired { holder: end(claim) },
            Self::Plain(event) => {
                if matches!(
                    event,
                    AuditEvent::DecisionSubmitted { .. } | AuditEvent::Assigned { hands_over: true, .. }
                ) {
                    *claim = None;
                }
                event
            }
        }
    }
}

/// What happened (contract: `event`, `action`, `detail`).
#[derive(Clone, Debug, PartialEq)]
pub enum AuditEvent {
    /// The gate fired.
    OverlayCreated {
        /// The priority it was given.
        priority: Priority,
    },
    /// A claim was taken.
    Claimed {
        /// When it ends.
        expires_at: Timestamp,
        /// Whether it was taken, renewed or taken over.
        kind: ClaimKind,
    },
    /// A claim was released.
    Released {
        /// The actor who held it.
        holder: Actor,
    },
    /// A claim expired.
    ClaimExpired {
        /// The actor who held it.
        holder: Actor,
    },
    /// A version was appended.
    VersionAppended {
        /// Its number.
        seq: Seq,
        /// How it was made.
        origin: Origin,
    },
    /// A decision was submitted.
    DecisionSubmitted {
        /// The decision's id.
        decision_id: String,
        /// What was decided.
        verdict: Verdict,
        /// The version that was reviewed.
        on_seq: Seq,
        /// The version that downstream consumes.
        effective_seq: Option<Seq>,
        /// The version that was appended with it.
        appended_seq: Option<Seq>,
        /// The priority it raised the review to.
        priority: Option<Priority>,
    },
    /// A decided review was opened again.
    Reopened {
        /// Why.
        reason: Option<String>,
        /// Whether the decision had been delivered, or may have been.
        forced: bool,
    },
    /// A document that the review names was deleted.
    DocumentDeleted {
        /// The review's names of it.
        documents: Vec<DocumentId>,
    },
    /// It was assigned to others.
    Assigned {
        /// The groups.
        groups: Vec<GroupId>,
        /// The actors.
        actors: Vec<ActorId>,
        /// Why.
        reason: Option<String>,
        /// Whether it was handed over: that ended the claim, which was the actor's own.
        hands_over: bool,
    },
    /// It is due soon.
    DueSoon {
        /// When it is due.
        due_at: Timestamp,
    },
    /// It is overdue.
    Overdue {
        /// When it was due.
        due_at: Timestamp,
    },
    /// Somebody said something of it.
    Commented {
        /// What.
        text: CommentText,
        /// The members whom it mentions.
        mentions: Vec<ActorId>,
    },
}

/// The word of a rejected stale write, as `event` and as `action`.
pub(super) const STALE_WRITE_REJECTED: &str = "stale_write_rejected";

impl AuditEvent {
    /// All words of `event` there are, that of a rejected stale write included.
    pub const WORDS: [&'static str; 13] = [
        "overlay_created",
        "claimed",
        "released",
        "claim_expired",
        "version_appended",
        "decision_submitted",
        "reopened",
        "document_deleted",
        "assigned",
        "due_soon",
        "overdue",
        "commented",
        STALE_WRITE_REJECTED,
    ];
    /// All words of `action` there are: those of the reference's specification, and ours, which are those of `event`.
    pub const ACTIONS: [&'static str; 13] = [
        "gate_fired",
        "claimed",
        "released",
        "claim_expired",
        "version_added",
        "decision_made",
        "reopened",
        "document_deleted",
        "assigned",
        "due_soon",
        "overdue",
        "commented",
        STALE_WRITE_REJECTED,
    ];

    /// The contract's word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::OverlayCreated { .. } => "overlay_created",
            Self::Claimed { .. } => "claimed",
            Self::Released { .. } => "released",
            Self::ClaimExpired { .. } => "claim_expired",
            Self::VersionAppended { .. } => "version_appended",
            Self::DecisionSubmitted { .. } => "decision_submitted",
            Self::Reopened { .. } => "reopened",
            Self::DocumentDeleted { .. } => "document_deleted",
            Self::Assigned { .. } => "assigned",
            Self::DueSoon { .. } => "due_soon",
            Self::Overdue { .. } => "overdue",
            Self::Commented { .. } => "commented",
        }
    }

    /// The contract's word for `action`.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::OverlayCreated { .. } => "gate_fired",
            Self::VersionAppended { .. } => "version_added",
            Self::DecisionSubmitted { .. } => "decision_made",
            Self::Claimed { .. }
            | Self::Released { .. }
            | Self::ClaimExpired { .. }
            | Self::Reopened { .. }
            | Self::DocumentDeleted { .. }
            | Self::Assigned { .. }
            | Self::DueSoon { .. }
            | Self::Overdue { .. }
            | Self::Commented { .. } => self.as_str(),
        }
    }
}

/// One row of the audit trail (seed: `AuditEntry`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Stable and unique.
    pub entry_id: EntryId,
    /// What happened.
    pub event: AuditEvent,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The `rev` that it was done on.
    pub rev_observed: Rev,
    /// Which request it was.
    pub request: RequestDigest,
    /// What the client called it.
    pub command_id: Option<CommandId>,
}

impl AuditEntry {
    /// Whether it is the opening of the review.
    pub const fn is_opening(&self) -> bool {
        matches!(self.event, AuditEvent::OverlayCreated { .. })
    }

    /// The entry of a command on `rev_observed`, given the claim before it. Sets `claim` to the claim after it.
    ///
    /// Transitions and the store's decoding both use it: what an entry *meant* (a fresh claim, a renewal, a take-over) always follows
    /// from the entries before it.
    pub(crate) fn after(
        claim: &mut Option<Claim>,
        context: &CommandContext,
        rev_observed: Rev,
        recorded: RecordedEvent,
    ) -> Self {
        Self {
            entry_id: context.entry_id,
            event: recorded.into_event(claim, context),
            actor: context.actor.clone(),
            at: context.at,
            rev_observed,
            request: context.request,
            command_id: context.command_id.clone(),
        }
    }

    /// The `rev` that it led to; none if the `rev` did not advance.
    pub fn rev_result(&self) -> Option<Rev> {
        match self.event {
            AuditEvent::OverlayCreated { .. } => Some(self.rev_observed),
            AuditEvent::ClaimExpired { .. }
            | AuditEvent::DocumentDeleted { .. }
            | AuditEvent::DueSoon { .. }
            | AuditEvent::Overdue { .. }
            | AuditEvent::Commented { .. } => None,
            _ => Some(self.rev_observed.next()),
        }
    }
}
