//! Actors: models, agents and people. They are equal: the kind is data, no code branches on it.

use super::{ids::ActorId, words};
use schemars::JsonSchema;
use serde::Serialize;

words! {
    /// What an actor is (seed: `kind`).
    pub enum ActorKind {
        /// The model that produced the output.
        Model = "model",
        /// A program acting on somebody's behalf.
        Agent = "agent",
        /// A person.
        Human = "human",
    }
}

/// Who authored a version, a decision, a claim or an audit entry (seed: `Actor`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Actor {
    /// What it is.
    pub kind: ActorKind,
    /// Stable within the organization.
    pub id: ActorId,
    /// For people to read, 1 to 200 characters.
    pub display_name: String,
}

impl Actor {
    /// Longest display name, in characters.
    pub const MAX_DISPLAY_NAME: usize = 200;

    /// The product itself, where it acts: for a claim that has ended, or for a policy.
    pub fn product(display_name: &str) -> Self {
        Self { kind: ActorKind::Agent, id: ActorId::of_product(), display_name: display_name.to_owned() }
    }

    /// Whether this is the same actor. The display name does not count.
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.id == other.id
    }
}
