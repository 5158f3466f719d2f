//! Follows the deadlines of reviews: reminders, and what the policy does with an overdue one.
//!
//! Each step is one conditional write of META: idempotent, safe to run at any time and any number of times at once, and never against
//! a decision that came first. A reminder that is late is no step that was missed: what is to be done follows from META alone.

use crate::review::{
    Actor, CommandContext, Followed, OverdueAction, PolicyStep, RequestDigest, Review, Standing, Timestamp,
    Written,
};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::reviews::commit::Committed;
use crate::store::reviews::read::image::Image;
use crate::store::reviews::read::load::Loaded;
use crate::store::table::keys;

/// What [`Store::follow_deadline`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineOutcome {
    /// A step was recorded.
    Followed {
        /// Whether it was a reminder.
        reminded: bool,
        /// Whether it is recorded as overdue.
        overdue: bool,
        /// What the policy has done.
        policy: PolicyStep,
    },
    /// There was nothing to do: the review is decided, or it is too early, or all is done.
    Stale,
}

/// How often a step is tried because the review changed between its read and its write.
const ATTEMPTS: usize = 8;

/// The command with which a policy acts.
fn policy_command(now: Timestamp) -> CommandContext {
    CommandContext {
        actor: Actor::product("Holdpoint policy"),
        at: now,
        entry_id: crate::new_id::entry_id(),
        request: RequestDigest::of("follow_deadline", &[]),
        command_id: None,
        standing: Standing::default(),
    }
}

impl From<&Followed> for DeadlineOutcome {
    fn from(followed: &Followed) -> Self {
        let Followed { reminded, overdue, policy, .. } = *followed;
        Self::Followed { reminded, overdue, policy }
    }
}

impl Store {
    /// Does what a review's deadline demands at `now`, if META says so. What is in the index of due items without need is corrected.
    ///
    /// One read and one write of META. Only the policy's escalation of a review with a long history reads what is beside META, too:
    /// the number of escalations is limited.
    pub async fn follow_deadline(
        &self,
        due: &DueItem,
        now: Timestamp,
    ) -> Result<DeadlineOutcome, StoreError> {
        let id = keys::parse_review(&due.pk)?;
        let context = policy_command(now);
        let action_id = crate::new_id::entry_id();
        let mut tried = DeadlineOutcome::Stale;
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(&id).await? else { return Ok(DeadlineOutcome::Stale) };
            // The SDK repeats a call whose answer was lost; then the entries exist already.
            let ours = [context.entry_id, action_id];
            if image.review.journal.iter().any(|entry| ours.contains(&entry.entry_id)) {
                return Ok(tried);
            }
            if image.review.next_due_at().is_none_or(|next| next > now) {
                self.correct_due(&image).await?;
                return Ok(DeadlineOutcome::Stale);
            }
            let (image, older) = if image.spilled.pages > 0 && may_escalate(&image.review) {
                let Some(Loaded { image, overlay }) = self.load_with_image(&id).await? else {
                    return Ok(DeadlineOutcome::Stale);
                };
                (image, overlay.older_decisions)
            } else {
                (image, Vec::new())
            };
            let Some(followed) = image.review.follow_deadline(&context, action_id, &older) else { continue };
            tried = DeadlineOutcome::from(&followed);
            let written = Written { review: followed.review, version: None };
            match self.commit(Box::new(image), &written, None).await? {
                Committed::Written(_) => return Ok(tried),
                Committed::Refused(_) => {}
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its deadline was followed".into()))
    }

    /// Corrects META's place in the index of due items to what its deadline says: an older build, which does not know of deadlines,
    /// leaves the place as it was. Costs nothing if the place is right, as after an entry of the index that lags behind.
    async fn correct_due(&self, image: &Image) -> Result<(), StoreError> {
        match (image.due()?, image.review.next_due_at()) {
            (Some(due), None) => self.remove_from_due(&due).await,
            (Some(due), Some(next)) if due.due_at != next => self.postpone(&due, next).await.map(drop),
            _ => Ok(()),
        }
    }
}

fn may_escalate(review: &Review) -> bool {
    let deadline = review.terms.deadline.as_ref();
    deadline.is_some_and(|deadline| deadline.on_overdue.action == OverdueAction::Escalate)
}
