//! Which documents a review may name.

use shared::api::ValueError;
use shared::review::DocumentSource;

/// What is wrong with the place of a document, as far as it can be told without asking for the document.
#[allow(clippy::unnecessary_wraps)] // until it is known which buckets a deployment may read
pub(crate) fn check(source: &DocumentSource) -> Result<(), ValueError> {
    match source {
        DocumentSource::Upload { .. } | DocumentSource::S3 { .. } => Ok(()),
    }
}
