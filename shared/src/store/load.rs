//! Reading one review: META, its versions, its AUDIT pages.

use super::item::{self, Attributes, AuditPageItem, MetaItem};
use super::snapshot::Unpacker;
use super::{Overlay, Store, StoreError, expressions, keys};
use crate::review::{OutputVersion, Review, ReviewId, Seq};
use aws_sdk_dynamodb::types::AttributeValue;
use std::time::Duration;

/// META as it stood at one moment.
#[derive(Clone)]
pub(super) struct Image {
    pub(super) item: MetaItem,
    pub(super) review: Review,
    attributes: Attributes,
}

impl Image {
    pub(super) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let item: MetaItem = item::decode_item(attributes.clone())?;
        Ok(Self { review: item.clone().understand()?, item, attributes })
    }

    /// Attributes that a later version wrote and this one does not know: whoever replaces the item must keep them.
    pub(super) fn unknown(&self) -> Result<Attributes, StoreError> {
        let known = item::encode_item(&self.item)?;
        let unknown = self.attributes.iter().filter(|(name, _)| !known.contains_key(*name));
        Ok(unknown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

/// The review that an item is, and the item as it would be written again without having changed.
#[cfg(feature = "fuzzing")]
pub(crate) fn meta(attributes: Attributes) -> Result<(Review, Attributes), StoreError> {
    let image = Image::decode(attributes)?;
    let mut written = item::encode_item(&image.item)?;
    written.extend(image.unknown()?);
    Ok((image.review, written))
}

/// The immutable items of a review, as far as one query saw them.
#[derive(Default)]
pub(super) struct History {
    unpacker: Unpacker,
    pages: Vec<AuditPageItem>,
}

impl History {
    fn take(&mut self, attributes: Attributes) -> Result<(), StoreError> {
        if attributes.contains_key("entries") {
            self.pages.push(item::decode_item(attributes)?);
            Ok(())
        } else {
            self.unpacker.take(attributes)
        }
    }

    /// Whether it reaches as far as META knows of. A query that ran beside a write may have seen less.
    /// What it holds must be without a gap as far as that.
    fn covers(&self, image: &MetaItem, head: Seq) -> bool {
        let seqs = self.unpacker.versions.iter().map(|version| version.seq);
        let pages = self.pages.iter().map(|page| page.sk.clone());
        let known_pages = (0..image.pages).map(keys::audit_page);
        seqs.take(head.0 as usize + 1).eq((0..=head.0).map(Seq))
            && pages.take(image.pages as usize).eq(known_pages)
    }

    /// The overlay as of `review`, whose META was `image`; what was written after it is cut off.
    fn overlay(self, review: Review, image: &MetaItem) -> Result<Overlay, StoreError> {
        let stored_bytes = self.unpacker.stored_bytes;
        let mut overlay = Overlay {
            versions: self.unpacker.versions,
            older_audit: Vec::new(),
            older_decisions: Vec::new(),
            stored_bytes,
            review,
        };
        overlay.versions.retain(|version| version.seq <= overlay.review.head_seq);
        let mut claim = None;
        for page in self.pages.into_iter().take(image.pages as usize) {
            let (entries, decisions) = page.understand(&mut claim)?;
            overlay.older_audit.extend(entries);
            overlay.older_decisions.extend(decisions);
        }
        Ok(overlay)
    }
}

/// META, and what is beside it, from the items of a review's partition.
fn assemble(items: Vec<Attributes>) -> Result<Option<(Image, History)>, StoreError> {
    let mut image = None;
    let mut history = History::default();
    for attributes in items {
        if attributes.get(keys::SK).and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::META) {
            image = Some(Image::decode(attributes)?);
        } else {
            history.take(attributes)?;
        }
    }
    Ok(image.map(|image| (image, history)))
}

/// What the items of a partition are together, if none is missing.
#[cfg(feature = "fuzzing")]
pub(crate) fn overlay(items: Vec<Attributes>) -> Result<Option<Overlay>, StoreError> {
    let Some((image, history)) = assemble(items)? else { return Ok(None) };
    if !history.covers(&image.item, image.review.head_seq) {
        return Ok(None);
    }
    history.overlay(image.review, &image.item).map(Some)
}

/// META and all beside it, as one query saw them.
pub(super) struct Loaded {
    pub(super) image: Image,
    pub(super) overlay: Overlay,
}

impl Store {
    /// The whole overlay, read consistently; `None` when there is none in this organization. One query.
    pub async fn load(&self, id: &ReviewId) -> Result<Option<Overlay>, StoreError> {
        Ok(self.load_with_image(id).await?.map(|loaded| loaded.overlay))
    }

    /// A query may meet a transaction half-way: META there already, its version or page not yet (a query is not
    /// isolated from transactions as a whole, only item by item). So what is missing is looked for again.
    pub(super) async fn load_with_image(&self, id: &ReviewId) -> Result<Option<Loaded>, StoreError> {
        for attempt in 0..ATTEMPTS {
            pause_before(attempt).await;
            match self.load_once(id).await? {
                Some((image, history)) if history.covers(&image.item, image.review.head_seq) => {
                    let overlay = history.overlay(image.review.clone(), &image.item)?;
                    return Ok(Some(Loaded { image, overlay }));
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
        Err(missing_part())
    }

    async fn load_once(&self, id: &ReviewId) -> Result<Option<(Image, History)>, StoreError> {
        assemble(self.query_partition(id, None).await?)
    }

    /// META alone, read consistently: one unit for most. `None` when there is no review.
    pub async fn peek(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        Ok(self.load_image(id).await?.map(|image| image.review))
    }

    /// META alone, read consistently.
    pub(super) async fn load_image(&self, id: &ReviewId) -> Result<Option<Image>, StoreError> {
        self.get(keys::review(id), keys::META.into()).await?.map(Image::decode).transpose()
    }

    /// One version, read consistently; `None` when there is none.
    pub async fn load_version(&self, id: &ReviewId, seq: Seq) -> Result<Option<OutputVersion>, StoreError> {
        let (from, to) = (keys::version(seq, 0), keys::version(seq, u16::MAX));
        for attempt in 0..ATTEMPTS {
            pause_before(attempt).await;
            let mut unpacker = Unpacker::default();
            for attributes in self.query_partition(id, Some((&from, &to))).await? {
                unpacker.take(attributes)?;
            }
            if !unpacker.is_torn() {
                return Ok(unpacker.versions.pop());
            }
        }
        Err(missing_part())
    }

    /// The immutable items. May run beside a write of META: [`Store::complete`] cuts it to the image.
    pub(super) async fn history(&self, id: &ReviewId) -> Result<History, StoreError> {
        let mut history = History::default();
        for attributes in self.query_partition(id, Some((keys::HISTORY_FROM, keys::HISTORY_TO))).await? {
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
        mut history: History,
    ) -> Result<Overlay, StoreError> {
        for attempt in 0..ATTEMPTS {
            if history.covers(image, review.head_seq) {
                return history.overlay(review, image);
            }
            pause_before(attempt).await;
            history = self.history(&review.id).await?;
        }
        Err(missing_part())
    }

    async fn query_partition(
        &self,
        id: &ReviewId,
        range: Option<(&str, &str)>,
    ) -> Result<Vec<Attributes>, StoreError> {
        let pk = keys::review(id);
        let query = match range {
            None => self.part(pk, expressions::PARTITION),
            Some((from, to)) => self
                .part(pk, expressions::PART)
                .expression_attribute_values(":from", AttributeValue::S(from.into()))
                .expression_attribute_values(":to", AttributeValue::S(to.into())),
        };
        self.gather(query, None).await
    }
}

/// How often a review is read whose parts do not all show yet.
const ATTEMPTS: u32 = 4;

async fn pause_before(attempt: u32) {
    if attempt > 0 {
        tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
    }
}

fn missing_part() -> StoreError {
    StoreError::Unavailable("a version or an audit page is missing".into())
}
