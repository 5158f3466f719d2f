//! The hottest open review that nobody has claimed.
//!
//! A call that names no review cannot find its own earlier try by the review's audit. So where it has a command id, a
//! COMMAND item, written in one transaction with the claim and never changed, says which review that command went to.
//! It is an index entry: the record of what was done is the audit of the review that it points to.

use super::commit::Committed;
use super::item::{self, CommandItem};
use super::{Outcome, QueueFilter, Store, StoreError, keys};
use crate::review::{Act, EntryId, OrganizationId, Refusal, Review, ReviewId, Status, TtlSeconds, Written};
use futures_util::join;

/// How many rows are looked at together: few at first, because most often one of the first is free, then three times as many.
const FIRST_ROWS: usize = 20;
const MOST_ROWS: usize = 100;
/// Who has lost so many races among them is one of many, and looks again, further.
const LOST_AMONG_FEW: usize = 2;
/// How often the queue is gone through again, because a row was lost only to somebody's edits.
const ROUNDS: usize = 3;
/// How often one row is tried that others keep editing.
const TRIES: usize = 4;

/// What became of one try.
enum Try {
    Claimed(Box<Outcome>),
    /// Another try of the same command has claimed a review.
    CommandDone,
    /// It has changed, but nobody has claimed it: worth another try.
    Changed(Box<Review>),
    /// Somebody has it, or it is decided.
    Gone,
}

/// What became of going through the queue once.
enum Found {
    Claimed(Box<Outcome>),
    CommandDone,
    /// Nothing, for others who came at the same time were faster.
    Crowded,
    /// Nothing, but a row that nobody has claimed was let go.
    Missed,
    Nothing,
}

