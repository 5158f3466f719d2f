//! META as it was at one moment.

use crate::review::Review;
use crate::store::error::StoreError;
use crate::store::items::due::DueItem;
use crate::store::items::meta::MetaItem;
use crate::store::items::spill::Spilled;
use crate::store::table::codec::{self, Attributes};

/// META, decoded.
pub(in crate::store) struct Meta {
    pub(in crate::store) review: Review,
    pub(in crate::store) spilled: Spilled,
}

impl Meta {
    pub(in crate::store) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let item: MetaItem = codec::decode_item(attributes)?;
        Ok(Self { spilled: Spilled::of(&item), review: item.decode()? })
    }
}

/// META, decoded, and its attributes: what a write replaces.
pub(in crate::store) struct Image {
    pub(in crate::store) review: Review,
    pub(in crate::store) spilled: Spilled,
    attributes: Attributes,
}

impl Image {
    pub(in crate::store) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let Meta { review, spilled } = Meta::decode(attributes.clone())?;
        Ok(Self { review, spilled, attributes })
    }

    /// Where it is in the index of what is due, if it is there.
    pub(in crate::store) fn due(&self) -> Result<Option<DueItem>, StoreError> {
        if !self.attributes.contains_key("due_at") {
            return Ok(None);
        }
        DueItem::decode(self.attributes.clone()).map(Some)
    }

    /// Attributes of newer builds that this one does not know: a write that replaces META must keep them.
    pub(in crate::store) fn unknown(&self) -> Result<Attributes, StoreError> {
        let item: MetaItem = codec::decode_item(self.attributes.clone())?;
        let known = codec::encode_item(&item)?;
        let unknown = self.attributes.iter().filter(|(name, _)| !known.contains_key(*name));
        Ok(unknown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// META as it would be written without a change.
    #[cfg(feature = "fuzzing")]
    pub(in crate::store) fn rewritten(&self) -> Result<Attributes, StoreError> {
        let item: MetaItem = codec::decode_item(self.attributes.clone())?;
        let mut written = codec::encode_item(&item)?;
        written.extend(self.unknown()?);
        Ok(written)
    }
}
