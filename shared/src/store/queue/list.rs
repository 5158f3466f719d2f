//! The queue: index keys first, then META of each row, so that every row is as fresh as the read.

use crate::review::{Actor, OrganizationId, Review, ReviewId, Status, Timestamp, WorkflowId};
use crate::store::items::meta as item;
use crate::store::items::meta::{Attributes, MetaItem};
use crate::store::table::{expressions, keys, meter};
use crate::store::{SdkResult, Store, StoreError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Which rows (contract: `GET /workflows/reviews`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFilter {
    /// Whose reviews.
    pub organization: OrganizationId,
    /// One workflow, or all.
    pub workflow: Option<WorkflowId>,
    /// One status, or all: the open ones, then the decided ones.
    pub status: Option<Status>,
    /// Only those this actor has claimed; of the decided ones, those that this actor has decided.
    pub claimed_by: Option<Actor>,
}

impl QueueFilter {
    /// Whether it asks for decided reviews alone.
    fn is_decided(&self) -> bool {
        self.status.is_some_and(|status| status != Status::AwaitingReview)
    }

    /// The partition of the open ones, as the index names it.
    pub(in crate::store) fn open_queue(&self) -> String {
        match &self.workflow {
            None => keys::queue(&self.organization, Status::AwaitingReview),
            Some(workflow) => keys::workflow_queue(&self.organization, workflow, Status::AwaitingReview),
        }
    }

    /// The query of those that stand at `status`, in order, as far as `condition` goes. Nothing else of the filter is looked at.
    pub(in crate::store) fn query(
        &self,
        store: &Store,
        status: Status,
        condition: &'static str,
    ) -> QueryFluentBuilder {
        let (index, name, queue) = match &self.workflow {
            None => (keys::QUEUE, "queue_pk", keys::queue(&self.organization, status)),
            Some(workflow) => (
                keys::QUEUE_BY_WORKFLOW,
                "workflow_queue_pk",
                keys::workflow_queue(&self.organization, workflow, status),
            ),
        };
        let query = store.client.query().table_name(&store.table).index_name(index);
        query
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", name)
            .expression_attribute_values(":pk", AttributeValue::S(queue))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

/// One page of the queue.
#[derive(Debug)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Review>,
    /// Where the next page starts; none when this is the last.
    pub next: Option<Cursor>,
}

/// A row's place in the queue: open ones before decided ones, then by the index's sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Place {
    pub(in crate::store) decided: bool,
    pub(in crate::store) position: String,
}

/// Where a page ended. Opaque to clients; bound to the organization and the filter it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Place);

/// The text is not a cursor of this organization and filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list; leave it out to start from the first page")]
pub struct CursorError;

impl Cursor {
    /// How many bytes of the binding's hash a cursor carries.
    const BINDING: usize = 8;
    const VERSION: u8 = 1;

    /// Of the page after that place.
    pub(in crate::store) const fn after(place: Place) -> Self {
        Self(place)
    }

    pub(in crate::store) const fn place(&self) -> &Place {
        &self.0
    }

    /// The text for clients.
    pub fn encode(&self, filter: &QueueFilter) -> String {
        let mut bytes = vec![Self::VERSION, u8::from(self.0.decided)];
        bytes.extend_from_slice(&Self::binding(filter, &self.0));
        bytes.extend_from_slice(self.0.position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor a text says, if it was made for this filter.
    ///
    /// The binding is a guard against mistakes, not a secret: a forged cursor could only name another place in
    /// the caller's own queue, because the partition comes from the key and the filter, never from the cursor.
    pub fn decode(text: &str, filter: &QueueFilter) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (head, rest) = bytes.split_at_checked(2).ok_or(CursorError)?;
        let (binding, position) = rest.split_at_checked(Self::BINDING).ok_or(CursorError)?;
        let decided = match head {
            [Self::VERSION, 0] => false,
            [Self::VERSION, 1] => true,
            _ => return Err(CursorError),
        };
        let position = String::from_utf8(position.to_vec()).map_err(|_| CursorError)?;
        let place = Place { decided, position };
        if !keys::is_queue_position(&place.position, decided) {
            return Err(CursorError);
        }
        if binding == Self::binding(filter, &place) { Ok(Self(place)) } else { Err(CursorError) }
    }

    fn binding(filter: &QueueFilter, place: &Place) -> [u8; Self::BINDING] {
        let holder = filter.claimed_by.as_ref().map(|actor| keys::holder(&filter.organization, actor));
        let parts = [
            filter.organization.as_str(),
            filter.workflow.as_ref().map_or("", WorkflowId::as_str),
            filter.status.map_or("", keys::status_word),
            holder.as_deref().unwrap_or_default(),
            if place.decided { "decided" } else { "open" },
            &place.position,
        ];
        let mut binding = [0; Self::BINDING];
        // `#` occurs in no identifier, and only the last part contains it otherwise.
        binding.copy_from_slice(&Sha256::digest(parts.join("\n"))[..Self::BINDING]);
        binding
    }
}

impl Store {
    /// One page of at most `limit` rows after `cursor`. Two round trips, whatever the number of reviews.
    ///
    /// Open ones come hottest first (priority descending, then longest waiting), decided ones newest first.
    /// Paging neither skips nor repeats a row that did not move. A row that no longer matches when its META is
    /// read is left out, so a page may be shorter than `limit` and still have a next one.
    pub async fn list(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        if filter.claimed_by.is_some() {
            return if filter.is_decided() {
                self.list_decided(filter, limit, cursor, now).await
            } else {
                self.list_claimed(filter, limit, cursor, now).await
            };
        }
        let (places, next) = self.page_of_places(filter, limit, cursor.map(Cursor::place)).await?;
        let ids = places.into_iter().map(|(_, id)| id).collect();
        let mut rows = self.reviews(ids, true).await?;
        rows.retain(|review| matches(review, filter, now));
        Ok(Page { rows, next })
    }

    /// The first `count` places after `after` with their reviews, and where the next ones start. A place whose review is gone from it
    /// has none.
    pub(in crate::store) async fn look(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
        consistent: bool,
    ) -> Result<(Vec<(Place, Option<Review>)>, Option<Place>), StoreError> {
        let (places, next) = self.page_of_places(filter, count, after).await?;
        let ids = places.iter().map(|(_, id)| id.clone()).collect();
        let found = self.reviews(ids, consistent).await?.into_iter();
        let mut found: HashMap<ReviewId, Review> = found.map(|review| (review.id.clone(), review)).collect();
        Ok((
            places.into_iter().map(|(place, id)| (place, found.remove(&id))).collect(),
            next.map(|next| next.0),
        ))
    }

    /// The first `count` places after `after`, and where the next page starts, if there are more.
    pub(in crate::store) async fn page_of_places(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
    ) -> Result<(Vec<(Place, ReviewId)>, Option<Cursor>), StoreError> {
        let mut places = self.places(filter, count + 1, after).await?;
        let next = cut(&mut places, count, |(place, _)| place);
        Ok((places, next))
    }

    /// The first `count` places after `after`, in order, by the index alone.
    async fn places(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
    ) -> Result<Vec<(Place, ReviewId)>, StoreError> {
        let statuses = match filter.status {
            Some(status) => vec![status],
            None => vec![Status::AwaitingReview, Status::Approved, Status::Rejected],
        };
        let queries = statuses.into_iter().filter_map(|status| {
            let decided = status != Status::AwaitingReview;
            let from = match after {
                Some(place) if place.decided && !decided => return None,
                Some(place) if place.decided == decided => place.position.as_str(),
                _ => "",
            };
            Some(self.query_queue(filter, status, from, count))
        });
        let mut places = try_join_all(queries).await?.concat();
        places.sort();
        // While a decision moves a row, two queues may both show it for a moment; the first place counts.
        let mut seen = HashSet::new();
        places.retain(|(_, id)| seen.insert(id.clone()));
        places.truncate(count);
        Ok(places)
    }

    async fn query_queue(
        &self,
        filter: &QueueFilter,
        status: Status,
        after: &str,
        count: usize,
    ) -> Result<Vec<(Place, ReviewId)>, StoreError> {
        // A sort key may not be compared with the empty text; every position sorts after a space.
        let after = if after.is_empty() { " " } else { after };
        let request = filter
            .query(self, status, expressions::QUEUE_AFTER)
            .expression_attribute_values(":after", AttributeValue::S(after.into()))
            .limit(i32::try_from(count).unwrap_or(i32::MAX));
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        output.items.unwrap_or_default().iter().map(|keys| place(keys, status)).collect()
    }

    /// The claimed ones, by the holder's leases. Leases are hints: META's own word decides.
    async fn list_claimed(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let ids = self.leased(filter, now).await?;
        let mut rows: Vec<(Place, Review)> = self
            .reviews(ids, true)
            .await?
            .into_iter()
            .filter(|review| matches(review, filter, now))
            .map(|review| (place_of(&review), review))
            .filter(|(place, _)| cursor.is_none_or(|cursor| *place > cursor.0))
            .collect();
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        let next = cut(&mut rows, limit, |(place, _)| place);
        Ok(Page { rows: rows.into_iter().map(|(_, review)| review).collect(), next })
    }

    async fn leased(&self, filter: &QueueFilter, now: Timestamp) -> Result<Vec<ReviewId>, StoreError> {
        let Some(holder) = &filter.claimed_by else { return Ok(Vec::new()) };
        let query = self
            .part(keys::holder(&filter.organization, holder), expressions::LEASES)
            .filter_expression(expressions::NOT_DUE)
            .expression_attribute_values(":leases", AttributeValue::S(keys::LEASES.into()))
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()));
        let leases = self.gather(query, None).await?;
        leases.iter().map(|lease| keys::parse_lease(&filter.organization, text(lease, keys::SK)?)).collect()
    }

    /// META of each, in the order asked for; those that do not exist are left out.
    pub(in crate::store) async fn reviews(
        &self,
        ids: Vec<ReviewId>,
        consistent: bool,
    ) -> Result<Vec<Review>, StoreError> {
        /// `BatchGetItem`'s own limit.
        const BATCH: usize = 100;
        let batches = try_join_all(ids.chunks(BATCH).map(|batch| self.batch(batch, consistent))).await?;
        let mut found: HashMap<ReviewId, Review> =
            batches.into_iter().flatten().map(|review| (review.id.clone(), review)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn batch(&self, ids: &[ReviewId], consistent: bool) -> Result<Vec<Review>, StoreError> {
        /// How often keys that DynamoDB left unprocessed are asked for again.
        const ROUNDS: usize = 5;
        let key = |id: &ReviewId| {
            HashMap::from([
                (keys::PK.to_owned(), AttributeValue::S(keys::review(id))),
                (keys::SK.to_owned(), AttributeValue::S(keys::META.to_owned())),
            ])
        };
        let mut keys: Vec<Attributes> = ids.iter().map(key).collect();
        let mut reviews = Vec::with_capacity(ids.len());
        for round in 0..ROUNDS {
            if round > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(25 << round)).await;
            }
            let wanted =
                KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
            let request = self
                .client
                .batch_get_item()
                .set_request_items(wanted.ok().map(|wanted| HashMap::from([(self.table.clone(), wanted)])))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let output = meter::call(request.send()).await.or_store_error()?;
            meter::read(output.consumed_capacity());
            for attributes in output.responses.unwrap_or_default().into_values().flatten() {
                reviews.push(item::decode_item::<MetaItem>(attributes)?.decode()?);
            }
            keys = output
                .unprocessed_keys
                .unwrap_or_default()
                .into_values()
                .flat_map(|unprocessed| unprocessed.keys)
                .collect();
            if keys.is_empty() {
                return Ok(reviews);
            }
        }
        Err(StoreError::Throttled("keys of a batch stayed unprocessed".into()))
    }
}

/// Cuts `rows` to `limit` and says where the next page starts, if more than that were there.
pub(in crate::store) fn cut<T>(
    rows: &mut Vec<T>,
    limit: usize,
    place: impl Fn(&T) -> &Place,
) -> Option<Cursor> {
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(|row| Cursor(place(row).clone()))
}

fn text<'a>(attributes: &'a Attributes, name: &'static str) -> Result<&'a str, StoreError> {
    let value = attributes.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| StoreError::Corrupt(format!("{name} is missing")))
}

