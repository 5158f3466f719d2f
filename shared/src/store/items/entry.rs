//! How items spell the domain's values: entries, actors, claims, decisions, words.
//!
//! The spelling is the table's schema: it stays when the wire's changes. Entries of the journal have one-letter names,
//! because every write of a review pays for all of them by the kilobyte.

use crate::review::{
    Actor, ActorId, ActorKind, AuditEntry, AuditEvent, BlockType, Claim, CommandContext, CommandId, Decision,
    EntryId, Origin, Priority, RecordedEvent, RequestDigest, Resume, ResumeStatus, Rev, Seq, Status,
    Timestamp, Verdict,
};
use crate::store::StoreError;
use crate::store::items::meta::corrupt;
use serde::{Deserialize, Serialize};

/// An audit entry as recorded: what it meant follows from the entries before it.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredEntry {
    /// Entry id.
    #[serde(rename = "i", with = "serde_bytes")]
    entry_id: [u8; 16],
    /// Event.
    #[serde(rename = "e")]
    event: StoredEvent,
    /// Actor.
    #[serde(rename = "a")]
    pub(in crate::store) actor: StoredActor,
    /// Time, in milliseconds.
    #[serde(rename = "t")]
    at: i64,
    /// `rev` observed.
    #[serde(rename = "o")]
    rev_observed: u64,
    /// Digest of the request.
    #[serde(rename = "h", with = "serde_bytes")]
    request: [u8; 8],
    /// Command id.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) command_id: Option<String>,
}

/// What was recorded.
#[derive(Clone, Serialize, Deserialize)]
enum StoredEvent {
    #[serde(rename = "o")]
    OverlayCreated(i32),
    #[serde(rename = "c")]
    Claimed(i64),
    #[serde(rename = "r")]
    Released,
    #[serde(rename = "x")]
    ClaimExpired,
    #[serde(rename = "v")]
    VersionAppended { s: u32, o: StoredOrigin },
    #[serde(rename = "d")]
    DecisionSubmitted {
        d: String,
        v: StoredVerdict,
        o: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        e: Option<u32>,
        /// The version appended with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        a: Option<u32>,
        /// The priority raised to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p: Option<i32>,
    },
    #[serde(rename = "p")]
    Reopened {
        r: Option<String>,
        /// The run had been told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        f: bool,
    },
}

impl StoredEntry {
    /// The entry of `context`, done on `rev_observed`.
    pub(in crate::store) fn recorded(
        context: &CommandContext,
        rev_observed: Rev,
        recorded: RecordedEvent,
    ) -> Self {
        let event = match recorded {
            RecordedEvent::Claimed { expires_at } => StoredEvent::Claimed(expires_at.millis()),
            RecordedEvent::Released => StoredEvent::Released,
            RecordedEvent::ClaimExpired => StoredEvent::ClaimExpired,
            RecordedEvent::Plain(event) => StoredEvent::from(&event),
        };
        Self {
            entry_id: context.entry_id.to_bytes(),
            event,
            actor: StoredActor::from(&context.actor),
            at: context.at.millis(),
            rev_observed: rev_observed.0,
            request: context.request.0,
            command_id: context.command_id.as_ref().map(ToString::to_string),
        }
    }

    /// The entry it is, after `claim`, which it may change.
    pub(in crate::store) fn decode(self, claim: &mut Option<Claim>) -> Result<AuditEntry, StoreError> {
        let command_id = self.command_id.as_deref().map(CommandId::parse).transpose();
        let context = CommandContext {
            actor: self.actor.decode()?,
            at: Timestamp::from_millis(self.at),
            entry_id: EntryId::from_bytes(self.entry_id),
            request: RequestDigest(self.request),
            command_id: command_id.map_err(|_| corrupt("command_id")())?,
        };
        Ok(AuditEntry::after(claim, &context, Rev(self.rev_observed), self.event.into()))
    }
}

