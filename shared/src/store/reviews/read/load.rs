//! Reads of one review: whole, or META alone.

use crate::review::{AuditEntry, CommandContext, OutputVersion, Review, ReviewId, Seq};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::items::receipt::ReceiptItem;
use crate::store::items::spill::Spilled;
use crate::store::items::version::Unpacker;
use crate::store::outcome::Overlay;
use crate::store::reviews::read::history::History;
use crate::store::reviews::read::image::{Image, Meta};
use crate::store::table::codec::{self, Attributes, sort_key};
use crate::store::table::{keys, meter};
use std::time::Duration;

/// The review that an item is, and the item as it would be written again without having changed.
#[cfg(feature = "fuzzing")]
pub(crate) fn meta(attributes: Attributes) -> Result<(Review, Attributes), StoreError> {
    let image = Image::decode(attributes)?;
    let written = image.rewritten()?;
    Ok((image.review, written))
}

/// META and the items beside it, from the items of a review's partition.
fn assemble<T>(items: Vec<Attributes>, decode: Decode<T>) -> Result<Option<(T, History)>, StoreError> {
    let mut meta = None;
    let mut history = History::default();
    for attributes in items {
        if sort_key(&attributes) == keys::META {
            meta = Some(decode(attributes)?);
        } else {
            history.take(attributes)?;
        }
    }
    Ok(meta.map(|meta| (meta, history)))
}

/// How much of META is kept: [`Meta::decode`] or [`Image::decode`].
type Decode<T> = fn(Attributes) -> Result<T, StoreError>;

/// The overlay that the items of a partition form, if none is missing.
#[cfg(feature = "fuzzing")]
pub(crate) fn overlay(items: Vec<Attributes>) -> Result<Option<Overlay>, StoreError> {
    let Some((Meta { review, spilled }, history)) = assemble(items, Meta::decode)? else { return Ok(None) };
    if !history.covers(&spilled, review.head_seq) {
        return Ok(None);
    }
    history.overlay(review, &spilled).map(Some)
}

/// An overlay, and META as a write replaces it.
pub(in crate::store) struct Loaded {
    pub(in crate::store) image: Image,
    pub(in crate::store) overlay: Overlay,
}

impl Store {
    /// The whole overlay, read consistently; `None` when there is none in this organization. One query.
    pub async fn load(&self, id: &ReviewId) -> Result<Option<Overlay>, StoreError> {
        let found = self.load_whole(id, Meta::decode, |meta| (meta.review.head_seq, &meta.spilled)).await?;
        found.map(|(meta, history)| history.overlay(meta.review, &meta.spilled)).transpose()
    }

    /// As [`Store::load`], with META's image.
    pub(in crate::store) async fn load_with_image(
        &self,
        id: &ReviewId,
    ) -> Result<Option<Loaded>, StoreError> {
        let found =
            self.load_whole(id, Image::decode, |image| (image.review.head_seq, &image.spilled)).await?;
        let Some((image, history)) = found else { return Ok(None) };
        let overlay = history.overlay(image.review.clone(), &image.spilled)?;
        Ok(Some(Loaded { image, overlay }))
    }

    /// A query may see half of a transaction: META already, its version or page not yet (a query is isolated from transactions only
    /// item by item). So it is read again until nothing is missing.
    async fn load_whole<T>(
        &self,
        id: &ReviewId,
        decode: Decode<T>,
        extent: fn(&T) -> (Seq, &Spilled),
    ) -> Result<Option<(T, History)>, StoreError> {
        for attempt in 0..ATTEMPTS {
            pause_before(attempt).await;
            let Some((meta, history)) = self.load_once(id, decode, extent).await? else { return Ok(None) };
            let (head, spilled) = extent(&meta);
            if history.covers(spilled, head) {
                return Ok(Some((meta, history)));
            }
        }
        Err(missing_part())
    }

