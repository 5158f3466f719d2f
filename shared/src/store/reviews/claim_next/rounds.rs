//! The rounds of a claim-next: scans of the queue until a review is claimed, or there is none.

use crate::review::{CommandContext, Review, ReviewId, Status, TtlSeconds};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outcome::Outcome;
use crate::store::queue::cursor::Place;
use crate::store::queue::filter::QueueFilter;
use crate::store::reviews::claim_next::race::{Found, Race};
use crate::store::reviews::claim_next::scan::Scan;
use std::collections::HashSet;

/// How often the queue is scanned because races were lost, or others kept editing a row.
const ROUNDS: usize = 3;

impl Store {
    /// Claims the most urgent unclaimed open review of `filter`'s organization and workflow; `None` if there is none
    /// (contract: `POST …/claim-next`). One that is escalated or assigned to somebody else comes last; one that the actor has escalated,
    /// or may not work on, or could not approve, is passed over.
    ///
    /// Each attempt is a claim on the `rev` at which the review was unclaimed, so it never takes a claim over. After losing the race for
    /// the first row, it continues at a random one of the few rows that were read; after losing there, too, at a random one of many
    /// rows: so callers at the same time spread instead of racing for each row in turn.
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
            match self.scan_queue(filter, ttl, context).await? {
                Found::Claimed(outcome) => return Ok(Some(*outcome)),
                // Perhaps because another attempt of this command has just claimed the last one.
                Found::Nothing => return self.command_done(&filter.organization, context).await,
                Found::CommandDone | Found::Crowded | Found::Missed => {}
            }
        }
        // The last round may have found that the command was carried out.
        match self.command_done(&filter.organization, context).await? {
            Some(outcome) => Ok(Some(outcome)),
            None => {
                Err(StoreError::Unavailable("the reviews kept changing while one was to be claimed".into()))
            }
        }
    }

    /// Scans from the position up to which this process remembers every review as claimed; then, before the answer is `None`, from the
    /// top; then the first page once more, read consistently, because a free review may have moved there meanwhile.
    async fn scan_queue(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Found, StoreError> {
        let open = QueueFilter {
            status: Some(Status::AwaitingReview),
            claimed_by: None,
            overdue: false,
            assigned: None,
            ..filter.clone()
        };
        let known = self.queues.recall(&filter.partition(Status::AwaitingReview), context.at);
        let from_known = known.map(|past| Scan {
            began_at: past.at,
            start: Some(Place { decided: false, position: past.taken_to }),
            consistent: false,
            pages: usize::MAX,
        });
        let from_top = Scan { began_at: context.at, start: None, consistent: false, pages: usize::MAX };
        let last_check = Scan { began_at: context.at, start: None, consistent: true, pages: 1 };
        let mut set_aside: Vec<Review> = Vec::new();
        for scan in from_known.into_iter().chain([from_top, last_check]) {
            let (found, seen) = Box::pin(self.scan(&open, &scan, ttl, context)).await?;
            if !matches!(found, Found::Nothing) {
                return Ok(found);
            }
            if !scan.consistent {
                set_aside.clear();
            }
            let known: HashSet<ReviewId> = set_aside.iter().map(|review| review.id.clone()).collect();
            set_aside.extend(seen.set_aside.into_iter().filter(|review| !known.contains(&review.id)));
            if scan.start.is_none() && !seen.any {
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