impl From<&AuditEntry> for StoredEntry {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            entry_id: entry.entry_id.to_bytes(),
            event: StoredEvent::from(&entry.event),
            actor: StoredActor::from(&entry.actor),
            at: entry.at.millis(),
            rev_observed: entry.rev_observed.0,
            request: entry.request.0,
            command_id: entry.command_id.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&AuditEvent> for StoredEvent {
    fn from(event: &AuditEvent) -> Self {
        match event {
            AuditEvent::OverlayCreated { priority } => Self::OverlayCreated(priority.0),
            AuditEvent::Claimed { expires_at, .. } => Self::Claimed(expires_at.millis()),
            AuditEvent::Released { .. } => Self::Released,
            AuditEvent::ClaimExpired { .. } => Self::ClaimExpired,
            AuditEvent::VersionAppended { seq, origin } => {
                Self::VersionAppended { s: seq.0, o: (*origin).into() }
            }
            AuditEvent::DecisionSubmitted {
                decision_id,
                verdict,
                on_seq,
                effective_seq,
                appended_seq,
                priority,
            } => Self::DecisionSubmitted {
                d: decision_id.clone(),
                v: (*verdict).into(),
                o: on_seq.0,
                e: effective_seq.map(|seq| seq.0),
                a: appended_seq.map(|seq| seq.0),
                p: priority.map(|priority| priority.0),
            },
            AuditEvent::Reopened { reason, forced } => Self::Reopened { r: reason.clone(), f: *forced },
        }
    }
}

impl From<StoredEvent> for RecordedEvent {
    fn from(event: StoredEvent) -> Self {
        Self::Plain(match event {
            StoredEvent::Claimed(expires_at) => {
                return Self::Claimed { expires_at: Timestamp::from_millis(expires_at) };
            }
            StoredEvent::Released => return Self::Released,
            StoredEvent::ClaimExpired => return Self::ClaimExpired,
            StoredEvent::OverlayCreated(priority) => {
                AuditEvent::OverlayCreated { priority: Priority(priority) }
            }
            StoredEvent::VersionAppended { s, o } => {
                AuditEvent::VersionAppended { seq: Seq(s), origin: o.into() }
            }
            StoredEvent::DecisionSubmitted { d, v, o, e, a, p } => AuditEvent::DecisionSubmitted {
                decision_id: d,
                verdict: v.into(),
                on_seq: Seq(o),
                effective_seq: e.map(Seq),
                appended_seq: a.map(Seq),
                priority: p.map(Priority),
            },
            StoredEvent::Reopened { r, f } => AuditEvent::Reopened { reason: r, forced: f },
        })
    }
}

/// An actor, in a few bytes.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredActor {
    k: StoredActorKind,
    i: String,
    n: String,
}

impl StoredActor {
    /// Kind and id, as keys spell them.
    pub(in crate::store) fn key(&self) -> String {
        format!("{}#{}", ActorKind::from(self.k).as_str(), self.i)
    }

    pub(in crate::store) fn decode(self) -> Result<Actor, StoreError> {
        let id = ActorId::parse(&self.i).map_err(|_| corrupt("an actor's id")())?;
        Ok(Actor { kind: self.k.into(), id, display_name: self.n })
    }
}

impl From<&Actor> for StoredActor {
    fn from(actor: &Actor) -> Self {
        Self { k: actor.kind.into(), i: actor.id.to_string(), n: actor.display_name.clone() }
    }
}

/// A claim with its history folded in.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredClaim {
    holder: StoredActor,
    claimed_at: i64,
    expires_at: i64,
}

