//! The hottest open review that nobody has claimed.
//!
//! A call that names no review cannot find its own earlier try by the review's audit. So where it has a command id, a
//! COMMAND item, written in one transaction with the claim and never changed, says which review that command went to.
//! It is an index entry: the record of what was done is the audit of the review that it points to.

use crate::review::{CommandContext, Review, ReviewId, Status, TtlSeconds};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outcome::Outcome;
use crate::store::queue::cursor::Place;
use crate::store::queue::filter::QueueFilter;
use crate::store::reviews::claim_next::race::{Found, Race};
use crate::store::reviews::claim_next::walk::Walk;
use std::collections::HashSet;

/// How often the queue is gone through again, because a row was lost only to somebody's edits.
const ROUNDS: usize = 3;

impl Store {
    /// Claims the hottest unclaimed open review of `filter`'s organization and workflow; `None` when there is none
    /// (contract: `POST …/claim-next`). One that is escalated to somebody else comes last, and never to who escalated it.
    ///
    /// Each try is a claim on the `rev` at which the review was seen unclaimed, so nobody is ever taken over. Whoever
    /// loses the race for the hottest goes on at a random place of the few rows at hand, and who loses there, too, of many rows, read
    /// again: so many who come at once spread instead of meeting again at the second.
    pub async fn claim_next(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        for _ in 0..ROUNDS {
            if let Some(outcome) = self.command_done(&filter.organization, context).await? {
                return Ok(Some(outcome));
            }
            match self.go_through(filter, ttl, context).await? {
                Found::Claimed(outcome) => return Ok(Some(*outcome)),
                // Nothing, perhaps because another try of this command has just taken the last one.
                Found::Nothing => return self.command_done(&filter.organization, context).await,
                Found::CommandDone | Found::Crowded | Found::Missed => {}
            }
        }
        // The last round may have found that the command was done.
        match self.command_done(&filter.organization, context).await? {
            Some(outcome) => Ok(Some(outcome)),
            None => Err(StoreError::Unavailable("every review at hand kept changing".into())),
        }
    }

    /// First from where this process knows the hottest end to be taken; then, before it is said that there is nothing, from the top;
    /// then the top once more, read consistently, because what was free may have moved there behind our back.
    async fn go_through(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Found, StoreError> {
        let open = QueueFilter { status: Some(Status::AwaitingReview), claimed_by: None, ..filter.clone() };
        let known = self.queues.look(&filter.partition(Status::AwaitingReview), context.at);
        let from_known = known.map(|look| Walk {
            looked_at: look.at,
            start: Some(Place { decided: false, position: look.taken_to }),
            consistent: false,
            pages: usize::MAX,
        });
        let from_top = Walk { looked_at: context.at, start: None, consistent: false, pages: usize::MAX };
        let check = Walk { looked_at: context.at, start: None, consistent: true, pages: 1 };
        let mut set_aside: Vec<Review> = Vec::new();
        for walk in from_known.into_iter().chain([from_top, check]) {
            let (found, seen) = Box::pin(self.walk(&open, &walk, ttl, context)).await?;
            if !matches!(found, Found::Nothing) {
                return Ok(found);
            }
            if !walk.consistent {
                set_aside.clear();
            }
            let known: HashSet<ReviewId> = set_aside.iter().map(|review| review.id.clone()).collect();
            set_aside.extend(seen.set_aside.into_iter().filter(|review| !known.contains(&review.id)));
            if walk.start.is_none() && !seen.any {
                break;
            }
        }
        let mut gone = HashSet::new();
        Box::pin(self.claim_one(
            set_aside,
            Race { crowded: true, in_order: true, reserved: true },
            ttl,
            context,
            &mut gone,
        ))
        .await
    }
}
