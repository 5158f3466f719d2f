//! Audit entries as they are stored.
//!
//! Their names are the table's schema: they stay when the wire's change. They have one letter, because each write of a
//! review pays for its whole journal by the kilobyte.

use crate::review::{
    ActorId, AuditEntry, AuditEvent, Claim, CommandContext, CommandId, CommentText, DocumentId, EntryId,
    Priority, RecordedEvent, RequestDigest, Rev, Seq, Standing, Timestamp,
};
use crate::store::error::StoreError;
use crate::store::items::values::{StoredActor, StoredOrigin, StoredVerdict, decode_groups};
use crate::store::table::codec::corrupt;
use serde::{Deserialize, Serialize};

/// An audit entry as recorded. What it meant follows from the entries before it.
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
        /// The decision had been delivered already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        f: bool,
    },
    /// The review's names of the document.
    #[serde(rename = "n")]
    DocumentDeleted(Vec<String>),
    #[serde(rename = "a")]
    Assigned {
        g: Vec<String>,
        a: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r: Option<String>,
        /// The claim ended by it. Builds that do not know this take the claim for standing, until it expires.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        h: bool,
    },
    #[serde(rename = "s")]
    DueSoon(i64),
    #[serde(rename = "l")]
    Overdue(i64),
    /// A comment, and whom it mentions.
    #[serde(rename = "m")]
    Commented {
        t: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        m: Vec<String>,
    },
}

impl StoredEntry {
    /// The entry of a command that was carried out on `rev_observed`.
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

    /// The audit entry, given the claim before it. Sets `claim` to the claim after it.
    pub(in crate::store) fn decode(self, claim: &mut Option<Claim>) -> Result<AuditEntry, StoreError> {
        let command_id = self.command_id.as_deref().map(CommandId::parse).transpose();
        let context = CommandContext {
            actor: self.actor.decode()?,
            at: Timestamp::from_millis(self.at),
            entry_id: EntryId::from_bytes(self.entry_id),
            request: RequestDigest(self.request),
            command_id: command_id.map_err(|_| corrupt("command_id")())?,
            standing: Standing::default(),
        };
        Ok(AuditEntry::after(claim, &context, Rev(self.rev_observed), self.event.decode()?))
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
            AuditEvent::DocumentDeleted { documents } => {
                Self::DocumentDeleted(documents.iter().map(ToString::to_string).collect())
            }
            AuditEvent::Assigned { groups, actors, reason, hands_over } => Self::Assigned {
                g: groups.iter().map(ToString::to_string).collect(),
                a: actors.iter().map(ToString::to_string).collect(),
                r: reason.clone(),
                h: *hands_over,
            },
            AuditEvent::DueSoon { due_at } => Self::DueSoon(due_at.millis()),
            AuditEvent::Overdue { due_at } => Self::Overdue(due_at.millis()),
            AuditEvent::Commented { text, mentions } => Self::Commented {
                t: text.as_str().to_owned(),
                m: mentions.iter().map(ToString::to_string).collect(),
            },
        }
    }
}

impl StoredEvent {
    fn decode(self) -> Result<RecordedEvent, StoreError> {
        Ok(RecordedEvent::Plain(match self {
            Self::Claimed(expires_at) => {
                return Ok(RecordedEvent::Claimed { expires_at: Timestamp::from_millis(expires_at) });
            }
            Self::Released => return Ok(RecordedEvent::Released),
            Self::ClaimExpired => return Ok(RecordedEvent::ClaimExpired),
            Self::OverlayCreated(priority) => AuditEvent::OverlayCreated { priority: Priority(priority) },
            Self::VersionAppended { s, o } => AuditEvent::VersionAppended { seq: Seq(s), origin: o.into() },
            Self::DecisionSubmitted { d, v, o, e, a, p } => AuditEvent::DecisionSubmitted {
                decision_id: d,
                verdict: v.into(),
                on_seq: Seq(o),
                effective_seq: e.map(Seq),
                appended_seq: a.map(Seq),
                priority: p.map(Priority),
            },
            Self::Reopened { r, f } => AuditEvent::Reopened { reason: r, forced: f },
            Self::DocumentDeleted(documents) => {
                let documents = documents.iter().map(|it| DocumentId::parse(it)).collect::<Result<_, _>>();
                AuditEvent::DocumentDeleted { documents: documents.map_err(|_| corrupt("documents")())? }
            }
            Self::Assigned { g, a, r, h } => {
                let actors = a.iter().map(|it| ActorId::parse(it)).collect::<Result<_, _>>();
                AuditEvent::Assigned {
                    groups: decode_groups(&g)?,
                    actors: actors.map_err(|_| corrupt("actors")())?,
                    reason: r,
                    hands_over: h,
                }
            }
            Self::DueSoon(due_at) => AuditEvent::DueSoon { due_at: Timestamp::from_millis(due_at) },
            Self::Commented { t, m } => {
                let mentions = m.iter().map(|it| ActorId::parse(it)).collect::<Result<_, _>>();
                AuditEvent::Commented {
                    text: CommentText::stored(t),
                    mentions: mentions.map_err(|_| corrupt("mentions")())?,
                }
            }
            Self::Overdue(due_at) => AuditEvent::Overdue { due_at: Timestamp::from_millis(due_at) },
        }))
    }
}
