//! How many must approve, and who has.

use crate::review::{Actor, Seq, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

/// Most approvals that can be required.
pub const MAX_APPROVALS: u8 = 5;

/// How many must approve the newest version, and who has approved it so far. Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Approvals {
    /// How many different actors must approve: 1 to 5.
    pub required: u8,
    /// Whether who made a version may not approve it.
    pub four_eyes: bool,
    /// The approvals of the newest version so far. A new version begins without any.
    pub given: Vec<Approval>,
    /// Who made the newest version: its author, and who sent it.
    #[serde(skip)]
    pub made_by: Vec<Actor>,
}

/// An approval of one of several people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Approval {
    /// Who approved.
    pub actor: Actor,
    /// The version.
    pub on_seq: Seq,
    /// When.
    pub at: Timestamp,
}
