//! Records in the reviews that name a document that it was deleted.
//!
//! The audit entry and the end of the NAMING are one transaction: so there is one entry for each review, however often the deletion
//! is repeated, and a deletion that broke off goes on where it was.

use crate::review::{CommandContext, OrganizationId, UploadId, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::naming::Naming;
use crate::store::reviews::commit::Committed;
use crate::store::table::{expressions, keys};
use std::collections::HashMap;

/// How often an entry is tried because the review changed between its read and its write.
const ATTEMPTS: usize = 8;

/// What [`Store::record_deleted_document`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionRecorded {
    /// In how many reviews it was recorded by this call.
    pub reviews: usize,
    /// Whether there are more.
    pub more: bool,
}

impl Store {
    /// Records in the audit of at most so many reviews that name an upload that it was deleted; their `rev` stays. Repeat it until
    /// there are no more.
    pub async fn record_deleted_document(
        &self,
        organization: &OrganizationId,
        upload: &UploadId,
        context: &CommandContext,
        limit: u16,
    ) -> Result<DeletionRecorded, StoreError> {
        let pk = keys::document(organization, upload);
        let query = self.part(pk.clone(), expressions::PARTITION).limit(i32::from(limit) + 1);
        let items = self.gather(query, Some(usize::from(limit) + 1)).await?;
        let mut recorded = DeletionRecorded { reviews: 0, more: items.len() > usize::from(limit) };
        for item in items.into_iter().take(limit.into()) {
            let naming = Naming::decode(organization, item)?;
            let context = CommandContext { entry_id: crate::new_id::entry_id(), ..context.clone() };
            recorded.reviews += usize::from(self.record_in(&pk, &naming, &context).await?);
        }
        Ok(recorded)
    }

    /// Whether this call recorded it.
    async fn record_in(
        &self,
        pk: &str,
        naming: &Naming,
        context: &CommandContext,
    ) -> Result<bool, StoreError> {
        let key = (pk.to_owned(), keys::naming_review(&naming.review));
        for attempt in 0..ATTEMPTS {
            // Another call may have been faster.
            if attempt > 0 && self.get(key.0.clone(), key.1.clone()).await?.is_none() {
                return Ok(false);
            }
            let Some(image) = self.load_image(&naming.review).await? else {
                self.delete(key, None, HashMap::new()).await?;
                return Ok(false);
            };
            let review = image.review.with_deleted_document(naming.names.clone(), context);
            let written = Written { review, version: None };
            match self.commit_and_remove(Box::new(image), &written, key.clone()).await? {
                Committed::Written(_) => return Ok(true),
                Committed::Refused(_) => {}
            }
        }
        Err(StoreError::Unavailable("a review kept changing while a deletion was recorded in it".into()))
    }
}
