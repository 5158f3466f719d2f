//! Decisions: verdicts on a version, append-only.

use super::{Actor, Seq, Timestamp};
use serde::Serialize;

/// What was decided (seed: `verdict`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The run resumes with the effective version.
    Approved,
    /// The run does not resume with this output.
    Rejected,
    /// Somebody else should look; the review stays open.
    Escalated,
}

/// One verdict (seed: `ReviewDecision`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Stable and unique.
    pub decision_id: String,
    /// What was decided.
    pub verdict: Verdict,
    /// By whom.
    pub decided_by: Actor,
    /// When.
    pub decided_at: Timestamp,
    /// On which version.
    pub on_seq: Seq,
    /// Which version downstream consumes; approvals only.
    pub effective_seq: Option<Seq>,
    /// Why.
    pub reason: Option<String>,
    /// To whom; escalations only.
    pub escalate_to: Option<String>,
    /// The decision it replaces after a reopening.
    pub supersedes_decision_id: Option<String>,
}
