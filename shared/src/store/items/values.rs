//! Actors, claims, decisions, callbacks and enums as they are stored.
//!
//! Their names are the table's schema: they stay when the wire's change.

use crate::review::{
    Actor, ActorId, ActorKind, BlockType, Claim, Decision, DocumentId, DocumentLabel, GroupId, Origin,
    Resume, ResumeStatus, Seq, Status, Timestamp, Title, Verdict,
};
use crate::store::error::StoreError;
use crate::store::table::codec::corrupt;
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// An actor, in a few bytes.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredActor {
    k: StoredActorKind,
    i: String,
    n: String,
}

impl StoredActor {
    /// Sort key of the RECEIPT of this actor's command.
    pub(in crate::store) fn receipt_key(&self, command: &str) -> String {
        keys::receipt(self.k.into(), &self.i, command)
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

/// Groups, from their stored texts.
pub(in crate::store) fn decode_groups(texts: &[String]) -> Result<Vec<GroupId>, StoreError> {
    texts.iter().map(|text| GroupId::parse(text).map_err(|_| corrupt("a group")())).collect()
}

/// A claim, as it follows from all entries so far.
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

/// What a review is called: at most 144 bytes, absent without any.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::store) struct StoredTitle {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
}

impl StoredTitle {
    pub(in crate::store) const fn is_empty(&self) -> bool {
        self.document.is_none() && self.from.is_none() && self.amount.is_none()
    }

    pub(in crate::store) fn decode(self) -> Title {
        let Self { document, from, amount } = self;
        Title { document, from, amount }
    }
}

impl From<&Title> for StoredTitle {
    fn from(title: &Title) -> Self {
        let Title { document, from, amount } = title.clone();
        Self { document, from, amount }
    }
}

/// What META says of a document.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::store) struct StoredLabel {
    id: String,
    filename: String,
    mime_type: String,
}

impl StoredLabel {
    pub(in crate::store) fn decode(self) -> Result<DocumentLabel, StoreError> {
        let id = DocumentId::parse(&self.id).map_err(|_| corrupt("a document's id")())?;
        Ok(DocumentLabel { id, filename: self.filename, mime_type: self.mime_type })
    }
}

impl From<&DocumentLabel> for StoredLabel {
    fn from(label: &DocumentLabel) -> Self {
        let DocumentLabel { id, filename, mime_type } = label.clone();
        Self { id: id.to_string(), filename, mime_type }
    }
}

/// A callback's target and delivery state.
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

/// The stored words of an enum of the domain.
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

pub(in crate::store) use stored_words;

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
