//! Keys of which reviews name an uploaded document.

use crate::review::{BlockId, OrganizationId, ReviewId, RunId, UploadId};
use crate::store::error::StoreError;

/// Partition of the reviews that name an uploaded document.
pub(crate) fn document(organization: &OrganizationId, upload: &UploadId) -> String {
    format!("DOCUMENT#{organization}#{upload}")
}

/// Sort key of a review that names it.
pub(crate) fn naming_review(id: &ReviewId) -> String {
    format!("REVIEW#{}#{}", id.run, id.block)
}

/// The review that such a sort key names.
pub(crate) fn parse_naming_review(organization: &OrganizationId, sk: &str) -> Result<ReviewId, StoreError> {
    let corrupt = || StoreError::Corrupt("the sort key does not name a review".into());
    let (run, block) = sk.strip_prefix("REVIEW#").and_then(|it| it.split_once('#')).ok_or_else(corrupt)?;
    Ok(ReviewId {
        organization: organization.clone(),
        run: RunId::parse(run).map_err(|_| corrupt())?,
        block: BlockId::parse(block).map_err(|_| corrupt())?,
    })
}
