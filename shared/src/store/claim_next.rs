//! The hottest open review that nobody has claimed.
//!
//! A call that names no review cannot find its own earlier try by the review's audit. So where it has a command id, a
//! COMMAND item says which review that command went to. It is a pointer, written before the claim: the record of what
//! was done is the audit of the review that it points to.

use super::item::{self, CommandItem};
use super::{Outcome, QueueFilter, Store, StoreError, expressions, keys, meter};
use crate::review::{Act, EntryId, OrganizationId, Refusal, Review, ReviewId, Status, TtlSeconds};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

/// How many rows are looked at together.
const ROWS: usize = 50;
/// How often a command starts anew because another try of it moved its pointer.
const ATTEMPTS: usize = 4;

/// What became of one search.
enum Found {
    Answer(Box<Outcome>),
    Nothing,
    /// Another try of the same command is under way.
    Disturbed,
}

/// One call of claim-next.
struct Search<'a> {
    filter: &'a QueueFilter,
    ttl: TtlSeconds,
    act: &'a Act,
    /// Where the command's pointer points to.
    pointer: Option<ReviewId>,
}

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
        for _ in 0..ATTEMPTS {
            let pointer = self.pointed(&filter.organization, act).await?;
            if let Some(outcome) = self.done_before(pointer.as_ref(), act).await? {
                return Ok(Some(outcome));
            }
            match self.search(Search { filter, ttl, act, pointer }).await? {
                Found::Answer(outcome) => return Ok(Some(*outcome)),
                Found::Nothing => return Ok(None),
                Found::Disturbed => {}
            }
        }
        Err(StoreError::Unavailable("other tries of the same command are under way".into()))
    }

    async fn search(&self, mut search: Search<'_>) -> Result<Found, StoreError> {
        let now = search.act.at;
        let open =
            QueueFilter { status: Some(Status::AwaitingReview), claimed_by: None, ..search.filter.clone() };
        let mut cursor = None;
        loop {
            let page = self.list(&open, ROWS, cursor.as_ref(), now).await?;
            let unclaimed = page.rows.into_iter().filter(|review| review.claim_at(now).is_none()).collect();
            match self.claim_one(unclaimed, &mut search).await? {
                Found::Nothing => cursor = page.next,
                found => return Ok(found),
            }
            if cursor.is_none() {
                return Ok(Found::Nothing);
            }
        }
    }

    async fn claim_one(&self, mut rows: Vec<Review>, search: &mut Search<'_>) -> Result<Found, StoreError> {
        let mut place = 0;
        while !rows.is_empty() {
            let row = rows.remove(place);
            if search.act.command_id.is_some() {
                let from = search.pointer.replace(row.id.clone());
                if !self.point(search.act, from.as_ref(), &row.id).await? {
                    return Ok(Found::Disturbed);
                }
                // Another try may have claimed there just before the pointer was moved away.
                if let Some(outcome) = self.done_before(from.as_ref(), search.act).await? {
                    if let Some(from) = &from {
                        self.point(search.act, Some(&row.id), from).await?;
                    }
                    return Ok(Found::Answer(Box::new(outcome)));
                }
            }
            // Every try is an act of its own: the entry id of a lost one must not pass for this one's.
            let act = Act { entry_id: EntryId::new(), ..search.act.clone() };
            match self.claim(&row.id, row.rev, search.ttl, &act).await? {
                // Replayed without a command: the same actor got it by another call. That is that call's, not ours.
                done @ Outcome::Done { replayed, .. } if !replayed || act.command_id.is_some() => {
                    return Ok(Found::Answer(Box::new(done)));
                }
                _ => place = random_below(rows.len()),
            }
        }
        Ok(Found::Nothing)
    }

    /// What the review says of this command, if it was carried out there.
    async fn done_before(
        &self,
        pointer: Option<&ReviewId>,
        act: &Act,
    ) -> Result<Option<Outcome>, StoreError> {
        let Some(id) = pointer else { return Ok(None) };
        let Some(overlay) = self.load(id).await? else { return Ok(None) };
        Ok(match overlay.review.command(act, &overlay.older_audit) {
            None => None,
            Some(entry) if entry.request == act.request => Some(Outcome::done(overlay, true)),
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// Where the command's pointer points to.
    async fn pointed(
        &self,
        organization: &OrganizationId,
        act: &Act,
    ) -> Result<Option<ReviewId>, StoreError> {
        let Some(command) = &act.command_id else { return Ok(None) };
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(keys::holder(organization, &act.actor)))
            .key(keys::SK, AttributeValue::S(keys::command(command)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.map_err(|error| StoreError::from_sdk(&error))?;
        meter::read(output.consumed_capacity());
        let item = output.item.map(item::decode_item::<CommandItem>).transpose()?;
        item.map(|item| keys::parse_review(&item.review)).transpose()
    }

    /// Moves the command's pointer; `false` when it is not at `from` any more.
    async fn point(&self, act: &Act, from: Option<&ReviewId>, to: &ReviewId) -> Result<bool, StoreError> {
        let Some(command) = &act.command_id else { return Ok(true) };
        let item = CommandItem {
            pk: keys::holder(&to.organization, &act.actor),
            sk: keys::command(command),
            review: keys::review(to),
        };
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&item)?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let request = match from {
            None => request.condition_expression(expressions::ABSENT),
            Some(from) => request
                .condition_expression(expressions::POINTS_TO)
                .expression_attribute_values(":from", AttributeValue::S(keys::review(from))),
        };
        match meter::call(request.send()).await {
            Ok(output) => meter::written(output.consumed_capacity()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(StoreError::from_sdk(&error)),
        }
        Ok(true)
    }
}

/// A number below `end`, or 0; good enough to spread load, and it needs no generator: entry ids are random.
fn random_below(end: usize) -> usize {
    let random = EntryId::new().to_bytes();
    let number = usize::from(random[14]) << 8 | usize::from(random[15]);
    number.checked_rem(end).unwrap_or_default()
}
