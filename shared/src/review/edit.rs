//! Corrections: a new version on top of the newest.

use super::{
    Actor, AuditEntry, AuditEvent, CommandContext, HashedJson, Origin, OutputVersion, RecordedEvent, Refusal,
    Review, Seq, Title,
};

/// A complete new output (contract: `POST …/versions`).
#[derive(Clone, Debug)]
pub struct Correction {
    /// The output.
    pub snapshot: HashedJson,
    /// How it came to be.
    pub origin: Origin,
    /// The author's note.
    pub note: Option<String>,
}

/// The result of a transition: the review after it, and the version that it appends, if any.
#[derive(Clone, Debug)]
pub struct Written {
    /// The review.
    pub review: Review,
    /// Its new version.
    pub version: Option<OutputVersion>,
}

impl Review {
    /// Appends a version; the review stays open.
    pub fn edit(&self, correction: Correction, context: &CommandContext) -> Result<Written, Refusal> {
        self.must_be_open()?;
        self.must_be_assigned_to(context)?;
        self.has_room_for_a_version()?;
        let mut next = self.clone();
        let version = next.append(correction, context);
        Ok(next.appended(version, context))
    }

    /// The result of having appended a version.
    fn appended(mut self, version: OutputVersion, context: &CommandContext) -> Written {
        let event = AuditEvent::VersionAppended { seq: version.seq, origin: version.origin };
        self.advance(context, RecordedEvent::Plain(event));
        Written { review: self, version: Some(version) }
    }

    /// Appends a new output of `author`, a model; the review stays open. The run does it, so no assignment refuses it.
    pub fn supersede(
        &self,
        output: Correction,
        author: Actor,
        context: &CommandContext,
    ) -> Result<Written, Refusal> {
        let title = Title::of(&output.snapshot.text);
        self.must_be_open()?;
        self.has_room_for_a_version()?;
        let mut next = self.clone();
        let mut version = next.append(output, context);
        version.author = author;
        next.title = title;
        next.count_approvals_of(&version, &context.actor);
        Ok(next.appended(version, context))
    }

    /// Makes the next version, whose parent is the newest. It has no approvals.
    pub(super) fn append(&mut self, correction: Correction, context: &CommandContext) -> OutputVersion {
        let parent = self.head_seq;
        self.head_seq = Seq(parent.0.saturating_add(1));
        let version = OutputVersion {
            seq: self.head_seq,
            parent_seq: Some(parent),
            author: context.actor.clone(),
            origin: correction.origin,
            content_sha256: correction.snapshot.hash,
            snapshot: correction.snapshot.text,
            note: correction.note,
            created_at: context.at,
        };
        self.count_approvals_of(&version, &context.actor);
        version
    }

    /// The entry that the last transition wrote.
    pub fn last_entry(&self) -> Option<&AuditEntry> {
        self.journal.last()
    }
}
