//! The words of the domain's enums.

use super::{ActorKind, Status};

impl Status {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingReview => "awaiting_review",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

impl ActorKind {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Agent => "agent",
            Self::Human => "human",
        }
    }
}
