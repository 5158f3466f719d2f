//! Versions of the output: immutable snapshots.

use super::{Actor, ActorKind, ContentHash, JsonText, Seq, Timestamp, words};
use schemars::JsonSchema;
use serde::Serialize;

words! {
    /// How a version was made (seed: `origin`).
    pub enum Origin {
        /// The model's own output; always version 0.
        ModelOutput = "model_output",
        /// A person's correction.
        HumanEdit = "human_edit",
        /// A program's correction.
        AgentEdit = "agent_edit",
        /// An earlier version brought back.
        Revert = "revert",
    }
}

impl Origin {
    /// The origin of a correction, by the caller's kind (contract). The only place where an actor's kind matters.
    pub const fn edit_by(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Agent => Self::AgentEdit,
            ActorKind::Human | ActorKind::Model => Self::HumanEdit,
        }
    }
}

/// One immutable snapshot of the block's output (seed: `OutputVersion`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OutputVersion {
    /// Its number.
    pub seq: Seq,
    /// The version that it was made from; none for the model's own.
    pub parent_seq: Option<Seq>,
    /// Who made it.
    pub author: Actor,
    /// How it was made.
    pub origin: Origin,
    /// The output, as the JSON text that was received.
    pub snapshot: JsonText,
    /// SHA-256 of the snapshot's RFC 8785 form.
    pub content_sha256: ContentHash,
    /// The author's note.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OutputVersion {
    /// Who made it: its author, and who sent it, if that is somebody else.
    pub(crate) fn makers(&self, sender: &Actor) -> Vec<Actor> {
        let sender = (!self.author.is(sender)).then(|| sender.clone());
        std::iter::once(self.author.clone()).chain(sender).collect()
    }
}
