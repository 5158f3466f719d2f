//! How many must approve, and who has.

use super::is_same_name;
use crate::review::{
    Actor, ActorId, CommandContext, OutputVersion, Refusal, Review, Seq, Timestamp, Verdict,
};
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

/// Whether two actors may be one. By their ids alone, without regard to case: a person and a program of one id do not count as two, nor do
/// two spellings of one name.
fn may_be_one(one: &Actor, other: &Actor) -> bool {
    is_same_name(one.id.as_str(), other.id.as_str())
}

impl Approvals {
    /// Why an approval of the newest version by `actor` would not count, if it would not.
    pub fn refuses(&self, actor: &Actor) -> Option<Refusal> {
        if self.four_eyes && self.made_by.iter().any(|maker| may_be_one(maker, actor)) {
            Some(Refusal::OwnVersion)
        } else if self.given.iter().any(|approval| may_be_one(&approval.actor, actor)) {
            Some(Refusal::AlreadyApproved)
        } else {
            None
        }
    }

    /// How many approvals are still needed.
    pub fn missing(&self) -> usize {
        usize::from(self.required).saturating_sub(self.given.len())
    }
}

impl Review {
    /// Who has approved the newest version, as far as META says: of several that are needed; or all, before it was reopened.
    pub fn approvers(&self) -> Vec<ActorId> {
        let given = self.terms.approvals.iter().flat_map(|approvals| &approvals.given);
        let given = given.filter(|approval| approval.on_seq == self.head_seq).map(|it| &it.actor.id);
        let decided = self.decisions.iter().filter(|decision| {
            decision.verdict == Verdict::Approved
                && (decision.on_seq == self.head_seq || decision.effective_seq == Some(self.head_seq))
        });
        let mut approvers: Vec<ActorId> = given.chain(decided.map(|it| &it.decided_by.id)).cloned().collect();
        approvers.sort_unstable();
        approvers.dedup();
        approvers
    }

    /// A new newest version begins without approvals. `sender` has sent it.
    pub(in crate::review) fn count_approvals_of(&mut self, version: &OutputVersion, sender: &Actor) {
        if let Some(approvals) = &mut self.terms.approvals {
            approvals.given.clear();
            approvals.made_by = version.makers(sender);
        }
    }

    /// Counts an approval. Whether the review is approved by it: at once, unless several must approve. Then only the newest version can be
    /// approved; `names` are the fields that name a version, each with the version.
    pub(in crate::review) fn is_approved_by(
        &mut self,
        names: [(&'static str, Seq); 2],
        context: &CommandContext,
    ) -> Result<bool, Refusal> {
        let newest = self.head_seq;
        let Some(approvals) = &mut self.terms.approvals else { return Ok(true) };
        if let Some((field, _)) = names.into_iter().find(|(_, seq)| *seq != newest) {
            return Err(Refusal::NotNewestVersion { field, newest });
        }
        if let Some(refusal) = approvals.refuses(&context.actor) {
            return Err(refusal);
        }
        let approval = Approval { actor: context.actor.clone(), on_seq: newest, at: context.at };
        approvals.given.push(approval);
        Ok(approvals.missing() == 0)
    }
}
