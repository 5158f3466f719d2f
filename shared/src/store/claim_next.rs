//! The hottest open review that nobody has claimed.

use super::{Outcome, QueueFilter, Store, StoreError};
use crate::review::{Act, EntryId, Refusal, Review, Status, TtlSeconds};

/// How many rows are looked at together.
const ROWS: usize = 50;

impl Store {
    /// Claims the hottest unclaimed open review of `filter`'s organization and workflow; `None` when there is none
    /// (contract: `POST …/claim-next`).
    ///
    /// Each try is a claim on the `rev` at which the review was seen unclaimed, so nobody is ever taken over. Whoever
    /// loses the race for the hottest goes on at a random place of the rows at hand, so that many who come at once
    /// spread instead of meeting again at the second.
    pub async fn claim_next(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Option<Outcome>, StoreError> {
        if let Some(outcome) = self.claimed_before(filter, act).await? {
            return Ok(Some(outcome));
        }
        let open = QueueFilter { status: Some(Status::AwaitingReview), claimed_by: None, ..filter.clone() };
        let mut cursor = None;
        loop {
            let page = self.list(&open, ROWS, cursor.as_ref(), act.at).await?;
            let unclaimed =
                page.rows.into_iter().filter(|review| review.claim_at(act.at).is_none()).collect();
            if let Some(outcome) = self.claim_one(unclaimed, ttl, act).await? {
                return Ok(Some(outcome));
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(None);
            }
        }
    }

    async fn claim_one(
        &self,
        mut rows: Vec<Review>,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Option<Outcome>, StoreError> {
        let mut place = 0;
        while !rows.is_empty() {
            let row = rows.remove(place);
            // Every try is an act of its own: the entry id of a lost one must not pass for this one's.
            let try_act = Act { entry_id: EntryId::new(), ..act.clone() };
            match self.claim(&row.id, row.rev, ttl, &try_act).await? {
                done @ Outcome::Done { replayed: false, .. } => return Ok(Some(done)),
                // Replayed: the same actor got it by another call at the same time. That is that call's, not ours.
                _ => place = random_below(rows.len()),
            }
        }
        Ok(None)
    }

    /// The review that this very command claimed before, if it did and the claim still stands.
    async fn claimed_before(&self, filter: &QueueFilter, act: &Act) -> Result<Option<Outcome>, StoreError> {
        if act.command_id.is_none() {
            return Ok(None);
        }
        let mine = QueueFilter {
            workflow: None,
            status: None,
            claimed_by: Some(act.actor.clone()),
            ..filter.clone()
        };
        for review in self.list(&mine, usize::MAX, None, act.at).await?.rows {
            match review.command(act, &[]) {
                None => {}
                Some(entry) if entry.request != act.request => {
                    return Ok(Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(review))));
                }
                Some(_) => {
                    return Ok(self.load(&review.id).await?.map(|overlay| Outcome::done(overlay, true)));
                }
            }
        }
        Ok(None)
    }
}

/// A number below `end`, or 0; good enough to spread load, and it needs no generator: entry ids are random.
fn random_below(end: usize) -> usize {
    let random = EntryId::new().to_bytes();
    let number = usize::from(random[14]) << 8 | usize::from(random[15]);
    number.checked_rem(end).unwrap_or_default()
}