    /// META and as many items after it as most reviews have; then, if there are more, what META says is needed.
    async fn load_once<T>(
        &self,
        id: &ReviewId,
        decode: Decode<T>,
        extent: fn(&T) -> (Seq, &Spilled),
    ) -> Result<Option<(T, History)>, StoreError> {
        let query = self.range(id, keys::META, keys::VERSION_END);
        let request = query.clone().limit(FIRST_ITEMS);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        let mut items = output.items.unwrap_or_default();
        let more = output.last_evaluated_key;
        let among_versions = items.last().is_some_and(|last| sort_key(last).starts_with(keys::VERSION));
        if more.is_some() && among_versions {
            items.extend(self.gather_after(query, more, None).await?);
        } else if more.is_some() {
            items.truncate(1);
            let Some((meta, _)) = assemble(items, decode)? else { return Ok(None) };
            let history = self.history_of(id, extent(&meta).1).await?;
            return Ok(Some((meta, history)));
        }
        assemble(items, decode)
    }

    /// The entry of the call's command, if it was carried out before: from the journal, the older entries that were read, or its RECEIPT.
    pub(in crate::store) async fn command(
        &self,
        review: &Review,
        older: &[AuditEntry],
        context: &CommandContext,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let Some(command) = &context.command_id else { return Ok(Vec::new()) };
        let found = review.command(context, older).cloned();
        let all_read = older.len() >= review.older_entries as usize;
        if found.is_some() || all_read {
            return Ok(found.into_iter().collect());
        }
        let receipt =
            self.get(keys::review(&review.id), ReceiptItem::sort_key(&context.actor, command)).await?;
        let receipt = receipt.map(codec::decode_item::<ReceiptItem>).transpose()?;
        Ok(receipt.map(ReceiptItem::decode).transpose()?.flatten().into_iter().collect())
    }

    /// META alone, read consistently: one unit for most. `None` when there is no review.
    pub async fn peek(&self, id: &ReviewId) -> Result<Option<Review>, StoreError> {
        let found = self.get(keys::review(id), keys::META.into()).await?;
        Ok(found.map(Meta::decode).transpose()?.map(|meta| meta.review))
    }

    /// META alone, read consistently.
    pub(in crate::store) async fn load_image(&self, id: &ReviewId) -> Result<Option<Image>, StoreError> {
        self.get(keys::review(id), keys::META.into()).await?.map(Image::decode).transpose()
    }

    /// One version, read consistently; `None` when there is none.
    pub async fn load_version(&self, id: &ReviewId, seq: Seq) -> Result<Option<OutputVersion>, StoreError> {
        let (from, to) = (keys::version(seq, 0), keys::version(seq, u16::MAX));
        for attempt in 0..ATTEMPTS {
            pause_before(attempt).await;
            let mut unpacker = Unpacker::default();
            for attributes in self.gather(self.range(id, &from, &to), None).await? {
                unpacker.take(attributes)?;
            }
            if !unpacker.is_torn() {
                return Ok(unpacker.versions.pop());
            }
        }
        Err(missing_part())
    }

    /// The overlay of `review`, by META, with a history that was read in parallel. Reads the history again if it was read too early to
    /// be complete.
    pub(in crate::store) async fn complete(
        &self,
        review: Review,
        spilled: &Spilled,
        mut history: History,
    ) -> Result<Overlay, StoreError> {
        for attempt in 0..ATTEMPTS {
            if history.covers(spilled, review.head_seq) {
                return history.overlay(review, spilled);
            }
            pause_before(attempt).await;
            history = self.history_of(&review.id, spilled).await?;
        }
        if history.covers(spilled, review.head_seq) {
            history.overlay(review, spilled)
        } else {
            Err(missing_part())
        }
    }
}

/// How many items of a review are read at first: all that most reviews have.
const FIRST_ITEMS: i32 = 16;

/// How often a review is read of which something is missing.
pub(super) const ATTEMPTS: u32 = 4;

pub(super) async fn pause_before(attempt: u32) {
    if attempt > 0 {
        tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
    }
}

pub(super) fn missing_part() -> StoreError {
    StoreError::Unavailable("a version, an audit page or the evidence is missing".into())
}
