//! Rows of the audit trail, in the wire's form.

use super::audit::STALE_WRITE_REJECTED;
use super::{
    Actor, ActorId, AuditEntry, AuditEvent, ClaimKind, CommandId, DocumentId, EntryId, GroupId, Origin,
    Priority, Rev, Seq, StaleWrite, Timestamp, Verdict,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A row of an audit: an entry of the review, or a rejected stale write.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AuditRow<'a> {
    /// An entry of the review.
    Entry(Cow<'a, AuditEntry>),
    /// A stale write that was rejected.
    Stale(Cow<'a, StaleWrite>),
}

/// The wire's `detail` of one event. Fields that do not apply are left out.
#[derive(Serialize, JsonSchema, Default)]
#[schemars(rename = "AuditDetail")]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_over_from: Option<&'a Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<&'a Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appended_seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forced: Option<bool>,
    /// An assignment that ended the actor's own claim: it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over: Option<bool>,
    /// The review's names of the document that was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<&'a [DocumentId]>,
    /// The groups that it was assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    groups: Option<&'a [GroupId]>,
    /// The actors that it was assigned to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    actors: Option<&'a [ActorId]>,
    /// The text of a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The members whom a comment mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    mentions: Option<&'a [ActorId]>,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_id: Option<&'a CommandId>,
    /// The call that was rejected because its stamp was stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempted: Option<&'static str>,
    /// The `rev` that a rejected stale write met.
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<Rev>,
}

impl AuditEntry {
    /// The wire's `detail`, as an event has it: without the text of a comment.
    pub(crate) fn detail(&self) -> impl Serialize {
        Detail { text: None, ..self.details() }
    }

    fn details(&self) -> Detail<'_> {
        let mut detail = Detail { command_id: self.command_id.as_ref(), ..Detail::default() };
        match &self.event {
            AuditEvent::OverlayCreated { priority } => detail.priority = Some(*priority),
            AuditEvent::Claimed { expires_at, kind } => {
                detail.expires_at = Some(*expires_at);
                detail.renewed = matches!(kind, ClaimKind::Renewed).then_some(true);
                detail.took_over_from = kind.from();
            }
            AuditEvent::Released { holder } | AuditEvent::ClaimExpired { holder } => {
                detail.holder = Some(holder);
            }
            AuditEvent::VersionAppended { seq, origin } => {
                (detail.seq, detail.origin) = (Some(*seq), Some(*origin));
            }
            AuditEvent::DecisionSubmitted {
                decision_id,
                verdict,
                on_seq,
                effective_seq,
                appended_seq,
                priority,
            } => {
                (detail.appended_seq, detail.priority) = (*appended_seq, *priority);
                (detail.decision_id, detail.verdict) = (Some(decision_id.as_str()), Some(*verdict));
                (detail.on_seq, detail.effective_seq) = (Some(*on_seq), *effective_seq);
            }
            AuditEvent::Reopened { reason, forced } => {
                (detail.reason, detail.forced) = (reason.as_deref(), forced.then_some(true));
            }
            AuditEvent::DocumentDeleted { documents } => detail.documents = Some(documents),
            AuditEvent::Assigned { groups, actors, reason, hands_over } => {
                detail.handed_over = hands_over.then_some(true);
                (detail.groups, detail.actors) = (Some(groups.as_slice()), Some(actors.as_slice()));
                detail.reason = reason.as_deref();
            }
            AuditEvent::Commented { text, mentions } => {
                (detail.text, detail.mentions) = (Some(text.as_str()), Some(mentions.as_slice()));
            }
            AuditEvent::DueSoon { due_at } | AuditEvent::Overdue { due_at } => detail.due_at = Some(*due_at),
        }
        detail
    }
}

/// One row of the audit trail, in the wire's form.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct Row<'a> {
    /// Stable and unique.
    entry_id: EntryId,
    /// What happened.
    #[schemars(extend("enum" = AuditEvent::WORDS))]
    event: &'static str,
    /// The same, in the words of the reference's specification.
    #[schemars(extend("enum" = AuditEvent::ACTIONS))]
    action: &'static str,
    /// Who did it.
    actor: &'a Actor,
    /// When.
    at: Timestamp,
    /// The `rev` that it was done on.
    rev_observed: Rev,
    /// The `rev` that it led to; null if the `rev` did not advance.
    rev_result: Option<Rev>,
    /// Fields of this event.
    detail: Detail<'a>,
}

impl Serialize for AuditEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = Row {
            entry_id: self.entry_id,
            event: self.event.as_str(),
            action: self.event.action(),
            actor: &self.actor,
            at: self.at,
            rev_observed: self.rev_observed,
            rev_result: self.rev_result(),
            detail: self.details(),
        };
        row.serialize(serializer)
    }
}

impl Serialize for StaleWrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (attempted, rev) = (Some(self.attempt.as_str()), Some(self.met));
        let row = Row {
            entry_id: self.entry_id,
            event: STALE_WRITE_REJECTED,
            action: STALE_WRITE_REJECTED,
            actor: &self.actor,
            at: self.at,
            rev_observed: self.stamp,
            rev_result: None,
            detail: Detail { attempted, rev, ..Detail::default() },
        };
        row.serialize(serializer)
    }
}

impl JsonSchema for AuditRow<'_> {
    fn schema_name() -> Cow<'static, str> {
        Row::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Row::json_schema(generator)
    }
}

impl JsonSchema for AuditEntry {
    fn schema_name() -> Cow<'static, str> {
        Row::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Row::json_schema(generator)
    }
}