impl Store {
    /// Claims the hottest unclaimed open review of `filter`'s organization and workflow; `None` when there is none
    /// (contract: `POST …/claim-next`).
    ///
    /// Each try is a claim on the `rev` at which the review was seen unclaimed, so nobody is ever taken over. Whoever
    /// loses the race for the hottest goes on at a random place of the few rows at hand, and who loses there, too, of many rows, read
    /// again: so many who come at once spread instead of meeting again at the second.
    pub async fn claim_next(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Option<Outcome>, StoreError> {
        for _ in 0..ROUNDS {
            if let Some(outcome) = self.command_done(&filter.organization, act).await? {
                return Ok(Some(outcome));
            }
            match self.go_through(filter, ttl, act).await? {
                Found::Claimed(outcome) => return Ok(Some(*outcome)),
                // Nothing, perhaps because another try of this command has just taken the last one.
                Found::Nothing => return self.command_done(&filter.organization, act).await,
                Found::CommandDone | Found::Crowded | Found::Missed => {}
            }
        }
        Err(StoreError::Unavailable("every review at hand kept changing".into()))
    }

    async fn go_through(
        &self,
        filter: &QueueFilter,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Found, StoreError> {
        let open = QueueFilter { status: Some(Status::AwaitingReview), claimed_by: None, ..filter.clone() };
        let (mut cursor, mut rows) = (None, FIRST_ROWS);
        let (mut missed, mut crowded, mut looked_again) = (false, false, false);
        loop {
            let page = self.list(&open, rows, cursor.as_ref(), act.at).await?;
            let unclaimed =
                page.rows.into_iter().filter(|review| review.claim_at(act.at).is_none()).collect();
            match self.claim_one(unclaimed, crowded, ttl, act).await? {
                Found::Nothing => {}
                Found::Crowded => {
                    (cursor, rows, crowded) = (None, MOST_ROWS, true);
                    continue;
                }
                Found::Missed => missed = true,
                found => return Ok(found),
            }
            let was_first = cursor.is_none();
            (cursor, rows) = (page.next, (3 * rows).min(MOST_ROWS));
            if missed && cursor.is_none() {
                return Ok(Found::Missed);
            }
            if looked_again || (was_first && cursor.is_none()) {
                return Ok(Found::Nothing);
            }
            // What was free may have moved to the hottest end meanwhile, behind our back.
            if cursor.is_none() {
                (rows, looked_again) = (FIRST_ROWS, true);
            }
        }
    }

    async fn claim_one(
        &self,
        mut rows: Vec<Review>,
        crowded: bool,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Found, StoreError> {
        let mut place = if crowded { random_below(rows.len()) } else { 0 };
        let (mut lost, mut missed) = (0, false);
        while !rows.is_empty() {
            let mut row = rows.remove(place);
            for attempt in 1..=TRIES {
                // Every try is an act of its own: the entry id of a lost one must not pass for this one's.
                let act = Act { entry_id: EntryId::new(), ..act.clone() };
                let tried = match act.command_id {
                    None => self.try_row(&row, ttl, &act).await?,
                    Some(_) => self.try_row_with_command(&row, ttl, &act).await?,
                };
                match tried {
                    Try::Claimed(outcome) => return Ok(Found::Claimed(outcome)),
                    Try::CommandDone => return Ok(Found::CommandDone),
                    Try::Gone => {
                        lost += 1;
                        break;
                    }
                    Try::Changed(review) => row = *review,
                }
                missed |= attempt == TRIES;
            }
            if lost == LOST_AMONG_FEW && !crowded {
                return Ok(Found::Crowded);
            }
            place = random_below(rows.len());
        }
        Ok(if missed { Found::Missed } else { Found::Nothing })
    }

    async fn try_row(&self, row: &Review, ttl: TtlSeconds, act: &Act) -> Result<Try, StoreError> {
        Ok(match self.claim(&row.id, row.rev, ttl, act).await? {
            done @ Outcome::Done { replayed: false, .. } => Try::Claimed(Box::new(done)),
            Outcome::Refused(_, review) => still_free(*review, act),
            // Replayed: the same actor got it by another call. That is that call's, not ours.
            _ => Try::Gone,
        })
    }

    /// As a claim, with the COMMAND in the same transaction.
    async fn try_row_with_command(
        &self,
        row: &Review,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Try, StoreError> {
        let Some(image) = self.load_image(&row.id).await? else { return Ok(Try::Gone) };
        let claimed = match image.review.claim(ttl, act) {
            Ok(review) if image.review.claim_at(act.at).is_none() => review,
            _ => return Ok(Try::Gone),
        };
        let Some(command) = CommandItem::new(&row.id, act) else { return Ok(Try::Gone) };
        let beside = vec![item::encode_item(&command)?];
        let meta = image.item.clone();
        let written = Written { review: claimed.clone(), version: None };
        let (committed, history, lease) = join!(
            self.commit_beside(Box::new(image), &written, None, beside),
            self.history(&row.id),
            self.put_lease(&row.id, act, act.at.plus(ttl))
        );
        match committed? {
            Committed::Written(_) => {
                lease?;
                let overlay = self.complete(claimed, &meta, history?).await?;
                Ok(Try::Claimed(Box::new(Outcome::done(overlay, false))))
            }
            Committed::Refused(image) => {
                if self.pointed(&row.id.organization, act).await?.is_some() {
                    return Ok(Try::CommandDone);
                }
                Ok(image.map_or(Try::Gone, |image| still_free(image.review, act)))
            }
        }
    }

    /// What this command did before, if it did anything.
    async fn command_done(
        &self,
        organization: &OrganizationId,
        act: &Act,
    ) -> Result<Option<Outcome>, StoreError> {
        let Some(id) = self.pointed(organization, act).await? else { return Ok(None) };
        let Some(overlay) = self.load(&id).await? else { return Ok(None) };
        Ok(match overlay.review.command(act, &overlay.older_audit) {
            None => None,
            Some(entry) if entry.request == act.request => {
                self.mend_lease(&overlay.review, act).await?;
                Some(Outcome::done(overlay, true))
            }
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// Which review the command went to.
    async fn pointed(
        &self,
        organization: &OrganizationId,
        act: &Act,
    ) -> Result<Option<ReviewId>, StoreError> {
        let Some(command) = &act.command_id else { return Ok(None) };
        let item = self.get(keys::holder(organization, &act.actor), keys::command(command)).await?;
        let item = item.map(item::decode_item::<CommandItem>).transpose()?;
        item.map(|item| keys::parse_review(&item.review)).transpose()
    }
}

fn still_free(review: Review, act: &Act) -> Try {
    let free = review.status == Status::AwaitingReview && review.claim_at(act.at).is_none();
    if free { Try::Changed(Box::new(review)) } else { Try::Gone }
}

/// A number below `end`, or 0; good enough to spread load, and it needs no generator: entry ids are random.
fn random_below(end: usize) -> usize {
    let random = EntryId::new().to_bytes();
    let number = usize::from(random[14]) << 8 | usize::from(random[15]);
    number.checked_rem(end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::properties::{act, review_and_version};
    use std::collections::HashSet;

    #[test]
    fn a_row_is_worth_another_try_while_it_is_open_and_nobody_has_it() {
        let (review, _) = review_and_version();
        let act = act(0, review.created_at, "");
        let is_free = |review: &Review| matches!(still_free(review.clone(), &act), Try::Changed(_));
        assert!(is_free(&review));
        assert!(!is_free(&review.claim(TtlSeconds::default(), &act).unwrap()));
        assert!(!is_free(&Review { status: Status::Rejected, ..review }));
    }

    #[test]
    fn places_are_drawn_from_all_there_are() {
        assert_eq!(random_below(0), 0);
        let drawn: HashSet<usize> = (0..1000).map(|_| random_below(1000)).collect();
        assert!(drawn.len() > 500 && drawn.iter().all(|place| *place < 1000), "632 are to be expected");
    }
}