impl StoredClaim {
    pub(in crate::store) fn decode(self) -> Result<Claim, StoreError> {
        Ok(Claim {
            holder: self.holder.decode()?,
            claimed_at: Timestamp::from_millis(self.claimed_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}

impl From<&Claim> for StoredClaim {
    fn from(claim: &Claim) -> Self {
        Self {
            holder: StoredActor::from(&claim.holder),
            claimed_at: claim.claimed_at.millis(),
            expires_at: claim.expires_at.millis(),
        }
    }
}

/// A decision.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredDecision {
    decision_id: String,
    verdict: StoredVerdict,
    decided_by: StoredActor,
    decided_at: i64,
    on_seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_seq: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalate_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supersedes_decision_id: Option<String>,
}

impl StoredDecision {
    pub(in crate::store) fn decode(self) -> Result<Decision, StoreError> {
        Ok(Decision {
            decision_id: self.decision_id,
            verdict: self.verdict.into(),
            decided_by: self.decided_by.decode()?,
            decided_at: Timestamp::from_millis(self.decided_at),
            on_seq: Seq(self.on_seq),
            effective_seq: self.effective_seq.map(Seq),
            reason: self.reason,
            escalate_to: self.escalate_to,
            supersedes_decision_id: self.supersedes_decision_id,
        })
    }
}

impl From<&Decision> for StoredDecision {
    fn from(decision: &Decision) -> Self {
        Self {
            decision_id: decision.decision_id.clone(),
            verdict: decision.verdict.into(),
            decided_by: StoredActor::from(&decision.decided_by),
            decided_at: decision.decided_at.millis(),
            on_seq: decision.on_seq.0,
            effective_seq: decision.effective_seq.map(|seq| seq.0),
            reason: decision.reason.clone(),
            escalate_to: decision.escalate_to.clone(),
            supersedes_decision_id: decision.supersedes_decision_id.clone(),
        }
    }
}

/// Who is told of the decision, and how that goes.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredResume {
    target: String,
    status: StoredResumeStatus,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trying_until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_at: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_doubt: bool,
    /// Writes are conditioned on it.
    pub(in crate::store) changes: u64,
}

impl StoredResume {
    pub(in crate::store) fn decode(self) -> Resume {
        Resume {
            target: self.target,
            status: self.status.into(),
            attempts: self.attempts,
            last_error: self.last_error,
            trying_until: self.trying_until.map(Timestamp::from_millis),
            next_at: self.next_at.map(Timestamp::from_millis),
            in_doubt: self.in_doubt,
            changes: self.changes,
        }
    }
}

impl From<&Resume> for StoredResume {
    fn from(resume: &Resume) -> Self {
        Self {
            target: resume.target.clone(),
            status: resume.status.into(),
            attempts: resume.attempts,
            last_error: resume.last_error.clone(),
            trying_until: resume.trying_until.map(Timestamp::millis),
            next_at: resume.next_at.map(Timestamp::millis),
            in_doubt: resume.in_doubt,
            changes: resume.changes,
        }
    }
}

/// Gives a domain enum its spelling in items, which stays when the wire's changes.
macro_rules! stored_words {
    ($stored:ident for $domain:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        #[derive(Clone, Copy, Serialize, Deserialize)]
        pub(in crate::store) enum $stored { $(#[serde(rename = $word)] $variant),* }

        impl From<$domain> for $stored {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant),* }
            }
        }

        impl From<$stored> for $domain {
            fn from(value: $stored) -> Self {
                match value { $($stored::$variant => Self::$variant),* }
            }
        }
    };
}

stored_words!(StoredResumeStatus for ResumeStatus { Pending = "p", Resumed = "r", Failed = "f" });
stored_words!(StoredActorKind for ActorKind { Model = "m", Agent = "a", Human = "h" });
stored_words!(StoredOrigin for Origin { ModelOutput = "m", HumanEdit = "h", AgentEdit = "a", Revert = "r" });
stored_words!(StoredVerdict for Verdict { Approved = "a", Rejected = "r", Escalated = "e" });
stored_words!(StoredBlockType for BlockType {
    Extract = "extract", Classifier = "classifier", Split = "split", Conditional = "conditional",
});
stored_words!(StoredStatus for Status {
    AwaitingReview = "awaiting_review", Approved = "approved", Rejected = "rejected",
});
