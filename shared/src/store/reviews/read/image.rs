//! META as it stood at one moment.

use crate::review::Review;
use crate::store::error::StoreError;
use crate::store::items::meta::MetaItem;
use crate::store::items::spill::Spilled;
use crate::store::table::codec::{self, Attributes};

/// What META says.
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

/// What META says, and META itself: what a write replaces.
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

    /// Attributes that a later version wrote and this one does not know: whoever replaces the item must keep them.
    pub(in crate::store) fn unknown(&self) -> Result<Attributes, StoreError> {
        let item: MetaItem = codec::decode_item(self.attributes.clone())?;
        let known = codec::encode_item(&item)?;
        let unknown = self.attributes.iter().filter(|(name, _)| !known.contains_key(*name));
        Ok(unknown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// As it would be written again without having changed.
    #[cfg(feature = "fuzzing")]
    pub(in crate::store) fn rewritten(&self) -> Result<Attributes, StoreError> {
        let item: MetaItem = codec::decode_item(self.attributes.clone())?;
        let mut written = codec::encode_item(&item)?;
        written.extend(self.unknown()?);
        Ok(written)
    }
}