fn place(index_keys: &Attributes, status: Status) -> Result<(Place, ReviewId), StoreError> {
    let position = text(index_keys, "queue_sk")?.to_owned();
    Ok((
        Place { decided: status != Status::AwaitingReview, position },
        keys::parse_review(text(index_keys, keys::PK)?)?,
    ))
}

pub(in crate::store) fn place_of(review: &Review) -> Place {
    let position = keys::queue_position(
        &review.id,
        review.status,
        review.priority.0,
        review.awaiting_since,
        review.decided_at,
    );
    Place { decided: review.status != Status::AwaitingReview, position }
}

pub(in crate::store) fn matches(review: &Review, filter: &QueueFilter, now: Timestamp) -> bool {
    filter.status.is_none_or(|status| review.status == status)
        && filter.workflow.as_ref().is_none_or(|workflow| review.workflow_id == *workflow)
        && filter.claimed_by.as_ref().is_none_or(|actor| {
            if filter.is_decided() {
                review.decided_by().is_some_and(|decider| decider.is(actor))
            } else {
                review.claim_at(now).is_some_and(|claim| claim.holder.is(actor))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(organization: &str) -> QueueFilter {
        let organization = OrganizationId::parse(organization).unwrap();
        QueueFilter { organization, workflow: None, status: None, claimed_by: None }
    }

    #[test]
    fn a_cursor_is_bound_to_its_organization_and_filter() {
        let cursor = Cursor(Place { decided: false, position: "2147483647#1778662500000#run#block".into() });
        let text = cursor.encode(&filter("a"));
        assert_eq!(Cursor::decode(&text, &filter("a")), Ok(cursor));
        assert_eq!(Cursor::decode(&text, &filter("b")), Err(CursorError));
        let other = QueueFilter { status: Some(Status::Approved), ..filter("a") };
        assert_eq!(Cursor::decode(&text, &other), Err(CursorError));
    }

    #[test]
    fn no_other_text_is_a_cursor() {
        let cursor =
            Cursor(Place { decided: true, position: "8221337500000#run#block".into() }).encode(&filter("a"));
        for text in ["", "!", "AQA", "AQAAAAAAAAAAAA", &cursor[1..], &format!("{cursor}A")] {
            assert_eq!(Cursor::decode(text, &filter("a")), Err(CursorError), "{text}");
        }
    }
}
