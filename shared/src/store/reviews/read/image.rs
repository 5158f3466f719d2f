//! META as it stood at one moment: what a transition is computed from.

use crate::review::Review;
use crate::store::error::StoreError;
use crate::store::items::meta::MetaItem;
use crate::store::table::codec::{self, Attributes};

/// META as it stood at one moment.
#[derive(Clone)]
pub(in crate::store) struct Image {
    pub(in crate::store) item: MetaItem,
    pub(in crate::store) review: Review,
    attributes: Attributes,
}

impl Image {
    pub(in crate::store) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let item: MetaItem = codec::decode_item(attributes.clone())?;
        Ok(Self { review: item.clone().decode()?, item, attributes })
    }

    /// Attributes that a later version wrote and this one does not know: whoever replaces the item must keep them.
    pub(in crate::store) fn unknown(&self) -> Result<Attributes, StoreError> {
        let known = codec::encode_item(&self.item)?;
        let unknown = self.attributes.iter().filter(|(name, _)| !known.contains_key(*name));
        Ok(unknown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
