//! Trying rows until one is claimed: others may be at the same rows at the same time.

use crate::review::{CommandContext, EntryId, Reserved, Review, ReviewId, Status, TtlSeconds, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::lease::CommandItem;
use crate::store::outcome::Outcome;
use crate::store::reviews::commit::Committed;
use crate::store::table::codec;
use futures_util::join;
use std::collections::HashSet;

/// Who has lost so many races among them is one of many, and looks again, further.
const LOST_AMONG_FEW: usize = 2;

/// How often one row is tried that others keep editing.
const TRIES: usize = 4;

/// How rows are tried.
#[derive(Clone, Copy)]
pub(in crate::store) struct Race {
    /// Whether many have come at once: then the first place is a random one, too.
    pub(in crate::store) crowded: bool,
    /// Whether rows are tried in their order all the same.
    pub(in crate::store) in_order: bool,
    /// Whether the rows are those that are escalated to others.
    pub(in crate::store) reserved: bool,
}

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
pub(in crate::store) enum Found {
    Claimed(Box<Outcome>),
    CommandDone,
    /// Nothing, for others who came at the same time were faster.
    Crowded,
    /// Nothing, but a row that nobody has claimed was let go.
    Missed,
    Nothing,
}

/// Whether a review is open and nobody has it.
pub(in crate::store) fn is_free(review: &Review, context: &CommandContext) -> bool {
    review.status == Status::AwaitingReview && review.claim_at(context.at).is_none()
}

fn still_free(review: Review, context: &CommandContext) -> Try {
    if is_free(&review, context) { Try::Changed(Box::new(review)) } else { Try::Gone }
}

/// A number below `end`, or 0; good enough to spread load, and it needs no generator: entry ids are random.
fn random_below(end: usize) -> usize {
    let random = EntryId::new().to_bytes();
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
            let mut row = rows.remove(place);
            for attempt in 1..=TRIES {
                // Every try is an context of its own: the entry id of a lost one must not pass for this one's.
                let context = CommandContext { entry_id: EntryId::new(), ..context.clone() };
                let tried = match context.command_id {
                    None => Box::pin(self.try_row(&row, ttl, &context)).await?,
                    Some(_) => Box::pin(self.try_row_with_command(&row, ttl, &context)).await?,
                };
                match tried {
                    Try::Claimed(outcome) => {
                        gone.insert(row.id);
                        return Ok(Found::Claimed(outcome));
                    }
                    Try::CommandDone => return Ok(Found::CommandDone),
                    Try::Gone => {
                        lost += 1;
                        gone.insert(row.id.clone());
                        break;
                    }
                    // Escalated to somebody else meanwhile: left to who it is for.
                    Try::Changed(review)
                        if !reserved && review.reserved_for(&context.actor) != Reserved::No =>
                    {
                        break;
                    }
                    Try::Changed(review) => row = *review,
                }
                missed |= attempt == TRIES;
            }
            if lost == LOST_AMONG_FEW && !crowded {
                return Ok(Found::Crowded);
            }
            place = random(&rows);
        }
        Ok(if missed { Found::Missed } else { Found::Nothing })
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
            // Replayed: the same actor got it by another call. That is that call's, not ours.
            _ => Try::Gone,
        })
    }

    /// As a claim, with the COMMAND in the same transaction.
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
        if image.review.rev != row.rev
            && image.review.reserved_for(&context.actor) != row.reserved_for(&context.actor)
        {
            return Ok(Try::Changed(Box::new(image.review)));
        }
        let Some(command) = CommandItem::new(&row.id, context) else { return Ok(Try::Gone) };
        let beside = vec![codec::encode_item(&command)?];
        let spilled = image.spilled.clone();
        let written = Written { review: claimed.clone(), version: None };
        let (committed, history, lease) = join!(
            self.commit_beside(Box::new(image), &written, None, beside),
            self.history(&row.id, row.rev),
            self.put_lease(&row.id, context, context.at.plus(ttl))
        );
        match committed? {
            Committed::Written(_) => {
                if lease.is_err() {
                    self.put_lease(&row.id, context, context.at.plus(ttl)).await?;
                }
                let overlay = self.complete(claimed, &spilled, history?).await?;
                Ok(Try::Claimed(Box::new(Outcome::done(overlay, false))))
            }
            Committed::Refused(image) => {
                if image.is_none() {
                    self.retract_lease(&row.id, context).await?;
                }
                if self.pointed(&row.id.organization, context).await?.is_some() {
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
