//! The hottest open review that nobody has claimed.
//!
//! A call that names no review cannot find its own earlier try by the review's audit. So where it has a command id, a
//! COMMAND item, written in one transaction with the claim and never changed, says which review that command went to.
//! It is an index entry: the record of what was done is the audit of the review that it points to.

use crate::review::{
    CommandContext, EntryId, OrganizationId, Refusal, Reserved, Review, ReviewId, Status, Timestamp,
    TtlSeconds, Written,
};
use crate::store::items::meta as item;
use crate::store::items::meta::CommandItem;
use crate::store::queue::list::Place;
use crate::store::queue::memory::Look;
use crate::store::reviews::commit::Committed;
use crate::store::table::keys;
use crate::store::{Outcome, QueueFilter, Store, StoreError};
use futures_util::join;
use std::collections::HashSet;

/// How many rows are looked at together: few at first, because most often one of the first is free, then three times as many.
const FIRST_ROWS: usize = 20;
const MOST_ROWS: usize = 100;
/// Who has lost so many races among them is one of many, and looks again, further.
const LOST_AMONG_FEW: usize = 2;
/// How often the queue is gone through again, because a row was lost only to somebody's edits.
const ROUNDS: usize = 3;
/// How often one row is tried that others keep editing.
const TRIES: usize = 4;

/// How many reviews that are escalated to others are kept in mind for when nothing else waits.
const SET_ASIDE: usize = 20;

/// How rows are tried.
#[derive(Clone, Copy)]
struct Race {
    /// Whether many have come at once: then the first place is a random one, too.
    crowded: bool,
    /// Whether rows are tried in their order all the same.
    in_order: bool,
    /// Whether the rows are those that are escalated to others.
    reserved: bool,
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
enum Found {
    Claimed(Box<Outcome>),
    CommandDone,
    /// Nothing, for others who came at the same time were faster.
    Crowded,
    /// Nothing, but a row that nobody has claimed was let go.
    Missed,
    Nothing,
}

/// Going through a queue once, from a place on.
struct Walk {
    /// When the look from the top was that it goes on from.
    looked_at: Timestamp,
    /// Everything up to here is taken; the walk begins after it.
    start: Option<Place>,
    /// Whether META is read consistently.
    consistent: bool,
    /// How many pages it reads at most.
    pages: usize,
}

/// What a walk has seen.
struct Seen {
    /// Everything up to here is taken.
    taken_to: Option<Place>,
    /// Whether that goes on to where the walk is.
    unbroken: bool,
    /// Free, but escalated to others: for when nothing else waits.
    set_aside: Vec<Review>,
    /// Whether there were any rows.
    any: bool,
}

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
        let known = self.queues.look(&filter.open_queue(), context.at);
        let from_known = known.map(|look| Walk {
            looked_at: look.at,
            start: Some(look.taken_to),
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

    async fn walk(
        &self,
        open: &QueueFilter,
        walk: &Walk,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<(Found, Seen), StoreError> {
        let begin =
            || Seen { taken_to: walk.start.clone(), unbroken: true, set_aside: Vec::new(), any: false };
        let (mut after, mut rows, mut crowded, mut missed) = (walk.start.clone(), FIRST_ROWS, false, false);
        let mut seen = begin();
        for _ in 0..walk.pages {
            let (page, next) = self.look(open, rows, after.as_ref(), walk.consistent).await?;
            seen.any |= !page.is_empty();
            let free = page.iter().filter_map(|(_, review)| review.as_ref());
            let free: Vec<&Review> = free.filter(|review| is_free(review, context)).collect();
            let of = |reserved| {
                let rows = free.iter().filter(move |review| review.reserved_for(&context.actor) == reserved);
                rows.map(|review| (*review).clone())
            };
            let mut gone = HashSet::new();
            let race = Race { crowded, in_order: false, reserved: false };
            let found =
                Box::pin(self.claim_one(of(Reserved::No).collect(), race, ttl, context, &mut gone)).await?;
            let room = SET_ASIDE.saturating_sub(seen.set_aside.len());
            seen.set_aside.extend(of(Reserved::ForAnother).take(room));
            seen.extend(&page, context, &gone);
            match found {
                Found::Nothing => {}
                Found::Crowded => {
                    (after, rows, crowded, seen) = (walk.start.clone(), MOST_ROWS, true, begin());
                    continue;
                }
                Found::Missed => missed = true,
                found => {
                    self.remember(open, walk, &seen);
                    return Ok((found, seen));
                }
            }
            (after, rows) = (next, (3 * rows).min(MOST_ROWS));
            if after.is_none() {
                break;
            }
        }
        self.remember(open, walk, &seen);
        Ok((if missed { Found::Missed } else { Found::Nothing }, seen))
    }

    fn remember(&self, open: &QueueFilter, walk: &Walk, seen: &Seen) {
        if let Some(taken_to) = seen.taken_to.clone() {
            self.queues.remember(&open.open_queue(), Look { at: walk.looked_at, taken_to });
        }
    }

    async fn claim_one(
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
        let beside = vec![item::encode_item(&command)?];
        let meta = image.item.clone();
        let written = Written { review: claimed.clone(), version: None };
        let (committed, history, lease) = join!(
            self.commit_beside(Box::new(image), &written, None, beside),
            self.history(&row.id),
            self.put_lease(&row.id, context, context.at.plus(ttl))
        );
        match committed? {
            Committed::Written(_) => {
                if lease.is_err() {
                    self.put_lease(&row.id, context, context.at.plus(ttl)).await?;
                }
                let overlay = self.complete(claimed, &meta, history?).await?;
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

    /// What this command did before, if it did anything: the claim that it took, or that it is over.
    async fn command_done(
        &self,
        organization: &OrganizationId,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        let Some(id) = self.pointed(organization, context).await? else { return Ok(None) };
        let Some(overlay) = self.load(&id).await? else { return Ok(None) };
        Ok(match self.command(&overlay, context).await?.first() {
            None => None,
            Some(entry) if entry.request == context.request => {
                let claim = overlay.review.claim_at(context.at);
                if !claim.is_some_and(|claim| claim.holder.is(&context.actor)) {
                    return Ok(Some(Outcome::Refused(Refusal::ClaimEnded, Box::new(overlay.review))));
                }
                self.restore_lease(&overlay.review, context).await?;
                Some(Outcome::done(overlay, true))
            }
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// Which review the command went to.
    async fn pointed(
        &self,
        organization: &OrganizationId,
        context: &CommandContext,
    ) -> Result<Option<ReviewId>, StoreError> {
        let Some(command) = &context.command_id else { return Ok(None) };
        let item = self.get(keys::holder(organization, &context.actor), keys::command(command)).await?;
        let item = item.map(item::decode_item::<CommandItem>).transpose()?;
        item.map(|item| keys::parse_review(&item.review)).transpose()
    }
}

impl Seen {
    /// Goes on through `page`, of which `gone` were tried.
    fn extend(
        &mut self,
        page: &[(Place, Option<Review>)],
        context: &CommandContext,
        gone: &HashSet<ReviewId>,
    ) {
        for (place, review) in page {
            let free = review.as_ref().is_some_and(|it| is_free(it, context) && !gone.contains(&it.id));
            self.unbroken &= !free;
            if !self.unbroken {
                return;
            }
            self.taken_to = Some(place.clone());
        }
    }
}

/// Whether a review is open and nobody has it.
fn is_free(review: &Review, context: &CommandContext) -> bool {
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
