//! Reading one review: META, its versions, its AUDIT pages.

use super::item::{self, Attributes, AuditPageItem, MetaItem, StoredEntry, VersionItem};
use super::{Overlay, SdkResult, Store, StoreError, expressions, keys, meter};
use crate::review::{AuditEntry, OutputVersion, Review, ReviewId, Seq};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

/// META as it stood at one moment.
pub(super) struct Image {
    pub(super) item: MetaItem,
    pub(super) review: Review,
}

impl Image {
    pub(super) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let item: MetaItem = item::decode_item(attributes)?;
        Ok(Self { review: item.clone().understand()?, item })
    }
}

/// The immutable items of a review, as far as one query saw them.
#[derive(Default)]
pub(super) struct History {
    versions: Vec<OutputVersion>,
    pages: Vec<Vec<StoredEntry>>,
}

impl History {
    fn take(&mut self, attributes: Attributes) -> Result<(), StoreError> {
        if attributes.contains_key("entries") {
            self.pages.push(item::decode_item::<AuditPageItem>(attributes)?.entries);
        } else {
            self.versions.push(item::decode_item::<VersionItem>(attributes)?.understand()?);
        }
        Ok(())
    }

    /// Whether it reaches as far as META knows of. A query that ran beside a write may have seen less.
    fn covers(&self, image: &MetaItem, head: Seq) -> bool {
        self.pages.len() >= image.pages as usize
            && self.versions.last().is_some_and(|version| version.seq >= head)
    }

    /// The overlay as of `review`, whose META was `image`; what was written after it is cut off.
    fn overlay(mut self, review: Review, image: &MetaItem) -> Result<Overlay, StoreError> {
        self.versions.retain(|version| version.seq <= review.head_seq);
        let mut claim = None;
        let older_audit = self
            .pages
            .into_iter()
            .take(image.pages as usize)
            .flatten()
            .map(|entry| entry.understand(&mut claim))
            .collect::<Result<Vec<AuditEntry>, _>>()?;
        Ok(Overlay { review, versions: self.versions, older_audit })
    }
}

impl Store {
    /// The whole overlay, read consistently; `None` when there is none in this organization. One query.
    pub async fn load(&self, id: &ReviewId) -> Result<Option<Overlay>, StoreError> {
        let mut image = None;
        let mut history = History::default();
        for attributes in self.query_partition(id, None).await? {
            if attributes.get(keys::SK).and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::META) {
                image = Some(Image::decode(attributes)?);
            } else {
                history.take(attributes)?;
            }
        }
        match image {
            Some(image) if history.covers(&image.item, image.review.head_seq) => {
                history.overlay(image.review, &image.item).map(Some)
            }
            Some(_) => Err(StoreError::Corrupt("a version or an audit page is missing".into())),
            None => Ok(None),
        }
    }

    /// META alone, read consistently.
    pub(super) async fn load_image(&self, id: &ReviewId) -> Result<Option<Image>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(keys::review(id)))
            .key(keys::SK, AttributeValue::S(keys::META.into()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        output.item.map(Image::decode).transpose()
    }

    /// The immutable items. May run beside a write of META: [`Store::complete`] cuts it to the image.
    pub(super) async fn history(&self, id: &ReviewId) -> Result<History, StoreError> {
        let mut history = History::default();
        for attributes in self.query_partition(id, Some(keys::HISTORY_FROM)).await? {
            history.take(attributes)?;
        }
        Ok(history)
    }

    /// The overlay of `review`, whose META was `image`, with a history read beside it. Reads the history again
    /// if it was read too early to hold all that the image speaks of.
    pub(super) async fn complete(
        &self,
        review: Review,
        image: &MetaItem,
        history: History,
    ) -> Result<Box<Overlay>, StoreError> {
        let history =
            if history.covers(image, review.head_seq) { history } else { self.history(&review.id).await? };
        if history.covers(image, review.head_seq) {
            history.overlay(review, image).map(Box::new)
        } else {
            Err(StoreError::Corrupt("a version or an audit page is missing".into()))
        }
    }

    async fn query_partition(
        &self,
        id: &ReviewId,
        from: Option<&str>,
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(if from.is_some() {
                    expressions::HISTORY
                } else {
                    expressions::PARTITION
                })
                .expression_attribute_values(":pk", AttributeValue::S(keys::review(id)))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let request = match from {
                Some(from) => request.expression_attribute_values(":from", AttributeValue::S(from.into())),
                None => request,
            };
            let output = meter::call(request.send()).await.or_store_error()?;
            meter::read(output.consumed_capacity());
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}
