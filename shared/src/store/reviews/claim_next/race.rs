//! Attempts to claim rows, one after the other, while others may claim the same ones.

use crate::new_id;
use crate::review::{CommandContext, Reserved, Review, ReviewId, Status, TtlSeconds, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::lease::CommandItem;
use crate::store::outcome::Outcome;
use crate::store::reviews::commit::Committed;
use crate::store::table::codec;
use std::collections::HashSet;

/// After losing so many races, a caller reads more rows, because there are many callers.
const LOST_AMONG_FEW: usize = 2;

/// How often a row is tried that others keep editing.
const TRIES: usize = 4;

/// The order in which rows are tried.
#[derive(Clone, Copy)]
pub(in crate::store) struct Race {
    /// Whether there are many callers: then the first row is random, too.
    pub(in crate::store) crowded: bool,
    /// Whether rows are tried in order nevertheless.
    pub(in crate::store) in_order: bool,
    /// Whether the rows are escalated or assigned to others.
    pub(in crate::store) reserved: bool,
}

/// The result of one attempt.
enum Try {
    Claimed(Box<Outcome>),
    /// Another attempt of the same command has claimed a review.
    CommandDone,
    /// It has changed, but is not claimed: worth another attempt.
    Changed(Box<Review>),
    /// It is claimed, or decided.
    Gone,
}

/// The result of all attempts at one row.
enum Row {
    Claimed(Box<Outcome>),
    CommandDone,
    Gone,
    /// It was escalated or assigned to somebody else meanwhile, and is left to them.
    Reserved,
    /// Others edited it before each attempt.
    KeptChanging,
}

/// The result of a scan.
pub(in crate::store) enum Found {
    Claimed(Box<Outcome>),
    CommandDone,
    /// Nothing, because other callers were faster.
    Crowded,
    /// Nothing, but an unclaimed row was skipped.
    Missed,
    Nothing,
}

/// Whether a review is open and not claimed.
pub(in crate::store) fn is_free(review: &Review, context: &CommandContext) -> bool {
    review.status == Status::AwaitingReview && review.claim_at(context.at).is_none()
}

fn still_free(review: Review, context: &CommandContext) -> Try {
    if is_free(&review, context) { Try::Changed(Box::new(review)) } else { Try::Gone }
}

/// A random number below `end`, or 0. It is taken from an entry id, which is random enough to spread load.
fn random_below(end: usize) -> usize {
    let random = new_id::entry_id().to_bytes();
    let number = usize::from(random[14]) << 8 | usize::from(random[15]);
    number.checked_rem(end).unwrap_or_default()
}

impl Store {
    pub(in crate::store) async fn claim_one(
        &self,
        mut rows: Vec<Review>,
        race: Race,
        ttl: TtlSeconds,
        context: &CommandContext,
        gone: &mut HashSet<ReviewId>,
    ) -> Result<Found, StoreError> {
        let Race { crowded, in_order, reserved } = race;
        let random = |rows: &[Review]| if in_order { 0 } else { random_below(rows.len()) };
        let mut place = if crowded { random(&rows) } else { 0 };
        let (mut lost, mut missed) = (0, false);
        while !rows.is_empty() {
            let row = rows.remove(place);
            let id = row.id.clone();
            match self.claim_row(row, reserved, ttl, context).await? {
                Row::Claimed(outcome) => {
                    gone.insert(id);
                    return Ok(Found::Claimed(outcome));
                }
                Row::CommandDone => return Ok(Found::CommandDone),
                Row::Gone => {
                    lost += 1;
                    gone.insert(id);
                }
                Row::Reserved => {}
                Row::KeptChanging => missed = true,
            }
            if lost == LOST_AMONG_FEW && !crowded {
                return Ok(Found::Crowded);
            }
            place = random(&rows);
        }
        Ok(if missed { Found::Missed } else { Found::Nothing })
    }

    /// Tries to claim one row, again if others edit it meanwhile.
    async fn claim_row(
        &self,
        mut row: Review,
        reserved: bool,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Row, StoreError> {
        for _ in 0..TRIES {
            // Each attempt has its own entry id, so that a lost one is not taken for this one.
            let context = CommandContext { entry_id: new_id::entry_id(), ..context.clone() };
            let tried = match context.command_id {
                None => Box::pin(self.try_row(&row, ttl, &context)).await?,
                Some(_) => Box::pin(self.try_row_with_command(&row, ttl, &context)).await?,
            };
            match tried {
                Try::Claimed(outcome) => return Ok(Row::Claimed(outcome)),
                Try::CommandDone => return Ok(Row::CommandDone),
                Try::Gone => return Ok(Row::Gone),
                Try::Changed(review) => match review.reserved_for(&context.actor, &context.standing) {
                    Reserved::No => row = *review,
                    Reserved::ForAnother if reserved => row = *review,
                    Reserved::ForAnother | Reserved::NotForActor => return Ok(Row::Reserved),
                },
            }
        }
        Ok(Row::KeptChanging)
    }

    async fn try_row(
        &self,
        row: &Review,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Try, StoreError> {
        Ok(match self.claim_at(&row.id, row.rev, ttl, context, None).await? {
            done @ Outcome::Done { replayed: false, .. } => Try::Claimed(Box::new(done)),
            Outcome::Refused(_, review) => still_free(*review, context),
            // Replayed: the same actor claimed it by another call, so it is that call's.
            _ => Try::Gone,
        })
    }

    /// A claim with its COMMAND in one transaction.
    async fn try_row_with_command(
        &self,
        row: &Review,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Try, StoreError> {
        let Some(image) = self.load_image(&row.id).await? else { return Ok(Try::Gone) };
        let claimed = match image.review.claim(ttl, context) {
            Ok(review) if is_free(&image.review, context) => review,
            _ => return Ok(Try::Gone),
        };
        let reserved = |review: &Review| review.reserved_for(&context.actor, &context.standing);
        if image.review.rev != row.rev && reserved(&image.review) != reserved(row) {
            return Ok(Try::Changed(Box::new(image.review)));
        }
        let Some(command) = CommandItem::new(&row.id, context) else { return Ok(Try::Gone) };
        let beside = vec![codec::encode_item(&command)?];
        let spilled = image.spilled.clone();
        let written = Written { review: claimed.clone(), version: None };
        let write = self.commit_beside(Box::new(image), &written, None, beside);
        let expires_at = context.at.plus(ttl);
        let (committed, history, lease) =
            self.claim_with_lease(&row.id, row.rev, context, expires_at, true, write).await?;
        match committed {
            Committed::Written(_) => {
                lease?;
                let overlay = self.complete(claimed, &spilled, history?).await?;
                Ok(Try::Claimed(Box::new(Outcome::done(overlay, false))))
            }
            Committed::Refused(image) => {
                if self.claimed_by_command(&row.id.organization, context).await?.is_some() {
                    return Ok(Try::CommandDone);
                }
                Ok(image.map_or(Try::Gone, |image| still_free(image.review, context)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};

    #[test]
    fn a_row_is_worth_another_try_while_it_is_open_and_nobody_has_it() {
        let (review, _) = review_and_version();
        let context = context(0, review.created_at, "");
        let is_free = |review: &Review| matches!(still_free(review.clone(), &context), Try::Changed(_));
        assert!(is_free(&review));
        assert!(!is_free(&review.claim(TtlSeconds::default(), &context).unwrap()));
        assert!(!is_free(&Review { status: Status::Rejected, ..review }));
    }

    #[test]
    fn places_are_drawn_from_all_there_are() {
        assert_eq!(random_below(0), 0);
        let drawn: HashSet<usize> = (0..1000).map(|_| random_below(1000)).collect();
        assert!(drawn.len() > 500 && drawn.iter().all(|place| *place < 1000), "632 are to be expected");
    }
}
